// The servers that are compared, each as the load generator wants it (tests/bench/target.h): the pusher, the least that
// could do its work, and what others use.
import { existsSync } from 'node:fs';
import { newId } from '../fault/ids.mjs';
import { until } from '../lib/instance.mjs';
import { program } from './machine.mjs';

// Nobody else writes in its rooms: their sessions have no heartbeat, and are not missed for it.
export const QUIET = { TRACE_HEARTBEAT_TIMEOUT: '86400' };

// Running sessions without an event; the last eight digits of their ids are the room's. Returns what stands before those.
export async function makeRooms(instance, rooms) {
  const prefix = newId('ses').slice(0, -8);
  await instance.psql(`
    INSERT INTO agent_sessions (id, workspace_id, persona_id, chain_id, status, started_at, heartbeat_at)
    SELECT id, '${instance.env.TRACE_WORKSPACE}', '${instance.env.TRACE_PERSONA}', id, 'running', now(), now()
    FROM (SELECT '${prefix}' || lpad(n::text, 8, '0') AS id FROM generate_series(0, ${rooms - 1}) n) ids`);
  return `session:${prefix}{room}`;
}

// The pusher itself, without nginx in front. `room`: of makeRooms.
export function pusher(instance, room) {
  return {
    name: 'pusher',
    address: `${instance.state}/sock/pusher-1.http`,
    request: `GET /events?room=${room}~0~-&principal=${newId('usr')}&at=${Date.now()}000 HTTP/1.1\r\nHost: pusher\r\n\r\n`,
    greeting: 'event: ready',
    feed: 'hint',
    to: `${instance.state}/sock/pusher-1.hint`,
    room,
    pids: () => [instance.pid('trace-pusher')],
  };
}

// One write per subscriber.
export async function bareLoop(stage) {
  const [address, to] = [stage.path('bare.http'), stage.path('bare.frames')];
  const child = stage.spawn([await program('bare'), address, to]);
  await until(() => existsSync(to), 'the bare loop');
  return {
    name: 'bare loop',
    address,
    request: 'GET / HTTP/1.1\r\nHost: bare\r\n\r\n',
    greeting: 'retry:',
    feed: 'frame',
    to,
    room: 'session:ses_000000000000000000{room}',
    pids: () => [child.pid],
  };
}

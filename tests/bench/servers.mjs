// SPDX-License-Identifier: Apache-2.0
// The servers that are compared, each as the load generator wants it (tests/bench/target.h): the pusher, the least that
// could do its work, and what others use.
import { existsSync, readFileSync } from 'node:fs';
import { newId } from '../lib/ids.mjs';
import { freePort } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { program } from './machine.mjs';
import { workersOf } from './processes.mjs';

// Nobody else writes in its rooms: their sessions have no heartbeat, and are not missed for it.
// The readers of a benchmark are one person, or have one token.
export const MANY = {
  TRACE_PUSHER_STREAMS_PERSON: '1000000',
  TRACE_PUSHER_STREAMS_TOKEN: '1000000',
  TRACE_PUSHER_STREAMS_ADDRESS: '1000000',
};
// Their events are the load generator's, which the database does not know: a comparison would reset the readers.
export const QUIET = { TRACE_HEARTBEAT_TIMEOUT: '86400', TRACE_PUSHER_CHECK: '3600', ...MANY };

// Running sessions without an event; the last eight digits of their ids are the room's. Returns what stands before those.
export async function makeRooms(instance, rooms) {
  const prefix = newId('ses').slice(0, -8);
  await instance.psql(`
    INSERT INTO agent_sessions (id, workspace_id, persona_id, chain_id, status, started_at, heartbeat_at)
    SELECT id, '${instance.env.TRACE_WORKSPACE}', '${instance.env.TRACE_PERSONA}', id, 'running', now(), now()
    FROM (SELECT '${prefix}' || lpad(n::text, 8, '0') AS id FROM generate_series(0, ${rooms - 1}) n) ids`);
  return `session:${prefix}{room}`;
}

// The pusher itself, without nginx in front. `room`: of makeRooms. The load generator
// seals each request as the door does.
export function pusher(instance, room) {
  return {
    name: 'pusher',
    address: `${instance.state}/sock/pusher-1.http`,
    request: `GET /events?room=${room}~0~-&principal=${newId('usr')}&at=${Date.now()}000 HTTP/1.1\r\nHost: pusher\r\n\r\n`,
    sealKey: `${instance.state}/sock/door.key`,
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

// The pusher as everybody reaches it: nginx, the door, and what it hands over to.
export function throughDoor(instance, room) {
  return {
    ...pusher(instance, room),
    name: 'nginx and pusher',
    sealKey: undefined,
    address: String(instance.port),
    request: `GET /api/workspaces/${instance.env.TRACE_WORKSPACE}/events?room=${room} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${instance.env.TRACE_TOKEN}\r\n\r\n`,
    pids: () => [instance.pid('trace-pusher'), ...workersOf(instance.pid('nginx'))],
  };
}

// The bare loop in the pusher's place, behind a nginx that has the instance's configuration but for a port of its own,
// and asks no door.
export async function behindNginx(stage, instance) {
  const bare = await bareLoop(stage);
  const port = await freePort();
  const conf = readFileSync(`${instance.state}/nginx.conf`, 'utf8')
    .replace(`listen 127.0.0.1:${instance.port} `, `listen 127.0.0.1:${port} `)
    .replace('unix:sock/pusher-1.http', `unix:${bare.address}`)
    .replace(/(location \/internal\/pusher\/ \{\s*)internal;/, '$1');
  const master = await stage.nginx('behind', conf);
  return {
    ...bare,
    name: 'nginx and bare loop',
    address: String(port),
    request: 'GET /internal/pusher/1 HTTP/1.1\r\nHost: x\r\n\r\n',
    pids: () => [...bare.pids(), ...workersOf(master.pid)],
  };
}

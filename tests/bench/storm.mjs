// SPDX-License-Identifier: Apache-2.0
// 8,000 subscribers of 200 rooms through nginx, steps being written, the pusher killed: how long until everybody has everything again
// (goal: 10 s from its return), and how often the new pusher asked the database for it (goal: a few times a room). The subscribers and
// their own check, every number once and in order, are tests/bench/storm.c.
//
//     node tests/bench/storm.mjs [subscribers] [rooms] [steps per second]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, program } from './machine.mjs';
import { MANY } from './servers.mjs';

const [subscribers = 8000, rooms = 200, rate = 100] = process.argv.slice(2).map(Number);
const KINDS = ['state', 'events', 'snapshot', 'check'];

const instance = await start({ env: MANY });
try {
  const agent = agentOf(instance);
  const sessions = [];
  for (let i = 0; i < rooms; i++) sessions.push((await agent.post('agent-sessions', {})).expect(201).body.session.id);
  console.log(`${subscribers} subscribers of ${rooms} rooms through nginx, ${rate} steps a second`);
  const { TRACE_WORKSPACE, TRACE_TOKEN } = instance.env;
  const words = [
    instance.port,
    TRACE_WORKSPACE,
    TRACE_TOKEN,
    subscribers,
    rate,
    instance.pid('trace-pusher'),
    join(instance.state, 'sock/pusher-1.http'),
    ...sessions,
  ];
  const [status] = await once(
    spawn(await program('storm'), words.map(String), { stdio: ['ignore', 'inherit', 'inherit'] }),
    'close',
  );
  const asked = await Promise.all(KINDS.map((kind) => metric(instance, 'trace_pusher_queries_total', { kind })));
  const rows = await metric(instance, 'trace_pusher_rows_total');
  console.log(machine());
  console.log(
    `the new pusher's queries: ${KINDS.map((kind, i) => `${kind} ${asked[i]}`).join(', ')}; ${rows} rows; without its regular checks ${((asked[0] + asked[1] + asked[2]) / rooms).toFixed(2)} a room   goal: a few`,
  );
  if (status !== 0) console.log('NOT every number came once, in order');
} finally {
  await instance.stop();
}

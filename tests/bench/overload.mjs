// SPDX-License-Identifier: Apache-2.0
// Progress at twice the rate that the machine delivers piece by piece, 1,000 readers of 20 streamed steps through nginx (tests/bench/overload.c).
// Goals: what is shown is less than 500 ms old (p99), every final text complete, by REST and on every stream, the pusher's memory flat.
//
//     node tests/bench/overload.mjs [sessions] [readers of each]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, program } from './machine.mjs';
import { MANY } from './servers.mjs';

const [count = 20, readers = 50] = process.argv.slice(2).map(Number);

const instance = await start({ env: MANY });
try {
  const agent = agentOf(instance);
  const sessions = [];
  for (let i = 0; i < count; i++) sessions.push((await agent.post('agent-sessions', {})).expect(201).body.session.id);
  const { TRACE_WORKSPACE, TRACE_TOKEN } = instance.env;
  const words = [instance.port, TRACE_WORKSPACE, TRACE_TOKEN, instance.pid('trace-pusher'), readers, ...sessions];
  const [status] = await once(
    spawn(await program('overload'), words.map(String), { stdio: ['ignore', 'inherit', 'inherit'] }),
    'close',
  );
  const [collapsed, blocked] = [
    await metric(instance, 'trace_pusher_texts_collapsed_total'),
    await metric(instance, 'trace_pusher_blocked_total'),
  ];
  const lost = await metric(instance, 'trace_api_hints_lost_total');
  console.log(
    `the pusher merged ${collapsed} pieces with later ones; readers were too slow ${blocked} times; ${lost} hints were lost`,
  );
  console.log(machine());
  console.log(`goal: p99 under 500 ms at twice the rate${status === 0 ? '' : '; NOT every text was complete'}`);
} finally {
  await instance.stop();
}

// SPDX-License-Identifier: Apache-2.0
// What a search of messages costs among 10^6 of them (goal: 50 ms, for a frequent word as for a rare one), and what posting a
// message costs there, which computes its words. One call at a time through nginx, the kinds turn about.
//
//     node tests/bench/search.mjs [messages] [calls of each kind]
import { performance } from 'node:perf_hooks';
import { start } from '../lib/instance.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, median, quantile } from './machine.mjs';
import { messagesSql } from './seed.mjs';
import { table } from './table.mjs';

const count = Number(process.argv[2] ?? 1_000_000);
const calls = Number(process.argv[3] ?? 100);
const AT_ONCE = 100_000;

const instance = await start({ env: { TRACE_WORKERS: '2' } });
const agent = agentOf(instance);

const search = (q) => () => agent.get(`search?q=${encodeURIComponent(q)}&limit=10`);
const kinds = {
  'in every message': search('harbour'),
  'in one of a thousand': search('"number 7" or 777'),
  'in one message': search(`word${Math.floor(count / 2)}x`),
  'in none': search('zeppelin'),
  'two frequent words': search('harbour weather'),
  'a phrase that is everywhere': search('"the price of figs"'),
  'beginning of a word': search('harb'),
  'not English': search('資料'),
  'post a message': () =>
    agent.post(`streams/${instance.env.TRACE_STREAM}/messages`, {
      content: 'The harbour is closed: see https://h.example/a',
    }),
};

try {
  for (let from = 1; from <= count; from += AT_ONCE)
    await instance.psql(messagesSql(instance.env, from, Math.min(count, from + AT_ONCE - 1)));
  await instance.psql('VACUUM ANALYZE messages');
  const took = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let i = -5; i < calls; i++)
    for (const [kind, call] of Object.entries(kinds)) {
      const began = performance.now();
      (await call()).expect(200, 201);
      if (i >= 0) took[kind].push(performance.now() - began);
    }
  const rows = Object.entries(took).map(([kind, ms]) => [
    kind,
    ...[median(ms), quantile(ms, 0.99)].map((x) => x.toFixed(2)),
  ]);
  console.log(table([[`among ${count} messages`, 'p50 ms', 'p99 ms'], ...rows]));
  console.log(machine());
} finally {
  await instance.stop();
}

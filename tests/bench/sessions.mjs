// SPDX-License-Identifier: Apache-2.0
// What a page of the table of sessions costs among 10^6 of them (goal: 50 ms at the server), for each filter in each order: one
// call at a time through nginx, the kinds turn about, and the processor time and the blocks that the page's statement and that of
// the total take, which depend less on what else the machine does. The last kinds are of a workspace where nearly everything is in
// scratchpads of others.
//
//     node tests/bench/sessions.mjs [sessions] [calls of each kind]
import { performance } from 'node:perf_hooks';
import { start } from '../lib/instance.mjs';
import { machine, median } from './machine.mjs';
import { Backend } from './session_cost.mjs';
import { fillPlace, id, makePlace } from './session_rows.mjs';
import { table } from './table.mjs';

const count = Number(process.argv[2] ?? 1_000_000);
const calls = Number(process.argv[3] ?? 20);

const ago = (ms) => new Date(Date.now() - ms).toISOString();
const hour = 3.6e6;
const month = 720 * hour;

// By name: what is asked for beside the order, and with it how many there are.
const filters = {
  everything: '',
  failed: 'status=failed',
  'cancelled, one in 10,000': 'status=cancelled',
  'completed or failed': 'status=completed,failed',
  running: 'status=pending,running',
  'of an agent': `personaId=${id('per', 'A', 3)}`,
  'of an agent, whose sessions cost least': `personaId=${id('per', 'A', 8)}`,
  'of a channel': `streamId=${id('str', 'AC', 3)}`,
  'of a thread': `streamId=${id('str', 'AT', 3)}`,
  'of a model': 'model=model-3',
  'of a rare model': 'model=rare',
  'with a tag': 'tag=nightly',
  'with a rare tag': 'tag=rare',
  'rated, one in 200': 'rating=any',
  'disliked, one in 10,000': 'rating=down',
  'with a number of its agent': 'externalId=run-77',
  'of an hour': `from=${ago(2 * hour)}&to=${ago(hour)}`,
  'of a day': `from=${ago(48 * hour)}&to=${ago(24 * hour)}`,
  'of a month': `from=${ago(month)}`,
  'before a month': `to=${ago(month)}`,
  'failed, of an agent, a model and a month': `status=failed&personaId=${id('per', 'A', 3)}&model=model-3&from=${ago(month)}`,
  'of an agent in a channel': `personaId=${id('per', 'A', 3)}&streamId=${id('str', 'AC', 3)}`,
  'tagged, of a model': 'tag=nightly&model=model-3',
};
// Only by the start.
const texts = {
  'a text, found': 'q=matter',
  'a text, found nowhere': 'q=zeppelin',
  'a text, failed': 'q=matter&status=failed',
};
const orders = ['started', 'duration', 'tokens', 'cost'].flatMap((sort) => [
  `sort=${sort}&order=desc`,
  `sort=${sort}&order=asc`,
]);

const instance = await start({ env: { TRACE_WORKERS: '2' } });

// A page far behind the first.
async function deep(place, query) {
  let next = '';
  for (let i = 0; i < 20; i++) {
    const { nextBefore } = (await place.client.get(`agent-sessions?limit=500&${query}${next}`)).expect(200).body;
    next = `&before=${encodeURIComponent(nextBefore)}`;
  }
  return query + next;
}

async function makeKinds(wide, narrow) {
  const kinds = [];
  const add = (name, place, query) => kinds.push({ name, place, query, ms: [] });
  for (const [name, filter] of Object.entries(filters))
    for (const order of orders) add(name, wide, `${filter}&${order}&count=true`);
  for (const [name, filter] of Object.entries(texts)) add(name, wide, `${filter}&sort=started&order=desc&count=true`);
  for (const order of orders) {
    add('behind 10,000', wide, await deep(wide, order));
    add('the few that one may read', narrow, `${order}&count=true`);
  }
  return kinds;
}

// A row for each filter: its orders together, the dearest named.
function row(kinds) {
  const p50 = kinds.map(({ ms }) => median(ms));
  const costs = kinds.map(({ page }) => page.ms);
  const dearest = kinds[costs.indexOf(Math.max(...costs))];
  const [, sort, order] = /sort=(\w+)&order=(\w+)/.exec(dearest.query);
  return [
    kinds[0].name,
    kinds[0].shown,
    Math.min(...p50).toFixed(1),
    Math.max(...p50).toFixed(1),
    median(costs).toFixed(1),
    dearest.page.ms.toFixed(1),
    dearest.page.blocks,
    `${sort}, ${order}`,
    Math.max(...kinds.map(({ total }) => total.ms)).toFixed(1),
  ];
}

try {
  const [wide, narrow] = [await makePlace(instance, 'A'), await makePlace(instance, 'B')];
  await fillPlace(instance, wide, count, false);
  await fillPlace(instance, narrow, Math.ceil(count / 10), true);
  await instance.psql('VACUUM ANALYZE agent_sessions');
  await instance.psql('ANALYZE streams; ANALYZE stream_members; ANALYZE messages');
  const kinds = await makeKinds(wide, narrow);
  for (let i = -1; i < calls; i++)
    for (const kind of kinds) {
      const began = performance.now();
      const reply = (await kind.place.client.get(`agent-sessions?limit=50&${kind.query}`)).expect(200);
      if (i >= 0) kind.ms.push(performance.now() - began);
      kind.shown = reply.body.sessions.length;
    }
  const backend = await Backend.open(instance.env.DATABASE_URL);
  for (const kind of kinds) {
    kind.page = await backend.cost(kind, 'session_list');
    kind.total = await backend.cost(kind, 'session_list_count');
  }
  backend.close();
  const names = [...new Set(kinds.map(({ name }) => name))];
  const head = ['shown', 'p50 ms, least', 'most', 'processor ms', 'most', 'blocks', 'by', 'total'];
  const rows = names.map((name) => row(kinds.filter((kind) => kind.name === name)));
  console.log(table([[`among ${count} sessions`, ...head], ...rows]));
  console.log(machine());
} finally {
  await instance.stop();
}

// SPDX-License-Identifier: Apache-2.0
// How live the published clients are: from what a program does (its own clock) to the event at a reader of the session, for
// the calls of models and tools of the agent in tests/clients/live. Steps that began before the reader was there do not
// count. A client that sends only what has ended has no beginnings.
//
//     node tests/bench/clients.mjs [rounds] [milliseconds that each call takes]
import { World } from '../integration/session_world.mjs';
import { openEvents } from '../lib/sse.mjs';
import { clients } from '../clients/live/clients.mjs';
import { launch, newToken } from '../clients/live/drive.mjs';
import { machine, quantile } from './machine.mjs';
import { table } from './table.mjs';

const [rounds = 3, paceMs = 200] = process.argv.slice(2).map(Number);
const wall = (event) => performance.timeOrigin + event.at;

async function measure(world, name) {
  const { persona, secret } = await newToken(world);
  const everything = await openEvents(world.ada, [`workspace:${world.ids.ws}`]);
  await everything.wait('ready');
  const app = launch(name, world.instance.url, secret, { PACE_MS: String(paceMs) });
  const { data } = await everything.wait(({ data: said }) => said?.session?.personaId === persona, 60_000);
  const stream = await openEvents(world.ada, [`session:${data.session.id}`]);
  const ready = wall(await stream.wait('ready'));
  if (clients[name].stays) {
    await app.next('end');
    await stream.wait(({ data: said }) => said?.session?.status === 'completed', 60_000);
    app.kill('SIGKILL');
  }
  await app.status;
  await stream.wait(({ data: said }) => said?.session && said.session.status !== 'running', 60_000).catch(() => {});
  const { steps } = (await world.ada.get(`agent-sessions/${data.session.id}`)).expect(200).body;
  const events = stream.events.filter((event) => event.data?.step);
  everything.close();
  stream.close();
  const first = (id, isEnd) => events.find(({ data: { step } }) => step.id === id && (!isEnd || step.completedAt));
  const starts = [];
  const ends = [];
  for (const { id, stepType, startedUs, completedAt } of steps) {
    if (!['generation', 'tool_call'].includes(stepType) || startedUs / 1000 < ready) continue;
    if (first(id, false)) starts.push(wall(first(id, false)) - startedUs / 1000);
    if (completedAt && first(id, true)) ends.push(wall(first(id, true)) - Date.parse(completedAt));
  }
  return { starts, ends };
}

const world = await World.make();
const rows = [['client', 'start to event p50', 'p90', 'end to event p50', 'p90', 'steps']];
for (const [name, { tells }] of Object.entries(clients)) {
  const all = { starts: [], ends: [] };
  for (let round = 0; round < rounds; round++) {
    const one = await measure(world, name);
    all.starts.push(...one.starts);
    all.ends.push(...one.ends);
  }
  const ms = (values, q) => (values.length ? `${Math.round(quantile(values, q))} ms` : '–');
  const starts = tells === 'starts' ? all.starts : [];
  rows.push([name, ms(starts, 0.5), ms(starts, 0.9), ms(all.ends, 0.5), ms(all.ends, 0.9), String(all.ends.length)]);
}
console.log(table(rows));
console.log(machine());
await world.instance.stop();

// SPDX-License-Identifier: Apache-2.0
// What sharing a commit between steps would spare: the processor time that PostgreSQL takes for a step's start, each in a
// transaction of its own on 32 connections, and several in one transaction on one connection, turn about.
//
//     node tests/bench/commits.mjs [seconds] [rounds]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { World, newId, upTo } from '../integration/session_world.mjs';
import { machine, median, program } from './machine.mjs';
import { processorSeconds } from './processes.mjs';
import { table } from './table.mjs';

const [seconds = 5, rounds = 3] = process.argv.slice(2).map(Number);
const kinds = [
  { connections: 32, together: 1 },
  { connections: 1, together: 8 },
  { connections: 1, together: 32 },
  { connections: 1, together: 64 },
].map((kind) => ({ ...kind, perSecond: [], us: [] }));

const world = await World.make();

async function measure({ connections, together, perSecond, us }) {
  const ids = upTo(connections * together).map(() => newId('ses'));
  await Promise.all(ids.map((id) => world.session({ id })));
  const words = [connections, together, seconds, world.agent.token, world.ids.ws, ...ids].map(String);
  const postgres = world.instance.pid('postgres');
  const before = processorSeconds([postgres]);
  const stdio = ['pipe', 'pipe', 'inherit'];
  const env = { ...process.env, DATABASE_URL: world.instance.env.DATABASE_URL };
  const child = spawn(await program('commits'), words, { env, stdio });
  const steps = Number(await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => NaN)]));
  us.push(((processorSeconds([postgres]) - before) * 1e6) / steps);
  perSecond.push(steps / seconds);
  child.stdin.end();
  await once(child, 'exit');
}

try {
  for (let round = 0; round < rounds; round++) for (const kind of kinds) await measure(kind);
  console.log(
    table([
      ['connections', 'steps a commit', 'µs of PostgreSQL a step', 'steps a second'],
      ...kinds.map(({ connections, together, us, perSecond }) => [
        connections,
        together,
        us.map((n) => n.toFixed(0)).join(' '),
        perSecond.map((n) => n.toFixed(0)).join(' '),
      ]),
    ]),
  );
  const [alone, , shared] = kinds;
  console.log(`median: by 32 / alone ${(median(shared.us) / median(alone.us)).toFixed(2)} of the processor time`);
  console.log(machine());
} finally {
  await world.instance.stop();
}

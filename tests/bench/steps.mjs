// SPDX-License-Identifier: Apache-2.0
// Single steps through nginx beside pgbench's rate for the bare statement (raise the counter, insert the row) on the same
// server, in the same run, turn about, so that what else the machine does hits both; and the same steps in batches of 100.
//
//     node tests/bench/steps.mjs [connections] [seconds] [rounds]
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { World, newId, upTo } from '../integration/session_world.mjs';
import { machine, median, program } from './machine.mjs';

const run = promisify(execFile);
const [connections = 32, seconds = 8, rounds = 3] = process.argv.slice(2).map(Number);

// Each client has a session of its own, as each connection has.
const bareStatement = (prefix) => `
WITH u AS (UPDATE agent_sessions SET last_seq = last_seq + 1, step_count = step_count + 1
           WHERE id = '${prefix}' || (100 + :client_id)::text RETURNING id, last_seq, step_count)
INSERT INTO steps (session_id, id, step_number, step_type, start_seq, seq, start_content, start_length, started_at)
SELECT id, gen_random_uuid()::text, step_count, 'tool_call', last_seq, last_seq, '{"tool":"${'x'.repeat(200)}"}', 211, clock_timestamp() FROM u;
`;

async function pgbench(world, prefix, directory) {
  const script = join(directory, 'bare.sql');
  writeFileSync(script, bareStatement(prefix));
  const { stdout } = await run('pgbench', [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(connections),
    '-j',
    '2',
    '-T',
    String(seconds),
    '-f',
    script,
    world.instance.env.DATABASE_URL,
  ]);
  return Number(/tps = ([\d.]+)/.exec(stdout)[1]);
}

// Sessions without a stream, whose ids are the prefix and 100, 101, …
async function make(world) {
  const prefix = newId('ses').slice(0, -3);
  const ids = upTo(connections).map((n) => `${prefix}${99 + n}`);
  await Promise.all(ids.map((id) => world.session({ id })));
  return { prefix, ids };
}

// Each connection writes to a session of its own, single steps or batches of them.
async function measure(world, kind, call) {
  const paths = (await make(world)).ids.map((id) => `/api/workspaces/${world.ids.ws}/agent-sessions/${id}/${call}`);
  const { stdout } = await run(
    await program('calls'),
    [kind, world.instance.port, world.agent.token, seconds, ...paths].map(String),
  );
  return JSON.parse(stdout);
}

const world = await World.make();
const directory = mkdtempSync(join(tmpdir(), 'agent-trace-bench-'));
const [toBare, toSingle] = [[], []]; // ratios
try {
  console.log(`${connections} connections, ${rounds} rounds of ${seconds} s each, turn about; steps a second`);
  for (let round = 0; round < rounds; round++) {
    const bare = await pgbench(world, (await make(world)).prefix, directory);
    const single = await measure(world, 'steps', 'steps');
    const batch = await measure(world, 'batch', 'batch');
    toBare.push(single.perSecond / bare);
    toSingle.push(batch.perSecond / single.perSecond);
    console.log(
      `pgbench ${bare.toFixed(0)}   single ${single.perSecond} (p50 ${single.p50Ms} ms, p99 ${single.p99Ms} ms), ratio ${toBare.at(-1).toFixed(3)}   ` +
        `batches of 100 ${batch.perSecond} (p50 ${batch.p50Ms} ms), ${toSingle.at(-1).toFixed(1)} × single`,
    );
  }
  console.log(machine());
  console.log(
    `median: single / pgbench ${median(toBare).toFixed(3)} (goal 0.5)   batches / single ${median(toSingle).toFixed(1)} (goal 10)`,
  );
} finally {
  await world.instance.stop();
  rmSync(directory, { recursive: true, force: true });
}

// Single steps through nginx beside pgbench's rate for the bare statement (raise the counter, insert the row) on the same
// server, in the same run, turn about, so that what else the machine does hits both.
//
//     node tests/bench/steps.mjs [connections] [seconds] [rounds]
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { World, newId, upTo } from '../integration/session_world.mjs';
import { machine, program } from './machine.mjs';

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
  const { stdout } = await run('pgbench', ['-n', '-M', 'prepared', '-c', String(connections), '-j', '2', '-T', String(seconds), '-f', script, world.instance.env.DATABASE_URL]);
  return Number(/tps = ([\d.]+)/.exec(stdout)[1]);
}

// Sessions without a stream, whose ids are the prefix and 100, 101, …
async function make(world) {
  const prefix = newId('ses').slice(0, -3);
  const ids = upTo(connections).map((n) => `${prefix}${99 + n}`);
  await Promise.all(ids.map((id) => world.session({ id })));
  return { prefix, ids };
}

const world = await World.make();
const directory = mkdtempSync(join(tmpdir(), 'agent-trace-bench-'));
const rates = [];
try {
  for (let round = 0; round < rounds; round++) {
    const bare = await pgbench(world, (await make(world)).prefix, directory);
    const sessions = (await make(world)).ids;
    const { stdout } = await run(await program('steps'), [world.instance.port, world.ids.ws, world.agent.token, seconds, ...sessions].map(String));
    const steps = JSON.parse(stdout);
    rates.push(steps.perSecond / bare);
    console.log(JSON.stringify({ connections, bare: Math.round(bare), ...steps, ratio: Number((steps.perSecond / bare).toFixed(3)) }));
  }
  console.log(machine());
  console.log(`median ratio ${rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)].toFixed(3)}`);
} finally {
  await world.instance.stop();
  rmSync(directory, { recursive: true, force: true });
}

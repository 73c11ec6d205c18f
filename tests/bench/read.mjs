// SPDX-License-Identifier: Apache-2.0
// Reading a session of 200 and of 10,000 steps, and its outline, beside its raw rows by libpq, turn about in one run
// (tests/bench/read.c says what is compared with what; goal: under 1.5 times the rows), on an instance of its own. It has
// two workers, so that both have made their plans before anything counts.
//
//     node tests/bench/read.mjs [rounds]
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { start } from '../lib/instance.mjs';
import { machine, program } from './machine.mjs';
import { sessionId, sessionsSql } from './seed.mjs';
import { table } from './table.mjs';

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 400);
const sizes = [
  { n: 1, steps: 200 },
  { n: 2, steps: 10_000 },
];

const instance = await start({ env: { TRACE_WORKERS: '2' } });
try {
  const { env } = instance;
  for (const { n, steps } of sizes) await instance.psql(sessionsSql(env, n, n, steps));
  const binary = await program('read');
  const rows = [['', 'KiB', 'rows alone', 'from the program', 'through nginx']];
  for (const kind of ['pages', 'outline'])
    for (const { n, steps } of sizes) {
      const socket = `${instance.state}/sock/trace-api.sock`;
      const turns = Math.max(20, Math.round((rounds * 200) / steps));
      const words = [
        instance.port,
        socket,
        env.DATABASE_URL,
        env.TRACE_WORKSPACE,
        env.TRACE_TOKEN,
        sessionId(n),
        steps,
        turns,
        kind,
      ];
      const took = JSON.parse((await run(binary, words.map(String))).stdout);
      const beside = (way) => `${took[way]} ms (${(took[way] / took.rows).toFixed(2)})`;
      rows.push([
        `${kind} of ${steps} steps`,
        Math.round(took.bytes / 1024),
        `${took.rows} ms`,
        beside('program'),
        beside('nginx'),
      ]);
    }
  console.log(table(rows));
  console.log(machine());
} finally {
  await instance.stop();
}

// SPDX-License-Identifier: Apache-2.0
// What the statistics of a workspace cost to read, among 10^6 steps of a year and among 10^7 in 10^6 sessions (goal: flat), and what
// it costs the sweeper to keep them. The sessions of a week, ten steps each, by 10 agents in 50 channels with 4 models, are counted
// by the sweeper; what it made of them is then copied to the 51 weeks before. One call at a time through nginx.
//
//     node tests/bench/statistics.mjs [steps] [calls of each kind]
import { performance } from 'node:perf_hooks';
import { start, until } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { machine, median, quantile } from './machine.mjs';
import { table } from './table.mjs';

const steps = Number(process.argv[2] ?? 10_000_000);
const calls = Number(process.argv[3] ?? 20);
const STEPS = 10;
const WEEKS = 52;
const AT_ONCE = 10_000;
const day = 86400e3;

const instance = await start({ env: { TRACE_WORKERS: '2' } });
const person = await personOf(instance);
const workspace = instance.env.TRACE_WORKSPACE;
const id = (prefix, n) => `'${prefix}_' || lpad((${n})::text, 26, '0')`;

const world = `
  INSERT INTO personas (id, workspace_id, name, slug, avatar)
    SELECT ${id('per', 'n')}, '${workspace}', 'Agent ' || n, 'agent-' || n, 'A' FROM generate_series(1, 10) n;
  INSERT INTO streams (id, workspace_id, type, name, private, root_id)
    SELECT ${id('str', 'n')}, '${workspace}', 'channel', 'channel-' || n, false, ${id('str', 'n')} FROM generate_series(1, 50) n;`;

// The numbers are spread over agents, channels, models and times by steps that share no divisor with their counts.
const sessions = (from, to) => `
  INSERT INTO agent_sessions (id, workspace_id, stream_id, persona_id, title, chain_id, status, step_count, last_seq, usage_model, input_tokens,
                              output_tokens, cost_usd, created_at, started_at, completed_at, error_code)
  SELECT ${id('ses', 'n')}, '${workspace}', ${id('str', '1 + n * 7 % 50')}, ${id('per', '1 + n * 3 % 10')}, 'Session ' || n, ${id('ses', 'n')},
         CASE WHEN n % 9 = 0 THEN 'failed' ELSE 'completed' END, ${STEPS}, ${STEPS * 2}, 'model-' || n % 4, 3000, 300, 0.01, at, at,
         at + (1 + n * 31 % 997) * interval '1 s', CASE WHEN n % 9 = 0 THEN 'model_error' END
  FROM generate_series(${from}, ${to}) n, LATERAL (SELECT now() - interval '7 days' * ((n * 7919) % 1000003) / 1000003 AS at) t;
  INSERT INTO steps (session_id, id, step_number, step_type, name, start_seq, end_seq, seq, content, content_length, usage, failed, error,
                     started_at, completed_at)
  SELECT s.id, ${id('stp', 'i')}, i, CASE i % 3 WHEN 0 THEN 'generation' ELSE 'tool_call' END, CASE WHEN i % 3 > 0 THEN 'tool-' || (i + n) % 12 END,
         2 * i, 2 * i + 1, 2 * i + 1, '"What it found, in some words."', 30,
         CASE i % 3 WHEN 0 THEN '{"model":"model-' || n % 4 || '","inputTokens":1000,"outputTokens":100,"costUsd":0.003}' END,
         (i + n) % 17 = 0, CASE WHEN (i + n) % 17 = 0 THEN '{"code":"timeout","message":"No answer."}' END,
         s.started_at + i * interval '100 ms', s.started_at + i * interval '100 ms' + (1 + n * i % 499) * interval '1 ms'
  FROM generate_series(${from}, ${to}) n JOIN agent_sessions s ON s.id = ${id('ses', 'n')}, generate_series(1, ${STEPS}) i;`;

const kinds = [1, 30, 365].flatMap((days) =>
  ['day', 'persona', 'stream', 'model', 'tool', 'error'].map((by) => [
    `by ${by}, ${days} days`,
    () => person.get(`statistics?by=${by}&from=${new Date(Date.now() - days * day).toISOString()}`),
  ]),
);

const counted = () =>
  until(
    async () =>
      (
        await instance.psql(`SELECT NOT EXISTS (SELECT FROM statistics_queue) AND NOT EXISTS (
        SELECT FROM statistics_stale_days WHERE day < date_trunc('day', now(), 'UTC')) AND NOT EXISTS (
        SELECT FROM statistics_stale_months WHERE month < date_trunc('month', now(), 'UTC')) AS done`)
      )[0].done,
    'the sweeper to count everything',
    3600_000,
  );

// The week's sums for those before. Its sessions have no steps there: the statistics do not read them.
const sums = ['statistics_hours', 'statistics_part_hours', 'statistics_days', 'statistics_part_days'];
const copySql = (name) => `
  CREATE TEMP TABLE week AS SELECT * FROM ${name} WHERE hour >= date_trunc('day', now(), 'UTC') - interval '7 days';
  DELETE FROM ${name} WHERE hour < date_trunc('day', now(), 'UTC') - interval '7 days';
  DO $$ BEGIN
    FOR i IN 1 .. ${WEEKS - 1} LOOP
      UPDATE week SET hour = hour - interval '7 days';
      INSERT INTO ${name} SELECT * FROM week ON CONFLICT DO NOTHING;
    END LOOP;
  END $$;
  DROP TABLE week;`;

async function fill(from, to) {
  const began = performance.now();
  for (let at = from; at <= to; at += AT_ONCE) await instance.psql(sessions(at, Math.min(to, at + AT_ONCE - 1)));
  await counted();
  const seconds = (performance.now() - began) / 1000;
  for (const name of sums) await instance.psql(copySql(name));
  await instance.psql(`INSERT INTO statistics_stale_months
    SELECT DISTINCT workspace_id, date_trunc('month', hour, 'UTC'), persona_id FROM statistics_part_days ON CONFLICT DO NOTHING`);
  await counted();
  for (const name of [...sums, 'statistics_part_months']) await instance.psql(`VACUUM ANALYZE ${name}`);
  return (to - from + 1) / seconds;
}

async function measure() {
  const took = kinds.map(() => []);
  for (let i = -2; i < calls; i++)
    for (const [at, [, call]] of kinds.entries()) {
      const began = performance.now();
      (await call()).expect(200);
      if (i >= 0) took[at].push(performance.now() - began);
    }
  return took.map((ms) => [median(ms), quantile(ms, 0.99)].map((x) => x.toFixed(1)));
}

try {
  await instance.psql(world);
  const week = Math.round(steps / STEPS / WEEKS);
  await fill(1, Math.round(week / 10));
  const few = await measure();
  const speed = await fill(Math.round(week / 10) + 1, week);
  const many = await measure();
  const head = ['', `p50 ms, ${steps / 10} steps`, 'p99 ms', `p50 ms, ${steps} steps`, 'p99 ms'];
  console.log(table([head, ...kinds.map(([name], at) => [name, ...few[at], ...many[at]])]));
  for (const name of [...sums, 'statistics_part_months']) {
    const [{ n }] = await instance.psql(`SELECT count(*) AS n FROM ${name}`);
    console.log(`${name}: ${n} rows`);
  }
  console.log(`written and counted by the sweeper: ${Math.round(speed)} sessions/s of ${STEPS} steps`);
  console.log(machine());
} finally {
  await instance.stop();
}

// SPDX-License-Identifier: Apache-2.0
// What one call costs while the tables grow: from 10 to 10,000 sessions, from 10 to 10,000 steps in the session, at 10^6
// steps in all (goal: flat), on an instance of its own. The rows are written by the thousand and nothing is analysed but by
// the server itself. Each cell is the median of the calls of that kind, made one at a time through nginx, turn about with
// all others of its column; the first line asks nothing of the database and tells what else the machine did meanwhile.
//
//     node tests/bench/growth.mjs [calls of each kind]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, program } from './machine.mjs';
import { messagesSql, sessionId, sessionsSql, smallStepsSql, stepsOfOneSql } from './seed.mjs';
import { table } from './table.mjs';

const calls = Number(process.argv[2] ?? 100);
const [STEPS, MESSAGES, WARM_UP] = [10, 10, 16];

// Few workers, so that all of them have made their plans.
const instance = await start({ env: { TRACE_WORKERS: '2' } });
const { env } = instance;
const agent = agentOf(instance);
const base = `/api/workspaces/${env.TRACE_WORKSPACE}`;
const columns = [];

// It reads what it finds: thousands of messages.
const RARELY = 'search: in every message';

// A running session that the writes go to, of as many steps already, with an open step for progress.
async function begin(steps) {
  const id = newId('ses');
  const path = `${base}/agent-sessions/${id}`;
  (await agent.post('agent-sessions', { id, streamId: env.TRACE_STREAM })).expect(201);
  await instance.psql(`${stepsOfOneSql(id, 1, steps)}
    UPDATE agent_sessions SET step_count = ${steps}, last_seq = 2 * ${steps} + 1 WHERE id = '${id}'`);
  const { step } = (await agent.post(`${path}/steps`, { stepType: 'thinking' })).expect(201).body;
  return { path, id, steps, open: step.id, ids: [] };
}

// By name: method, path and body of the call number `i`. `pick`: one of the sessions that are there.
function kinds(run, pick) {
  const stream = env.TRACE_STREAM;
  const content = '"stepType":"tool_call","content":{"tool":"lookup","args":"of some length"}';
  return {
    'progress (no database)': () => ['POST', `${run.path}/steps/${run.open}/progress`, '{"content":"some words"}'],
    'step start': (i) => ['POST', `${run.path}/steps`, `{"id":"${(run.ids[i] = newId('stp'))}",${content}}`],
    'step complete': (i) => ['POST', `${run.path}/steps/${run.ids[i]}/complete`, '{"content":"what it found"}'],
    'whole step': () => ['POST', `${run.path}/steps`, `{"completed":true,${content}}`],
    heartbeat: () => ['POST', `${run.path}/heartbeat`, ''],
    'page of a session': (i) => ['GET', `${base}/agent-sessions/${pick(i)}?limit=10&around=${run.steps >> 1}`],
    'changes since a number': (i) => ['GET', `${run.path}?sinceSeq=${2 * run.steps + 3 * i}&limit=10`],
    'one step': () => ['GET', `${run.path}/steps/${run.open}`],
    'list of sessions': () => ['GET', `${base}/agent-sessions?limit=10`],
    'list: running': () => ['GET', `${base}/agent-sessions?status=running&limit=10`],
    'list: of a stream': () => ['GET', `${base}/agent-sessions?streamId=${stream}&limit=10`],
    timeline: () => ['GET', `${base}/streams/${stream}/events?limit=10`],
    'timeline in the past': (i) => ['GET', `${base}/streams/${stream}/events?limit=10&around=${10 + (i % 90)}`],
    'bootstrap of a stream': () => ['GET', `${base}/streams/${stream}/bootstrap`],
    'search: a rare word': (i) => ['GET', `${base}/search?q=word${1 + (i % 50)}x&limit=10`],
    [RARELY]: () => ['GET', `${base}/search?q=harbour&limit=10`],
    'subscribe until ready': () => ['SUBSCRIBE', `${base}/events?room=session:${run.id}&room=stream:${stream}`],
  };
}

// The first calls are not counted: connections make their plans.
async function measure(name, pick, steps) {
  const run = await begin(steps);
  const lines = [];
  for (let i = 0; i < WARM_UP + calls; i++)
    for (const [kind, call] of Object.entries(kinds(run, pick)))
      if (kind !== RARELY || i % 8 === 0) lines.push([i < WARM_UP ? 'warm-up' : kind, ...call(i)].join('\t'));
  const child = spawn(await program('mixed'), [String(instance.port), env.TRACE_TOKEN], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  child.stdin.end(`${lines.join('\n')}\n`);
  const output = await text(child.stdout);
  if ((await exit)[0] !== 0) throw new Error(`${name}: calls were refused`);
  const found = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind !== 'warm-up');
  columns.push({ name, p50: Object.fromEntries(found.map(({ kind, p50Ms }) => [kind, p50Ms])) });
  (await agent.post(`${run.path}/complete`, {})).expect(200);
  process.stderr.write(`${name} measured\n`);
}

function print() {
  const rows = Object.keys(columns[0].p50).map((kind) => [kind, ...columns.map(({ p50 }) => p50[kind].toFixed(2))]);
  console.log(table([['p50 in ms', ...columns.map(({ name }) => name)], ...rows]));
  console.log(machine());
}

try {
  let there = 0;
  for (const count of [10, 100, 1000, 10_000]) {
    await instance.psql(
      messagesSql(env, there * MESSAGES + 1, count * MESSAGES) + sessionsSql(env, there + 1, count, STEPS),
    );
    there = count;
    await measure(`${count} sessions`, (i) => sessionId(1 + ((i * 7919) % count)), STEPS);
  }
  for (const [i, steps] of [100, 1000, 10_000].entries()) {
    const n = there + 1 + i;
    await instance.psql(sessionsSql(env, n, n, steps));
    await measure(`${steps} steps`, () => sessionId(n), steps);
  }
  await instance.psql(smallStepsSql(1, there, STEPS + 1, 100));
  await measure('10^6 rows', (i) => sessionId(1 + ((i * 7919) % there)), STEPS);
  print();
} finally {
  await instance.stop();
}

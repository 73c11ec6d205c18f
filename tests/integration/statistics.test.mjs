// SPDX-License-Identifier: Apache-2.0
// Statistics: what they say equals what is counted directly from sessions and steps, after random runs, late steps,
// sessions that run again, that are pruned and deleted; and each caller is told of what he may read.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findPrefix, until } from '../lib/instance.mjs';
import { run } from './admin.mjs';
import { World, newId } from './session_world.mjs';
import { checkCounts, grouped, isNear, message, sum, toolOf } from './statistics_counts.mjs';

const HOUR = 3600e3;
let world, ids;
const seconds = (n) => n * 1000;

// The same runs each time: a linear congruential generator (Numerical Recipes).
let state = 20261129;
const random = (n) => {
  state = (state * 1664525 + 1013904223) % 2 ** 32;
  return Math.floor((state / 2 ** 32) * n);
};
const pick = (list) => list[random(list.length)];
const iso = (ms) => new Date(ms).toISOString();

const path = (session, rest = '') => `agent-sessions/${session}${rest}`;

async function counted() {
  await until(async () => {
    const [{ count }] = await world.sql(`SELECT (SELECT count(*) FROM statistics_queue)
      + (SELECT count(*) FROM statistics_stale_days WHERE day < date_trunc('day', now(), 'UTC'))
      + (SELECT count(*) FROM statistics_stale_months WHERE month < date_trunc('month', now(), 'UTC')) AS count`);
    return Number(count) === 0;
  }, 'the sweeper to count everything');
}

// A step that began at `at`, as one line of a batch.
function line(at) {
  const took = pick([3, 40, 500, 20000, 700000]) + random(50);
  const kind = pick(['tool', 'tool', 'search', 'model', 'text']);
  const failed = random(5) === 0;
  return {
    op: 'record',
    stepType: { tool: 'tool_call', search: 'web_search', model: 'generation', text: 'thinking' }[kind],
    ...(kind === 'tool' &&
      (random(2) ? { name: pick(['read', 'write']) } : { content: { tool: pick(['read', 'ask']) } })),
    ...(kind === 'model' && {
      usage: {
        model: pick(['labyrinth-1', 'minotaur-2']),
        inputTokens: random(5000),
        outputTokens: random(500),
        ...(random(2) && { costUsd: random(100) / 64 }),
      },
    }),
    ...(failed && {
      error: random(2)
        ? { code: pick(['timeout', 'refused']), message: 'It did not work.' }
        : { message: `No answer from host-${random(90)} after ${random(900)} ms` },
    }),
    startedAt: iso(at),
    completedAt: iso(at + took),
  };
}

const batch = (agent, session, lines) =>
  agent.post(path(session, '/batch'), lines.map((one) => JSON.stringify(one)).join('\n'));

async function makeSession(agent, streamId, ago = random(70 * HOUR)) {
  const now = Date.now();
  const began = now - ago - 60e3;
  const body = { ...(streamId && { streamId }), startedAt: iso(began), title: 'x', heartbeat: 'none' };
  const { session } = (await agent.post('agent-sessions', body)).expect(201).body;
  const steps = Array.from({ length: random(9) }, (_, i) => line(began + seconds(i + random(5))));
  if (steps.length > 0) (await batch(agent, session.id, steps)).expect(200);
  const how = pick(streamId ? ['complete', 'complete', 'fail', 'cancel'] : ['complete', 'fail', 'cancel', 'run']);
  const end = { completedAt: iso(began + seconds(5 + random(3000))) };
  if (how === 'complete') (await agent.post(path(session.id, '/complete'), end)).expect(200);
  if (how === 'fail')
    (
      await agent.post(path(session.id, '/fail'), {
        error: { code: pick(['model_error', 'tool_limit']), message: 'm' },
        ...end,
      })
    ).expect(200);
  if (how === 'cancel') (await agent.post(path(session.id, '/cancel'))).expect(200);
  return { id: session.id, agent, how, began };
}

// The session and its steps as they lie in the database; times in milliseconds.
async function everything() {
  const ms = (column) => `(extract(epoch FROM ${column}) * 1000)::float8`;
  const sessions =
    await world.sql(`SELECT s.id, s.status, s.persona_id, coalesce(x.root_id, '') AS root, coalesce(s.usage_model, '') AS model,
    ${ms('coalesce(s.started_at, s.created_at)')} AS began, ${ms('s.completed_at')} AS ended, ${ms('s.created_at')} AS created,
    s.step_count, s.input_tokens, s.output_tokens, s.cost_usd, s.error_code
    FROM agent_sessions s LEFT JOIN streams x ON x.id = s.stream_id WHERE s.workspace_id = '${ids.ws}'`);
  const steps = await world.sql(`SELECT p.session_id, p.id, p.step_type, p.name, p.content, p.failed, p.error,
    ${ms('p.started_at')} AS began, ${ms('p.completed_at')} AS ended, p.usage, p.computed_cost_usd FROM steps p
    JOIN agent_sessions s ON s.id = p.session_id WHERE s.workspace_id = '${ids.ws}' AND p.end_seq IS NOT NULL`);
  return { sessions, steps };
}

const statistics = async (query, client = world.ada) => (await client.get(`statistics?${query}`)).expect(200).body;
const SHORT = 74 * HOUR;
const LONG = 100 * 24 * HOUR;
const spanOf = (ago) => `from=${iso(Date.now() - ago)}`;
const span = () => spanOf(SHORT);
// Compares all that the statistics say of a time with what is there. `readable`: the roots that the caller may read.
async function compare(client = world.ada, readable = () => true, ago = SHORT) {
  const span = () => spanOf(ago);
  // A long time is told by days of UTC alone.
  const [zone, shift] = ago === SHORT ? ['Etc/GMT-1', HOUR] : ['UTC', 0];
  await counted();
  const all = await everything();
  const sessions = all.sessions
    .map((one) => ({ ...one, began: Number(one.began), ended: Number(one.ended), created: Number(one.created) }))
    .filter((one) => readable(one) && one.began >= Date.now() - ago);
  const known = new Map(sessions.map((one) => [one.id, one]));
  const steps = all.steps.filter(({ session_id: id }) => known.has(id));
  const keys = {
    ...(ago === SHORT && { hour: ({ began }) => iso(Math.floor(began / HOUR) * HOUR).replace('.000', '') }),
    day: ({ began }) => iso(began + shift).slice(0, 10),
    persona: ({ persona_id: id }) => id,
    stream: ({ root }) => root,
    model: ({ model }) => model,
  };
  const ofUtc = await statistics(`by=day&${span()}`, client);
  assert.deepEqual(
    ofUtc.rows.map((row) => row.key).sort(),
    [...new Set(sessions.map(({ began }) => iso(began).slice(0, 10)))].sort(),
  );
  for (const row of ofUtc.rows)
    checkCounts(
      row,
      sessions.filter(({ began }) => iso(began).slice(0, 10) === row.key),
      steps,
    );
  for (const [by, key] of Object.entries(keys)) {
    const told = await statistics(`by=${by}&timeZone=${zone}&${span()}`, client);
    checkCounts(told.totals, sessions, steps);
    const expected = grouped(sessions, key);
    assert.deepEqual(told.rows.map((row) => row.key).sort(), [...expected.keys()].sort(), by);
    for (const row of told.rows) checkCounts(row, expected.get(row.key), steps);
  }
  const ended = steps.filter(({ session_id: id }) => !['pending', 'running'].includes(known.get(id).status));
  const took = ({ began, ended: end }) => Math.max(0, Math.round(end - began));
  const tools = await statistics(`by=tool&${span()}`, client);
  const calls = grouped(
    ended.filter((step) => toolOf(step) !== undefined),
    toolOf,
  );
  assert.deepEqual(tools.rows.map(({ key }) => key).sort(), [...calls.keys()].sort());
  for (const row of tools.rows) {
    const list = calls.get(row.key);
    const longest = Math.max(...list.map(took));
    assert.deepEqual(
      [row.calls, row.failed],
      [list.length, list.filter(({ failed }) => failed === true || failed === 't').length],
    );
    assert.equal(row.longestMs, longest);
    assert.ok(
      list.some((step) => step.id === row.stepId && step.session_id === row.sessionId && took(step) === longest),
    );
    isNear(row.durationMs, list.map(took));
  }
  const errors = grouped(
    [
      ...ended
        .filter(({ failed }) => failed === true || failed === 't')
        .map(({ error }) => {
          const { code, message: text } = JSON.parse(error);
          return `step ${code ?? message(text)}`;
        }),
      ...sessions.flatMap(({ error_code: code }) => (code ? [`session ${code}`] : [])),
    ],
    (name) => name,
  );
  const told = await statistics(`by=error&${span()}`, client);
  assert.deepEqual(
    told.rows.map(({ key, of, count }) => [`${of} ${key}`, count]).sort(),
    [...errors].map(([name, list]) => [name, list.length]).sort(),
  );
  const [callsTold, spent] = [
    (await statistics(`by=call&${span()}`, client)).rows,
    grouped(
      ended.filter(({ usage }) => usage),
      ({ usage }) => JSON.parse(usage).model,
    ),
  ];
  for (const { key, calls: n, tokens, costUsd = 0 } of callsTold) {
    const usages = spent.get(key).map(({ usage, computed_cost_usd: cost }) => ({ ...JSON.parse(usage), cost }));
    assert.deepEqual([n, tokens], [usages.length, sum(usages.map((u) => u.inputTokens + u.outputTokens))]);
    assert.ok(Math.abs(costUsd - sum(usages.map((u) => u.costUsd ?? u.cost))) < 1e-6);
  }
  return { sessions, steps };
}

let made;
before(async () => {
  world = await World.make();
  ({ ids } = world);
  (await world.ada.put('prices', { model: 'labyrinth-1', inputUsd: 2, outputUsd: 8 })).expect(200);
  await world.sql(
    `INSERT INTO stream_members (stream_id, member_id, role) VALUES ('${ids.secret}', '${ids.ariadne}', 'member')`,
  );
});
after(() => world?.instance.stop());

test('random sessions are counted as they are, by hour, day, agent, stream and model', async () => {
  made = [];
  for (let i = 0; i < 40; i++)
    made.push(
      await makeSession(
        ...pick([
          [world.agent],
          [world.other],
          [world.agent, ids.open],
          [world.agent, ids.thread],
          [world.agent, ids.secret],
        ]),
      ),
    );
  const { sessions, steps } = await compare();
  assert.ok(sessions.length === 40 && steps.length > 80);
});

test('late steps of ended sessions, and what is filled of a step later, are counted', async () => {
  const late = made.filter(({ how, began }) => how === 'complete' && began > Date.now() - 20 * HOUR);
  assert.ok(late.length > 0);
  for (const { id, agent, began } of late)
    (
      await agent.put(path(id, `/steps/${newId('stp')}`), {
        stepType: 'tool_call',
        name: 'late',
        completed: true,
        startedAt: iso(began),
        completedAt: iso(began + 77777),
        usage: { model: 'labyrinth-1', inputTokens: 11, outputTokens: 1 },
      })
    ).expect(201);
  await compare();
  const { rows } = await statistics(`by=tool&${span()}`);
  assert.equal(rows.find(({ key }) => key === 'late').calls, late.length);
});

test('months that are over are counted as their days are, and anew when a session of theirs has changed', async () => {
  const old = [];
  for (let i = 0; i < 24; i++)
    old.push(await makeSession(world.agent, pick([ids.open, ids.thread]), random(15 * 24 * HOUR)));
  // No agent may begin one so long ago.
  const those = `IN (${old.map(({ id }) => `'${id}'`)})`;
  const before = `- interval '60 days'`;
  await world.sql(`
    UPDATE agent_sessions SET created_at = created_at ${before}, started_at = started_at ${before}, completed_at = completed_at ${before}
    WHERE id ${those};
    UPDATE steps SET started_at = started_at ${before}, completed_at = completed_at ${before} WHERE session_id ${those};
    INSERT INTO statistics_queue (session_id) SELECT id FROM agent_sessions WHERE id ${those};`);
  await compare(world.ada, () => true, LONG);
  const [{ n }] = await world.sql('SELECT count(*) AS n FROM statistics_part_months');
  assert.ok(Number(n) > 0);
  await world.sql(`UPDATE steps SET name = 'later' WHERE session_id ${those} AND name = 'read';
    INSERT INTO statistics_queue (session_id) SELECT id FROM agent_sessions WHERE id ${those}`);
  await compare(world.ada, () => true, LONG);
});

test('a session runs with the model that it came to use, and again after the server ended it, until it ends', async () => {
  const { session } = (await world.agent.post('agent-sessions', {})).expect(201).body;
  await compare();
  const used = { op: 'record', stepType: 'thinking', usage: { model: 'daedalus-3', inputTokens: 1, outputTokens: 1 } };
  (await batch(world.agent, session.id, [used])).expect(200);
  await world.sql(`UPDATE agent_sessions SET heartbeat_at = now() - interval '1 hour' WHERE id = '${session.id}'`);
  const read = async () => (await world.agent.get(path(session.id))).expect(200).body.session;
  await admin({ TRACE_HEARTBEAT_TIMEOUT: '1' }, 'sweep');
  assert.equal((await read()).status, 'failed');
  const failures = async () => (await statistics(span())).totals.failed;
  await compare();
  const before = await failures();
  (await world.agent.put(path(session.id, `/steps/${newId('stp')}`), { stepType: 'thinking', completed: true })).expect(
    201,
  );
  assert.equal((await read()).status, 'running');
  await compare();
  assert.equal(await failures(), before - 1);
  (await world.agent.post(path(session.id, '/complete'))).expect(200);
  await compare();
});

test('costs that are computed anew are counted anew', async () => {
  const before = (await statistics(span())).totals;
  (await world.ada.put('prices', { model: 'labyrinth-1', inputUsd: 4, outputUsd: 16 })).expect(200);
  await admin({}, 'prices', 'recompute');
  await compare();
  assert.ok((await statistics(span())).totals.costUsd > before.costUsd);
});

async function admin(more, ...args) {
  const env = { DATABASE_URL: world.instance.env.DATABASE_URL, ...more };
  const { status, err } = await run(join(await findPrefix(), 'bin', 'trace-admin'), args, { env });
  assert.equal(status, 0, err);
}

test('a caller is told of what he may read: nobody outside of a private channel counts its sessions', async () => {
  await compare(world.bob, ({ root }) => root !== ids.secret);
  await compare(world.other, ({ root, persona_id: id }) => root === ids.open || (root === '' && id === ids.daedalus));
  assert.deepEqual((await statistics(`stream=${ids.secret}&${span()}`, world.bob)).rows, []);
  assert.equal((await statistics(`stream=${ids.secret}&${span()}`, world.bob)).totals.sessions, 0);
  assert.ok((await statistics(`stream=${ids.secret}&${span()}`)).totals.sessions > 0);
  for (const by of ['tool', 'error', 'call'])
    assert.deepEqual((await statistics(`by=${by}&stream=${ids.secret}&${span()}`, world.bob)).rows, []);
  (await world.eve.get(`/api/workspaces/${ids.ws}/statistics`)).expect(404);
  (await world.nobody.get('statistics')).expect(401);
  (await world.writer.get('statistics')).expect(403);
});

test('filters leave what they name', async () => {
  const by = async (query) => (await statistics(`${query}&${span()}`)).totals.sessions;
  const { sessions } = await compare();
  const count = (fits) => sessions.filter(fits).length;
  assert.equal(
    await by(`persona=${ids.daedalus}`),
    count(({ persona_id: id }) => id === ids.daedalus),
  );
  assert.equal(
    await by(`stream=${ids.open}`),
    count(({ root }) => root === ids.open),
  );
  assert.equal(
    await by('model=labyrinth-1'),
    count(({ model }) => model === 'labyrinth-1'),
  );
  const from = Math.floor(Date.now() / HOUR) * HOUR - 30 * HOUR;
  const within = ({ began }) => began >= from && began < from + 24 * HOUR;
  const { totals } = await statistics(`from=${iso(from)}&to=${iso(from + 24 * HOUR)}`);
  assert.equal(totals.sessions, count(within));
});

test('what sessions counted stays when they are pruned, without the texts of their errors, and goes when they go', async () => {
  const before = { tools: await statistics(`by=tool&${span()}`), totals: (await statistics(span())).totals };
  await admin({}, 'prune', '--older-than', '30h');
  await counted();
  assert.deepEqual((await statistics(span())).totals, before.totals);
  assert.deepEqual(
    (await statistics(`by=tool&${span()}`)).rows.map(({ key, calls, failed, durationMs }) => [
      key,
      calls,
      failed,
      durationMs,
    ]),
    before.tools.rows.map(({ key, calls, failed, durationMs }) => [key, calls, failed, durationMs]),
  );
  const [{ texts }] =
    await world.sql(`SELECT count(*) AS texts FROM session_statistics c JOIN agent_sessions s ON s.id = c.session_id
    CROSS JOIN LATERAL unnest(c.parts) p WHERE s.pruned_at IS NOT NULL AND p.kind = 'message' AND p.name <> ''`);
  assert.equal(Number(texts), 0);
  const [{ id }] = await world.sql('SELECT id FROM agent_sessions WHERE pruned_at IS NOT NULL LIMIT 1');
  for (const table of ['quoted_texts', 'session_events', 'session_sources', 'steps'])
    await world.sql(`DELETE FROM ${table} WHERE session_id = '${id}'`);
  await world.sql(`DELETE FROM agent_sessions WHERE id = '${id}'`);
  await counted();
  assert.equal((await statistics(span())).totals.sessions, before.totals.sessions - 1);
});

test('parameters that do not fit are refused by name', async () => {
  for (const [query, field] of [
    ['by=colour', 'by'],
    ['from=yesterday', 'from'],
    ['to=2026-13-01T00:00:00Z', 'to'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['by=hour&from=2026-01-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from'],
    ['from=2020-01-02T00:00:00Z', 'from'],
    ['timeZone=Knossos/Labyrinth', 'timeZone'],
    [`timeZone=Europe/Athens&from=${iso(Date.now() - 60 * 24 * HOUR)}`, 'timeZone'],
    ['persona=x', 'persona'],
    ['stream=x', 'stream'],
    ['limit=0', 'limit'],
    ['limit=801', 'limit'],
    ['by=tool&model=m', 'model'],
  ])
    assert.equal((await world.ada.get(`statistics?${query}`)).expect(400).body.field, field, query);
  const { rows, more } = await statistics(`by=hour&limit=1&${span()}`);
  assert.deepEqual([rows.length, more], [1, true]);
});

// SPDX-License-Identifier: Apache-2.0
// The table of sessions: every order and filter, page by page, as a plain query over all rows has it; for readers of
// little and of much; the total; the parameters that are refused; and the same as comma-separated values.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, newId, wronglySettled } from './session_world.mjs';

let world, ids, agent, ada, bob;

before(async () => {
  world = await World.make();
  ({ ids, agent, ada, bob } = world);
});
after(() => world?.instance.stop());

const at = (session, rest = '') => `agent-sessions/${session}${rest}`;
const read = async (who, query) => (await who.get(`agent-sessions?${query}`)).expect(200).body;

// Sessions of all kinds, of which those without a stream are Daedalus's. What runs began days ago and takes longer than
// whatever has ended, so that its place does not depend on when it is read. Every seventh ended one is not settled.
async function seed(count) {
  const digits = `lpad(n::text, 20, '0')`;
  await world.sql(`
    INSERT INTO agent_sessions (id, chain_id, workspace_id, stream_id, parent_stream_id, persona_id, title, status, created_at, started_at,
                                completed_at, heartbeat_at, usage_model, input_tokens, output_tokens, total_tokens, cost_usd, tags)
    SELECT 'ses_01JZZZ' || ${digits}, 'ses_01JZZZ' || ${digits}, '${ids.ws}', stream,
           CASE WHEN stream = '${ids.thread}' THEN '${ids.open}' END,
           CASE WHEN stream IS NULL THEN '${ids.daedalus}' ELSE '${ids.ariadne}' END, 'Seeded ' || n,
           CASE WHEN n % 97 = 0 AND stream IS NULL THEN 'running' WHEN n % 11 = 0 THEN 'failed' ELSE 'completed' END, began, began,
           CASE WHEN NOT (n % 97 = 0 AND stream IS NULL) THEN began + (n * 7919 % 3600) * interval '1 second' END, now() + interval '1 day',
           CASE WHEN n % 3 > 0 THEN 'model-' || n % 3 END,
           CASE WHEN n % 5 > 1 THEN n * 31 % 1000 END, CASE WHEN n % 5 > 2 THEN n % 7 END, CASE WHEN n % 5 = 1 THEN n END,
           CASE WHEN n % 4 > 0 THEN (n * 17 % 500)::numeric / 10000 END,
           CASE WHEN n % 6 = 0 THEN '["nightly","ärger, \\"quoted\\""]' WHEN n % 6 = 1 THEN '["nightly"]' END
    FROM generate_series(1, ${count}) n,
         LATERAL (SELECT (ARRAY['${ids.open}', '${ids.secret}', '${ids.thread}', NULL])[1 + n % 4] AS stream,
                         now() - interval '10 days' - n / 3 * interval '1 minute' AS began) s
    ON CONFLICT DO NOTHING;
    UPDATE agent_sessions x SET (settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =
      (SELECT * FROM session_settled(x, x.completed_at)) WHERE x.completed_at IS NOT NULL AND right(x.id, 4)::integer % 7 > 0;
    ANALYZE agent_sessions;`);
}

const keys = {
  started: 'extract(epoch FROM coalesce(x.started_at, x.created_at))',
  duration: `extract(epoch FROM coalesce(x.completed_at, CASE WHEN x.status = 'running' THEN now() END) - x.started_at)`,
  tokens:
    'coalesce(coalesce(x.input_tokens, 0) + coalesce(x.output_tokens, CASE WHEN x.input_tokens IS NULL THEN NULL ELSE 0 END), x.total_tokens)',
  cost: 'x.cost_usd',
};

async function expected(reader, { sort = 'started', order = 'desc', where = 'true' }) {
  const rows = await world.sql(`SELECT x.id FROM agent_sessions x
    WHERE x.workspace_id = '${ids.ws}' AND can_read_session('${reader}', x.workspace_id, x.stream_id, x.persona_id) AND ${where}
    ORDER BY ${keys[sort]} ${order} NULLS LAST, x.id ${order}`);
  return rows.map(({ id }) => id);
}

async function allPages(who, query) {
  const found = [];
  for (let before = ''; ; ) {
    const { sessions, nextBefore } = await read(who, `${query}${before}`);
    found.push(...sessions.map(({ id }) => id));
    if (!nextBefore) return found;
    const cursor = encodeURIComponent(nextBefore);
    assert.ok(!before.endsWith(cursor), `${query}: the next page is the same again`);
    before = `&before=${encodeURIComponent(nextBefore)}`;
  }
}

const readers = () => [
  ['ada', ada, ids.ada],
  ['bob', bob, ids.bob],
  ['ariadne', agent, ids.ariadne],
  ['daedalus', world.other, ids.daedalus],
];

async function everyOrder(limit, all = readers()) {
  for (const sort of Object.keys(keys))
    for (const order of ['desc', 'asc'])
      for (const [name, who, id] of all) {
        const found = await allPages(who, `sort=${sort}&order=${order}&limit=${limit}`);
        assert.deepEqual(found, await expected(id, { sort, order }), `${sort} ${order} for ${name}`);
      }
}

test('of few sessions every order has each session once, on all pages, for every reader', async () => {
  await seed(60);
  await everyOrder(7);
});

test('among thousands every order has each session once, on all pages, for a person and for an agent', async () => {
  await seed(4400);
  await everyOrder(500, [readers()[1], readers()[3]]);
});

const day = (n) => new Date(Date.now() - n * 24 * 3600 * 1000).toISOString();

async function everyFilter() {
  await world.sql(`UPDATE agent_sessions SET (thumbs_up, thumbs_down, notes, scores) =
    (CASE ord % 13 WHEN 0 THEN 2 ELSE 0 END, CASE ord % 17 WHEN 0 THEN 1 ELSE 0 END, CASE ord % 23 WHEN 0 THEN 1 ELSE 0 END,
     CASE ord % 29 WHEN 0 THEN '{"exact":0.5}' END)
    FROM (SELECT id AS of, right(id, 4)::integer AS ord FROM agent_sessions WHERE title LIKE 'Seeded %') o WHERE id = of`);
  const from = day(10.5);
  const to = day(10.2);
  const filters = [
    ['status=failed', `status = 'failed'`],
    ['status=running', `status = 'running'`],
    ['status=completed,running', `status IN ('completed', 'running')`],
    [`streamId=${ids.thread}`, `stream_id = '${ids.thread}'`],
    // A channel has the sessions of its threads, as in the statistics.
    [`streamId=${ids.open}`, `'${ids.open}' IN (stream_id, parent_stream_id)`],
    ['rating=up', 'thumbs_up > 0'],
    ['rating=down&status=failed', `thumbs_down > 0 AND status = 'failed'`],
    ['rating=any', '(thumbs_up + thumbs_down + notes > 0 OR scores IS NOT NULL)'],
    [`personaId=${ids.daedalus}`, `persona_id = '${ids.daedalus}'`],
    ['model=model-2', `usage_model = 'model-2'`],
    ['model=none', 'false'],
    ['tag=nightly', `tags LIKE '%nightly%'`],
    [`tag=${encodeURIComponent('ärger, "quoted"')}`, `tags LIKE '%ärger%'`],
    [`from=${from}`, `started_at >= '${from}'`],
    [`from=${from}&to=${to}&status=failed`, `started_at >= '${from}' AND started_at < '${to}' AND status = 'failed'`],
    [
      'model=model-1&tag=nightly&status=failed',
      `usage_model = 'model-1' AND tags LIKE '%nightly%' AND status = 'failed'`,
    ],
  ];
  for (const [query, where] of filters)
    for (const sort of ['started', 'tokens'])
      for (const [name, who, id] of readers().slice(0, 2)) {
        const wanted = await expected(id, { sort, where });
        assert.deepEqual(
          await allPages(who, `${query}&sort=${sort}&limit=333`),
          wanted,
          `${query} by ${sort} for ${name}`,
        );
        const { total } = await read(who, `${query}&sort=${sort}&limit=1&count=true`);
        assert.deepEqual(
          total,
          wanted.length > 1000 ? { value: 1000, isLeast: true } : { value: wanted.length },
          query,
        );
      }
}

test('every filter, in an order by start and in one by tokens', everyFilter);

// With so few sessions the index of an order would otherwise never be left.
test('the pages are the same where the index of the order is left for what is asked for', async () => {
  const signature = 'session_list_walk(asked session_query, reach session_reach) RETURNS integer';
  const [{ as_it_is: asItIs }] = await world.sql(`SELECT pg_get_functiondef('session_list_walk'::regproc) AS as_it_is`);
  await world.sql(`CREATE OR REPLACE FUNCTION ${signature} LANGUAGE sql AS 'SELECT 20'`);
  await everyOrder(500, [readers()[1], readers()[3]]);
  await everyFilter();
  await world.sql(asItIs);
});

test('a text is looked for in some thousand sessions at a time, and the next page goes on from there', async () => {
  const wanted = await expected(ids.ada, { where: `title LIKE '%Seeded 43_9%'` });
  const first = await read(ada, 'q=SEEDED%2043&count=true&limit=500');
  assert.deepEqual(first.total.isLeast, true);
  assert.ok(first.nextBefore);
  const found = await allPages(ada, 'q=seeded%2043&limit=3');
  assert.deepEqual(
    found.filter((id) => wanted.includes(id)),
    wanted,
  );
  assert.deepEqual(await allPages(ada, 'q=heliotrope'), []);
});

test('what runs is sorted by what it has come to, and what was changed after its end by the change', async () => {
  const usage = (inputTokens, costUsd) => ({ usage: { model: 'late', inputTokens, costUsd } });
  const step = (session, id, more) =>
    agent.put(at(session, `/steps/${id}`), { stepType: 'thinking', completed: true, ...more });
  const running = await world.session({ title: 'at work' });
  (await step(running, newId('stp'), usage(2_000_000, 3.5))).expect(201);
  const ended = await world.session({ title: 'ended' });
  const open = newId('stp');
  (await agent.put(at(ended, `/steps/${open}`), { stepType: 'thinking' })).expect(201);
  (await agent.post(at(ended, '/complete'), {})).expect(200);
  const top = async (query) => (await read(ada, `${query}&limit=2`)).sessions.map(({ id }) => id);
  assert.deepEqual(await top('sort=tokens&model=late'), [running]);
  (await step(ended, open, usage(3_000_000, 2.5))).expect(200);
  assert.deepEqual(await top('sort=tokens'), [ended, running]);
  assert.deepEqual(await top('sort=cost'), [running, ended]);
  assert.deepEqual(await top('sort=tokens&model=late'), [ended, running]);
  (await agent.post(at(running, '/fail'), { error: { code: 'x', message: 'y' } })).expect(200);
  assert.deepEqual(await top('sort=cost'), [running, ended]);
  const wrong = await wronglySettled(world.sql);
  assert.deepEqual(
    [running, ended].filter((id) => wrong.includes(id)),
    [],
  );
});

test('a parameter that cannot be is refused, and named', async () => {
  const { nextBefore } = await read(ada, 'sort=cost&limit=1');
  const cursor = encodeURIComponent(nextBefore);
  const cases = [
    ['sort=title', 'sort'],
    ['sort=', undefined],
    ['order=up', 'order'],
    ['rating=good', 'rating'],
    ['rating=', undefined],
    ['from=yesterday', 'from'],
    ['to=2026-13-01T00:00:00Z', 'to'],
    ['count=yes', 'count'],
    ['format=xml', 'format'],
    [`model=${'x'.repeat(501)}`, 'model'],
    [`tag=${'x'.repeat(501)}`, 'tag'],
    ['q=a&sort=tokens', 'sort'],
    [`before=${cursor}&sort=tokens`, 'before'],
    [`before=${cursor}&order=asc`, 'before'],
    [`before=${cursor}&sort=cost&order=desc`, undefined],
    [`before=${cursor}`, undefined],
    ...[
      'cost~desc~1~0~1',
      'cost~desc~1~-1~1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'started~desc~-1~0~1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'started~desc~9223372036854775807~0~1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'cost~desc~1~0~1.~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'cost~desc~1~0~1.x~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'cost~desc~1~0~.1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'tokens~desc~1~0~1.5~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'tokens~desc~1~2~1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'tokens~down~1~0~1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'title~desc~1~0~1~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      `cost~desc~1~0~${'9'.repeat(19)}~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV`,
      `cost~desc~1~0~1.${'9'.repeat(90)}~ses_01ARZ3NDEKTSV4RRFFQ69G5FAV`,
      'started~desc~1~0~1~ses_x',
    ].map((text) => [`before=${encodeURIComponent(text)}`, 'before']),
  ];
  for (const [query, field] of cases) {
    const reply = await ada.get(`agent-sessions?${query}`);
    assert.equal(reply.status, field ? 400 : 200, query);
    if (field) assert.deepEqual([reply.code, reply.body.field], ['invalid_query', field], query);
  }
});

// RFC 4180.
function parseCsv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
    else if (end === '') break;
  }
  assert.deepEqual(rows.pop(), [''], 'the last line has its end');
  const [head, ...body] = rows;
  return body.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

test('comma-separated values have all pages of the list, and no cell that a spreadsheet would calculate', async () => {
  const query = 'sort=cost&order=asc&status=completed';
  const reply = (await bob.get(`agent-sessions?${query}&format=csv`)).expect(200);
  assert.equal(reply.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
  assert.match(reply.headers.get('content-disposition'), /filename="sessions.csv"/);
  const rows = parseCsv(reply.text);
  assert.deepEqual(
    rows.map(({ id }) => id),
    await allPages(bob, `${query}&limit=500`),
  );
  const { sessions } = await read(bob, `${query}&limit=500`);
  sessions.forEach((session, i) => {
    assert.equal(rows[i].costUsd && Number(rows[i].costUsd), session.usage?.costUsd ?? '');
    assert.equal(rows[i].agent, session.persona.name);
    assert.equal(rows[i].tags, (session.tags ?? []).join('; '));
    assert.equal(rows[i].durationMs, String(session.durationMs));
  });
  const titles = ['=1+1', '+1', '-1', '@x', '\t=1', 'a,b', 'say "hi"', 'two\nlines', 'ärger', "'=1"];
  const marked = titles.map((title) => (/^[=+\-@\t]/.test(title) ? `'${title}` : title));
  for (const title of titles) await world.session({ title, tags: ['csv'] });
  const accepted = (await ada.get('agent-sessions?tag=csv&order=asc', { accept: 'text/csv' })).expect(200);
  assert.deepEqual(
    parseCsv(accepted.text).map(({ title }) => title),
    marked,
  );
  (await world.eve.get('agent-sessions?format=csv')).expect(404);
  (await world.writer.get('agent-sessions?format=csv')).expect(403);
  assert.equal((await ada.get('agent-sessions?format=csv&sort=x')).expect(400).body.field, 'sort');
});

test('the set of roots that somebody may read is what can_read_stream() says of each', async () => {
  for (const reader of [ids.ada, ids.bob, ids.eve, ids.ariadne, ids.daedalus, ids.minos, newId('usr')]) {
    const [{ roots, asked }] =
      await world.sql(`SELECT ARRAY(SELECT r FROM roots_readable_by('${reader}', '${ids.ws}') r ORDER BY r) AS roots,
      ARRAY(SELECT id FROM streams WHERE workspace_id = '${ids.ws}' AND type <> 'thread' AND can_read_stream('${reader}', id) ORDER BY id) AS asked`);
    assert.deepEqual(roots, asked, reader);
  }
});

// The last test, for its many sessions; they are in a year of their own.
test('comma-separated values are whole, however many there are', async () => {
  const count = process.env.TRACE_TEST_LONG ? 100_001 : 12_001;
  await world.sql(`
    INSERT INTO agent_sessions (id, chain_id, workspace_id, persona_id, title, status, created_at, started_at, completed_at)
    SELECT 'ses_01JYYY' || n, 'ses_01JYYY' || n, '${ids.ws}', '${ids.daedalus}', 'One of many', 'completed', at, at, at
    FROM (SELECT lpad(n::text, 20, '0') AS n, timestamptz '2020-02-02 00:00Z' + n * interval '1 second' AS at
          FROM generate_series(1, ${count}) n) x;
    ANALYZE agent_sessions;`);
  const reply = (await ada.get('agent-sessions?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z&format=csv')).expect(
    200,
  );
  const found = new Set(reply.text.match(/^ses_\w+/gm));
  assert.equal(found.size, count);
  assert.equal(reply.text.split('\r\n').length, count + 2, 'a head, the sessions, and the end of the last line');
});

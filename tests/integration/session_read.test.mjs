// SPDX-License-Identifier: Apache-2.0
// Reading sessions: lists, pages of steps in every direction, the outline, and conditional requests.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;

before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const at = (session, rest = '') => `agent-sessions/${session}${rest}`;
const page = async (session, query) => (await agent.get(at(session, `?${query}`))).expect(200).body;
const numbers = (body) => body.steps.map((step) => step.stepNumber);
// A cursor is a place in the order of the steps: of these the number is enough.
const numberOf = (cursor) => cursor?.replace(/^\d{16}\./, '');
const range = (from, to) => upTo(to - from + 1).map((n) => n + from - 1);
const record = (n, more = () => ({})) =>
  upTo(n)
    .map((i) =>
      JSON.stringify({ op: 'record', id: newId('stp'), stepType: 'thinking', content: `step number ${i}`, ...more(i) }),
    )
    .join('\n');

async function filled(n, more) {
  const session = await world.session();
  const { results } = (await agent.post(at(session, '/batch'), record(n, more))).expect(200).body;
  return { session, steps: results.map((result) => result.step) };
}

test('pages by number, forwards, backwards and around', async () => {
  const message = newId('msg');
  const { session, steps } = await filled(25, (i) => (i === 20 ? { messageId: message } : {}));
  const cases = [
    ['', range(1, 25), undefined, undefined],
    ['limit=10', range(1, 10), '10', undefined],
    ['limit=10&after=10', range(11, 20), '20', '11'],
    ['limit=10&after=20', range(21, 25), undefined, '21'],
    ['after=25', [], undefined, undefined],
    ['limit=10&before=26', range(16, 25), undefined, '16'],
    ['limit=10&before=6', range(1, 5), '5', undefined],
    ['limit=10&before=1000', range(16, 25), undefined, '16'],
    ['limit=1&before=1000000000', [25], undefined, '25'],
    ['limit=10&around=1000', range(20, 25), undefined, '20'],
    ['limit=10&after=1000', [], undefined, undefined],
    ['before=1', [], undefined, undefined],
    ['limit=5&around=12', range(10, 14), '14', '10'],
    ['limit=4&around=12', range(10, 13), '13', '10'],
    ['limit=1&around=12', [12], '12', '12'],
    ['limit=5&around=25', range(23, 25), undefined, '23'],
    [`limit=3&around=${steps[6].id}`, range(6, 8), '8', '6'],
    [`limit=3&around=${message}`, range(19, 21), '21', '19'],
    [`limit=3&around=${newId('stp')}`, range(1, 2), '2', undefined],
  ];
  for (const [query, expected, nextAfter, prevBefore] of cases) {
    const body = await page(session, query);
    assert.deepEqual(numbers(body), expected, query);
    assert.equal(numberOf(body.nextAfter), nextAfter, `${query}: nextAfter`);
    assert.equal(numberOf(body.prevBefore), prevBefore, `${query}: prevBefore`);
    assert.equal(body.session.id, session);
    assert.deepEqual(
      body.relatedSessions.map(({ id }) => id),
      [session],
    );
  }
  const seen = [];
  for (let query = 'limit=7'; query; ) {
    const body = await page(session, query);
    seen.push(...numbers(body));
    query = body.nextAfter && `limit=7&after=${body.nextAfter}`;
  }
  assert.deepEqual(seen, range(1, 25));
});

test('text is searched for in names, unescaped, and in contents', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  for (const fields of [{ name: 'Say "hi" to C:\\' }, { content: 'they said "hi"' }, { name: 'plain' }])
    (await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking', completed: true, ...fields })).expect(
      201,
    );
  const found = async (q) =>
    (await agent.get(`agent-sessions/${session}?q=${encodeURIComponent(q)}`))
      .expect(200)
      .body.steps.map(({ stepNumber }) => stepNumber);
  assert.deepEqual(await found('"HI"'), [1, 2]);
  assert.deepEqual(await found('to c:\\'), [1]);
  assert.deepEqual(await found('\\"hi'), []);
  assert.deepEqual(await found('thinking plain'), [3]);
});

test('what changed since a number, what contains a text', async () => {
  const { session } = await filled(12, (i) => (i % 5 === 0 ? { name: 'Fünf "fives"' } : {}));
  const { step } = (
    await agent.post(at(session, '/steps'), { stepType: 'tool_call', content: { tool: 'find "it"' } })
  ).expect(201).body;
  assert.deepEqual(numbers(await page(session, 'sinceSeq=10')), [10, 11, 12, 13]);
  assert.deepEqual(numbers(await page(session, 'sinceSeq=0&limit=5')), range(1, 5));
  assert.equal(numberOf((await page(session, 'sinceSeq=0&limit=5')).nextAfter), '5');
  assert.deepEqual(numbers(await page(session, 'sinceSeq=14')), []);
  (await agent.post(at(session, `/steps/${step.id}/complete`), {})).expect(200);
  assert.deepEqual(numbers(await page(session, 'sinceSeq=14')), [13]);
  assert.deepEqual(numbers(await page(session, 'q=NUMBER%2012')), [12]);
  assert.deepEqual(numbers(await page(session, `q=${encodeURIComponent('FÜNF')}`)), [5, 10]);
  assert.deepEqual(numbers(await page(session, `q=${encodeURIComponent('find "it')}`)), [13]);
  assert.deepEqual(numbers(await page(session, 'q=tool_call')), [13]);
  const body = await page(session, 'q=number&limit=5&after=3');
  assert.deepEqual(numbers(body), range(4, 8));
  assert.equal(numberOf(body.nextAfter), '8');
  assert.deepEqual(numbers(await page(session, 'q=number&limit=3&before=5')), range(2, 4));
});

test('a page ends at 4 MiB', async () => {
  const session = await world.session();
  const big = 'x'.repeat(16000);
  const sources = upTo(200).map((n) => ({
    type: 'web',
    title: `${n}`,
    url: `https://example.org/${n}/${'y'.repeat(1500)}`,
  }));
  for (let i = 0; i < 20; i++)
    (
      await agent.post(at(session, '/steps'), { stepType: 'web_search', completed: true, content: big, sources })
    ).expect(201);
  const first = await agent.get(at(session));
  assert.ok(first.text.length < 5 << 20, `${first.text.length} bytes`);
  const { steps, nextAfter } = first.body;
  assert.ok(steps.length > 8 && steps.length < 20);
  assert.equal(numberOf(nextAfter), String(steps.length));
  const middle = await page(session, 'around=15');
  assert.ok(numbers(middle).includes(15) && middle.prevBefore && numbers(middle).length < 20);
  const back = await page(session, 'before=21');
  assert.equal(numbers(back).at(-1), 20);
  assert.ok(back.prevBefore);
});

test('ETag: 304 until something but the heartbeat changes', async () => {
  const { session, steps } = await filled(2);
  const first = (await agent.get(at(session))).expect(200);
  const tag = first.headers.get('etag');
  assert.match(tag, /^W\/"[^"]+"$/);
  const ask = async (value = tag) => agent.get(at(session), { 'if-none-match': value });
  const same = (await ask()).expect(304);
  assert.equal(same.text, '');
  assert.equal(same.headers.get('etag'), tag);
  (await agent.post(at(session, '/heartbeat'))).expect(204);
  (await ask(`"x", ${tag}`)).expect(304);
  (await ask('W/"x"')).expect(200);
  (await agent.post(at(session, '/steps'), { stepType: 'thinking', parentStepId: steps[0].id })).expect(201);
  const second = (await ask()).expect(200).headers.get('etag');
  (await agent.post(at(session, '/cancel'))).expect(200);
  const third = (await ask(second)).expect(200).headers.get('etag');
  (await world.ada.post(at(session, '/retry'))).expect(201);
  (await ask(third)).expect(200);
});

test('the outline has an ETag of its own; "*" is any', async () => {
  const { session } = await filled(2);
  const path = at(session, '/outline');
  const tag = (await agent.get(path)).expect(200).headers.get('etag');
  assert.match(tag, /^W\/"[^"]+"$/);
  (await agent.post(at(session, '/heartbeat'))).expect(204);
  for (const known of [tag, `"x", ${tag}`, tag.slice(2), '*']) {
    const reply = (await agent.get(path, { 'if-none-match': known })).expect(304);
    assert.equal(reply.text, '');
    assert.equal(reply.headers.get('etag'), tag);
  }
  (await agent.get(at(session), { 'if-none-match': '*' })).expect(304);
  (await agent.get(at(newId('ses'), '/outline'), { 'if-none-match': '*' })).expect(404);
  (await agent.post(at(session, '/steps'), { stepType: 'thinking' })).expect(201);
  (await agent.get(path, { 'if-none-match': tag })).expect(200);
});

test('the outline has every step, as arrays', async () => {
  const { session, steps } = await filled(3);
  const child = (await agent.post(at(session, '/steps'), { stepType: 'tool_call', parentStepId: steps[1].id })).expect(
    201,
  ).body.step;
  const body = (await agent.get(at(session, '/outline'))).expect(200).body;
  assert.deepEqual(body.columns, [
    'id',
    'number',
    'type',
    'parentNumber',
    'status',
    'startedMs',
    'durationMs',
    'messageId',
    'seq',
    'parentId',
    'startedUs',
  ]);
  assert.equal(body.lastSeq, 5);
  assert.equal(body.session.lastSeq, 5);
  const times = [Date.parse(child.startedAt), null, null, 5, steps[1].id, child.startedUs];
  assert.deepEqual(body.steps[3], [child.id, 4, 'tool_call', 2, 'running', ...times]);
  assert.deepEqual(body.steps[0].slice(0, 5), [steps[0].id, 1, 'thinking', null, 'completed']);
  (await agent.post(at(session, '/cancel'))).expect(200);
  assert.equal((await agent.get(at(session, '/outline'))).body.steps[3][4], 'interrupted');
  const empty = await world.session();
  assert.deepEqual((await agent.get(at(empty, '/outline'))).body.steps, []);
  (await agent.get(at(newId('ses'), '/outline'))).expect(404);
});

test('a long session: outline and pages of 10,000 steps', async () => {
  const { session } = await filled(10000);
  assert.equal((await agent.get(at(session, '/outline'))).expect(200).body.steps.length, 10000);
  const body = await page(session, '');
  assert.equal(body.steps.length, 500);
  assert.equal(numberOf(body.nextAfter), '500');
  assert.deepEqual(numbers(await page(session, 'around=9000&limit=3')), [8999, 9000, 9001]);
});

test('the list: newest first, filtered, paged', async () => {
  await world.sql(`UPDATE agent_sessions SET created_at = created_at - interval '1 day'`);
  const made = [];
  for (let i = 0; i < 7; i++)
    made.unshift((await agent.post('agent-sessions', { title: `Listed ${i}` })).expect(201).body.session.id);
  // Two sessions of the same moment still have an order.
  await world.sql(
    `UPDATE agent_sessions SET created_at = (SELECT max(created_at) FROM agent_sessions) WHERE id IN ('${made[0]}', '${made[1]}')`,
  );
  const seen = [];
  for (let query = 'limit=2&q=LISTED'; query; ) {
    const body = (await agent.get(`agent-sessions?${query}`)).expect(200).body;
    seen.push(...body.sessions.map(({ id }) => id));
    query = body.nextBefore && `limit=2&q=listed&before=${encodeURIComponent(body.nextBefore)}`;
  }
  assert.deepEqual([...seen].sort(), [...made].sort());
  assert.deepEqual(seen.slice(2), made.slice(2));
  const list = async (query) =>
    (await agent.get(`agent-sessions?${query}`)).expect(200).body.sessions.map(({ id }) => id);
  (await agent.post(at(made[3], '/fail'), { error: { code: 'x', message: 'y' } })).expect(200);
  (await agent.post(at(made[4], '/cancel'))).expect(200);
  assert.deepEqual(await list('q=listed&status=failed,cancelled'), [made[3], made[4]]);
  const waiting = await world.pending({ title: 'Listed', stream_id: ids.open });
  assert.deepEqual(await list('status=pending&q=listed'), [waiting]);
  assert.deepEqual(await list(`status=pending,running&personaId=${ids.ariadne}&streamId=${ids.open}`), [waiting]);
  assert.deepEqual(await list(`personaId=${ids.daedalus}`), []);
  assert.deepEqual(await list(`streamId=${newId('str')}`), []);
  assert.deepEqual(await list('q=nothing%20like%20it'), []);
  assert.ok((await list('q=ariadne')).length > 7);
  assert.ok((await list('')).length <= 50);
});

test('invalid queries', async () => {
  const session = await world.session();
  const long = 'é'.repeat(501);
  for (const query of [
    'limit=0',
    'limit=501',
    'limit=x',
    'limit=',
    'status=x',
    'status=running,',
    'streamId=x',
    'personaId=str_x',
    'before=x',
    'before=1.x',
    `before=${'9'.repeat(30)}.${session}`,
    `before=9223372036854775807.${session}`,
    `q=${long}`,
    'q=%ff',
    'q=%00',
  ]) {
    const reply = (await agent.get(`agent-sessions?${query}`)).expect(400);
    assert.equal(reply.code, 'invalid_query', query);
  }
  for (const query of [
    'after=-1',
    'after=x',
    'before=x',
    'around=x',
    'around=-1',
    `around=${session}`,
    'sinceSeq=x',
    'limit=501',
    `q=${long}`,
    'after=99999999999999999999',
    'after=.1',
    'after=1.',
    'after=1.2.3',
    'before=-1.2',
    'before=1.-2',
    'around=1.x',
    'before=253402300800000000.1',
    'before=9223372036854775807.1',
    'after=99999999999999999999.1',
  ])
    assert.equal((await agent.get(at(session, `?${query}`))).expect(400).code, 'invalid_query', query);
  assert.equal((await agent.get(`agent-sessions?q=${'é'.repeat(500)}`)).expect(200).body.sessions.length, 0);
});

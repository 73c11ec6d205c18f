// SPDX-License-Identifier: Apache-2.0
// What a session says of itself: where it comes from, what it belongs to, its times; found by the id that it has elsewhere;
// and what its agent changes later.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;
before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const at = (session, rest = '') => `agent-sessions/${session}${rest}`;
const create = (body, who = agent) => who.post('agent-sessions', body);
const made = async (body) => (await create(body)).expect(201).body.session;
const shown = async (id) => (await agent.get(at(id))).expect(200).body.session;
const patch = (id, body, who = agent) => who.patch(at(id), body);
const day = 24 * 3600 * 1000;
const from = (ms) => new Date(Date.now() + ms).toISOString();

const about = () => ({
  source: { kind: 'langgraph', client: 'langgraph-js', version: '0.2.1' },
  externalId: `run ${newId('stp')}`,
  threadKey: 'thread/7 é',
  userId: 'customer-12',
  tags: ['nightly', 'ärger', '"quoted"'],
  environment: 'staging',
  project: 'harbour',
});

test('everything that is said at creation is read back, by itself, in lists and in events', async () => {
  const said = about();
  const session = await made(said);
  const told = (one) => Object.fromEntries(Object.keys(said).map((key) => [key, one[key]]));
  assert.deepEqual(told(session), said);
  assert.deepEqual(told(await shown(session.id)), said);
  const { sessions } = (await agent.get('agent-sessions?limit=1')).expect(200).body;
  assert.deepEqual(told(sessions[0]), said);
  const room = await openEvents(agent, [`session:${session.id}`], { lastEventId: '0' });
  assert.deepEqual(told((await room.wait('agent_session:started')).data.session), said);
  room.close();
  const bare = await made({});
  for (const key of [...Object.keys(said), 'timesAdjusted']) assert.equal(bare[key], undefined, key);
});

test('the same tag twice is one, and an empty list is none', async () => {
  assert.deepEqual((await made({ tags: ['a', 'b', 'a'] })).tags, ['a', 'b']);
  assert.equal((await made({ tags: [] })).tags, undefined);
});

test('an external id is one session of its persona and kind of source, however often it is made', async () => {
  const said = about();
  const first = await made({ ...said, streamId: ids.open });
  const again = (await create({ ...said, streamId: ids.open, title: 'another' })).expect(200).body.session;
  assert.deepEqual(again, first);
  assert.equal((await create({ ...said, id: newId('ses') })).expect(200).body.session.id, first.id);
  const otherKind = await made({ ...said, source: { kind: 'crewai' } });
  const withoutSource = await made({ externalId: said.externalId });
  assert.equal((await create({ externalId: said.externalId })).expect(200).body.session.id, withoutSource.id);
  const othersPersona = (await create(said, world.other)).expect(201).body.session;
  assert.equal(new Set([first.id, otherKind.id, withoutSource.id, othersPersona.id]).size, 4);
  (await agent.post(at(first.id, '/complete'), {})).expect(200);
  assert.equal((await create(said)).expect(200).body.session.status, 'completed');
  const races = await Promise.all(upTo(12).map(() => create({ externalId: 'raced', source: { kind: 'k' } })));
  assert.equal(races.filter(({ status }) => status === 201).length, 1);
  assert.equal(new Set(races.map(({ body }) => body.session.id)).size, 1);
});

test('a session is looked up by its external id, by whoever may read it', async () => {
  const said = { ...about(), source: { kind: 'looked-up' } };
  const session = await made(said);
  const secret = (await create({ externalId: said.externalId, source: { kind: 'b' } }, world.other)).expect(201).body
    .session;
  const found = async (query, who = agent) =>
    (await who.get(`agent-sessions?externalId=${encodeURIComponent(said.externalId)}${query}`)).body.sessions.map(
      ({ id }) => id,
    );
  assert.deepEqual(await found(''), [session.id]);
  assert.deepEqual(await found('', world.other), [secret.id]);
  assert.deepEqual((await found('', world.ada)).sort(), [session.id, secret.id].sort());
  assert.deepEqual(await found(`&personaId=${ids.ariadne}`, world.ada), [session.id]);
  assert.deepEqual(await found('&status=completed'), []);
  assert.deepEqual((await agent.get('agent-sessions?externalId=')).expect(200).body.sessions.length > 0, true);
  assert.deepEqual((await agent.get('agent-sessions?externalId=nothing')).expect(200).body.sessions, []);
  assert.equal((await agent.get(`agent-sessions?externalId=${'x'.repeat(501)}`)).expect(400).code, 'invalid_query');
});

test('bad fields are 400 and make nothing', async () => {
  const count = async () => (await world.sql('SELECT count(*)::int AS n FROM agent_sessions'))[0].n;
  const before = await count();
  const long = 'x'.repeat(201);
  const cases = {
    source: [
      'x',
      [],
      {},
      { kind: '' },
      { kind: 1 },
      { kind: 'k'.repeat(65) },
      { kind: 'k', client: 1 },
      { kind: 'k', version: long },
    ],
    externalId: [1, '', long, {}],
    threadKey: [1, '', long],
    userId: [{}, '', long],
    environment: [[], '', long],
    project: [true, '', long],
    tags: ['a', {}, [1], [''], [long], [null], upTo(51).map(String)],
    startedAt: ['yesterday', 12, ''],
  };
  for (const [field, values] of Object.entries(cases))
    for (const value of values)
      assert.equal(
        (await create({ [field]: value })).expect(400).code,
        'invalid_body',
        `${field}: ${JSON.stringify(value)}`,
      );
  assert.equal(await count(), before);
  assert.equal((await made({ tags: upTo(50).map(String) })).tags.length, 50);
  assert.equal(
    (await made({ project: 'x'.repeat(200), source: null, tags: null, externalId: null })).project.length,
    200,
  );
});

test("a session has its client's times, where they can be", async () => {
  const [startedAt, completedAt] = [from(-60_000), from(-10_000)];
  const given = await made({ startedAt });
  assert.deepEqual([given.startedAt, given.timesAdjusted], [startedAt, undefined]);
  const ended = (await agent.post(at(given.id, '/complete'), { completedAt })).expect(200).body.session;
  assert.deepEqual(
    [ended.completedAt, ended.durationMs, ended.timesAdjusted],
    [completedAt, Date.parse(completedAt) - Date.parse(startedAt), undefined],
  );
  for (const impossible of [from(-31 * day), from(6 * 60_000)]) {
    const adjusted = await made({ startedAt: impossible });
    assert.deepEqual([adjusted.startedAt, adjusted.timesAdjusted], [adjusted.createdAt, true], impossible);
  }
  const failing = await made({ startedAt: from(-5000) });
  const error = { code: 'x', message: 'y' };
  const failed = (await agent.post(at(failing.id, '/fail'), { error, completedAt: from(10 * 60_000) })).expect(200).body
    .session;
  assert.equal(failed.timesAdjusted, true);
  assert.ok(Math.abs(Date.parse(failed.completedAt) - Date.now()) < 60_000);
  const backwards = await made({});
  const clamped = (await agent.post(at(backwards.id, '/complete'), { completedAt: from(-day) })).expect(200).body
    .session;
  assert.deepEqual([clamped.completedAt, clamped.durationMs], [clamped.startedAt, 0]);
  for (const [verb, body] of [
    ['complete', {}],
    ['fail', { error }],
  ])
    assert.equal(
      (await agent.post(at((await made({})).id, `/${verb}`), { ...body, completedAt: 'now' })).expect(400).code,
      'invalid_body',
    );
});

test('a change of title, tags and metadata is told once, in the session and in its stream', async () => {
  const session = await made({ streamId: ids.thread, title: 'One', tags: ['a'], metadata: { b: 1, a: 2.5 } });
  const rooms = await openEvents(agent, [`session:${session.id}`, `stream:${ids.thread}`]);
  await rooms.wait('ready');
  const changed = (await patch(session.id, { title: 'Two', tags: ['b', 'c'] })).expect(200).body.session;
  assert.deepEqual([changed.title, changed.tags, changed.metadata], ['Two', ['b', 'c'], { b: 1, a: 2.5 }]);
  assert.equal(changed.lastSeq, session.lastSeq + 1);
  const told = await rooms.wait(
    (event) => event.type === 'agent_session:updated' && event.data.room === `session:${session.id}`,
  );
  assert.deepEqual([told.data.seq, told.data.session.title], [changed.lastSeq, 'Two']);
  assert.deepEqual(told.data.session, changed, 'it is told whole');
  const brief = ({ data }) => [data.session.title, data.session.hasMetadata, data.session.metadata];
  const inStream = (type) => (event) => event.type === type && event.data.room === `stream:${ids.thread}`;
  assert.deepEqual(brief(await rooms.wait(inStream('agent_session:updated'))), ['Two', true, undefined]);
  const { sessions } = (await agent.get(`agent-sessions?streamId=${ids.thread}`)).expect(200).body;
  const listed = sessions.find(({ id }) => id === session.id);
  assert.deepEqual(brief({ data: { session: listed } }), ['Two', true, undefined]);
  assert.deepEqual((await agent.get(at(session.id, '/outline'))).expect(200).body.session.metadata, { b: 1, a: 2.5 });
  const last = await world.last(ids.thread);
  for (const body of [{ title: 'Two' }, { tags: ['b', 'c', 'b'] }, { metadata: { b: 1, a: 2.5 } }, {}]) {
    assert.deepEqual(
      (await patch(session.id, body)).expect(200).body.session.lastSeq,
      changed.lastSeq,
      JSON.stringify(body),
    );
  }
  assert.equal(await world.last(ids.thread), last);
  const emptied = (await patch(session.id, { title: null, tags: [], metadata: null })).expect(200).body.session;
  assert.deepEqual([emptied.title, emptied.tags, emptied.metadata], [undefined, undefined, undefined]);
  assert.equal(emptied.hasMetadata, undefined);
  rooms.close();
  const replay = await openEvents(agent, [`session:${session.id}`], { lastEventId: '1' });
  await replay.wait((event) => event.data.seq === emptied.lastSeq);
  assert.deepEqual(
    replay.of('agent_session:updated').map(({ data }) => data.seq),
    [2, 3],
  );
  replay.close();
  (await agent.post(at(session.id, '/complete'), {})).expect(200);
  assert.equal((await patch(session.id, { title: 'After' })).expect(200).body.session.status, 'completed');
});

test('a change is a sign of life, even one that changes nothing', async () => {
  const { id } = await made({ title: 'T' });
  await world.sql(`UPDATE agent_sessions SET heartbeat_at = now() - interval '1 hour' WHERE id = '${id}'`);
  const { heartbeatAt } = (await patch(id, { title: 'T' })).expect(200).body.session;
  assert.ok(Date.now() - Date.parse(heartbeatAt) < 1800_000, heartbeatAt);
});

test("a bad change is 400; another's session is not there; pending and pruned ones are 409", async () => {
  const session = await made({ title: 'Kept', tags: ['kept'] });
  const cases = {
    title: [1, {}, 'x'.repeat(2001)],
    tags: ['a', [1], [''], upTo(51).map(String)],
    metadata: ['x', [], { a: 'x'.repeat(16 * 1024) }],
  };
  for (const [field, values] of Object.entries(cases))
    for (const value of values)
      assert.equal((await patch(session.id, { [field]: value })).expect(400).code, 'invalid_body', field);
  for (const who of [world.other, world.stranger]) (await patch(session.id, { title: 'x' }, who)).expect(404);
  (await patch(session.id, { title: 'x' }, world.reader)).expect(403);
  assert.equal((await patch(session.id, { title: 'x' }, world.ada)).expect(400).body.field, 'title');
  (await patch(session.id, { title: 'x' }, world.nobody)).expect(401);
  (await patch(newId('ses'), { title: 'x' })).expect(404);
  assert.deepEqual(await shown(session.id), { ...session, heartbeatAt: (await shown(session.id)).heartbeatAt });
  assert.equal((await patch(await world.pending(), { title: 'x' })).expect(409).code, 'session_pending');
  await world.sql(`UPDATE agent_sessions SET pruned_at = now() WHERE id = '${session.id}'`);
  assert.equal((await patch(session.id, { title: 'x' })).expect(409).code, 'session_pruned');
});

// SPDX-License-Identifier: Apache-2.0
// Retention: the sweeper deletes the steps of sessions that ended long ago, by the rule of their stream or workspace, and
// keeps what runs and what is held; who may change the rules.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';

let instance, ada, bob, agent, general;

const admin = (...args) =>
  run(`${instance.prefix}/bin/trace-admin`, args, {
    env: { DATABASE_URL: instance.env.DATABASE_URL, TRACE_SOCKET_DIR: join(instance.state, 'sock') },
  });
async function sweep() {
  const { status, err } = await admin('sweep');
  assert.equal(status, 0, err);
}

// A session with a step, which ended `days` ago; it runs if `days` is undefined.
async function makeSession(stream, days) {
  const { session } = (await agent.post('agent-sessions', { ...(stream && { streamId: stream }) })).expect(201).body;
  const step = { stepType: 'thinking', completed: true, content: 'text' };
  (await agent.post(`agent-sessions/${session.id}/steps`, step)).expect(201);
  if (days === undefined) return session.id;
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  await instance.psql(`UPDATE agent_sessions SET created_at = created_at - interval '${days} days',
    started_at = started_at - interval '${days} days', completed_at = completed_at - interval '${days} days' WHERE id = '${session.id}'`);
  return session.id;
}
const stepsOf = async (id) => (await ada.get(`agent-sessions/${id}`)).expect(200).body.steps.length;
const channel = async (name) => (await ada.post('streams', { type: 'channel', name })).expect(201).body.stream.id;

before(async () => {
  // The test looks itself.
  instance = await start({ env: { TRACE_SWEEP_INTERVAL: '3600' } });
  ada = await personOf(instance);
  bob = await addPerson(instance, 'Bob');
  agent = agentOf(instance);
  general = instance.env.TRACE_STREAM;
});
after(() => instance?.stop());
beforeEach(() =>
  instance.psql(
    'DELETE FROM retention_rules; UPDATE agent_sessions SET pruned_at = now() WHERE completed_at IS NOT NULL AND pruned_at IS NULL',
  ),
);

test('what ended before the days of the workspace goes, and what runs or is younger stays', async () => {
  const [old, young, bare] = [
    await makeSession(general, 31),
    await makeSession(general, 29),
    await makeSession(null, 31),
  ];
  await sweep();
  assert.equal(await stepsOf(old), 1, 'without a rule everything stays');
  (await ada.put('retention', { days: 30 })).expect(200);
  const running = await makeSession(general);
  await instance.psql(
    `UPDATE agent_sessions SET created_at = now() - interval '90 days', started_at = now() - interval '90 days' WHERE id = '${running}'`,
  );
  await sweep();
  assert.deepEqual(await Promise.all([old, young, bare, running].map(stepsOf)), [0, 1, 0, 1]);
  const { session } = (await ada.get(`agent-sessions/${old}`)).body;
  assert.match(session.prunedAt, /^\d{4}-/);
  (await agent.post(`agent-sessions/${running}/complete`, {})).expect(200);
});

test('a reader of the room hears that the steps are gone, and one who comes back gets none of them', async () => {
  const id = await makeSession(general, 31);
  // The door ends streams of sessions that have ended: a subscription to the stream holds this one open.
  const room = await openEvents(ada, [`session:${id}`, `stream:${general}`]);
  const before = (await ada.get(`agent-sessions/${id}`)).expect(200);
  (await ada.put('retention', { days: 30 })).expect(200);
  await sweep();
  const [row] =
    await instance.psql(`SELECT last_seq, (SELECT json_agg(e) FROM session_events e WHERE e.session_id = s.id) AS events
    FROM agent_sessions s WHERE id = '${id}'`);
  assert.deepEqual(
    row.events.map(({ seq, type }) => [seq, type]),
    [[row.last_seq, 'agent_session:updated']],
  );
  (await ada.get(`agent-sessions/${id}`, { 'if-none-match': before.headers.get('etag') })).expect(200);
  room.close();
});

test('a rule of the channel stands for the workspace, and threads follow their channel', async () => {
  const [long, short] = [await channel('kept-long'), await channel('kept-short')];
  const [parent] = [(await ada.post(`streams/${long}/messages`, { content: 'x' })).expect(201).body.message];
  const thread = (await ada.post(`messages/${parent.id}/thread`)).expect(201).body.stream.id;
  (await ada.put('retention', { days: 30 })).expect(200);
  (await ada.put(`streams/${long}/retention`, { days: null })).expect(200);
  (await ada.put(`streams/${short}/retention`, { days: 5 })).expect(200);
  const made = [
    await makeSession(general, 31),
    await makeSession(long, 3000),
    await makeSession(thread, 3000),
    await makeSession(short, 6),
    await makeSession(short, 4),
  ];
  await sweep();
  assert.deepEqual(await Promise.all(made.map(stepsOf)), [0, 1, 1, 0, 1]);
  (await ada.delete(`streams/${long}/retention`)).expect(200);
  await sweep();
  assert.deepEqual(await Promise.all(made.map(stepsOf)), [0, 0, 0, 0, 1]);
});

test('a hold of the channel or of the workspace keeps everything, from prune too', async () => {
  const held = await channel('held');
  const made = [await makeSession(held, 400), await makeSession(general, 400)];
  (await ada.put('retention', { days: 30 })).expect(200);
  (await ada.put(`streams/${held}/retention`, { days: 1, held: true })).expect(200);
  await sweep();
  assert.deepEqual(await Promise.all(made.map(stepsOf)), [1, 0]);
  assert.equal((await admin('prune', '--older-than', '1d')).out, 'pruned 0 sessions, 0 steps\n');
  (await ada.put(`streams/${held}/retention`, { days: 1 })).expect(200);
  (await ada.put('retention', { days: 30, held: true })).expect(200);
  await sweep();
  assert.equal(await stepsOf(made[0]), 1);
  (await ada.put('retention', { days: 30 })).expect(200);
  await sweep();
  assert.equal(await stepsOf(made[0]), 0);
});

test('what a trace was told once goes with its steps', async () => {
  const id = await makeSession(general, 31);
  await instance.psql(`UPDATE agent_sessions SET system_prompt = 'be good', tools = '[]' WHERE id = '${id}'`);
  (await ada.put('retention', { days: 30 })).expect(200);
  await sweep();
  assert.deepEqual(await instance.psql(`SELECT system_prompt, tools FROM agent_sessions WHERE id = '${id}'`), [
    { system_prompt: null, tools: null },
  ]);
});

test('admins see and change the rules of what they read; others do not', async () => {
  const name = 'hidden';
  const hidden = (await bob.post('streams', { type: 'channel', name, private: true })).expect(201).body.stream.id;
  (await ada.put(`streams/${general}/retention`, { days: 7 })).expect(200);
  assert.equal((await ada.put(`streams/${hidden}/retention`, { days: 7 })).status, 404);
  const words = ['--workspace', instance.env.TRACE_WORKSPACE, '--json'];
  const set = await admin('retention', 'set', '--stream', hidden, '--days', '9', ...words);
  assert.equal(set.status, 0, set.err);
  const seen = (await ada.get('retention')).expect(200).body;
  assert.deepEqual(seen, {
    workspace: { days: null, held: false },
    streams: [{ streamId: general, name: 'general', days: 7, held: false }],
  });
  for (const [method, path, body] of [
    ['GET', 'retention'],
    ['PUT', 'retention', { days: 1 }],
    ['PUT', `streams/${general}/retention`, { days: 1 }],
    ['DELETE', `streams/${general}/retention`],
  ]) {
    assert.equal((await bob.request(method, path, body)).expect(403).code, 'admin_only');
    (await agent.request(method, path, body)).expect(401);
    (await new Client(instance.url, { workspace: ada.workspace }).request(method, path, body)).expect(401);
  }
  assert.deepEqual((await ada.get('retention')).body, seen);
});

test('what is no rule is refused', async () => {
  for (const body of [{}, { days: 0 }, { days: 1.5 }, { days: 36501 }, { days: '7' }, { days: 7, held: 'yes' }])
    assert.equal((await ada.put('retention', body)).expect(400).code, 'invalid_body');
  assert.equal((await ada.delete(`streams/${general}/retention`)).status, 404);
});

test('trace-admin sets, lists and clears, and the audit log has who did it', async () => {
  const words = ['--workspace', instance.env.TRACE_WORKSPACE, '--json'];
  assert.equal((await admin('retention', 'set', '--days', '90', '--hold', 'yes', ...words)).status, 0);
  assert.equal((await admin('retention', 'set', '--days', 'forever', '--stream', '#general', ...words)).status, 0);
  const { retention } = JSON.parse((await admin('retention', 'list', ...words)).out);
  assert.deepEqual(retention, [
    { days: 90, held: true },
    { streamId: general, name: 'general', held: false },
  ]);
  assert.equal((await admin('retention', 'clear', '--stream', '#general', ...words)).status, 0);
  assert.match((await admin('retention', 'clear', '--stream', '#general', ...words)).err, /no such rule/);
  assert.match(
    (await admin('retention', 'set', '--days', '1', '--stream', '#nothing', ...words)).err,
    /no such channel/,
  );
  assert.match((await admin('retention', 'set', '--days', 'soon', ...words)).err, /--days takes/);
  assert.match((await admin('retention', 'set', '--days', '1', '--hold', 'x', ...words)).err, /--hold takes/);
  assert.match((await admin('retention', 'burn', ...words)).err, /list, set or clear/);
  const [entry] = await instance.psql(
    `SELECT actor, action, subject, details FROM audit_log WHERE action LIKE '%retention' ORDER BY id DESC LIMIT 1`,
  );
  assert.match(entry.actor, /^shell:/);
  assert.deepEqual(
    [entry.action, entry.subject, entry.details],
    ['clear-retention', general, { before: { days: null, held: false } }],
  );
});

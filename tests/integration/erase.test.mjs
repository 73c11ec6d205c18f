// SPDX-License-Identifier: Apache-2.0
// Erasing a person: their name is nowhere any more, neither in the database nor in what readers are shown; their texts
// go where that was asked for, and their readers are told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { placesOf } from '../lib/kept.mjs';
import { until } from '../lib/patience.mjs';
import { addPerson } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';

let instance, ada, agent;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  agent = agentOf(instance);
});
after(() => instance?.stop());

async function erase(...words) {
  const env = { DATABASE_URL: instance.env.DATABASE_URL, TRACE_SOCKET_DIR: join(instance.state, 'sock') };
  const { status, out, err } = await run(`${instance.prefix}/bin/trace-admin`, ['erase-user', ...words, '--json'], {
    env,
  });
  assert.deepEqual([status, err], [0, '']);
  return JSON.parse(out).user;
}

const post = async (who, stream, content) =>
  (await who.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
const channel = async (name, isPrivate) =>
  (await ada.post('streams', { type: 'channel', name, private: isPrivate })).expect(201).body.stream.id;

const is = (type, room) => (event) => event.type === type && event.data.room === room;

// What is replayed to somebody who opens the stream anew.
async function replayed(room, until) {
  const events = await openEvents(ada, [room], { lastEventId: '0' });
  await events.wait(until);
  events.close();
  return JSON.stringify(events.events);
}

test('the name goes wherever it was written down, also out of what pushers remember', async () => {
  const gwen = await addPerson(instance, 'Gwendolyn', { role: 'admin' });
  await instance.psql(`INSERT INTO user_identities (issuer, subject, user_id) VALUES ('https://id.example', 'gwen-there', '${gwen.id}');
    INSERT INTO webhooks (id, workspace_id, maker_id, url, events, secret)
    VALUES ('whk_1', '${gwen.workspace}', '${gwen.id}', 'https://hooks.example/of-gwen', '{}', 'x')`);
  const stream = await channel('names', false);
  const mine = await post(gwen, stream, 'These words stay.');
  const theirs = await post(ada, stream, 'hello @gwendolyn');
  assert.equal(theirs.mentions[0].name, 'Gwendolyn');
  const { session } = (await agent.post('agent-sessions', { streamId: stream })).expect(201).body;
  const path = `agent-sessions/${session.id}`;
  const asked = { stepType: 'approval', content: { question: 'May I?' } };
  const { step } = (await agent.post(`${path}/steps`, asked)).expect(201).body;
  (await gwen.post(`${path}/steps/${step.id}/decision`, { option: 'approve' })).expect(200);
  (await gwen.post(`${path}/cancel`)).expect(200);
  const reader = await openEvents(ada, [`stream:${stream}`, `session:${session.id}`], { lastEventId: '0.0' });
  await reader.wait(is('agent_session:cancelled', `session:${session.id}`));
  assert.match(JSON.stringify(reader.events), /Gwendolyn/);

  const told = await erase(gwen.id);
  assert.deepEqual(told, { id: gwen.id, signInsEnded: 1, textsDeleted: 0, textsKept: 1 });
  reader.close();
  for (const text of ['Gwendolyn', 'gwen-there', 'of-gwen']) assert.deepEqual(await placesOf(instance, text), [], text);
  for (const [room, last] of [
    [`stream:${stream}`, 'agent_session:cancelled'],
    [`session:${session.id}`, 'agent_session:cancelled'],
  ]) {
    const text = await replayed(room, last);
    assert.ok(text.includes('Deleted person') && !text.includes('Gwendolyn'), text);
  }
  const shown = (await ada.get(path)).expect(200).body;
  assert.equal(shown.session.endedBy.name, 'Deleted person');
  assert.equal(shown.steps[0].content.decision.decidedBy.name, 'Deleted person');
  const { message } = (await ada.get(`messages/${mine.id}`)).expect(200).body;
  assert.deepEqual([message.content, message.author.name], ['These words stay.', 'Deleted person']);
  const [mention] = (await ada.get(`messages/${theirs.id}`)).expect(200).body.message.mentions;
  assert.deepEqual([mention.id, mention.name, mention.slug], [gwen.id, 'Deleted person', message.author.slug]);
  const [entry] = (await ada.get('audit?action=erase')).expect(200).body.entries;
  assert.deepEqual([entry.subject.id, entry.details], [gwen.id, { textsDeleted: 0 }]);
  (await gwen.get('/api/auth/me')).expect(401);
});

test('texts go where that is asked for, their readers are told, and a hold keeps its own', async () => {
  const hugo = await addPerson(instance, 'Hugo');
  const [open, held, secret] = [
    await channel('open', false),
    await channel('held', false),
    await channel('secret', true),
  ];
  (await ada.post(`streams/${secret}/members`, { userId: hugo.id })).expect(201);
  const first = await post(hugo, open, 'A zebra, in the open.');
  const thread = (await ada.post(`messages/${first.id}/thread`)).expect(201).body.stream.id;
  await post(hugo, thread, 'A zebra, in the thread.');
  await post(hugo, secret, 'A zebra, in secret.');
  const kept = await post(hugo, held, 'A zebra that is held.');
  const others = await post(ada, open, 'Not his.');
  const { session } = (await agent.post('agent-sessions', { streamId: open })).expect(201).body;
  const said = { messageId: first.id, authorName: 'Hugo' };
  const quote = { messages: [{ ...said, text: 'A zebra, in the open.' }] };
  (
    await agent.post(`agent-sessions/${session.id}/steps`, {
      stepType: 'context_received',
      content: quote,
      sources: [{ type: 'message', title: 'Hugo in #open', snippet: 'A zebra, in', ...said }],
      completed: true,
    })
  ).expect(201);
  (await ada.request('DELETE', `streams/${secret}/members`, { userId: hugo.id })).expect(204);
  await instance.psql(
    `INSERT INTO retention_rules (workspace_id, stream_id, held) VALUES ('${ada.workspace}', '${held}', true)`,
  );
  const reader = await openEvents(ada, [`stream:${open}`, `stream:${thread}`, `stream:${secret}`]);
  await reader.wait('ready');

  const told = await erase(`${hugo.id}@example.com`, '--texts');
  assert.deepEqual(told, { id: hugo.id, signInsEnded: 1, textsDeleted: 3, textsKept: 1 });
  for (const stream of [open, thread, secret]) await reader.wait(is('message:deleted', `stream:${stream}`));
  reader.close();
  assert.deepEqual(reader.violations, []);
  for (const gone of ['A zebra, in', 'Hugo']) assert.deepEqual(await placesOf(instance, gone), []);
  assert.equal((await ada.get(`messages/${kept.id}`)).expect(200).body.message.content, 'A zebra that is held.');
  assert.equal((await ada.get(`messages/${others.id}`)).expect(200).body.message.content, 'Not his.');
  assert.equal((await ada.get(`messages/${first.id}`)).expect(200).body.message.replyCount, 0);
  const text = await replayed(`stream:${open}`, 'message:deleted');
  assert.ok(!text.includes('zebra') && !text.includes('Hugo'), text);

  // Later, by the id, when the hold is over.
  await instance.psql(`DELETE FROM retention_rules WHERE stream_id = '${held}'`);
  assert.deepEqual(await erase(hugo.id, '--texts'), { id: hugo.id, signInsEnded: 0, textsDeleted: 1, textsKept: 0 });
  assert.deepEqual(await placesOf(instance, 'zebra'), []);
});

test('the name goes in portions: a session that is locked keeps no other from its agent, and what is left is said', async () => {
  const ivor = await addPerson(instance, 'Ivor', { role: 'admin' });
  const sessions = [];
  for (let i = 0; i < 3; i++) {
    const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
    (await ivor.post(`agent-sessions/${session.id}/cancel`)).expect(200);
    sessions.push(session.id);
  }
  // More messages than a portion has.
  const stream = await channel('ivor', false);
  for (let i = 0; i < 101; i++) await post(ada, stream, 'hello @ivor');
  const [first, second, third] = sessions.sort();
  const holder = spawn('psql', ['-XqAt', '-d', instance.env.DATABASE_URL], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write(`BEGIN; SELECT id FROM agent_sessions WHERE id = '${second}' FOR UPDATE;\n`);
  assert.match(String((await once(holder.stdout, 'data'))[0]), new RegExp(second));

  const env = { DATABASE_URL: instance.env.DATABASE_URL, TRACE_SOCKET_DIR: join(instance.state, 'sock') };
  const erasing = run(`${instance.prefix}/bin/trace-admin`, ['erase-user', ivor.id], { env });
  const waits = "application_name = 'trace-admin' AND wait_event_type = 'Lock'";
  await until(
    async () => (await instance.psql(`SELECT pid FROM pg_stat_activity WHERE ${waits}`)).length > 0,
    'the command to wait for the session that is locked',
  );
  const nameOf = async (id) =>
    (await instance.psql(`SELECT ended_by_name FROM agent_sessions WHERE id = '${id}' FOR SHARE NOWAIT`))[0]
      .ended_by_name;
  assert.deepEqual([await nameOf(first), await nameOf(third)], ['Deleted person', 'Ivor']);
  await instance.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${waits}`);
  const { status, err } = await erasing;
  assert.notEqual(status, 0);
  assert.match(err, new RegExp(`some texts still have the person's name: run erase-user ${ivor.id} again`));

  holder.stdin.end('ROLLBACK;\n');
  await once(holder, 'close');
  await erase(ivor.id);
  assert.deepEqual(await placesOf(instance, 'Ivor'), []);
});

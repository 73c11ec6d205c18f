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

const environment = () => ({
  DATABASE_URL: instance.env.DATABASE_URL,
  TRACE_SOCKET_DIR: join(instance.state, 'sock'),
});

async function erase(...words) {
  const { status, out, err } = await run(`${instance.prefix}/bin/trace-admin`, ['erase-user', ...words, '--json'], {
    env: environment(),
  });
  assert.deepEqual([status, err], [0, '']);
  return JSON.parse(out).user;
}

const post = async (who, stream, content) =>
  (await who.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
const channel = async (name, isPrivate) =>
  (await ada.post('streams', { type: 'channel', name, private: isPrivate })).expect(201).body.stream.id;

const is = (type, room) => (event) => event.type === type && event.data.room === room;

// Locks the session until what is returned is called, or the test is over.
async function hold(t, session) {
  const holder = spawn('psql', ['-XqAt', '-d', instance.env.DATABASE_URL], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  holder.stdin.write(`BEGIN; SELECT id FROM agent_sessions WHERE id = '${session}' FOR UPDATE;\n`);
  assert.match(String((await once(holder.stdout, 'data'))[0]), new RegExp(session));
  return async () => {
    holder.stdin.end('ROLLBACK;\n');
    await once(holder, 'close');
  };
}

const waits = "application_name = 'trace-admin' AND wait_event_type = 'Lock'";
const isWaiting = () =>
  until(
    async () => (await instance.psql(`SELECT pid FROM pg_stat_activity WHERE ${waits}`)).length > 0,
    'the command to wait for the session that is locked',
  );

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

test('the name goes in portions: a session that is locked keeps no other from its agent, and what is left is said', async (t) => {
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
  const release = await hold(t, second);
  const erasing = run(`${instance.prefix}/bin/trace-admin`, ['erase-user', ivor.id], { env: environment() });
  await isWaiting();
  const nameOf = async (id) =>
    (await instance.psql(`SELECT ended_by_name FROM agent_sessions WHERE id = '${id}' FOR SHARE NOWAIT`))[0]
      .ended_by_name;
  assert.deepEqual([await nameOf(first), await nameOf(third)], ['Deleted person', 'Ivor']);
  await instance.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${waits}`);
  const { status, err } = await erasing;
  assert.notEqual(status, 0);
  assert.match(err, new RegExp(`some texts still have the person's name: run erase-user ${ivor.id} again`));

  await release();
  await erase(ivor.id);
  assert.deepEqual(await placesOf(instance, 'Ivor'), []);
});

test('a quote under a former name loses it, and its neighbours keep theirs', async () => {
  const smith = await addPerson(instance, 'Alice Smith');
  const other = await addPerson(instance, 'Lena');
  const stream = await channel('former', false);
  const [theirs, others] = [await post(smith, stream, 'Mine.'), await post(other, stream, 'Another.')];
  const quotes = [
    { messageId: theirs.id, authorName: 'Alice Smith', text: 'Mine.' },
    { authorName: 'A "Smith"', text: 'Mine.', messageId: theirs.id },
    { messageId: others.id, authorName: 'Lena', text: 'Another.' },
  ];
  const { session } = (await agent.post('agent-sessions', { streamId: stream })).expect(201).body;
  (
    await agent.post(`agent-sessions/${session.id}/steps`, {
      stepType: 'context_received',
      content: { messages: quotes },
      sources: quotes.map(({ text, ...quote }) => ({
        type: 'message',
        title: `${quote.authorName} in #former`,
        snippet: text,
        ...quote,
      })),
      completed: true,
    })
  ).expect(201);
  await instance.psql(`UPDATE users SET name = 'Alice' WHERE id = '${smith.id}'`);
  await erase(smith.id);
  for (const name of ['Alice', 'Smith']) assert.deepEqual(await placesOf(instance, name), [], name);
  const [step] = (await ada.get(`agent-sessions/${session.id}`)).expect(200).body.steps;
  const names = ['Deleted person', 'Deleted person', 'Lena'];
  assert.deepEqual(
    step.content.messages,
    quotes.map((quote, i) => ({ ...quote, authorName: names[i] })),
  );
  assert.deepEqual(
    step.sources.map(({ authorName, title }) => [authorName, title]),
    names.map((name) => [name, `${name} in #former`]),
  );
});

// A person with a message, sessions that quote it, a rating, a mention, and more read marks than a portion has.
async function known(name, sessions) {
  const person = await addPerson(instance, name);
  const stream = await channel(name.toLowerCase(), false);
  const message = await post(person, stream, 'These words stay.');
  await post(ada, stream, `hello @${name.toLowerCase()}`);
  const ids = [];
  for (let i = 0; i < sessions; i++) {
    const { session } = (await agent.post('agent-sessions', { streamId: stream })).expect(201).body;
    const quote = { messageId: message.id, authorName: name, text: 'These words stay.' };
    (
      await agent.post(`agent-sessions/${session.id}/steps`, {
        stepType: 'context_received',
        content: { messages: [quote] },
        sources: [{ type: 'message', title: `${name} in #there`, snippet: 'These', ...quote, text: undefined }],
        completed: true,
      })
    ).expect(201);
    (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
    (await person.post(`agent-sessions/${session.id}/ratings`, { thumb: 'up' })).expect(200, 201);
    ids.push(session.id);
  }
  await instance.psql(`
    INSERT INTO streams (id, workspace_id, type, name, private, root_id)
    SELECT x.id, '${person.workspace}', 'channel', x.id, false, x.id
    FROM (SELECT concat('str_', lower('${name}'), n) AS id FROM generate_series(1, 501) n) x;
    INSERT INTO stream_reads (stream_id, user_id, read_seq)
    SELECT s.id, '${person.id}', 0 FROM streams s WHERE s.id LIKE concat('str_', lower('${name}'), '%')`);
  return { person, message, ids: ids.sort() };
}

const rowsOf = async (person) => {
  const tables = [
    ['ratings', 'rater_id'],
    ['stream_reads', 'user_id'],
    ['message_mentions', 'user_id'],
    ['webhooks', 'maker_id'],
  ];
  const counts = tables.map(([table, column]) => `SELECT FROM ${table} WHERE ${column} = '${person.id}'`);
  return (await instance.psql(`SELECT count(*)::integer AS n FROM (${counts.join(' UNION ALL ')}) x`))[0].n;
};

test('an erasure that is killed leaves whole portions, and is finished by the same command', async (t) => {
  const { person, message, ids } = await known('Jasmine', 3);
  const [first, second, third] = ids;
  const release = await hold(t, second);
  const words = ['erase-user', `${person.id}@example.com`];
  const erasing = spawn(`${instance.prefix}/bin/trace-admin`, words, {
    env: { PATH: process.env.PATH, ...environment() },
    stdio: 'ignore',
  });
  await isWaiting();
  erasing.kill('SIGKILL');
  await once(erasing, 'close');

  const quoted = async (id) =>
    (await ada.get(`agent-sessions/${id}`)).expect(200).body.steps[0].content.messages[0].authorName;
  assert.deepEqual([await quoted(first), await quoted(third)], ['Deleted person', 'Jasmine']);
  assert.equal((await instance.psql(`SELECT id FROM agent_sessions WHERE id = '${third}' FOR SHARE NOWAIT`)).length, 1);
  // Signed out, and still found by the address.
  (await person.get('/api/auth/me')).expect(401);
  assert.equal((await ada.get(`messages/${message.id}`)).expect(200).body.message.author.name, 'Jasmine');

  await release();
  const told = await erase(`${person.id}@example.com`);
  assert.deepEqual(told, { id: person.id, signInsEnded: 0, textsDeleted: 0, textsKept: 1 });
  for (const text of ['Jasmine', `${person.id}@`]) assert.deepEqual(await placesOf(instance, text), [], text);
  assert.equal(await rowsOf(person), 0);
  for (const id of ids) assert.equal(await quoted(id), 'Deleted person');
});

test('programs of the release before erase by its functions', async () => {
  const { person } = await known('Konrad', 2);
  assert.deepEqual(await instance.psql(`SELECT erase_account('${person.id}') AS n`), [{ n: 1 }]);
  const told = await instance.psql(`SELECT kind, id FROM erase_name('${person.id}')`);
  assert.equal(told[0].kind, 'answer');
  assert.ok(told.slice(1).every(({ kind }) => kind === 'forgotten'));
  assert.deepEqual(await placesOf(instance, 'Konrad'), []);
  assert.equal(await rowsOf(person), 0);
});

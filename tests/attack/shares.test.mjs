// SPDX-License-Identifier: Apache-2.0
// A link shows one trace and its trigger, and nothing else of the workspace, whoever has it and whatever they try; and it
// ends with all that it depends on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { addPerson } from '../lib/people.mjs';
import { Client } from '../lib/rest.mjs';
import { EventStream, openBeforeItsEnd } from '../lib/sse.mjs';
import { MessageWorld } from '../integration/message_world.mjs';
import { openShare } from '../integration/input_world.mjs';

// What nobody outside may read.
const HIDDEN = 'xylophone';

let world, instance, ada, bob, agent, stream, ses, trigger, stranger;
const base = () => `/api/shares/${stranger.share}/agent-sessions`;

// Everything that can be hidden in a session and its steps, and what is to be seen beside it.
async function fill(streamId) {
  trigger = await world.say(ada, streamId, `@${world.persona.slug} the question that was asked`);
  const other = await world.say(bob, streamId, `aside ${HIDDEN}`);
  const thread = (await ada.get(`messages/${trigger.id}`)).expect(200).body.message.threadId;
  ses = (await agent.get(`agent-sessions?streamId=${thread}`)).expect(200).body.sessions[0].id;
  (await agent.post(`agent-sessions/${ses}/claim`, { workerId: 'w' })).expect(200);
  (
    await agent.patch(`agent-sessions/${ses}`, {
      title: 'What was asked',
      tags: [`tag-${HIDDEN}`],
      metadata: { note: HIDDEN },
    })
  ).expect(200);
  const quotes = [
    { messageId: other.id, streamId, authorName: `Bob ${HIDDEN}`, text: `aside ${HIDDEN}` },
    { messageId: trigger.id, streamId, authorName: 'Ada', text: 'the question that was asked', trigger: true },
    { authorName: HIDDEN, text: `without an id: ${HIDDEN}`, trigger: true },
  ];
  const steps = [
    { stepType: 'context_received', content: { messages: quotes, note: HIDDEN }, input: HIDDEN, output: HIDDEN },
    { stepType: 'context_received', content: `as a text ${HIDDEN}` },
    { stepType: 'reconsidering', content: { newMessages: quotes, draft: 'the draft', decision: 'kept' } },
    {
      stepType: 'workspace_search',
      content: { query: 'seen words', resultCount: 1 },
      sources: [
        {
          type: 'message',
          title: HIDDEN,
          messageId: other.id,
          streamId,
          streamName: HIDDEN,
          authorName: HIDDEN,
          snippet: HIDDEN,
        },
        { type: 'web', title: 'A page', url: 'https://example.org/' },
      ],
    },
    { stepType: 'tool_call', content: { tool: 'look', args: { q: 1 } }, attributes: { secret: HIDDEN } },
    { stepType: 'message_sent', content: { text: 'the answer that was given' }, messageId: other.id },
  ];
  for (const step of steps) (await agent.post(`agent-sessions/${ses}/steps`, { ...step, completed: true })).expect(201);
  return other;
}

const share = async (person, id = ses) => (await person.post(`agent-sessions/${id}/shares`, {})).expect(201).body;
const ticket = async ({ share: { id }, secret }) => Object.assign(await openShare(ada, id, secret), { share: id });
// Closed at the end: one that comes back for ever would keep this process.
const opened = [];
const events = (client, id = ses) => {
  const stream = new EventStream(`${client.base}/api/shares/${client.share}/events?room=session:${id}`, {
    headers: client.credentials(),
    reconnect: true, // a revocation of before may still concern its maker
  });
  opened.push(stream);
  return stream;
};

before(async () => {
  world = await MessageWorld.make();
  ({ instance, ada, bob, agent } = world);
  stream = await world.makeStream();
  await fill(stream.id);
  stranger = await ticket(await share(ada));
});
after(async () => {
  for (const stream of opened) stream.close();
  await world?.stop();
});

const readings = async (client) => {
  const steps = (await client.get(`/api/shares/${client.share}/agent-sessions/${ses}`)).expect(200).body.steps;
  const at = `/api/shares/${client.share}/agent-sessions/${ses}`;
  return Promise.all(
    [
      at,
      `${at}?sinceSeq=0`,
      `${at}?limit=1`,
      `${at}?around=${steps[2].id}`,
      `${at}/outline`,
      ...steps.map(({ id }) => `${at}/steps/${id}`),
    ].map(async (path) => (await client.get(path)).expect(200)),
  );
};

test('trace and trigger are shown, and nothing else of the workspace, however it is read', async () => {
  const [page, ...others] = await readings(stranger);
  assert.deepEqual(page.body.session.trigger.excerpt, `@${world.persona.slug} the question that was asked`);
  assert.deepEqual(Object.keys(page.body.session.persona), ['name', 'avatar']);
  assert.deepEqual(page.body.relatedSessions, []);
  const [context, text, again, search, call, sent] = page.body.steps;
  assert.deepEqual(context.content, {
    messages: [{ authorName: 'Ada', text: 'the question that was asked', trigger: true }],
  });
  assert.equal(text.content, undefined);
  assert.deepEqual(again.content, {
    newMessages: [{ authorName: 'Ada', text: 'the question that was asked', trigger: true }],
    draft: 'the draft',
    decision: 'kept',
  });
  assert.deepEqual(search.sources, [
    { type: 'message', title: 'A message' },
    { type: 'web', title: 'A page', url: 'https://example.org/', domain: 'example.org' },
  ]);
  assert.deepEqual(call.content, { tool: 'look', args: { q: 1 } });
  assert.equal(sent.content.text, 'the answer that was given');
  const ids = await instance.psql(
    `SELECT id FROM messages UNION SELECT id FROM streams UNION SELECT id FROM workspaces UNION SELECT id FROM users
     UNION SELECT id FROM personas`,
  );
  for (const reply of [page, ...others]) {
    assert.doesNotMatch(reply.text, new RegExp(HIDDEN));
    for (const { id } of ids) assert.ok(!reply.text.includes(id), `${id} in ${reply.text}`);
  }
});

test('what is not shown is not found either', async () => {
  for (const q of [HIDDEN, 'aside', trigger.id])
    assert.deepEqual((await stranger.get(`${base()}/${ses}?q=${q}`)).expect(200).body.steps, [], q);
  for (const [q, n] of [
    ['seen words', 1],
    ['the question that was asked', 2],
  ])
    assert.equal((await stranger.get(`${base()}/${ses}?q=${encodeURIComponent(q)}`)).expect(200).body.steps.length, n);
});

test('the ticket opens its own session and nothing beside it', async () => {
  const open = await world.makeStream();
  const other = (await agent.post('agent-sessions', { streamId: open.id })).expect(201).body.session.id;
  const { step } = (await agent.post(`agent-sessions/${other}/steps`, { stepType: 'thinking' })).expect(201).body;
  for (const path of [
    `${base()}/${other}`,
    `${base()}/${other}/outline`,
    `${base()}/${other}/steps/${step.id}`,
    `${base()}/${ses}/steps/${step.id}`,
    `${base()}/${ses}/export?format=json`,
    `${base()}/${ses}/shares`,
    `${base()}`,
    `/api/shares/${stranger.share}/events?room=session:${other}`,
    `/api/shares/${stranger.share}/events?room=stream:${stream.id}`,
    `/api/shares/${stranger.share}/events?room=workspace:${ada.workspace}`,
    `/api/shares/${stranger.share}/events?room=user:me`,
  ])
    (await stranger.get(path)).expect(404);
  const second = await ticket(await share(ada, other));
  const crossed = `/api/shares/${second.share}/agent-sessions/${other}`;
  (await stranger.get(crossed)).expect(401);
  (await second.get(crossed)).expect(200);
  // Neither is it a sign-in, nor a sign-in a ticket.
  const inside = `/api/workspaces/${ada.workspace}/agent-sessions/${ses}`;
  (await stranger.get(inside)).expect(401);
  (await stranger.get(inside, { authorization: `Bearer ${stranger.cookie.split('=')[1]}` })).expect(401);
  (await ada.get(`${base()}/${ses}`)).expect(401);
  (await agent.get(`${base()}/${ses}`)).expect(401);
  for (const [method, path] of [
    ['POST', `${base()}/${ses}/cancel`],
    ['POST', `${base()}/${ses}/steps`],
    ['DELETE', `/api/workspaces/${ada.workspace}/shares/${stranger.share}`],
  ])
    (await stranger.request(method, path, {})).expect(401, 404, 405);
});

test('who hears of its events hears numbers', async () => {
  const watch = events(stranger);
  await watch.wait('ready');
  const write = (body) => agent.post(`agent-sessions/${ses}/steps`, body);
  const { step } = (await write({ stepType: 'thinking', content: 'the beginning' })).expect(201).body;
  const started = await watch.wait('share:changed');
  assert.deepEqual(started.data, { room: `session:${ses}`, seq: step.seq });
  await agent.post(`agent-sessions/${ses}/steps/${step.id}/progress`, { content: 'while it is written' });
  (await agent.post(`agent-sessions/${ses}/steps/${step.id}/complete`, { content: 'the end' })).expect(200);
  const ended = await watch.wait(({ type, data }) => type === 'share:changed' && data.seq > step.seq);
  const changed = (await stranger.get(`${base()}/${ses}?sinceSeq=${started.data.seq}`)).expect(200).body;
  assert.deepEqual(
    changed.steps.map(({ id, content }) => [id, content]),
    [[step.id, 'the end']],
  );
  assert.equal(changed.lastSeq, ended.data.seq);
  assert.deepEqual([...new Set(watch.events.map(({ type }) => type))].sort(), ['ready', 'share:changed']);
  assert.deepEqual(watch.violations, []);
  watch.close();
  // Whoever comes back with a position hears at once that there is more.
  const late = new EventStream(
    `${stranger.base}/api/shares/${stranger.share}/events?room=session:${ses}&lastEventId=1`,
    {
      headers: stranger.credentials(),
    },
  );
  assert.equal((await late.wait('share:changed')).data.seq, ended.data.seq);
  assert.equal(late.events.length, 2);
  late.close();
});

test('who hears of its events is told to load it anew when its counter has gone back', async () => {
  const own = await world.makeStream();
  const held = [ses, trigger];
  await fill(own.id);
  const reader = await ticket(await share(ada));
  const watch = events(reader);
  const head = (await watch.wait('ready')).data.rooms[`session:${ses}`].head;
  const write = (content) => agent.post(`agent-sessions/${ses}/steps`, { stepType: 'thinking', content });
  const lost = (await write('what is lost')).expect(201).body.step;
  assert.equal((await watch.wait('share:changed')).data.seq, lost.seq);
  // As a recovery leaves it that lost the last commits and kept the epoch.
  await instance.psql(`DELETE FROM steps WHERE id = '${lost.id}';
    UPDATE agent_sessions SET last_seq = ${head}, step_count = step_count - 1 WHERE id = '${ses}'`);
  const reset = await watch.wait('reset');
  assert.deepEqual(reset.data, { room: `session:${ses}` });
  assert.equal(reset.position, `${head}`);
  const { step } = (await write('what came instead')).expect(201).body;
  assert.equal(step.seq, lost.seq);
  const after = watch.events.indexOf(reset) + 1;
  const again = await watch.wait('share:changed', undefined, after);
  assert.equal(again.data.seq, step.seq);
  watch.close();
  [ses, trigger] = held;
});

test('a deleted trigger is gone from the link, and its readers are told', async () => {
  const own = await world.makeStream();
  const held = [ses, trigger];
  await fill(own.id);
  const reader = await ticket(await share(ada));
  const watch = events(reader);
  const { rooms } = (await watch.wait('ready')).data;
  (await ada.delete(`messages/${trigger.id}`)).expect(200);
  await watch.wait('share:changed');
  assert.ok(rooms[`session:${ses}`].head > 0);
  for (const reply of await readings(reader)) assert.doesNotMatch(reply.text, /the question that was asked/);
  watch.close();
  [ses, trigger] = held;
});

// Each ends one link: what is done, and who is left without it.
const endings = {
  'its maker revokes it': ({ id }) => bob.delete(`shares/${id}`),
  'an administrator revokes it': ({ id }) => ada.delete(`shares/${id}`),
  'its maker leaves the channel': ({ channel }) => bob.delete(`streams/${channel}/members`, {}),
  'the workspace shares no longer': () => ada.put('shares', { enabled: false }),
};
for (const [name, end] of Object.entries(endings))
  test(`when ${name}, the link, its tickets and its streams end`, async () => {
    const channel = await world.makeStream({ private: true });
    (await ada.post(`streams/${channel.id}/members`, { userId: bob.id })).expect(201);
    const id = (await agent.get('/api/auth/me')).expect(200).body.persona.id;
    (await ada.post(`streams/${channel.id}/members`, { personaId: id })).expect(201);
    const session = (await agent.post('agent-sessions', { streamId: channel.id })).expect(201).body.session.id;
    const made = await share(bob, session);
    const reader = await ticket(made);
    const watch = events(reader, session);
    await watch.wait('ready');
    (await end({ id: made.share.id, channel: channel.id })).expect(200, 204);
    await watch.wait('revoked');
    (await reader.get(`/api/shares/${made.share.id}/agent-sessions/${session}`)).expect(401);
    const again = await new Client(instance.url).post(`/api/shares/${made.share.id}/ticket`, { secret: made.secret });
    assert.equal(again.expect(404).code, 'not_found');
    (await ada.put('shares', { enabled: true })).expect(200);
    (await reader.get(`/api/shares/${made.share.id}/agent-sessions/${session}`)).expect(401);
    watch.close();
  });

test('when its maker is deactivated, its streams end at once', async () => {
  const kim = await addPerson(instance, 'Kim');
  const made = await share(kim);
  const reader = await ticket(made);
  const watch = events(reader, ses);
  await watch.wait('ready');
  (await ada.post(`people/${kim.id}/deactivate`)).expect(204);
  await watch.wait('revoked');
  watch.close();
});

test('after its end, and a ticket after its own, nothing is opened', async () => {
  const made = await share(ada);
  const reader = await ticket(made);
  const watch = events(reader);
  await watch.wait('ready');
  watch.close();
  const path = `/api/shares/${made.share.id}/agent-sessions/${ses}`;
  (await reader.get(path)).expect(200);
  await instance.psql(`UPDATE share_tickets SET expires_at = now() WHERE share_id = '${made.share.id}'`);
  (await reader.get(path)).expect(401);
  const renewed = await ticket(made);
  const last = await openBeforeItsEnd(async (seconds) => {
    await instance.psql(
      `UPDATE shares SET expires_at = clock_timestamp() + interval '${seconds} seconds' WHERE id = '${made.share.id}'`,
    );
    return events(Object.assign(renewed, { share: made.share.id }));
  });
  await last.wait('ready');
  await last.wait('revoked');
  (await renewed.get(path)).expect(401);
  (await new Client(instance.url).post(`/api/shares/${made.share.id}/ticket`, { secret: made.secret })).expect(404);
});

test('only who may post there makes, lists and ends links', async () => {
  const channel = await world.makeStream({ private: true });
  const id = (await agent.get('/api/auth/me')).expect(200).body.persona.id;
  (await ada.post(`streams/${channel.id}/members`, { personaId: id })).expect(201);
  const session = (await agent.post('agent-sessions', { streamId: channel.id })).expect(201).body.session.id;
  const alone = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const made = await share(ada, session);
  const carol = await addPerson(instance, 'Carol');
  for (const client of [bob, carol]) {
    (await client.post(`agent-sessions/${session}/shares`, {})).expect(404);
    (await client.get(`agent-sessions/${session}/shares`)).expect(404);
    (await client.delete(`shares/${made.share.id}`)).expect(404);
    assert.equal((await client.post(`agent-sessions/${alone}/shares`, {})).expect(403).code, 'admin_only');
    assert.equal((await client.put('shares', { enabled: false })).expect(403).code, 'admin_only');
    assert.ok(!(await client.get('shares')).expect(200).text.includes(made.share.id));
  }
  (await agent.post(`agent-sessions/${session}/shares`, {})).expect(401);
  await share(ada, alone);
  const listed = (await ada.get(`agent-sessions/${session}/shares`)).expect(200);
  assert.deepEqual(
    listed.body.shares.map((one) => one.id),
    [made.share.id],
  );
  assert.ok(!listed.text.includes(made.secret));
});

test('a secret cannot be guessed, is stored nowhere, and a network that tries is stopped', async () => {
  const made = await share(ada);
  const reader = await ticket(made);
  assert.ok(made.secret.length >= 43);
  for (const table of ['shares', 'share_tickets', 'audit_log', 'login_failures'])
    for (const { line } of await instance.psql(`SELECT t::text AS line FROM ${table} t`))
      assert.ok(!line.includes(made.secret), table);
  for (const name of ['workspace-api', 'trace-api', 'nginx'])
    assert.ok(!instance.log(name).includes(made.secret), name);
  const guess = (id, secret) => new Client(instance.url).post(`/api/shares/${id}/ticket`, { secret });
  const [wrong, missing] = [await guess(made.share.id, 'x'.repeat(43)), await guess(newId('shr'), made.secret)];
  assert.equal(wrong.expect(404).text, missing.expect(404).text);
  for (const secret of ["' OR 1=1 --", '\u0000', ' ', 'é'.repeat(20)])
    (await guess(made.share.id, secret)).expect(400, 404);
  let reply;
  for (let n = 0; n < 40 && reply?.status !== 429; n += 1) reply = await guess(made.share.id, `wrong${n}`);
  assert.equal(reply.code, 'too_many_attempts');
  assert.ok(Number(reply.headers.get('retry-after')) > 0);
  // That concerns nobody who reads already.
  (await reader.get(`/api/shares/${reader.share}/agent-sessions/${ses}`)).expect(200);
  await instance.psql("DELETE FROM login_failures WHERE account = 'share'");
});

test('a link brings no other page along, and no search engine', async () => {
  const page = await fetch(`${instance.url}/share/${stranger.share}`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('x-robots-tag'), /noindex/);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
  assert.match(await page.text(), /<meta name="robots" content="noindex/);
});

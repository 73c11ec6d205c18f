// SPDX-License-Identifier: Apache-2.0
// Redaction: what a rule names is neither kept nor shown, by whichever door it comes; who may change the rules.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { placesOf } from '../lib/kept.mjs';
import { until } from '../lib/patience.mjs';
import { addPerson, addToken } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';

// What a worker may still apply after a change, and some more.
const FOLLOWS_MS = 5000;
const SECRET = 'ada.lovelace@example.com';
const LEFT = '[redacted:email]';
const EMAIL = '[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+';
const beside = ['redaction_rules', 'audit_log', 'users'];
const CARD = '\\b\\d{16}\\b';

let instance, ada, bob, agent, ingest, session, room;

const admin = (...args) =>
  run(`${instance.prefix}/bin/trace-admin`, args, { env: { DATABASE_URL: instance.env.DATABASE_URL } });

// Done by as many workers as there are, each of which follows by itself.
const followed = (client, text, wanted) =>
  until(
    async () => {
      const replies = await Promise.all(
        Array.from({ length: 30 }, () =>
          client.post(`streams/${instance.env.TRACE_STREAM}/messages`, { content: text }),
        ),
      );
      return replies.every((reply) => reply.expect(201).body.message.content === wanted);
    },
    'all workers to follow',
    FOLLOWS_MS * 2,
  );

before(async () => {
  instance = await start({ env: { TRACE_WORKERS: '3' } });
  ada = await personOf(instance);
  bob = await addPerson(instance, 'Bob');
  agent = agentOf(instance);
  ingest = await addToken(instance, instance.env.TRACE_PERSONA, ['ingest']);
  (await ada.put('redaction', { name: 'email', pattern: EMAIL })).expect(201);
  (await ada.put('redaction', { name: 'card', pattern: CARD })).expect(201);
  await followed(ada, `${SECRET} 4111111111111111`, `${LEFT} [redacted:card]`);
  await instance.psql(`DELETE FROM message_mentions; DELETE FROM stream_events; DELETE FROM messages`);
  ({ session } = (
    await agent.post('agent-sessions', {
      streamId: instance.env.TRACE_STREAM,
      title: `for ${SECRET}`,
      userId: SECRET,
      threadKey: SECRET,
      tags: [SECRET],
      project: SECRET,
      environment: SECRET,
      metadata: { [SECRET]: SECRET, card: 4111111111111111 },
      source: { kind: 'k', client: SECRET },
      externalId: newId('x'),
    })
  ).expect(201).body);
  room = await openEvents(ada, [`session:${session.id}`, `stream:${instance.env.TRACE_STREAM}`]);
});
after(async () => {
  room?.close();
  await instance?.stop();
});

test('a session says of itself what is left', async () => {
  assert.deepEqual(
    [session.title, session.userId, session.tags, session.metadata, session.source.client],
    [`for ${LEFT}`, LEFT, [LEFT], { [LEFT]: LEFT, card: '[redacted:card]' }, LEFT],
  );
  const patched = (
    await agent.patch(`agent-sessions/${session.id}`, { title: SECRET, metadata: { a: SECRET } })
  ).expect(200).body;
  assert.deepEqual([patched.session.title, patched.session.metadata], [LEFT, { a: LEFT }]);
});

// What a step brings, and what is left of it.
const said = () => ({
  name: `mail to ${SECRET}`,
  content: { text: SECRET, list: [SECRET, { [SECRET]: 4111111111111111 }], n: 12.5 },
  input: [SECRET, 4111111111111111],
  output: `\u0061da.lovelace\u0040example.com`,
  attributes: { a: SECRET },
  events: [{ name: SECRET }],
  links: [{ note: SECRET }],
  sources: [
    {
      type: 'web',
      title: SECRET,
      url: `https://example.org/?m=${SECRET}`,
      snippet: SECRET,
      timestamp: '2026-01-02T03:04:05Z',
    },
  ],
  error: { code: 'c', message: SECRET },
});
function checkStep(step) {
  assert.equal(step.name, `mail to ${LEFT}`);
  assert.deepEqual(step.content, { text: LEFT, list: [LEFT, { [LEFT]: '[redacted:card]' }], n: 12.5 });
  assert.equal(step.sources[0].url, `https://example.org/?m=${LEFT}`);
  assert.equal(step.sources[0].timestamp, '2026-01-02T03:04:05Z');
  assert.equal(step.error.message, LEFT);
  assert.ok(!JSON.stringify(step).includes('lovelace') && !JSON.stringify(step).includes('4111'));
}

const steps = () => `agent-sessions/${session.id}/steps`;
const doors = {
  whole: async () =>
    (await agent.post(steps(), { stepType: 'tool_call', completed: true, ...said() })).expect(201).body.step,
  'start and complete': async () => {
    const { name, content, input, ...end } = said();
    const { step } = (await agent.post(steps(), { stepType: 'tool_call', name, content, input })).expect(201).body;
    assert.equal(step.name, `mail to ${LEFT}`);
    const { sources, error, output } = end;
    return (await agent.post(`${steps()}/${step.id}/complete`, { sources, error, output })).expect(200).body.step;
  },
  put: async () =>
    (
      await agent.put(`${steps()}/${newId('stp')}`, { stepType: 'tool_call', completedAt: new Date(), ...said() })
    ).expect(201).body.step,
  batch: async () => {
    const line = JSON.stringify({ op: 'record', stepType: 'tool_call', ...said() });
    const reply = await agent.post(`agent-sessions/${session.id}/batch`, `${line}\n`, {
      'content-type': 'application/x-ndjson',
    });
    return reply.expect(200).body.results[0].step;
  },
  'a batch that puts': async () => {
    const id = newId('stp');
    const line = JSON.stringify({ op: 'put', id, stepType: 'tool_call', completedAt: new Date(), ...said() });
    (
      await agent.post(`agent-sessions/${session.id}/batch`, `${line}\n`, { 'content-type': 'application/x-ndjson' })
    ).expect(200);
    return (await ada.get(`${steps()}/${id}`)).expect(200).body.step;
  },
};
for (const [door, send] of Object.entries(doors))
  test(`a step by the door "${door}" keeps and shows what is left`, async () => {
    const made = await send();
    checkStep(made);
    checkStep((await ada.get(`${steps()}/${made.id}`)).expect(200).body.step);
    const heard = await room.wait(
      ({ type, data }) => type === 'agent_session:step:completed' && data.step.id === made.id,
    );
    assert.ok(!JSON.stringify(heard.data).includes('lovelace'));
  });

test('a repeat is compared with what was left of the first', async () => {
  const id = newId('stp');
  const body = { id, stepType: 'thinking', completed: true, content: SECRET };
  (await agent.post(steps(), body)).expect(201);
  (await agent.post(steps(), body)).expect(200);
  assert.equal((await agent.post(steps(), { ...body, content: 'else' })).code, 'id_conflict');
  const other = await ada.post('tokens', { personaId: instance.env.TRACE_PERSONA, scopes: ['sessions:write'] });
  (await agent.with({ token: other.expect(201).body.secret }).post(steps(), body)).expect(200);
});

test('text that is being written is shown without its last word, and deltas are not shown', async () => {
  const { step } = (await agent.post(steps(), { stepType: 'thinking' })).expect(201).body;
  const progress = (body) => agent.post(`${steps()}/${step.id}/progress`, body).then((reply) => reply.expect(202));
  await progress({ delta: `a ${SECRET} b`, offset: 0 });
  await progress({ content: `I write to ${SECRET} and to ada.love`, checkpoint: true });
  const heard = await room.wait(({ type, data }) => type === 'agent_session:step:progress' && data.stepId === step.id);
  assert.ok(JSON.stringify(heard.data).includes(`I write to ${LEFT} and to `), JSON.stringify(heard.data));
  assert.equal((await ada.get(`${steps()}/${step.id}`)).expect(200).body.step.content, `I write to ${LEFT} and to `);
  (await agent.post(`${steps()}/${step.id}/complete`, { content: `to ${SECRET}` })).expect(200);
  assert.ok(!room.events.some(({ data }) => JSON.stringify(data).includes('ada.love')));
});

test('messages and channels are redacted for people and agents alike', async () => {
  const path = `streams/${instance.env.TRACE_STREAM}/messages`;
  for (const client of [ada, agent]) {
    const { message } = (await client.post(path, { content: `Ask ${SECRET}.` })).expect(201).body;
    assert.equal(message.content, `Ask ${LEFT}.`);
    const edited = (await client.patch(`messages/${message.id}`, { content: `No, ${SECRET}` })).expect(200).body;
    assert.ok(JSON.stringify(edited).includes(`No, ${LEFT}`));
  }
});

test('a decision is noted as what is left', async () => {
  const asked = { stepType: 'approval', content: { question: `Write to ${SECRET}?` } };
  const { step } = (await agent.post(steps(), asked)).expect(201).body;
  assert.equal(step.content.question, `Write to ${LEFT}?`);
  const decided = (await ada.post(`${steps()}/${step.id}/decision`, { option: 'approve', note: SECRET })).expect(200)
    .body.step;
  assert.equal(decided.content.decision.note, LEFT);
});

test('a rating keeps its thumb, and its note is what is left', async () => {
  const said = { thumb: 'up', note: `as ${SECRET} says` };
  const { rating } = (await ada.post(`agent-sessions/${session.id}/ratings`, said)).expect(201).body;
  assert.deepEqual([rating.thumb, rating.note], ['up', `as ${LEFT} says`]);
});

test('a run by another protocol is asked what is left', async () => {
  const message = { id: `${newId('x')}@client.example`, role: 'user', content: `@ariadne, write to ${SECRET}` };
  const reply = await fetch(ada.url(`streams/${instance.env.TRACE_STREAM}/ag-ui`), {
    method: 'POST',
    headers: { ...ada.credentials(), 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [message] }),
  });
  assert.equal(reply.status, 200);
  await reply.body.cancel();
  const kept = await instance.psql(`SELECT content FROM messages WHERE client_message_id = '${message.id}'`);
  assert.deepEqual(kept, [{ content: `@ariadne, write to ${LEFT}` }]);
});

test('the door for foreign agents keeps what is left', async () => {
  const text = (key, value) => ({ key, value: { stringValue: value } });
  const now = BigInt(Date.now()) * 1000000n;
  const span = {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    name: `chat ${SECRET}`,
    kind: 3,
    startTimeUnixNano: String(now - 1000000000n),
    endTimeUnixNano: String(now),
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.request.model', 'm'),
      text('gen_ai.input.messages', JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: SECRET }] }])),
      text(
        'gen_ai.output.messages',
        JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: `I know ${SECRET}` }] }]),
      ),
      text('gen_ai.system_instructions', JSON.stringify([{ type: 'text', content: `You serve ${SECRET}` }])),
      text('user.id', SECRET),
      text('session.id', SECRET),
      text('my.note', SECRET),
    ],
    status: { code: 2, message: SECRET },
  };
  const body = {
    resourceSpans: [{ resource: { attributes: [text('service.name', 's')] }, scopeSpans: [{ spans: [span] }] }],
  };
  (await ingest.post('/ingest/otlp/v1/traces', body)).expect(200);
  const [found] = await instance.psql(
    `SELECT s.id, s.user_key, s.system_prompt FROM agent_sessions s WHERE external_id LIKE '%5b8efff7%'`,
  );
  assert.ok(found, 'a session was made');
  const trace = (await ada.get(`agent-sessions/${found.id}`)).expect(200).text;
  assert.ok(trace.includes(LEFT) && !trace.includes('lovelace'), trace);
});

test('an error of the agent is told as what is left', async () => {
  const failed = (
    await agent.post(`agent-sessions/${session.id}/fail`, { error: { code: 'x', message: SECRET } })
  ).expect(200).body;
  assert.equal(failed.session.error.message, LEFT);
});

test('nothing of it is in the database, by whichever door it came', async () => {
  assert.deepEqual(
    [await placesOf(instance, 'lovelace', beside), await placesOf(instance, '4111111111111111', beside)],
    [[], []],
  );
});

test('settings stay as they came', async () => {
  const email = 'grace@example.com';
  const { invite } = (await ada.post('invites', { email })).expect(201).body;
  assert.equal(invite.email, email);
  (await ada.delete(`invites/${invite.id}`)).expect(204);
  const described = { name: 'Hopper', slug: 'hopper', description: `Ask ${email}` };
  const { persona } = (await ada.post('personas', described)).expect(201).body;
  const person = (await ada.patch(`people/${bob.id}`, { name: email })).expect(200).body.person;
  assert.deepEqual([persona.description, person.name], [described.description, email]);
  const price = { model: email, inputUsd: 1, outputUsd: 2 };
  (await ada.put('prices', price)).expect(200, 201);
  assert.ok((await ada.get('prices')).text.includes(email));
});

test('admins see, try and change the rules; others do not', async () => {
  const { rules } = (await ada.get('redaction')).expect(200).body;
  assert.deepEqual(
    rules.map(({ name, pattern }) => [name, pattern]),
    [
      ['card', CARD],
      ['email', EMAIL],
    ],
  );
  assert.equal((await ada.post('redaction/try', { text: `x ${SECRET}` })).expect(200).body.text, `x ${LEFT}`);
  assert.equal(
    (await ada.post('redaction/try', { text: 'abc', pattern: 'b' })).expect(200).body.text,
    'a[redacted:try]c',
  );
  for (const [method, path, body] of [
    ['GET', 'redaction'],
    ['PUT', 'redaction', { name: 'x', pattern: 'x' }],
    ['DELETE', 'redaction', { name: 'email' }],
    ['POST', 'redaction/try', { text: 'x' }],
  ]) {
    assert.equal((await bob.request(method, path, body)).expect(403).code, 'admin_only');
    (await agent.request(method, path, body)).expect(401);
    (await new Client(instance.url, { workspace: ada.workspace }).request(method, path, body)).expect(401);
  }
  assert.equal((await ada.get('redaction')).body.rules.length, 2);
});

test('what is no rule is refused with its reason', async () => {
  for (const [body, field, reason] of [
    [{ name: 'x', pattern: '(' }, 'pattern', /bracket/],
    [{ name: 'x', pattern: '(a)\\1' }, 'pattern', /back references/],
    [{ name: 'x', pattern: 'x*' }, 'pattern', /nothing/],
    [{ name: 'x', pattern: 'x'.repeat(501) }, 'pattern', /too long/],
    [{ name: 'X y', pattern: 'x' }, 'name', /lower-case/],
    [{ name: 'x' }, 'pattern', /missing/],
  ]) {
    const reply = (await ada.put('redaction', body)).expect(400);
    assert.equal(reply.code, 'invalid_body');
    assert.equal(reply.body.field, field);
    assert.match(reply.body.detail, reason);
  }
  assert.equal((await ada.delete('redaction', { name: 'nothing' })).status, 404);
});

test('a workspace has at most 32 rules', async () => {
  for (let i = 0; i < 30; i++) (await ada.put('redaction', { name: `never-${i}`, pattern: `never${i}` })).expect(201);
  assert.equal((await ada.put('redaction', { name: 'one-more', pattern: 'x' })).expect(409).code, 'too_many_rules');
  (await ada.put('redaction', { name: 'never-1', pattern: 'nobody' })).expect(200);
  for (let i = 0; i < 30; i++) (await ada.delete('redaction', { name: `never-${i}` })).expect(204);
});

test('a repeat is known by what came, whatever the rules left of it then and would leave now', async () => {
  const path = `agent-sessions/${(await agent.post('agent-sessions', {})).expect(201).body.session.id}`;
  const batch = (line) => agent.post(`${path}/batch`, JSON.stringify(line));
  const areFollowed = (wanted) =>
    until(
      async () => {
        const note = { stepType: 'note', name: 'barley' };
        const replies = await Promise.all(Array.from({ length: 30 }, () => agent.post(`${path}/steps`, note)));
        return replies.every((reply) => reply.expect(201).body.step.name === wanted);
      },
      'all workers to follow',
      FOLLOWS_MS * 2,
    );
  const body = { id: newId('stp'), stepType: 'tool_call', name: 'open barley', content: { to: SECRET } };
  const end = { content: { from: SECRET }, output: ['barley'], error: { message: SECRET } };
  (await agent.post(`${path}/steps`, body)).expect(201);
  const other = 'grace.hopper@example.com';
  const conflicts = async (reply, fields) => {
    assert.equal((await reply).expect(409).code, 'id_conflict');
    assert.deepEqual((await reply).body.fields, fields);
  };
  await conflicts(agent.post(`${path}/steps`, { ...body, content: { to: other } }), ['content']);
  await conflicts(batch({ op: 'start', ...body, content: { to: other } }), ['content']);
  (await agent.post(`${path}/steps/${body.id}/complete`, end)).expect(200);
  const { seq } = (await agent.get(`${path}/steps/${body.id}`)).expect(200).body.step;

  (await ada.put('redaction', { name: 'grain', pattern: 'barley' })).expect(201);
  await areFollowed('[redacted:grain]');
  const repeats = [
    () => agent.post(`${path}/steps`, body),
    () => agent.post(`${path}/steps/${body.id}/complete`, end),
    () => batch({ op: 'start', ...body }),
    () => batch({ op: 'complete', id: body.id, ...end }),
  ];
  for (const repeat of repeats) (await repeat()).expect(200);
  await conflicts(agent.post(`${path}/steps/${body.id}/complete`, { ...end, error: { message: other } }), ['output']);
  (await ada.delete('redaction', { name: 'grain' })).expect(204);
  await areFollowed('barley');
  for (const repeat of repeats) (await repeat()).expect(200);
  await conflicts(agent.post(`${path}/steps/${body.id}/complete`, { error: { message: other } }), ['error']);
  assert.equal((await agent.get(`${path}/steps/${body.id}`)).expect(200).body.step.seq, seq);
  assert.deepEqual(await placesOf(instance, SECRET, ['redaction_rules', 'audit_log', 'users']), []);
});

test('trace-admin changes the rules, all workers follow, and the audit log has who did it', async () => {
  const words = ['--workspace', instance.env.TRACE_WORKSPACE, '--json'];
  const set = await admin('redaction', 'set', '--name', 'word', '--pattern', 'sesame', ...words);
  assert.deepEqual([set.status, JSON.parse(set.out).rule.name], [0, 'word'], set.err);
  await followed(ada, 'open sesame', 'open [redacted:word]');
  assert.equal(JSON.parse((await admin('redaction', 'list', ...words)).out).rules.length, 3);
  assert.equal((await admin('redaction', 'remove', '--name', 'word', ...words)).status, 0);
  await followed(ada, 'open sesame', 'open sesame');
  assert.match((await admin('redaction', 'remove', '--name', 'word', ...words)).err, /no such rule/);
  assert.match((await admin('redaction', 'set', '--name', 'w', '--pattern', '(', ...words)).err, /bracket/);
  assert.match((await admin('redaction', 'burn', ...words)).err, /list, set or remove/);
  assert.match((await admin('redaction', 'set', '--name', 'A b', '--pattern', 'x', ...words)).err, /lower-case/);
  const entries = await instance.psql(
    `SELECT actor, action, subject FROM audit_log WHERE subject IN ('word', 'email') ORDER BY id`,
  );
  assert.deepEqual(
    entries.map(({ action, subject }) => [action, subject]),
    [
      ['set-redaction', 'email'],
      ['set-redaction', 'word'],
      ['remove-redaction', 'word'],
    ],
  );
  assert.match(entries[0].actor, /^usr_/);
  assert.match(entries[1].actor, /^shell:/);
});

// SPDX-License-Identifier: Apache-2.0
// Tokens in the hands of a workspace's admins: made with a label and an end, listed, replaced with an overlap, revoked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { newId } from '../lib/ids.mjs';
import { until } from '../lib/patience.mjs';
import { addPersona, addWorkspace } from '../lib/people.mjs';
import { Client, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, ada, persona;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  persona = instance.env.TRACE_PERSONA;
});
after(() => instance?.stop());

const ALL = ['read', 'sessions:write', 'messages:write'];
const make = async (more) => (await ada.post('tokens', { personaId: persona, scopes: ALL, ...more })).expect(201).body;
const by = ({ secret }) => new Client(instance.url, { token: secret, workspace: ada.workspace });
const listed = async (id) => (await ada.get('tokens')).expect(200).body.tokens.find((token) => token.id === id);
const newest = async () => (await ada.get('audit?limit=1')).expect(200).body.entries[0];
const stream = () => `stream:${instance.env.TRACE_STREAM}`;

test('a token is listed with label, scopes and end, and never with its secret', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { token, secret } = await make({ label: 'for the night', scopes: ['read'], expiresAt });
  assert.match(secret, /^atk_/);
  assert.deepEqual(await listed(token.id), token);
  assert.deepEqual(
    [token.label, token.scopes, token.expiresAt, token.personaId],
    ['for the night', ['read'], expiresAt, persona],
  );
  assert.ok(!(await ada.get('tokens')).text.includes(secret));
  assert.ok(!JSON.stringify(await instance.psql('SELECT t::text AS row FROM tokens t')).includes(secret));
  const { action, subject, details } = await newest();
  assert.deepEqual(
    [action, subject, details],
    ['create-token', { type: 'token', id: token.id, name: 'for the night' }, { persona, scopes: ['read'] }],
  );
});

test('revoked, a token is good for nothing at once, and its streams end', async () => {
  const made = await make();
  const events = await openEvents(by(made), [stream()]);
  (await ada.delete(`tokens/${made.token.id}`)).expect(204);
  assert.equal((await events.wait('revoked')).data.reason, 'credentials');
  events.close();
  (await by(made).get('/api/auth/me')).expect(401);
  const { revokedAt } = await listed(made.token.id);
  (await ada.delete(`tokens/${made.token.id}`)).expect(204);
  assert.equal((await listed(made.token.id)).revokedAt, revokedAt);
  assert.equal((await newest()).action, 'revoke-token');
  assert.equal((await ada.post(`tokens/${made.token.id}/rotate`, {})).expect(409).code, 'token_ended');
});

test('replaced, the old token works until the overlap is over, and its streams learn of that end', async () => {
  const old = await make({ label: 'nightly' });
  const before = await openEvents(by(old), [stream()]);
  const next = (await ada.post(`tokens/${old.token.id}/rotate`, { overlapSeconds: 600 })).expect(201).body;
  assert.deepEqual([next.token.label, next.token.scopes, next.token.personaId], ['nightly', ALL, persona]);
  assert.notEqual(next.secret, old.secret);
  // A stream of before knew no end; one that is opened now ends with the token (admin_people.test.mjs).
  assert.equal((await before.wait('revoked')).data.reason, 'credentials');
  before.close();
  const after = await openEvents(by(old), [stream()], { reconnect: true });
  await after.wait('ready');
  after.close();
  for (const made of [old, next]) (await by(made).get('/api/auth/me')).expect(200);
  const left = Date.parse((await listed(old.token.id)).expiresAt) - Date.now();
  assert.ok(left > 0 && left <= 600_000, String(left));
  const { action, subject, details } = await newest();
  assert.deepEqual([action, subject.id, details], ['rotate-token', old.token.id, { successor: next.token.id }]);
});

const used = (id) => until(async () => (await listed(id)).lastUsedAt, `the use of ${id} to be noted`);

test('a token is listed with the time of its last use, whichever program it called', async () => {
  const calls = {
    'workspace-api': (agent) => agent.get('/api/auth/me'),
    'trace-api': (agent) => agent.post('agent-sessions', {}),
    'a stream': (agent) => openEvents(agent, [stream()]).then((events) => events.close()),
    'ingest-api': (agent) =>
      fetch(`${instance.url}/ingest/otlp/v1/traces`, {
        method: 'POST',
        headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json' },
        body: '{"resourceSpans":[]}',
      }).then(({ status }) => assert.equal(status, 200)),
  };
  for (const [program, call] of Object.entries(calls)) {
    const made = await make({ scopes: [...ALL, 'ingest'] });
    assert.equal((await listed(made.token.id)).lastUsedAt, undefined);
    const before = Date.now() - 1000;
    await call(by(made));
    const at = await used(made.token.id);
    assert.ok(Date.parse(at) >= before && Date.parse(at) <= Date.now() + 1000, `${program}: ${at}`);
  }
});

test('the uses of a quarter of a minute are one write, and the next has another', async () => {
  const { token } = await make();
  const row = `FROM token_uses WHERE token_id = '${token.id}'`;
  const note = `PERFORM note_token_use(hash) FROM tokens WHERE id = '${token.id}'`;
  // In one transaction, which is at one time. A write would have made another row.
  await instance.psql(`DO $$ DECLARE place tid; BEGIN
    ${note}; SELECT ctid INTO STRICT place ${row}; ${note}; ASSERT place = (SELECT ctid ${row}), 'written twice'; END $$`);
  await instance.psql(`UPDATE token_uses SET used_at = used_at - interval '1 hour' WHERE token_id = '${token.id}'`);
  const early = Date.parse(await used(token.id));
  await instance.psql(`DO $$ BEGIN ${note}; END $$`);
  assert.ok(Date.parse(await used(token.id)) >= early + 3_600_000);
});

test('a call that was refused is no use', async () => {
  const [made, other] = [await make({ scopes: ['read'] }), await make()];
  (await by(made).post('agent-sessions', {})).expect(403);
  (await by(other).post('agent-sessions', {})).expect(201);
  await used(other.token.id);
  assert.equal((await listed(made.token.id)).lastUsedAt, undefined);
});

test('a token that replaces another has its end, unless it is given one of its own', async () => {
  const inHours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
  const expiresAt = inHours(1);
  const old = await make({ expiresAt });
  const next = (await ada.post(`tokens/${old.token.id}/rotate`, { overlapSeconds: 60 })).expect(201).body.token;
  assert.equal(next.expiresAt, expiresAt);
  assert.ok(Date.parse((await listed(old.token.id)).expiresAt) < Date.parse(expiresAt));
  const later = inHours(48);
  const last = (await ada.post(`tokens/${next.id}/rotate`, { expiresAt: later })).expect(201).body.token;
  assert.equal(last.expiresAt, later);
  const endless = await make();
  // Again, as when the first answer was lost: the old one ends after its overlap now, and its successor does not.
  for (let i = 0; i < 2; i++)
    assert.equal((await ada.post(`tokens/${endless.token.id}/rotate`, {})).expect(201).body.token.expiresAt, undefined);
});

test('what has ended writes nothing and reads nothing', async () => {
  const made = await make();
  const agent = by(made);
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const path = `agent-sessions/${session.id}`;
  const { step } = (await agent.post(`${path}/steps`, { stepType: 'thinking' })).expect(201).body;
  await instance.psql(`UPDATE tokens SET expires_at = now() WHERE id = '${made.token.id}'`);
  const calls = [
    ['GET', 'agent-sessions'],
    ['GET', path],
    ['GET', `${path}/outline`],
    ['GET', `${path}/steps/${step.id}`],
    ['GET', `${path}/export`],
    ['POST', 'agent-sessions', {}],
    ['PATCH', path, { title: 'x' }],
    ['POST', `${path}/claim`, { workerId: 'w' }],
    ['POST', `${path}/steps`, { stepType: 'thinking' }],
    ['PUT', `${path}/steps/${newId('stp')}`, { stepType: 'thinking' }],
    ['POST', `${path}/steps/${step.id}/progress`, { content: 'x', checkpoint: true }],
    ['POST', `${path}/steps/${step.id}/complete`, {}],
    ['POST', `${path}/batch`, '{"op":"record","stepType":"thinking","content":"x"}'],
    ['POST', `${path}/heartbeat`],
    ['POST', `${path}/complete`, {}],
    ['POST', `${path}/fail`, { error: { code: 'c', message: 'm' } }],
    ['POST', `${path}/cancel`],
    ['POST', `${path}/retry`],
    ['POST', `streams/${instance.env.TRACE_STREAM}/messages`, { content: 'x' }],
    ['GET', `streams/${instance.env.TRACE_STREAM}/bootstrap`],
    ['GET', 'search?q=x'],
    ['GET', `events?room=${stream()}`],
  ];
  for (const [method, where, body] of calls)
    assert.equal((await agent.request(method, where, body)).status, 401, `${method} ${where}`);
  const { session: now } = (await ada.get(path)).expect(200).body;
  assert.deepEqual([now.status, now.lastSeq, now.stepCount], ['running', 2, 1]);
});

test('what does not fit is refused with the name of the field', async () => {
  for (const [body, field] of [
    [{ scopes: ALL }, 'personaId'],
    [{ personaId: persona }, 'scopes'],
    [{ personaId: persona, scopes: [] }, 'scopes'],
    [{ personaId: persona, scopes: ['everything'] }, 'scopes'],
    [{ personaId: persona, scopes: ALL, label: ' ' }, 'label'],
    [{ personaId: persona, scopes: ALL, expiresAt: 'soon' }, 'expiresAt'],
    [{ personaId: persona, scopes: ALL, expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
  ]) {
    const reply = (await ada.post('tokens', body)).expect(400);
    assert.equal(reply.body.field, field, JSON.stringify(body));
  }
  const { token } = await make();
  for (const overlapSeconds of [-1, 1.5, 'x', 31 * 86_400])
    assert.equal(
      (await ada.post(`tokens/${token.id}/rotate`, { overlapSeconds })).expect(400).body.field,
      'overlapSeconds',
    );
  const theirs = await addPersona(instance, 'Away', { workspace: await addWorkspace(instance, 'away') });
  (await ada.post('tokens', { personaId: theirs.id, scopes: ALL })).expect(404);
});

// SPDX-License-Identifier: Apache-2.0
// People come and go, tokens are replaced, and the audit log says who did it.
import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { Client, personOf } from '../lib/rest.mjs';
import { openBeforeItsEnd, openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';

let instance, workspace;

const admin = (args, { input } = {}) =>
  run(`${instance.prefix}/bin/trace-admin`, args, { input, env: { DATABASE_URL: instance.env.DATABASE_URL } });
async function good(args, options) {
  const { status, out, err } = await admin([...args, '--json'], options);
  assert.equal(status, 0, err);
  return JSON.parse(out);
}
async function addPerson(name) {
  const email = `${name.toLowerCase()}@example.com`;
  const words = ['create-user', email, '--workspace', workspace, '--name', name];
  return (await good(words, { input: `${name}'s password\n` })).user;
}
const anyone = () => new Client(instance.url, { workspace });
const signIn = (name) => anyone().signIn(`${name.toLowerCase()}@example.com`, `${name}'s password`);
const tryPassword = async (email, password) => (await anyone().post('/api/auth/login', { email, password })).status;
const isSignedOut = (client) =>
  until(async () => (await client.get('/api/auth/me')).status === 401, 'the sign-in to end');
const lastEntry = async () => (await good(['audit', '--limit', '1'])).entries[0];

before(async () => {
  instance = await start();
  workspace = instance.env.TRACE_WORKSPACE;
});
after(() => instance?.stop());

test('a new password ends all sign-ins, and their streams', async () => {
  const { id } = await addPerson('Ben');
  const [first, second] = [await signIn('Ben'), await signIn('Ben')];
  const stream = await openEvents(first, ['user:me']);
  const { user } = await good(['set-password', 'BEN@example.com'], { input: 'another password' });
  assert.deepEqual(user, { id, signInsEnded: 2 });
  await Promise.all([isSignedOut(first), isSignedOut(second)]);
  assert.equal((await stream.wait('revoked')).data.reason, 'credentials');
  stream.close();
  assert.equal(await tryPassword('ben@example.com', "Ben's password"), 401);
  assert.equal(await tryPassword('ben@example.com', 'another password'), 200);
  const entry = await lastEntry();
  assert.deepEqual(
    [entry.actor, entry.action, entry.subject],
    [`shell:${process.env.SUDO_USER || userInfo().username}`, 'set-password', id],
  );
});

test('signed out everywhere, one can sign in again; deactivated, not until activated', async () => {
  const { id } = await addPerson('Cleo');
  const cleo = await signIn('Cleo');
  assert.equal((await good(['sign-out-everywhere', id])).user.signInsEnded, 1);
  await isSignedOut(cleo);
  const again = await signIn('Cleo');
  const { user } = await good(['deactivate', 'cleo@example.com']);
  assert.equal(user.signInsEnded, 1);
  assert.match(user.deactivatedAt, /^\d{4}-/);
  await isSignedOut(again);
  assert.equal(await tryPassword('cleo@example.com', "Cleo's password"), 401);
  assert.equal((await good(['deactivate', id])).user.deactivatedAt, user.deactivatedAt);
  assert.equal((await good(['activate', id])).user.id, id);
  await signIn('Cleo');
});

test('a name, an address and a role change; an address that is taken does not', async () => {
  const { id } = await addPerson('Dan');
  await addPerson('Eve');
  const { user } = await good(['rename-user', id, '--name', 'Daniel', '--email', 'daniel@example.com']);
  assert.deepEqual(user, { id, email: 'daniel@example.com', name: 'Daniel' });
  assert.equal(await tryPassword('daniel@example.com', "Dan's password"), 200);
  const taken = await admin(['rename-user', id, '--email', 'EVE@example.com']);
  assert.deepEqual([taken.status, taken.err], [2, "trace-admin: this e-mail address is somebody else's\n"]);
  assert.deepEqual((await good(['rename-user', id, '--email', 'Daniel@example.com'])).user.email, 'Daniel@example.com');
  assert.deepEqual((await good(['set-role', id, '--workspace', workspace, '--role', 'admin'])).user, {
    id,
    role: 'admin',
  });
  const entry = await lastEntry();
  assert.deepEqual([entry.action, entry.workspaceId, entry.details], ['set-role', workspace, { role: 'admin' }]);
});

test('a person is exported whole, and erased without a trace of the name', async () => {
  const { id } = await addPerson('Fiona');
  const fiona = await signIn('Fiona');
  const stream = instance.env.TRACE_STREAM;
  (await fiona.post(`streams/${stream}/messages`, { content: 'My words.' })).expect(201);
  const { user } = await good(['export-user', 'fiona@example.com']);
  assert.deepEqual([user.person.id, user.person.email], [id, 'fiona@example.com']);
  assert.deepEqual(
    user.messages.map(({ content, streamId }) => [content, streamId]),
    [['My words.', stream]],
  );
  assert.deepEqual([user.workspaces.length, user.signIns.length], [1, 1]);

  assert.equal((await good(['erase-user', id])).user.signInsEnded, 1);
  await isSignedOut(fiona);
  assert.equal(await tryPassword('fiona@example.com', "Fiona's password"), 401);
  const timeline = (await (await personOf(instance)).get(`streams/${stream}/events`)).expect(200).text;
  assert.ok(timeline.includes('My words.') && timeline.includes('Deleted person') && !timeline.includes('Fiona'));
  const [{ n }] = await instance.psql(`SELECT count(*) AS n FROM users u, workspace_members m
    WHERE m.user_id = u.id AND concat(u, m) ILIKE '%fiona%'`);
  assert.equal(n, 0);
  assert.equal((await admin(['set-password', id], { input: 'long enough' })).status, 2);
});

test('a token has a label and an end, and is replaced with an overlap', async () => {
  const { TRACE_PERSONA: persona } = instance.env;
  const words = ['--workspace', workspace, '--persona', persona, '--scope', 'read'];
  const { token } = await good(['create-token', ...words, '--label', 'for the night', '--expires', '1h']);
  const left = Date.parse(token.expiresAt) - Date.now();
  assert.ok(left > 3_000_000 && left <= 3_600_000, token.expiresAt);
  const old = anyone().with({ token: token.secret });
  const next = (await good(['rotate-token', token.id, '--overlap', '1m'])).token;
  assert.deepEqual(
    [next.label, next.scopes, next.personaId, next.expiresAt],
    ['for the night', ['read'], persona, token.expiresAt],
  );
  const again = (await good(['rotate-token', next.id, '--expires', '2h'])).token;
  assert.ok(Date.parse(again.expiresAt) - Date.parse(token.expiresAt) > 3_000_000, again.expiresAt);
  const { token: endless } = await good(['create-token', ...words]);
  assert.equal((await good(['rotate-token', endless.id])).token.expiresAt, undefined);
  for (const client of [old, anyone().with({ token: next.secret })])
    (await client.get(`streams/${instance.env.TRACE_STREAM}`)).expect(200);
  const listed = await until(
    async () => (await good(['list-tokens'])).tokens.find(({ id, lastUsedAt }) => id === token.id && lastUsedAt),
    'the use of the token to be noted',
  );
  assert.ok(Date.parse(listed.expiresAt) - Date.now() <= 60_000);

  const stream = await openEvents(old, [`stream:${instance.env.TRACE_STREAM}`]);
  stream.close();
  await instance.psql(`UPDATE tokens SET expires_at = now() WHERE id = '${token.id}'`);
  assert.equal((await old.get(`streams/${instance.env.TRACE_STREAM}`)).status, 401);
  assert.equal((await old.get('/api/auth/me')).status, 401);
  assert.equal((await old.get('agent-sessions')).status, 401);
  assert.equal((await admin(['rotate-token', token.id])).status, 2);
});

test('a token that has ended begins, claims and ends nothing', async () => {
  const words = ['--workspace', workspace, '--persona', instance.env.TRACE_PERSONA, '--scope', 'read,sessions:write'];
  const { token } = await good(['create-token', ...words]);
  const agent = anyone().with({ token: token.secret });
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const { step } = (await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' })).expect(201).body;
  await instance.psql(`UPDATE tokens SET expires_at = now() WHERE id = '${token.id}'`);
  const path = `agent-sessions/${session.id}`;
  for (const [method, where, body] of [
    ['GET', 'agent-sessions'],
    ['GET', path],
    ['POST', 'agent-sessions', {}],
    ['POST', `${path}/steps`, { stepType: 'thinking' }],
    ['POST', `${path}/steps`, { stepType: 'thinking', completed: true }],
    ['PUT', `${path}/steps/${step.id}`, { stepType: 'thinking' }],
    ['POST', `${path}/steps/${step.id}/progress`, { content: 'x', checkpoint: true }],
    ['POST', `${path}/steps/${step.id}/complete`, {}],
    ['POST', `${path}/batch`, '{"op":"record","stepType":"thinking"}\n'],
    ['PATCH', path, { title: 'x' }],
    ['POST', `${path}/claim`, { workerId: 'x' }],
    ['POST', `${path}/heartbeat`],
    ['POST', `${path}/complete`, {}],
    ['POST', `${path}/fail`, { error: { code: 'x', message: 'x' } }],
    ['POST', `${path}/cancel`],
    ['POST', `${path}/retry`],
  ])
    assert.equal((await agent.request(method, where, body)).status, 401, `${method} ${where}`);
});

test('a stream ends when its token does', async () => {
  const words = ['--workspace', workspace, '--persona', instance.env.TRACE_PERSONA, '--scope', 'read'];
  const stream = await openBeforeItsEnd(async (seconds) => {
    const { token } = await good(['create-token', ...words, '--expires', `${seconds}s`]);
    return openEvents(anyone().with({ token: token.secret }), [`stream:${instance.env.TRACE_STREAM}`]);
  });
  assert.equal((await stream.wait('revoked')).data.reason, 'credentials');
  stream.close();
});

test('the audit log is only appended to, by its owner, too', async () => {
  for (const change of ["UPDATE audit_log SET actor = 'nobody'", 'DELETE FROM audit_log', 'TRUNCATE audit_log'])
    await assert.rejects(instance.psql(change), /only appended to/);
});

const wrong = [
  [['set-password', 'nobody@example.com'], /no such person/, 'long enough'],
  [['set-password', 'ben@example.com'], /password on standard input/, 'short'],
  [['deactivate', 'nobody@example.com'], /no such person/],
  [['rename-user', 'ben@example.com'], /--name or --email/],
  [['rename-user', 'ben@example.com', '--email', 'nothing'], /not an e-mail address/],
  [['rename-user', 'ben@example.com', '--name', ''], /a name has/],
  [['set-role', 'ben@example.com', '--workspace', 'Demo', '--role', 'king'], /admin or member/],
  [['audit', '--limit', '0'], /whole number/],
  [['rotate-token', 'tok_nothing'], /no such token that is valid/],
  [
    ['create-token', '--workspace', 'Demo', '--persona', 'ariadne', '--scope', 'read', '--expires', 'soon'],
    /a time is/,
  ],
];
for (const [words, complaint, input] of wrong)
  test(`wrong input: ${words.join(' ')}`, async () => {
    const { status, err } = await admin(words, { input });
    assert.equal(status, 2, err);
    assert.match(err, complaint);
  });

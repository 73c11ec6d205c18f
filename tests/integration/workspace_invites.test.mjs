// SPDX-License-Identifier: Apache-2.0
// Inviting people by a link: it is good for the address it was made for, once, for a week, and its secret is kept nowhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { addPerson, addWorkspace } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, ada, nobody;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  nobody = ada.with({ cookie: undefined });
});
after(() => instance?.stop());

const password = 'a good password';
const invite = async (email, role) => (await ada.post('invites', { email, ...(role && { role }) })).expect(201).body;
const show = (link, client = nobody) => client.post(`/api/invites/${link.invite.id}`, { secret: link.secret });
const accept = (link, body = {}, client = nobody) =>
  client.post(`/api/invites/${link.invite.id}/accept`, { secret: link.secret, ...body });
const cookieOf = (reply) => reply.headers.getSetCookie()[0].split(';')[0];
const pending = async () => (await ada.get('invites')).expect(200).body.invites;

test('whoever has the link sees where it leads, chooses a name and a password, and is in', async () => {
  const link = await invite('Mia@example.com', 'admin');
  const left = Date.parse(link.invite.expiresAt) - Date.now();
  assert.ok(left > 6.9 * 86_400_000 && left <= 7 * 86_400_000, link.invite.expiresAt);
  assert.deepEqual(
    [link.invite.email, link.invite.role, link.invite.invitedBy.name, (await pending())[0].id],
    ['Mia@example.com', 'admin', 'Ada', link.invite.id],
  );
  const shown = (await show(link)).expect(200).body.invite;
  assert.deepEqual(
    [shown.email, shown.role, shown.workspace, shown.hasAccount],
    ['Mia@example.com', 'admin', { id: ada.workspace, name: 'Demo' }, false],
  );
  const reply = (await accept(link, { name: 'Mia', password })).expect(201);
  assert.deepEqual(
    [reply.body.user.name, reply.body.user.email, reply.body.workspaces.map(({ id, role }) => [id, role])],
    ['Mia', 'Mia@example.com', [[ada.workspace, 'admin']]],
  );
  const mia = nobody.with({ cookie: cookieOf(reply) });
  (await mia.get('people')).expect(200);
  await nobody.signIn('mia@example.com', password);
  // It was good once, and nothing of it is left.
  (await show(link)).expect(404);
  (await accept(link, { name: 'Moe', password })).expect(404);
  assert.deepEqual(await pending(), []);
  const { entries } = (await ada.get('audit?limit=2')).expect(200).body;
  assert.deepEqual(
    entries.map(({ actor, action, details }) => [actor.name, action, details]),
    [
      ['Mia', 'accept-invite', { invite: link.invite.id, role: 'admin' }],
      ['Ada', 'invite', { role: 'admin' }],
    ],
  );
});

test('two who come by one link at once are one', async () => {
  const link = await invite('noah@example.com');
  const replies = await Promise.all([1, 2, 3].map((n) => accept(link, { name: `Noah ${n}`, password })));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 404, 404]);
  const [{ n }] = await instance.psql("SELECT count(*)::integer AS n FROM users WHERE email = 'noah@example.com'");
  assert.equal(n, 1);
});

test('whoever has an account comes in with it, and nobody takes its place', async () => {
  const olga = await addPerson(instance, 'Olga', { workspace: await addWorkspace(instance, 'hers') });
  const email = `${olga.id}@example.com`;
  const link = await invite(email);
  assert.equal((await show(link)).expect(200).body.invite.hasAccount, true);
  for (const client of [nobody, ada, await addPerson(instance, 'Paul')])
    assert.equal((await accept(link, { name: 'Olga', password }, client)).expect(409).code, 'account_exists');
  assert.equal((await nobody.post('/api/auth/login', { email, password })).status, 401);
  const reply = (await accept(link, {}, olga)).expect(200);
  assert.equal(reply.headers.get('set-cookie'), null);
  assert.ok(reply.body.workspaces.some(({ id }) => id === ada.workspace));
  (await olga.with({ workspace: ada.workspace }).get(`/api/workspaces/${ada.workspace}`)).expect(200);
});

test('a new account ends the sign-in that the browser had', async () => {
  const quinn = await addPerson(instance, 'Quinn');
  const stream = await openEvents(quinn, ['user:me']);
  const link = await invite('rita@example.com');
  (await accept(link, { name: 'Rita', password }, quinn)).expect(201);
  assert.equal((await stream.wait('revoked')).data.reason, 'credentials');
  stream.close();
  (await quinn.get('/api/auth/me')).expect(401);
});

test('a wrong secret, a week later, withdrawn, or replaced by a newer one: there is nothing', async () => {
  const link = await invite('sam@example.com');
  for (const secret of ['x', `${link.secret}x`, link.secret.slice(1), 'A'.repeat(43)])
    for (const call of [show, accept])
      (await call({ ...link, secret }, call === accept ? { name: 'Sam', password } : undefined)).expect(404);
  const newer = await invite('SAM@example.com');
  assert.deepEqual(
    (await pending()).map(({ email }) => email),
    ['SAM@example.com'],
  );
  (await accept(link, { name: 'Sam', password })).expect(404);
  await instance.psql(`UPDATE invites SET expires_at = now() WHERE id = '${newer.invite.id}'`);
  (await show(newer)).expect(404);
  (await accept(newer, { name: 'Sam', password })).expect(404);
  assert.equal((await pending()).length, 1, 'its time is over, and the admin sees it');
  (await ada.delete(`invites/${newer.invite.id}`)).expect(204);
  (await ada.delete(`invites/${newer.invite.id}`)).expect(404);
  const [{ n }] = await instance.psql("SELECT count(*)::integer AS n FROM users WHERE email ILIKE 'sam@%'");
  assert.equal(n, 0);
});

test('without a name or a long enough password there is no account, and the link stays good', async () => {
  const link = await invite('tom@example.com');
  for (const [body, field] of [
    [{}, 'name'],
    [{ name: 'Tom' }, 'password'],
    [{ name: 'Tom', password: 'short' }, 'password'],
    [{ name: ' ', password }, 'name'],
  ])
    assert.equal((await accept(link, body)).expect(400).body.field, field);
  (await accept(link, { name: 'Tom', password })).expect(201);
});

test('who is in already is not invited', async () => {
  const vera = await addPerson(instance, 'Vera');
  const reply = await ada.post('invites', { email: `${vera.id.toUpperCase()}@example.com` });
  assert.equal(reply.expect(409).code, 'already_member');
});

test('the secret is in one answer alone', async () => {
  const link = await invite('una@example.com');
  const dump = JSON.stringify(await instance.psql('SELECT i::text AS row FROM invites i'));
  assert.ok(!dump.includes(link.secret));
  assert.ok(!(await ada.get('invites')).text.includes(link.secret));
  assert.ok(!(await ada.get('audit')).text.includes(link.secret));
  assert.ok(!instance.log('workspace-api').includes(link.secret));
});

test('an invitation is good for as long as whoever made it is an admin', async () => {
  const eve = await addPerson(instance, 'Evelyn', { role: 'admin' });
  const link = (await eve.post('invites', { email: 'back@example.com', role: 'admin' })).expect(201).body;
  (await show(link)).expect(200);
  (await ada.patch(`people/${eve.id}`, { role: 'member' })).expect(200);
  (await show(link)).expect(404);
  (await ada.patch(`people/${eve.id}`, { role: 'admin' })).expect(200);
  (await show(link)).expect(200);
  (await ada.post(`people/${eve.id}/deactivate`)).expect(200, 204);
  (await accept(link, { name: 'Back', password })).expect(404);
});

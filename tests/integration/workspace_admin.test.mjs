// SPDX-License-Identifier: Apache-2.0
// What a workspace's admins do to its people and personas, who may not, and what the audit log says of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { newId } from '../lib/ids.mjs';
import { until } from '../lib/patience.mjs';
import { addPerson, addPersona, addToken, addWorkspace } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, ada, me;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  me = (await ada.get('/api/auth/me')).expect(200).body.user;
});
after(() => instance?.stop());

const people = async (client = ada) => (await client.get('people')).expect(200).body.people;
const find = async (id) => (await people()).find((person) => person.id === id);
const audit = async (query = '') => (await ada.get(`audit${query}`)).expect(200).body;
const newest = async () => (await audit('?limit=1')).entries[0];
const isSignedOut = (client) =>
  until(async () => (await client.get('/api/auth/me')).status === 401, 'the sign-in to end');
const join = (workspace, person, role = 'member') =>
  instance.psql(`INSERT INTO workspace_members (workspace_id, user_id, slug, role)
    VALUES ('${workspace}', '${person}', '${newId('x').toLowerCase()}', '${role}')`);

test('every call of an admin is refused to members, tokens, and admins of elsewhere, and changes nothing', async () => {
  const bob = await addPerson(instance, 'Bob');
  const eve = await addPerson(instance, 'Eve', { workspace: await addWorkspace(instance, 'away'), role: 'admin' });
  const token = await addToken(instance, instance.env.TRACE_PERSONA, ['read', 'sessions:write', 'messages:write']);
  const made = (await ada.post('tokens', { personaId: instance.env.TRACE_PERSONA, scopes: ['read'] })).expect(201).body;
  const { invite } = (await ada.post('invites', { email: 'guest@example.com' })).expect(201).body;
  const calls = [
    ['GET', 'people'],
    ['PATCH', `people/${bob.id}`, { role: 'admin' }],
    ['POST', `people/${me.id}/sign-out`],
    ['POST', `people/${me.id}/deactivate`],
    ['POST', `people/${me.id}/activate`],
    ['GET', 'invites'],
    ['POST', 'invites', { email: 'x@example.com' }],
    ['DELETE', `invites/${invite.id}`],
    ['POST', 'personas', { name: 'X' }],
    ['PATCH', `personas/${instance.env.TRACE_PERSONA}`, { name: 'X' }],
    ['GET', 'tokens'],
    ['POST', 'tokens', { personaId: instance.env.TRACE_PERSONA, scopes: ['read'] }],
    ['POST', `tokens/${made.token.id}/rotate`, {}],
    ['DELETE', `tokens/${made.token.id}`],
    ['GET', 'channels'],
    ['GET', 'audit'],
  ];
  const before = [await people(), await audit()];
  for (const [method, path, body] of calls) {
    const what = `${method} ${path}`;
    assert.equal((await bob.request(method, path, body)).expect(403).code, 'admin_only', what);
    assert.equal((await token.request(method, path, body)).expect(401).code, 'unauthenticated', what);
    const elsewhere = eve.with({ workspace: ada.workspace });
    assert.equal((await elsewhere.request(method, path, body)).expect(404).code, 'not_found', what);
  }
  assert.deepEqual([await people(), await audit()], before);
  // What belongs to another workspace does not exist in one's own.
  for (const [method, path, body] of calls.filter(([, path]) => /_/.test(path)))
    assert.equal((await eve.request(method, path, body)).expect(404).code, 'not_found', `${method} ${path}`);
  assert.deepEqual([await people(), await audit()], before);
});

test('people are listed with address, role, when they were seen, and whether they can sign in', async () => {
  const fred = await addPerson(instance, 'Fred');
  const { joinedAt, ...rest } = await find(fred.id);
  assert.match(joinedAt, /^\d{4}-/);
  const email = `${fred.id}@example.com`;
  assert.deepEqual(rest, { id: fred.id, name: 'Fred', slug: 'fred', avatar: 'F', email, role: 'member' });
  const from = Date.now() - 1000;
  (await fred.get(`/api/workspaces/${fred.workspace}`)).expect(200);
  assert.ok(Date.parse((await find(fred.id)).lastSeenAt) >= from);
  assert.equal((await find(me.id)).role, 'admin');
});

test('a name and a role change, and the audit log says who did it', async () => {
  const dan = await addPerson(instance, 'Dan');
  const { person } = (await ada.patch(`people/${dan.id}`, { name: 'Daniel', role: 'admin' })).expect(200).body;
  assert.deepEqual([person.name, person.role], ['Daniel', 'admin']);
  (await dan.get('people')).expect(200);
  const { entries } = await audit('?limit=2');
  assert.deepEqual(
    entries.map(({ actor, action, subject, details }) => [actor.id, action, subject.name, details]),
    [
      [me.id, 'set-role', 'Daniel', { role: 'admin' }],
      [me.id, 'rename', 'Daniel', {}],
    ],
  );
  // What is as it was is not told.
  (await ada.patch(`people/${dan.id}`, { name: 'Daniel', role: 'admin' })).expect(200);
  assert.equal((await newest()).id, entries[0].id);
  (await ada.patch(`people/${dan.id}`, { role: 'member' })).expect(200);
  (await dan.get('people')).expect(403);
});

test('signed out everywhere, one can sign in again; deactivated, not until activated', async () => {
  const cleo = await addPerson(instance, 'Cleo');
  const stream = await openEvents(cleo, ['user:me']);
  (await ada.post(`people/${cleo.id}/sign-out`)).expect(200, 204);
  assert.equal((await stream.wait('revoked')).data.reason, 'credentials');
  stream.close();
  await isSignedOut(cleo);
  assert.deepEqual([(await newest()).action, (await newest()).subject.id], ['sign-out-everywhere', cleo.id]);

  const { invite, secret } = (await ada.post('invites', { email: 'gwen@example.com' })).expect(201).body;
  const password = 'a good password';
  const nobody = ada.with({ cookie: undefined });
  (await nobody.post(`/api/invites/${invite.id}/accept`, { secret, name: 'Gwen', password })).expect(201);
  const gwen = await nobody.signIn('gwen@example.com', password);
  const { id } = (await gwen.get('/api/auth/me')).body.user;
  (await ada.post(`people/${id}/deactivate`)).expect(200, 204);
  await isSignedOut(gwen);
  const { deactivatedAt } = await find(id);
  assert.match(deactivatedAt, /^\d{4}-/);
  (await nobody.post('/api/auth/login', { email: 'gwen@example.com', password })).expect(401);
  (await ada.post(`people/${id}/deactivate`)).expect(200, 204);
  assert.equal((await find(id)).deactivatedAt, deactivatedAt);
  (await ada.post(`people/${id}/activate`)).expect(204);
  assert.equal((await find(id)).deactivatedAt, undefined);
  await nobody.signIn('gwen@example.com', password);
});

test('the last admin stays one, also when two take the role from each other at once', async () => {
  const problem = (reply) => reply.expect(409).code;
  assert.equal(problem(await ada.patch(`people/${me.id}`, { role: 'member' })), 'last_admin');
  assert.equal(problem(await ada.post(`people/${me.id}/deactivate`)), 'last_admin');
  for (let round = 0; round < 5; round++) {
    const workspace = await addWorkspace(instance, `round ${round}`);
    const [one, other] = [
      await addPerson(instance, `One${round}`, { workspace, role: 'admin' }),
      await addPerson(instance, `Other${round}`, { workspace, role: 'admin' }),
    ];
    const acts = [
      (by, whom) => by.patch(`people/${whom.id}`, { role: 'member' }),
      (by, whom) => by.post(`people/${whom.id}/deactivate`),
    ];
    const replies = await Promise.all([acts[round % 2](one, other), acts[(round + 1) % 2](other, one)]);
    const [{ n }] = await instance.psql(`SELECT count(*)::integer AS n FROM workspace_members m JOIN users u
      ON u.id = m.user_id WHERE m.workspace_id = '${workspace}' AND m.role = 'admin' AND u.deactivated_at IS NULL`);
    assert.ok(n >= 1, `round ${round}: ${replies.map(({ status }) => status)}`);
  }
});

test('the account of somebody who is elsewhere, too, belongs to whoever administers all of it', async () => {
  const elsewhere = await addWorkspace(instance, 'second');
  const both = await addPerson(instance, 'Both', { workspace: elsewhere });
  await join(ada.workspace, both.id);
  assert.equal((await find(both.id)).elsewhere, true);
  const calls = [
    () => ada.patch(`people/${both.id}`, { name: 'Mine' }),
    ...['sign-out', 'deactivate', 'activate'].map((verb) => () => ada.post(`people/${both.id}/${verb}`)),
  ];
  for (const call of calls) assert.equal((await call()).expect(409).code, 'in_other_workspaces');
  // The role is the workspace's own.
  (await ada.patch(`people/${both.id}`, { role: 'admin' })).expect(200);
  await join(elsewhere, me.id, 'admin');
  for (const call of calls) (await call()).expect(200, 204);
});

test('a persona is made and changed; a slug is taken once', async () => {
  const { persona } = (await ada.post('personas', { name: 'Dædalus', description: 'Builds.' })).expect(201).body;
  assert.deepEqual(
    [persona.name, persona.description, persona.avatar, persona.connected],
    ['Dædalus', 'Builds.', 'D', false],
  );
  const { id, slug } = persona;
  assert.equal((await ada.post('personas', { name: 'Other', slug })).expect(409).code, 'slug_taken');
  const changed = (await ada.patch(`personas/${id}`, { name: 'Icarus', avatar: '🪽', description: '' })).expect(
    200,
  ).body;
  assert.deepEqual(changed.persona, { id, name: 'Icarus', slug, avatar: '🪽', connected: false });
  assert.deepEqual([(await newest()).action, (await newest()).subject.name], ['change-persona', 'Icarus']);
  (
    await ada.patch(
      `personas/${(await addPersona(instance, 'Away', { workspace: await addWorkspace(instance, 'third') })).id}`,
      {
        name: 'x',
      },
    )
  ).expect(404);
});

test('channels are listed without the private ones that the admin is not in; their members by whoever is in', async () => {
  const hal = await addPerson(instance, 'Hal');
  const make = async (client, name, isPrivate) =>
    (await client.post('streams', { type: 'channel', name, private: isPrivate })).expect(201).body.stream.id;
  const [open, mine, theirs] = [
    await make(hal, 'open', false),
    await make(ada, 'mine', true),
    await make(hal, 'theirs', true),
  ];
  const list = (await ada.get('channels')).expect(200);
  const ids = list.body.channels.map(({ id }) => id);
  assert.deepEqual([ids.includes(open), ids.includes(mine), ids.includes(theirs)], [true, true, false]);
  assert.ok(!list.text.includes('theirs'));
  assert.equal(list.body.hiddenCount, 1);
  assert.equal(list.body.channels.find(({ id }) => id === open).memberCount, 1);

  (await ada.get(`streams/${theirs}/members`)).expect(404);
  const members = async () => (await hal.get(`streams/${theirs}/members`)).expect(200).body.members;
  assert.deepEqual(
    (await members()).map(({ id, role }) => [id, role]),
    [[hal.id, 'owner']],
  );
  const ivy = await addPerson(instance, 'Ivy');
  (await hal.post(`streams/${theirs}/members`, { userId: ivy.id })).expect(201);
  assert.equal((await members()).length, 2);
  (await ivy.get(`streams/${theirs}/members`)).expect(200);
  // The log of the workspace does not tell of it to who is not in.
  assert.ok(!JSON.stringify(await audit()).includes(theirs));
  (await ada.delete(`streams/${theirs}/members`, { userId: ivy.id })).expect(404);
  (await ivy.post(`streams/${theirs}/members`, { userId: me.id })).expect(201);
  assert.deepEqual([(await newest()).action, (await newest()).details], ['add-member', { stream: theirs }]);
  (await ada.delete(`streams/${theirs}/members`, { userId: ivy.id })).expect(200, 204);
  assert.deepEqual([(await newest()).action, (await newest()).subject.id], ['remove-member', ivy.id]);
  // Coming and going oneself is no act upon others.
  (await ada.delete(`streams/${theirs}/members`)).expect(200, 204);
});

test('the audit log is read in pages, by who did it and what, with the operator among them', async () => {
  const kim = await addPerson(instance, 'Kim');
  for (let i = 0; i < 3; i++) (await ada.patch(`people/${kim.id}`, { name: `Kim ${i}` })).expect(200);
  await instance.psql(`INSERT INTO audit_log (actor, action, subject) VALUES ('shell:root', 'set-password', '${kim.id}'),
    ('shell:root', 'set-password', 'usr_of_nobody_here')`);
  const all = [];
  for (let page = await audit('?limit=2'); ; page = await audit(`?limit=2&before=${page.nextBefore}`)) {
    assert.ok(page.entries.length <= 2);
    all.push(...page.entries);
    if (!page.nextBefore) break;
  }
  assert.deepEqual(all, (await audit('?limit=500')).entries);
  assert.deepEqual(
    all.map(({ id }) => BigInt(id)).sort((a, b) => Number(b - a)),
    all.map(({ id }) => BigInt(id)),
  );
  assert.deepEqual(
    [all[0].actor, all[0].action, all[0].subject.name],
    [{ type: 'operator', name: 'root' }, 'set-password', 'Kim 2'],
  );
  assert.ok(!all.some(({ subject }) => subject?.id === 'usr_of_nobody_here'));
  const renames = (await audit(`?action=rename&actor=${me.id}`)).entries;
  assert.ok(renames.length >= 3 && renames.every(({ action, actor }) => action === 'rename' && actor.id === me.id));
  assert.equal((await audit(`?actor=${kim.id}`)).entries.length, 0);
});

test('the entries of an actor, and of an action, are found without reading all the others', async () => {
  const zoe = await addPerson(instance, 'Zoe');
  const ws = instance.env.TRACE_WORKSPACE;
  await instance.psql(`
    INSERT INTO audit_log (actor, action, subject, workspace_id) VALUES ('${zoe.id}', 'seldom', '${me.id}', '${ws}');
    INSERT INTO audit_log (actor, action, subject, workspace_id)
      SELECT '${me.id}', 'rename', '${me.id}', '${ws}' FROM generate_series(1, 60000);
    ANALYZE audit_log;
    CREATE FUNCTION explained(query text) RETURNS json LANGUAGE plpgsql AS $$
    DECLARE plan json;
    BEGIN
      EXECUTE query;
      EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
      RETURN plan;
    END $$`);
  for (const query of [`actor=${zoe.id}`, 'action=seldom'])
    assert.deepEqual(
      (await audit(`?${query}`)).entries.map(({ actor, action }) => [actor.id, action]),
      [[zoe.id, 'seldom']],
    );
  // The first call has read the catalogue. All entries together have more than a thousand blocks.
  const secret = ada.credentials().cookie.split('=')[1];
  for (const [whose, what] of [
    [`'${zoe.id}'`, 'NULL'],
    ['NULL', `'seldom'`],
  ]) {
    const query = `SELECT list_audit('${secret}', '${ws}', ${2n ** 63n - 1n}, 50, ${whose}, ${what})`;
    const [{ explained }] = await instance.psql(`SELECT explained($$${query}$$)`);
    const [{ Plan: plan }] = explained;
    const blocks = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    assert.ok(blocks < 200, `${whose} ${what}: ${blocks} blocks`);
  }
});

test('the audit log names links and prices, and of a session in a private channel not even the id', async () => {
  const lou = await addPerson(instance, 'Lou');
  const agent = await addToken(instance, instance.env.TRACE_PERSONA, ['read', 'sessions:write']);
  const stream = (await lou.post('streams', { type: 'channel', name: 'lous', private: true })).expect(201).body.stream
    .id;
  (await lou.post(`streams/${stream}/members`, { personaId: agent.persona })).expect(201);
  const session = (await agent.post('agent-sessions', { streamId: stream })).expect(201).body.session.id;
  const { share } = (await lou.post(`agent-sessions/${session}/shares`, {})).expect(201).body;
  assert.deepEqual(
    [(await newest()).action, (await newest()).subject, (await newest()).details],
    ['make-share', { type: 'share', id: share.id }, {}],
  );
  (await lou.post(`streams/${stream}/members`, { userId: me.id })).expect(201);
  assert.deepEqual((await audit('?action=make-share')).entries[0].details, { session });
  (await ada.put('prices', { model: 'usr_like', inputUsd: 1, outputUsd: 2 })).expect(200);
  assert.deepEqual((await newest()).subject, { type: 'model', name: 'usr_like' });
});

const wrong = [
  ['PATCH', 'people/USR', {}, 'name'],
  ['PATCH', 'people/USR', { name: '  ' }, 'name'],
  ['PATCH', 'people/USR', { name: 'two\nlines' }, 'name'],
  ['PATCH', 'people/USR', { name: 'x'.repeat(201) }, 'name'],
  ['PATCH', 'people/USR', { role: 'king' }, 'role'],
  ['POST', 'invites', { email: 'nothing' }, 'email'],
  ['POST', 'invites', { email: 'two@example.com,three@example.com' }, 'email'],
  ['POST', 'invites', { email: 'a@b@c' }, 'email'],
  ['POST', 'invites', { email: 'x@example.com', role: 'persona' }, 'role'],
  ['POST', 'personas', { name: '' }, 'name'],
  ['POST', 'personas', { name: 'x', slug: 'Not One' }, 'slug'],
  ['POST', 'personas', { name: 'x', slug: '-x' }, 'slug'],
  ['POST', 'personas', { name: 'x', avatar: 'https://example.com/x.png' }, 'avatar'],
];
test('what does not fit is refused with the name of the field', async () => {
  const bob = await addPerson(instance, 'Lee');
  for (const [method, path, body, field] of wrong) {
    const reply = (await ada.request(method, path.replace('USR', bob.id), body)).expect(400);
    assert.deepEqual([reply.code, reply.body.field], ['invalid_body', field], `${path} ${JSON.stringify(body)}`);
  }
  for (const query of ['actor=somebody', 'limit=0', 'before=x', `action=${'x'.repeat(65)}`])
    assert.equal((await ada.get(`audit?${query}`)).expect(400).body.field, query.split('=')[0]);
});

// SPDX-License-Identifier: Apache-2.0
// Every route of docs/api.md for everybody who might try: those without a credential, with a dead one, from elsewhere,
// without the scope, and people of the same workspace who are not in the private channel. The table is generated: a new
// route without its facts fails in input_world.mjs.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { addPerson, addPersona, addToken, addWorkspace } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { MARK, call, isForAdmins, isSafe, names, privateWorld, routes } from './input_world.mjs';

const ALL = ['read', 'sessions:write', 'messages:write', 'scores:write'];
let instance, person, agent, shared, ids, elsewhere, roles;

before(async () => {
  // What the sweeper would end is not to change while rows are compared.
  instance = await start({ env: { TRACE_HEARTBEAT_TIMEOUT: '3600', TRACE_PENDING_TIMEOUT: '3600' } });
  person = await personOf(instance);
  agent = agentOf(instance);
  ({ ids, shared } = await privateWorld(person, agent, (await addPerson(instance, 'Dora')).id));
  elsewhere = await addWorkspace(instance, 'elsewhere');
  const nobody = new Client(instance.url, { workspace: ids.ws });
  const gone = await personOf(instance);
  (await gone.post('/api/auth/logout')).expect(204);
  const revoked = await addToken(instance, instance.env.TRACE_PERSONA, ALL);
  await instance.psql(
    `BEGIN; UPDATE tokens SET revoked_at = now() WHERE id = '${revoked.id}'; INSERT INTO revocations (principal) VALUES ('${revoked.id}'); COMMIT`,
  );
  const expired = await addToken(instance, instance.env.TRACE_PERSONA, ALL);
  await instance.psql(`UPDATE tokens SET expires_at = now() - interval '1 second' WHERE id = '${expired.id}'`);
  const theirs = (await addPersona(instance, 'Minos', { workspace: elsewhere })).id;
  roles = {
    nobody,
    'a cookie that was signed out': gone,
    "a cookie of somebody's making": nobody.with({ cookie: `trace_login=${'A'.repeat(43)}` }),
    'a cookie that is SQL': nobody.with({ cookie: "trace_login=' OR 1=1 --" }),
    'a token that was revoked': revoked,
    'a token that has expired': expired,
    "a token of somebody's making": nobody.with({ token: `atk_${'A'.repeat(43)}` }),
    'another scheme': nobody.with({ headers: { authorization: 'Basic dXNlcjpwYXNz' } }),
    'a person of another workspace': (await addPerson(instance, 'Eve', { workspace: elsewhere })).with({
      workspace: ids.ws,
    }),
    'a token of another workspace': (await addToken(instance, theirs, ALL, { workspace: elsewhere })).with({
      workspace: ids.ws,
    }),
    'a member who is not in the channel': await addPerson(instance, 'Bob'),
    'an administrator who is not in the channel': await addPerson(instance, 'Carol', { role: 'admin' }),
    'a persona that was not called': await addToken(instance, (await addPersona(instance, 'Theseus')).id, ALL),
  };
});
after(() => instance?.stop());

const dead = [
  'nobody',
  'a cookie that was signed out',
  "a cookie of somebody's making",
  'a cookie that is SQL',
  'a token that was revoked',
  'a token that has expired',
  "a token of somebody's making",
  'another scheme',
];
const strangers = ['a person of another workspace', 'a token of another workspace'];
const outsiders = [
  'a member who is not in the channel',
  'an administrator who is not in the channel',
  'a persona that was not called',
];

const protectedRoutes = routes.filter(({ who }) => who !== 'anyone' && who !== 'nobody');
const isProgram = (role) => /token|persona/.test(role);
const isWrongKind = (route, role) => [isProgram(role) ? 'person' : 'program', 'share'].includes(route.who);

// All rows except those that a refusal, or a token that was recognised, itself leaves, when somebody was last seen, and what
// the sweeper counts whenever it comes to it.
const others = /^(last_seen|login_failures|revocations|token_uses|session_statistics|statistics_\w+)$/;
async function stored() {
  const tables = (
    await instance.psql(
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname",
    )
  ).map(({ relname }) => relname);
  for (const table of ['streams', 'messages', 'agent_sessions']) assert.ok(tables.includes(table));
  const hash = createHash('sha256');
  for (const table of tables.filter((name) => !others.test(name)))
    hash.update(JSON.stringify(await instance.psql(`SELECT * FROM ${table} t ORDER BY t::text`)));
  return hash.digest('hex');
}

async function refused(role, route, where, ...expected) {
  const reply = await call(roles[role], route, where);
  assert.ok(
    expected.includes(`${reply.status} ${reply.code}`),
    `${role}: ${route.name}: ${reply.status} ${reply.text.slice(0, 200)}`,
  );
  assert.doesNotMatch(reply.text, new RegExp(MARK));
}

test('without a living credential every route is 401, and nothing is written', async () => {
  const was = await stored();
  for (const role of dead) for (const route of protectedRoutes) await refused(role, route, ids, '401 unauthenticated');
  assert.equal(await stored(), was);
});

test('for outsiders the workspace does not exist, and nothing is written', async () => {
  const was = await stored();
  for (const role of strangers)
    for (const route of protectedRoutes.filter(({ pattern }) => pattern.includes('{ws}')))
      await refused(role, route, ids, isWrongKind(route, role) ? '401 unauthenticated' : '404 not_found');
  assert.equal(await stored(), was);
});

test('in their own workspace the ids of another one do not exist either', async () => {
  const was = await stored();
  for (const role of strangers)
    for (const route of protectedRoutes.filter((route) =>
      ['str', 'msg', 'ses', 'stp'].some((kind) => names(route, kind)),
    ))
      await refused(
        role,
        route,
        { ...ids, ws: elsewhere },
        isWrongKind(route, role) ? '401 unauthenticated' : '404 not_found',
      );
  // A session of one's own may not be put into their stream, nor triggered by their message.
  const token = roles['a token of another workspace'].with({ workspace: elsewhere });
  for (const body of [
    { streamId: ids.str },
    { triggerMessageId: ids.msg },
    { personaId: instance.env.TRACE_PERSONA },
  ]) {
    const reply = await token.post('agent-sessions', body);
    assert.ok(reply.status === 404 || reply.status === 400, `${JSON.stringify(body)}: ${reply.status}`);
  }
  assert.equal(await stored(), was);
});

test('members of the workspace outside the channel learn nothing of it, and write nothing', async () => {
  const was = await stored();
  for (const role of outsiders)
    for (const route of protectedRoutes.filter((route) =>
      ['str', 'msg', 'ses', 'stp'].some((kind) => names(route, kind)),
    )) {
      await refused(role, route, ids, isWrongKind(route, role) ? '401 unauthenticated' : '404 not_found');
    }
  for (const role of outsiders)
    for (const route of protectedRoutes.filter(
      (route) =>
        isSafe(route) && !isWrongKind(route, role) && !['str', 'msg', 'ses', 'stp'].some((kind) => names(route, kind)),
    )) {
      const reply = await call(roles[role], route, ids);
      reply.expect(isForAdmins(route) && !/administrator/.test(role) ? 403 : 200);
      for (const secret of [MARK, ids.str, ids.msg, ids.ses, ids.stp])
        assert.ok(!reply.text.includes(secret), `${role}: ${route.name} tells ${secret}`);
    }
  for (const path of [
    `search?q=${MARK}`,
    `mentionable?q=${MARK}`,
    `agent-sessions?streamId=${ids.str}`,
    `agent-sessions?q=${MARK}`,
    'agent-sessions?limit=500',
  ])
    for (const role of outsiders) {
      const reply = (await roles[role].get(path)).expect(200, 404);
      for (const secret of [MARK, ids.msg, ids.ses]) assert.ok(!reply.text.includes(secret), `${role}: ${path}`);
    }
  assert.equal(await stored(), was);
});

test('what is refused does not depend on whether the id exists', async () => {
  const other = (id) => `${id.slice(0, -4)}ZZZZ`;
  const missing = { ...ids, str: other(ids.str), msg: other(ids.msg), ses: other(ids.ses), stp: other(ids.stp) };
  for (const role of [...strangers, ...outsiders])
    for (const route of protectedRoutes.filter((route) => ['str', 'msg', 'ses'].some((kind) => names(route, kind)))) {
      const [there, not] = [await call(roles[role], route, ids), await call(roles[role], route, missing)];
      assert.equal(there.status, not.status, `${role}: ${route.name}`);
      assert.equal(there.text, not.text, `${role}: ${route.name}`);
    }
});

test('a token has its scopes and no others', async () => {
  const was = await stored();
  for (const scope of ALL) {
    const token = await addToken(
      instance,
      instance.env.TRACE_PERSONA,
      ALL.filter((name) => name !== scope),
    );
    for (const route of protectedRoutes.filter((route) => route.scope === scope && route.who !== 'person')) {
      const reply = await call(token, route, ids);
      assert.equal(`${reply.status} ${reply.code}`, '403 insufficient_scope', `${route.name} without ${scope}`);
      assert.equal(reply.body.scope, scope, route.name);
    }
    await instance.psql(`DELETE FROM tokens WHERE id = '${token.id}'`);
  }
  assert.equal(await stored(), was);
});

test('no page of another origin does anything with a cookie', async () => {
  const was = await stored();
  const signs = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `${instance.url}.evil.example` },
    { origin: instance.url.replace(/\d+$/, '1') },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: instance.url.replace('http:', 'https:') },
  ];
  // A cookie alone: no browser sends it so with an unsafe method.
  const bare = person.with({ cookie: undefined, headers: { cookie: person.cookie } });
  for (const route of routes.filter((route) => !isSafe(route)))
    for (const headers of signs) {
      const reply = await call(person, route, ids, headers);
      const expected = route.who === 'program' ? '401 unauthenticated' : '403 cross_origin';
      assert.equal(`${reply.status} ${reply.code}`, expected, `${route.name} ${JSON.stringify(headers)}`);
    }
  // The paths of a share do not know the cookie of a sign-in.
  const known = ({ who, pattern }) => who !== 'program' && !pattern.startsWith('/api/shares/');
  for (const route of routes.filter((route) => !isSafe(route) && known(route)))
    assert.equal((await call(bare, route, ids)).expect(403).code, 'cross_origin', route.name);
  assert.equal(await stored(), was);
});

test('no page of another origin may read an answer, and no answer is sniffed, framed or kept', async () => {
  for (const route of routes.filter((route) => isSafe(route) && !route.pattern.endsWith('/events'))) {
    const reply = await call(person, route, ids, { origin: 'https://evil.example' });
    for (const name of reply.headers.keys()) assert.doesNotMatch(name, /^access-control-/, route.name);
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff', route.name);
    assert.match(reply.headers.get('cache-control'), /no-store|private|no-cache/, route.name);
    assert.match(reply.type, /^application\/(problem\+)?json$/, route.name);
    assert.equal(reply.headers.get('server'), 'nginx');
    assert.equal(reply.headers.get('x-powered-by'), null);
  }
});

test('metrics are not public, whoever asks', async () => {
  for (const client of [person, agent, ...Object.values(roles)])
    assert.equal((await client.get('/metrics')).expect(404).code, 'not_found');
});

// This comes last since it ends what it calls. It shows that the refusals above were of valid calls.
test('the same calls are answered for those who may make them', async () => {
  // The question is answered before its step is put as another one, and what ends comes last.
  const order = ({ name }) =>
    (/decision$/.test(name) ? -1 : 0) +
    (/DELETE|complete|fail|cancel|retry|logout/.test(name) ? 1 : 0) +
    (/logout$/.test(name) ? 1 : 0);
  for (const route of protectedRoutes
    .filter(({ name }) => !/\/events$/.test(name))
    .sort((a, b) => order(a) - order(b))) {
    const client = { program: agent, share: shared }[route.who] ?? person;
    const reply = await call(client, route, ids);
    assert.ok(reply.status < 400 || reply.status === 409, `${route.name}: ${reply.status} ${reply.text.slice(0, 200)}`);
  }
});

// SPDX-License-Identifier: Apache-2.0
// Signing in and out through nginx: cookies, refusals, throttling, and asking who one is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, nobody, email, password;

before(async () => {
  instance = await start();
  nobody = new Client(instance.url, { workspace: instance.env.TRACE_WORKSPACE });
  ({ TRACE_EMAIL: email, TRACE_PASSWORD: password } = instance.env);
});
after(() => instance?.stop());

const signIn = (body, headers) => nobody.post('/api/auth/login', body, headers);
const setCookie = (reply) => reply.headers.get('set-cookie') ?? '';
const forgetFailures = () => instance.psql('DELETE FROM login_failures');

test('the right password signs in, with a cookie that scripts and other sites cannot use', async () => {
  const reply = (await signIn({ email: email.toUpperCase(), password })).expect(200);
  assert.match(setCookie(reply), /^trace_login=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  assert.equal(reply.body.user.email, email);
  assert.deepEqual(Object.keys(reply.body.user), ['id', 'name', 'slug', 'avatar', 'email']);
  assert.equal(reply.body.workspaces[0].id, instance.env.TRACE_WORKSPACE);
  const stored = await instance.psql("SELECT encode(hash, 'escape') AS hash FROM login_sessions");
  for (const { hash } of stored) assert.ok(!setCookie(reply).includes(hash), 'the secret is not stored');
});

test('a sign-in ends the one that it replaces in its browser, with its streams, and no other', async () => {
  const [first, elsewhere] = [await personOf(instance), await personOf(instance)];
  const stream = await openEvents(first, ['user:me']);
  await stream.wait(({ type }) => type === 'ready');
  const wrong = await first.post('/api/auth/login', { email, password: 'not this one' });
  wrong.expect(401);
  (await first.get('/api/auth/me')).expect(200);
  const reply = (await first.post('/api/auth/login', { email, password })).expect(200);
  await stream.wait(({ type }) => type === 'revoked');
  (await first.get('/api/auth/me')).expect(401);
  (await elsewhere.get('/api/auth/me')).expect(200);
  const [cookie] = setCookie(reply).split(';');
  (await first.with({ cookie }).get('/api/auth/me')).expect(200);
  await forgetFailures();
});

test('a wrong password and an unknown account get the same answer', async () => {
  const wrong = (await signIn({ email, password: 'not this one' })).expect(401);
  const unknown = (await signIn({ email: 'nobody@example.com', password: 'not this one' })).expect(401);
  assert.equal(wrong.code, 'unauthenticated');
  assert.equal(wrong.text, unknown.text);
  assert.equal(setCookie(wrong), '');
  await forgetFailures();
});

test('the time of a refusal does not reveal whether the account exists', async () => {
  // Compares the quickest of several tries: a busy machine makes some of them slower, and none of them quicker.
  const quickest = new Map();
  for (let i = 0; i < 5; i++)
    for (const address of [email, 'nobody@example.com']) {
      const begin = performance.now();
      await signIn({ email: address, password: 'not this one' });
      quickest.set(address, Math.min(quickest.get(address) ?? Infinity, performance.now() - begin));
    }
  const [known, unknown] = quickest.values();
  assert.ok(known / unknown < 3 && unknown / known < 3, `${known} ms against ${unknown} ms`);
  await forgetFailures();
});

test('invalid bodies are refused, and the field is named', async () => {
  const cases = [
    [{}, 'email'],
    [{ email }, 'password'],
    [{ email: 1, password }, 'email'],
    [{ email, password: ['x'] }, 'password'],
    [{ email: '', password }, 'email'],
    [{ email: 'a'.repeat(400), password }, 'email'],
    [{ email, password: 'x'.repeat(2000) }, 'password'],
  ];
  for (const [body, field] of cases) {
    const reply = (await signIn(body)).expect(400);
    assert.equal(reply.code, 'invalid_body');
    assert.equal(reply.body.field, field, JSON.stringify(body));
  }
  for (const raw of [
    '{"email":"a\\u0000b","password":"x"}',
    '{',
    '[]',
    '"x"',
    '{"email":"a","email":"b"}',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  ])
    assert.equal((await signIn(raw)).expect(400).code, 'invalid_body');
});

test('after ten failures an address cannot sign in to that account for five minutes; others can', async () => {
  for (let i = 0; i < 10; i++) (await signIn({ email, password: 'wrong wrong' })).expect(401);
  const reply = (await signIn({ email, password })).expect(429);
  assert.equal(reply.code, 'too_many_attempts');
  const wait = Number(reply.headers.get('retry-after'));
  assert.ok(wait > 280 && wait <= 300, `Retry-After: ${wait}`);
  (await signIn({ email: 'other@example.com', password: 'wrong wrong' })).expect(401);
  await instance.psql("UPDATE login_failures SET at = at - interval '301 seconds'");
  (await signIn({ email, password })).expect(200);
  await forgetFailures();
});

test('an address with two hundred failures is closed to every account', async () => {
  await instance.psql(
    "INSERT INTO login_failures (account, address) SELECT 'a' || i || '@example.com', '127.0.0.1' FROM generate_series(1, 199) i",
  );
  (await signIn({ email, password })).expect(200);
  await instance.psql("INSERT INTO login_failures (account, address) VALUES ('b@example.com', '127.0.0.1')");
  (await signIn({ email, password })).expect(429);
  await forgetFailures();
});

test('"who am I" answers people and programs', async () => {
  const person = (await (await personOf(instance)).get('/api/auth/me')).expect(200).body;
  assert.equal(person.user.email, email);
  assert.deepEqual(
    person.workspaces.map(({ id }) => id),
    [instance.env.TRACE_WORKSPACE],
  );
  const program = (await agentOf(instance).get('/api/auth/me')).expect(200).body;
  assert.equal(program.persona.id, instance.env.TRACE_PERSONA);
  assert.deepEqual(program.scopes.sort(), ['messages:write', 'read', 'sessions:write']);
  for (const client of [
    nobody,
    nobody.with({ token: 'atk_no' }),
    nobody.with({ cookie: 'trace_login=no' }),
    nobody.with({ cookie: 'trace_login=;' }),
    nobody.with({ headers: { authorization: 'Basic eDp5' } }),
  ]) {
    const reply = (await client.get('/api/auth/me')).expect(401);
    assert.equal(reply.code, 'unauthenticated');
  }
});

test('a bad token is refused even beside a good cookie', async () => {
  const person = await personOf(instance);
  (await person.with({ token: 'atk_no' }).get('/api/auth/me')).expect(401);
});

test('signing out ends the cookie, once', async () => {
  const [one, other] = [await personOf(instance), await personOf(instance)];
  await instance.psql('DELETE FROM revocations');
  const reply = (await one.post('/api/auth/logout')).expect(204);
  assert.deepEqual(reply.headers.getSetCookie(), [
    'trace_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    'trace_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
  ]);
  (await one.get('/api/auth/me')).expect(401);
  (await one.post('/api/auth/logout')).expect(401);
  (await other.get('/api/auth/me')).expect(200);
  const [{ n }] = await instance.psql("SELECT count(*)::integer AS n FROM revocations WHERE principal LIKE 'lgn%'");
  assert.equal(n, 1);
});

// The update is when the present schema's first migration was applied.
const makeOlderThanTheUpdate = (of) =>
  of.psql(`UPDATE login_sessions
    SET created_at = (SELECT applied_at FROM schema_migrations WHERE number = 1) - interval '1 minute'`);

// As a browser keeps it from before the update.
async function oldCookieOf(person) {
  await makeOlderThanTheUpdate(instance);
  return person.cookie.replace('trace_login', 'trace_session');
}

test('a sign-in of before the update stays valid, and its cookie is exchanged for the new name', async () => {
  const person = await personOf(instance);
  const cookie = await oldCookieOf(person);
  const old = person.with({ cookie });
  const reply = (await old.get('/api/auth/me')).expect(200);
  const [present, ended, ...more] = reply.headers.getSetCookie();
  assert.deepEqual(more, []);
  const [, pair, age] = /^(trace_login=[\w-]{43}); Path=\/; Max-Age=(\d+); HttpOnly; SameSite=Lax$/.exec(present);
  assert.equal(pair, person.cookie);
  assert.ok(Number(age) > 29 * 86400 && Number(age) <= 30 * 86400, 'the sign-in goes on as long as before');
  assert.equal(ended, 'trace_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax');
  // Both programs, refusals and the door exchange it too; with the new one the old one is not looked at.
  const sessions = `/api/workspaces/${instance.env.TRACE_WORKSPACE}/agent-sessions`;
  assert.equal((await old.get(sessions)).expect(200).headers.getSetCookie().length, 2);
  assert.equal((await old.get(`${sessions}/ses_${'0'.repeat(26)}`)).expect(404).headers.getSetCookie().length, 2);
  const both = person.with({ cookie: `trace_session=nothing; ${person.cookie}` });
  assert.deepEqual((await both.get('/api/auth/me')).expect(200).headers.getSetCookie(), []);
});

test('signing out with the old cookie ends the sign-in and clears both', async () => {
  const person = await personOf(instance);
  const old = person.with({ cookie: await oldCookieOf(person) });
  assert.deepEqual((await old.post('/api/auth/logout')).expect(204).headers.getSetCookie(), [
    'trace_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    'trace_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
  ]);
  (await old.get('/api/auth/me')).expect(401);
  (await person.get('/api/auth/me')).expect(401);
});

test('the old cookie is refused for a sign-in that began after the update, and 30 days after it', async () => {
  const person = await personOf(instance);
  const old = person.with({ cookie: person.cookie.replace('trace_login', 'trace_session') });
  const refused = (await old.get('/api/auth/me')).expect(401);
  assert.deepEqual(refused.headers.getSetCookie(), []);
  const [{ at }] = await instance.psql('SELECT applied_at::text AS at FROM schema_migrations WHERE number = 1');
  const update = (when) => instance.psql(`UPDATE schema_migrations SET applied_at = ${when} WHERE number = 1`);
  try {
    await update("now() - interval '29 days 23 hours'");
    await makeOlderThanTheUpdate(instance);
    (await old.get('/api/auth/me')).expect(200);
    await update("now() - interval '30 days 1 second'");
    await makeOlderThanTheUpdate(instance);
    (await old.get('/api/auth/me')).expect(401);
    (await person.get('/api/auth/me')).expect(200);
  } finally {
    await update(`'${at}'`);
  }
});

test('an expired sign-in is refused', async () => {
  const person = await personOf(instance);
  await instance.psql("UPDATE login_sessions SET expires_at = now() - interval '1 second'");
  (await person.get('/api/auth/me')).expect(401);
});

test("another site's page cannot act with the cookie, nor sign somebody in", async () => {
  const person = await personOf(instance);
  const evil = { origin: 'https://evil.example' };
  assert.equal((await person.post('/api/auth/logout', undefined, evil)).expect(403).code, 'cross_origin');
  assert.equal((await signIn({ email, password }, evil)).expect(403).code, 'cross_origin');
  assert.equal(
    (await signIn({ email, password }, { 'sec-fetch-site': 'cross-site' })).expect(403).code,
    'cross_origin',
  );
  (await person.get('/api/auth/me', evil)).expect(200);
});

test('methods, unknown paths and the clock', async () => {
  const reply = (await nobody.get('/api/auth/login')).expect(405);
  assert.equal(reply.code, 'method_not_allowed');
  assert.equal(reply.headers.get('allow'), 'POST');
  assert.equal((await nobody.get('/api/auth/nothing')).expect(404).code, 'not_found');
  assert.ok(Math.abs(Number(reply.headers.get('trace-time')) - Date.now()) < 5000);
});

test('under TLS the cookie is Secure and the public address decides what is another site', async () => {
  const secure = await start({ env: { TRACE_PUBLIC_URL: 'https://trace.example' } });
  try {
    const client = new Client(secure.url, { headers: { origin: 'https://trace.example' } });
    const credentials = { email: secure.env.TRACE_EMAIL, password: secure.env.TRACE_PASSWORD };
    const reply = (await client.post('/api/auth/login', credentials)).expect(200);
    assert.match(
      setCookie(reply),
      /^__Host-trace_login=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    );
    const [, secret] = /=([\w-]{43});/.exec(setCookie(reply));
    const status = async (cookie) => (await client.with({ cookie }).get('/api/auth/me')).status;
    assert.equal(await status(`__Host-trace_login=${secret}`), 200);
    assert.equal(await status(`trace_login=${secret}`), 401, 'another host of the domain could set it');
    assert.equal(await status(`trace_session=${secret}`), 401, 'the sign-in began after the update');
    await makeOlderThanTheUpdate(secure);
    const exchanged = (await client.with({ cookie: `trace_session=${secret}` }).get('/api/auth/me')).expect(200);
    const [present, old] = exchanged.headers.getSetCookie();
    assert.match(
      present,
      new RegExp(`^__Host-trace_login=${secret}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Lax; Secure$`),
    );
    assert.equal(old, 'trace_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
    (await client.with({ headers: { origin: secure.url } }).post('/api/auth/login', credentials)).expect(403);
  } finally {
    await secure.stop();
  }
});

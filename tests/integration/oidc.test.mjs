// SPDX-License-Identifier: Apache-2.0
// Signing in by an identity provider: who comes in and who does not, tokens that lie, new keys, a provider that is away.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { CLIENT, IdentityProvider, jose, makeKey } from '../lib/identity.mjs';
import { freePort, start } from '../lib/instance.mjs';
import { addPerson, addWorkspace } from '../lib/people.mjs';
import { Client } from '../lib/rest.mjs';
import { SignIn, patiently, refusedFor } from '../lib/sign_in.mjs';
import { run } from './admin.mjs';

let instance, provider, first, publicUrl, way;

const anyone = () => way.anyone();
const begin = () => way.begin();
const complete = (browser, said) => way.complete(browser, said);
const signIn = (person) => way.as(person);
const signedIn = (reply) => way.signedIn(reply);

// A sign-in in which the provider's token endpoint answers `token`, made of what a right one would have.
async function signInWith(token) {
  const { location, browser } = await begin();
  const asked = new URL(location).searchParams;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: provider.issuer,
    aud: CLIENT.id,
    sub: 'liar',
    nonce: asked.get('nonce'),
    iat: now,
    exp: now + 60,
    email: 'liar@new.example',
    email_verified: true,
  };
  const id_token = await token(claims);
  provider.instead.set('/token', (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: 'x', token_type: 'Bearer', id_token }));
  });
  return complete(browser, { code: 'x', state: asked.get('state') });
}
const sign = async (claims, { key = provider.keys[0], header = {} } = {}) =>
  new jose.SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(await jose.importJWK(key, key.alg));
const forget = () => instance.psql(`UPDATE oidc_providers SET read_at = now() - interval '1 minute'`);

const oddNames = { lines: 'Nia\nAdmin', bell: 'Nia\u0007', blank: '   ', rubout: 'Nia\u007f' };

before(async () => {
  publicUrl = 'http://trace.example';
  provider = new IdentityProvider(await freePort(), `${publicUrl}/login/callback`);
  first = await makeKey('first');
  await provider.start([first]);
  instance = await start({
    env: {
      TRACE_PUBLIC_URL: publicUrl,
      TRACE_OIDC_ISSUER: provider.issuer,
      TRACE_OIDC_CLIENT_ID: CLIENT.id,
      TRACE_OIDC_CLIENT_SECRET: CLIENT.secret,
      TRACE_OIDC_LABEL: 'Example Inc.',
      TRACE_OIDC_DOMAINS: 'new.example, other.example=Demo,lost.example=Nowhere',
    },
  });
  way = new SignIn(instance, provider, publicUrl);
  const person = (name, email, email_verified = true) =>
    provider.people.set(name, { email, email_verified, name: `${name} of Example` });
  person('ada', instance.env.TRACE_EMAIL.toUpperCase());
  person('nia', 'nia@new.example');
  for (const [key, name] of Object.entries(oddNames))
    provider.people.set(key, { email: `${key}@new.example`, email_verified: true, name });
  person('oto', 'oto@OTHER.example');
  person('sue', 'sue@elsewhere.example');
  person('lou', 'lou@lost.example');
  person('eve', instance.env.TRACE_EMAIL, false);
  person('mal', instance.env.TRACE_EMAIL);
});
afterEach(() => provider.instead.clear());
after(async () => {
  await instance?.stop();
  await provider?.stop();
});

test('the page learns how people can sign in', async () => {
  assert.deepEqual((await anyone().get('/api/auth/methods')).expect(200).body, {
    password: true,
    provider: { label: 'Example Inc.' },
  });
});

test('the browser goes to the provider with a state, a nonce and a challenge of its own', async () => {
  const [one, two] = [await begin(), await begin()];
  const asked = new URL(one.location);
  assert.equal(asked.origin, provider.issuer);
  const { searchParams: query } = asked;
  assert.deepEqual(
    ['response_type', 'client_id', 'redirect_uri', 'code_challenge_method', 'scope'].map((name) => query.get(name)),
    ['code', CLIENT.id, `${publicUrl}/login/callback`, 'S256', 'openid email profile'],
  );
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.match(query.get(name), /^[\w-]{43}$/);
    assert.notEqual(query.get(name), new URL(two.location).searchParams.get(name));
  }
});

test('a person with an account is found by a verified address, and by their name there from then on', async () => {
  const reply = await signIn('ada');
  const { user } = reply.expect(200).body;
  assert.equal(user.email, instance.env.TRACE_EMAIL);
  assert.equal((await signedIn(reply).get('/api/auth/me')).expect(200).body.user.id, user.id);
  provider.people.get('ada').email = 'moved@elsewhere.example';
  assert.equal((await signIn('ada')).expect(200).body.user.id, user.id);
  const { TRACE_EMAIL: email, TRACE_PASSWORD: password } = instance.env;
  (await patiently(() => anyone().post('/api/auth/login', { email, password }))).expect(200);
});

test('an address that belongs to somebody with another name there opens nothing', async () => {
  assert.equal(refusedFor(await signIn('mal')), 'address_taken');
});

test('an address that is not verified opens nothing', async () => {
  assert.equal(refusedFor(await signIn('eve')), 'email_unverified');
});

test('who is new comes in by the domain of their address', async () => {
  const nia = (await signIn('nia')).expect(200).body;
  assert.deepEqual(
    [nia.user.name, nia.user.email, nia.workspaces.length, nia.workspaces[0].role],
    ['nia of Example', 'nia@new.example', 1, 'member'],
  );
  assert.equal((await signIn('nia')).expect(200).body.user.id, nia.user.id);
  assert.equal((await signIn('oto')).expect(200).body.workspaces[0].name, 'Demo');
  assert.equal(refusedFor(await signIn('sue')), 'unknown_person');
  assert.equal(refusedFor(await signIn('lou')), 'unknown_person');
  // They have no password, and nobody comes in without one.
  for (const password of ['', '-', 'any'])
    assert.notEqual((await anyone().post('/api/auth/login', { email: 'nia@new.example', password })).status, 200);
  const log = await instance.psql(`SELECT action FROM audit_log WHERE actor = '${nia.user.id}' ORDER BY id`);
  assert.deepEqual(
    log.map(({ action }) => action),
    ['join', 'link-identity'],
  );
});

test('a name that no form would take is none: the address stands in its place', async () => {
  for (const key of Object.keys(oddNames))
    assert.equal((await signIn(key)).expect(200).body.user.name, `${key}@new.example`);
});

test('who was deactivated does not come in, and comes in again when activated', async () => {
  await instance.psql(`UPDATE users SET deactivated_at = now() WHERE email = 'nia@new.example'`);
  assert.equal(refusedFor(await signIn('nia')), 'deactivated');
  await instance.psql(`UPDATE users SET deactivated_at = NULL WHERE email = 'nia@new.example'`);
  (await signIn('nia')).expect(200);
});

test('signing out ends the sign-in', async () => {
  const client = signedIn(await signIn('nia'));
  (await client.post('/api/auth/logout')).expect(204);
  (await client.get('/api/auth/me')).expect(401);
});

test('a sign-in that another browser has begun, or none, is not completed', async () => {
  const [one, two] = [await begin(), await begin()];
  const answer = await provider.visit(one.location, 'nia');
  for (const [browser, said] of [
    [two.browser, answer],
    [anyone(), answer],
    [one.browser, { ...answer, state: 'x' }],
    [one.browser, { ...answer, state: `${answer.state}x` }],
  ])
    assert.equal((await complete(browser, said)).expect(401).code, 'sign_in_expired');
  (await complete(one.browser, answer)).expect(200);
  // The provider takes its code once.
  assert.equal((await complete(one.browser, answer)).expect(401).code, 'sign_in_rejected');
  // The code of another attempt: its challenge and its nonce are not this browser's.
  const other = await provider.visit(two.location, 'nia');
  const state = new URL((await begin()).location).searchParams.get('state');
  assert.equal(
    (await complete(two.browser, { code: 'wrong', state: other.state })).expect(401).code,
    'sign_in_rejected',
  );
  assert.equal((await complete(two.browser, { code: other.code, state })).expect(401).code, 'sign_in_expired');
});

const lies = {
  'a wrong nonce': (claims) => sign({ ...claims, nonce: 'other' }),
  'no nonce': ({ nonce: _, ...claims }) => sign(claims),
  'another audience': (claims) => sign({ ...claims, aud: 'another' }),
  'several audiences without a party': (claims) => sign({ ...claims, aud: [CLIENT.id, 'another'] }),
  'another party': (claims) => sign({ ...claims, azp: 'another' }),
  'another issuer': (claims) => sign({ ...claims, iss: `${claims.iss}/` }),
  'an end that has passed': (claims) => sign({ ...claims, iat: claims.iat - 600, exp: claims.iat - 61 }),
  'no end': ({ exp: _, ...claims }) => sign(claims),
  'a beginning in the future': (claims) => sign({ ...claims, iat: claims.iat + 3600, exp: claims.exp + 3600 }),
  'a validity in the future': (claims) => sign({ ...claims, nbf: claims.iat + 3600 }),
  'no subject': ({ sub: _, ...claims }) => sign(claims),
  'no signature': (claims) => new jose.UnsecuredJWT(claims).encode(),
  'the header of another algorithm': async (claims) => {
    const [, payload, signature] = (await sign(claims)).split('.');
    return [Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url'), payload, signature].join('.');
  },
  'the public key as a shared secret': async (claims) => {
    const pem = await jose.exportSPKI(
      await jose.importJWK({ kty: 'RSA', n: provider.keys[0].n, e: provider.keys[0].e, alg: 'RS256' }, 'RS256'),
    );
    return new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(pem));
  },
  "another's key under the same name": async (claims) => sign(claims, { key: await makeKey('first') }),
  'a key of its own in the header': async (claims) => {
    const key = await makeKey('own');
    return sign(claims, { key, header: { jwk: { kty: 'RSA', n: key.n, e: key.e } } });
  },
  'changed claims': async (claims) => {
    const [header, , signature] = (await sign(claims)).split('.');
    return [header, Buffer.from(JSON.stringify({ ...claims, sub: 'ada' })).toString('base64url'), signature].join('.');
  },
  'no token at all': () => undefined,
  rubbish: () => 'a.b.c',
};
for (const [what, token] of Object.entries(lies))
  test(`a token with ${what} opens nothing`, async () => {
    assert.equal((await signInWith(token)).expect(401).code, 'sign_in_rejected');
  });

test('a token that says all of it opens, also with a clock a little off', async () => {
  (await signInWith((claims) => sign(claims))).expect(200);
  (await signInWith((claims) => sign({ ...claims, iat: claims.iat + 50, exp: claims.iat + 300 }))).expect(200);
  (await signInWith((claims) => sign({ ...claims, exp: claims.iat - 30 }))).expect(200);
  (await signInWith((claims) => sign({ ...claims, aud: [CLIENT.id, 'another'], azp: CLIENT.id }))).expect(200);
});

test('keys are looked for again when one is unknown, but not for each token', async () => {
  const unknown = await makeKey('unknown');
  await forget();
  const before = provider.asked.get('/jwks');
  for (let i = 0; i < 5; i++) (await signInWith((claims) => sign(claims, { key: unknown }))).expect(401);
  assert.equal(provider.asked.get('/jwks'), before + 1);
});

test('after the provider has changed its keys, and their kind, people come in as before', async () => {
  for (const key of [
    await makeKey('second'),
    await makeKey('third', 'ES256'),
    await makeKey('fourth', 'PS256'),
    first,
  ]) {
    await provider.stop();
    await provider.start([key]);
    await forget();
    (await signIn('nia')).expect(200);
  }
});

test('an address that the provider tells by its userinfo endpoint alone is as good', async () => {
  await provider.stop();
  provider.inToken = false;
  await provider.start([first]);
  assert.equal((await signIn('nia')).expect(200).body.user.email, 'nia@new.example');
  assert.equal(refusedFor(await signIn('mal')), 'address_taken');
});

test('while the provider is away passwords go on, and people are told', async () => {
  const { location, browser } = await begin();
  const answer = await provider.visit(location, 'nia');
  await provider.stop();
  const away = (await complete(browser, answer)).expect(503);
  assert.equal(away.code, 'provider_unavailable');
  assert.match(away.body.detail, /password/);
  assert.equal(away.headers.get('retry-after'), '5');
  (await begin()).location.startsWith(provider.issuer);
  await instance.psql('DELETE FROM oidc_providers');
  assert.equal((await way.askToBegin()).expect(503).code, 'provider_unavailable');
  const { TRACE_EMAIL: email, TRACE_PASSWORD: password } = instance.env;
  (await patiently(() => anyone().post('/api/auth/login', { email, password }))).expect(200);
  await provider.start([first]);
  (await signIn('nia')).expect(200);
});

test('a provider that does not answer holds two workers for some seconds, and nobody else', async () => {
  provider.instead.set('/token', () => {});
  const begun = [];
  for (let i = 0; i < 4; i++) begun.push(await begin());
  const states = begun.map(({ location }) => new URL(location).searchParams.get('state'));
  const waiting = begun.map(({ browser }, i) => complete(browser, { code: 'x', state: states[i] }));
  const quick = await Promise.race(waiting);
  assert.equal(quick.expect(429).code, 'too_many_attempts');
  (await anyone().get('/api/auth/methods')).expect(200);
  const statuses = (await Promise.all(waiting)).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [429, 429, 503, 503]);
});

test('a provider that tells of another issuer, or too much, is not believed', async () => {
  await instance.psql('DELETE FROM oidc_providers');
  for (const metadata of ['{"issuer":"http://127.0.0.1:1"}', '[]', 'x'.repeat(2 << 20)]) {
    provider.instead.set('/.well-known/openid-configuration', (_, response) => response.end(metadata));
    assert.equal((await way.askToBegin()).expect(503).code, 'provider_unavailable');
  }
});

test('a configuration that cannot work is refused at the start, and nothing of it is there without one', async () => {
  const program = join(instance.prefix, 'libexec/workspace-api.fcgi');
  const asNobody = ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
  const words = [...(process.getuid() === 0 ? asNobody : []), program];
  const base = { ...process.env, TRACE_DATABASE_URL: instance.env.DATABASE_URL, TRACE_SOCKET_DIR: '/nonexistent' };
  for (const [env, complaint] of [
    [{ TRACE_PASSWORDS: '0' }, /nobody could sign in/],
    [{ TRACE_OIDC_ISSUER: 'http://id.example' }, /https/],
    [{ TRACE_OIDC_ISSUER: 'https://id.example' }, /TRACE_OIDC_CLIENT_ID/],
    [{ TRACE_OIDC_ISSUER: 'https://id.example', TRACE_OIDC_CLIENT_ID: 'x' }, /TRACE_PUBLIC_URL/],
  ]) {
    const { status, err } = await run(words[0], words.slice(1), { env: { ...base, ...env } });
    assert.deepEqual([status, complaint.test(err)], [2, true], err);
  }
});

test('with passwords switched off there is one way in', async () => {
  const other = await start({
    env: {
      TRACE_PASSWORDS: '0',
      TRACE_PUBLIC_URL: publicUrl,
      TRACE_OIDC_ISSUER: provider.issuer,
      TRACE_OIDC_CLIENT_ID: CLIENT.id,
      TRACE_OIDC_CLIENT_SECRET: CLIENT.secret,
    },
  });
  try {
    const client = new Client(other.url, { headers: { origin: publicUrl } });
    assert.deepEqual((await client.get('/api/auth/methods')).expect(200).body, {
      password: false,
      provider: { label: 'single sign-on' },
    });
    const { TRACE_EMAIL: email, TRACE_PASSWORD: password } = other.env;
    assert.equal((await client.post('/api/auth/login', { email, password })).expect(403).code, 'passwords_off');
    // Nor does an invitation's link make an account with one.
    const admin = await addPerson(other, 'Ida', { role: 'admin' });
    const origin = { origin: publicUrl };
    const link = (await admin.post('invites', { email: 'new@example.com' }, origin)).expect(201).body;
    for (const password of ['long enough', undefined]) {
      const body = { secret: link.secret, name: 'New', password };
      const reply = await client.post(`/api/invites/${link.invite.id}/accept`, body);
      assert.equal(reply.expect(403).code, 'passwords_off');
    }
    // Whoever has the address comes in by the provider, in the role of the invitation, and once.
    const there = new SignIn(other, provider, publicUrl);
    const signIn = (person) => there.as(person);
    const invite = (email, role) => admin.post('invites', { email, role }, origin);
    provider.people.set('new', { email: 'NEW@example.com', email_verified: true, name: 'Newt' });
    provider.people.set('not', { email: 'not@example.com', email_verified: false, name: 'Not' });
    provider.people.set('late', { email: 'late@example.com', email_verified: true, name: 'Late' });
    (await invite('new@example.com', 'admin')).expect(201);
    (await invite('not@example.com')).expect(201);
    (await invite('late@example.com')).expect(201);
    await other.psql(`UPDATE invites SET expires_at = now() WHERE email = 'late@example.com'`);
    const { user, workspaces } = (await signIn('new')).expect(200).body;
    assert.deepEqual(
      [user.email, user.name, workspaces.length, workspaces[0].role],
      ['NEW@example.com', 'Newt', 1, 'admin'],
    );
    assert.equal((await signIn('new')).expect(200).body.user.id, user.id);
    assert.equal(refusedFor(await signIn('not')), 'email_unverified');
    assert.equal(refusedFor(await signIn('late')), 'unknown_person');
    assert.equal(refusedFor(await signIn('sue')), 'unknown_person');
    const left = (await admin.get('invites')).expect(200).body.invites.map(({ email }) => email);
    assert.deepEqual(left.sort(), ['late@example.com', 'not@example.com']);
    const log = await other.psql(`SELECT action FROM audit_log WHERE actor = '${user.id}' ORDER BY id`);
    assert.deepEqual(
      log.map(({ action }) => action),
      ['accept-invite', 'link-identity'],
    );
    // With an account the link is enough: the provider says who it is.
    const elsewhere = await addWorkspace(other, 'elsewhere');
    const boss = await addPerson(other, 'Ivo', { role: 'admin', workspace: elsewhere });
    const second = (await boss.post('invites', { email: 'new@example.com' }, origin)).expect(201).body;
    const known = there.signedIn(await signIn('new'));
    const came = (await known.post(`/api/invites/${second.invite.id}/accept`, { secret: second.secret })).expect(
      200,
    ).body;
    assert.equal(came.workspaces.length, 2);
  } finally {
    await other.stop();
  }
});

// SPDX-License-Identifier: Apache-2.0
// Parts of the story of openapi.test.mjs: signing in by an identity provider, and the settings of a workspace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIENT, IdentityProvider, makeKey } from '../lib/identity.mjs';
import { freePort, start } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { Client } from '../lib/rest.mjs';

// In an instance of its own, which has a provider.
async function signInByProvider(call) {
  const returns = 'http://trace.example';
  const provider = new IdentityProvider(await freePort(), `${returns}/login/callback`);
  provider.people.set('ada', { email: 'ada@new.example', email_verified: true, name: 'Ada' });
  await provider.start([await makeKey('first')]);
  const other = await start({
    env: {
      TRACE_PUBLIC_URL: returns,
      TRACE_OIDC_ISSUER: provider.issuer,
      TRACE_OIDC_CLIENT_ID: CLIENT.id,
      TRACE_OIDC_CLIENT_SECRET: CLIENT.secret,
      TRACE_OIDC_DOMAINS: 'new.example',
    },
  });
  try {
    const browser = new Client(other.url, { headers: { origin: returns } });
    await call(browser, 'listSignInMethods');
    const begun = await call(browser, 'beginSignIn', { compare: false });
    const body = await provider.visit(begun.body.location, 'ada');
    const cookie = begun.headers.get('set-cookie').split(';')[0];
    await call(browser.with({ cookie, base: other.url }), 'completeSignIn', {
      body,
      headers: { origin: returns },
      compare: false,
    });
  } finally {
    await other.stop();
    await provider.stop();
  }
}

// The caller has seen something else than there is.
async function seenOtherwise(call, person, operation, params, body) {
  const { code } = await call(person, operation, { params, body, status: 409 });
  assert.equal(code, 'changed_meanwhile');
}

// `other` is no admin of the workspace.
async function changeSettings(call, person, other, ws) {
  await call(person, 'putRedaction', { params: ws, status: 201 });
  await call(person, 'putRedaction', { params: ws });
  await call(person, 'listRedaction', { params: ws });
  await call(person, 'tryRedaction', { params: ws });
  await call(person, 'removeRedaction', { params: ws, status: 204 });
  for (let i = 0; i < 32; i++)
    (await person.put('redaction', { name: `n${i}`, pattern: `never said ${i}` })).expect(201);
  const full = await call(person, 'putRedaction', { params: ws, body: { name: 'email', pattern: 'x' }, status: 409 });
  assert.equal(full.code, 'too_many_rules');
  for (let i = 0; i < 32; i++) (await person.delete('redaction', { name: `n${i}` })).expect(204);
  const rule = { name: 'x', pattern: 'x', was: { pattern: 'y' } };
  for (const operation of ['putRedaction', 'removeRedaction']) await seenOtherwise(call, person, operation, ws, rule);
  await seenOtherwise(call, person, 'putRetention', ws, { days: 1, was: { days: 5, held: false } });
  await call(person, 'getRetention', { params: ws });
  await call(person, 'putRetention', { params: ws });
  const bodies = { name: 'a', pattern: 'x', text: '', days: 1 };
  for (const operation of ['listRedaction', 'getRetention']) await call(other, operation, { params: ws, status: 403 });
  for (const operation of ['putRedaction', 'removeRedaction', 'tryRedaction', 'putRetention'])
    await call(other, operation, { params: ws, body: bodies, status: 403 });
}

// `other` is no admin of the workspace.
async function changeStream(call, person, other, params) {
  await call(person, 'putStreamRetention', { params, compare: false });
  for (const operation of ['putStreamRetention', 'removeStreamRetention'])
    await seenOtherwise(call, person, operation, params, { days: 1, was: { days: 5, held: false } });
  await call(person, 'removeStreamRetention', { params });
  await call(other, 'putStreamRetention', { params, body: { days: 1 }, status: 403 });
  await call(other, 'removeStreamRetention', { params, status: 403 });
}

// `world` is asked when the tests run.
export function accessStory(contract, world) {
  const call = (...parts) => contract.call(...parts);

  test('people sign in by an identity provider', () => signInByProvider(call));

  test('an admin sets what is taken out of texts, and how long steps are kept', async () => {
    const { instance, person, ws, channel } = world();
    const other = await addPerson(instance, 'Bert');
    await changeSettings(call, person, other, ws);
    await changeStream(call, person, other, channel);
  });
}

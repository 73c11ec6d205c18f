// SPDX-License-Identifier: Apache-2.0
// Signing in by an identity provider (tests/lib/identity.mjs), as a browser does it: over there, back, and in.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './rest.mjs';

export const cookieOf = (reply, name) =>
  reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .find((cookie) => cookie.startsWith(`${name}=`));

// nginx lets five sign-ins of an address pass in a second, and a fast machine makes more of them here.
export async function patiently(ask) {
  for (;;) {
    const reply = await ask();
    if (reply.status !== 429 || !reply.text.includes('from this address')) return reply;
    await sleep(1000 * reply.headers.get('retry-after'));
  }
}

// Why somebody does not come in.
export const refusedFor = (reply) => {
  assert.equal(reply.expect(403).code, 'sign_in_refused');
  return reply.body.reason;
};

// The ways into an instance whose browsers see it as `publicUrl`.
export class SignIn {
  constructor(instance, provider, publicUrl) {
    Object.assign(this, { instance, provider, publicUrl });
  }

  anyone() {
    const { url, env } = this.instance;
    return new Client(url, { workspace: env.TRACE_WORKSPACE, headers: { origin: this.publicUrl } });
  }

  askToBegin() {
    return patiently(() => this.anyone().post('/api/auth/provider/begin'));
  }

  async begin() {
    const reply = (await this.askToBegin()).expect(200);
    return { location: reply.body.location, browser: this.anyone().with({ cookie: cookieOf(reply, 'trace_oidc') }) };
  }

  complete(browser, { code, state }) {
    const body = { code, state };
    return patiently(() => browser.request('POST', '/api/auth/provider/complete', body, { origin: this.publicUrl }));
  }

  // The whole way of a browser: the reply to its end.
  async as(person) {
    const { location, browser } = await this.begin();
    return this.complete(browser, await this.provider.visit(location, person));
  }

  // Whoever has come in by that reply.
  signedIn(reply) {
    return this.anyone().with({ cookie: cookieOf(reply.expect(200), 'trace_login') });
  }
}

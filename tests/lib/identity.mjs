// SPDX-License-Identifier: Apache-2.0
// An identity provider on this machine: oidc-provider of npm (tests/foreign), which is certified for OpenID Connect, with
// its own pages. What it would never do by itself (answer late, sign with other keys, tell lies) is done in front of it.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const foreign = fileURLToPath(new URL('../foreign/node_modules', import.meta.url));
const { default: Provider } = await import(join(foreign, 'oidc-provider/lib/index.js'));
export const jose = await import(join(foreign, 'jose/dist/webapi/index.js'));

export const CLIENT = { id: 'agent trace', secret: 's+e/c r:e%t' };

export async function makeKey(kid, alg = 'RS256') {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid, alg, use: 'sig' };
}

export class IdentityProvider {
  // People by their names there: {email, email_verified, name}.
  people = new Map();
  // How many requests of each path have come.
  asked = new Map();
  // In place of the provider, for a path: (request, response) => void.
  instead = new Map();
  #server;
  #held = new Set();

  // `returns`: the address that browsers come back to, or several.
  constructor(port, returns, { inToken = true } = {}) {
    Object.assign(this, { port, returns, inToken, issuer: `http://127.0.0.1:${port}` });
  }

  async start(keys) {
    this.keys = keys;
    const claims = (id) => ({ sub: id, ...this.people.get(id) });
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [this.returns].flat(),
          response_types: ['code'],
          grant_types: ['authorization_code'],
          id_token_signed_response_alg: keys[0].alg,
        },
      ],
      jwks: { keys },
      cookies: { keys: ['of a test'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      // Otherwise claims of scopes are told by the userinfo endpoint alone.
      conformIdTokenClaims: !this.inToken,
      pkce: { required: () => true },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
      findAccount: (_, id) => ({ accountId: id, claims: () => claims(id) }),
    });
    const callback = provider.callback();
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url, this.issuer);
      this.asked.set(pathname, (this.asked.get(pathname) ?? 0) + 1);
      (this.instead.get(pathname) ?? callback)(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#held.add(socket);
      socket.once('close', () => this.#held.delete(socket));
    });
    await new Promise((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop() {
    for (const socket of this.#held) socket.destroy();
    if (this.#server?.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  // Goes through its pages as that person: the query with which the browser is sent back.
  async visit(location, person) {
    const jar = new Map();
    let url = location;
    let form;
    for (let step = 0; step < 20; step++) {
      const response = await fetch(url, {
        method: form ? 'POST' : 'GET',
        body: form,
        redirect: 'manual',
        headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
        if (/expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
        else jar.set(name, value);
      }
      const next = response.headers.get('location');
      const page = await response.text();
      if (next?.startsWith(this.returns)) return Object.fromEntries(new URL(next).searchParams);
      form = undefined;
      if (next) {
        url = new URL(next, url).href;
        continue;
      }
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (!action) throw new Error(`the provider answered ${response.status} without a form: ${page.slice(0, 500)}`);
      url = new URL(action, url).href;
      const prompt = /name="prompt" value="(\w+)"/.exec(page)[1];
      form = new URLSearchParams(prompt === 'login' ? { prompt, login: person, password: 'any' } : { prompt });
    }
    throw new Error('the provider goes round in circles');
  }
}

// SPDX-License-Identifier: Apache-2.0
// A REST client for tests: JSON in, JSON out, and errors are checked for their common form.
import assert from 'node:assert/strict';

export class Reply {
  constructor(response, text) {
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
    this.type = (response.headers.get('content-type') ?? '').split(';')[0];
  }

  get body() {
    return this.text === '' ? undefined : JSON.parse(this.text);
  }

  // The error's code, once its form has been checked.
  get code() {
    assert.equal(this.type, 'application/problem+json', `status ${this.status}: ${this.text}`);
    const problem = this.body;
    assert.equal(problem.status, this.status);
    for (const field of ['title', 'detail', 'code'])
      assert.equal(typeof problem[field], 'string', `problem without ${field}`);
    return problem.code;
  }

  expect(...statuses) {
    assert.ok(
      statuses.includes(this.status),
      `status ${this.status}, not ${statuses.join(' or ')}: ${this.text.slice(0, 2000)}`,
    );
    return this;
  }
}

export class Client {
  // `base`: the instance's URL; `workspace`: paths that do not begin with '/' are below it.
  constructor(base, { token, cookie, workspace, headers = {} } = {}) {
    Object.assign(this, { base, token, cookie, workspace, headers });
  }

  with(changes) {
    return new Client(this.base, { ...this, ...changes });
  }

  url(path) {
    return this.base + (path.startsWith('/') ? path : `/api/workspaces/${this.workspace}/${path}`);
  }

  credentials() {
    return {
      ...(this.token && { authorization: `Bearer ${this.token}` }),
      ...(this.cookie && { cookie: this.cookie, origin: this.base }),
      ...this.headers,
    };
  }

  // `body`: an object becomes JSON; a string, bytes or a stream goes as it is.
  async request(method, path, body, headers = {}) {
    const raw =
      body === undefined || typeof body === 'string' || ArrayBuffer.isView(body) || body instanceof ReadableStream;
    const response = await fetch(this.url(path), {
      method,
      redirect: 'manual',
      headers: { ...this.credentials(), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: raw ? body : JSON.stringify(body),
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    });
    return new Reply(response, await response.text());
  }

  get(path, headers) {
    return this.request('GET', path, undefined, headers);
  }
  post(path, body, headers) {
    return this.request('POST', path, body, headers);
  }
  put(path, body, headers) {
    return this.request('PUT', path, body, headers);
  }
  patch(path, body, headers) {
    return this.request('PATCH', path, body, headers);
  }
  delete(path, body, headers) {
    return this.request('DELETE', path, body, headers);
  }

  // A client with the cookie of that person.
  async signIn(email, password) {
    const reply = (await this.with({ token: undefined }).post('/api/auth/login', { email, password })).expect(200);
    const cookie = reply.headers.getSetCookie?.()[0] ?? reply.headers.get('set-cookie');
    assert.match(cookie ?? '', /^trace_login=/);
    return this.with({ token: undefined, cookie: cookie.split(';')[0] });
  }
}

// The clients of an instance: the persona's token, and the demo person signed in.
export function agentOf(instance) {
  return new Client(instance.url, { token: instance.env.TRACE_TOKEN, workspace: instance.env.TRACE_WORKSPACE });
}

export function personOf(instance) {
  const { TRACE_EMAIL, TRACE_PASSWORD, TRACE_WORKSPACE } = instance.env;
  return new Client(instance.url, { workspace: TRACE_WORKSPACE }).signIn(TRACE_EMAIL, TRACE_PASSWORD);
}

// SPDX-License-Identifier: Apache-2.0
// A page of another origin in a browser: with a token it writes, reads and follows; with the cookie of who is signed in
// it gets nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { freePort, start } from '../lib/instance.mjs';
import { agentOf } from '../lib/rest.mjs';
import { openBrowser, Visitor } from './lib/visitor.mjs';

let instance, browser, pages, visitor, agent;

before(async () => {
  pages = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Elsewhere</title>');
  }).listen(await freePort(), '127.0.0.1');
  await once(pages, 'listening');
  instance = await start({ env: { TRACE_CORS_ORIGINS: `http://127.0.0.1:${pages.address().port}` } });
  agent = agentOf(instance);
  browser = await openBrowser();
  visitor = await (await Visitor.open(browser, instance)).signIn();
  await visitor.page.goto(`http://127.0.0.1:${pages.address().port}/`);
});
after(async () => {
  await browser?.close();
  await instance?.stop();
  pages?.close();
});

test('a page with a token starts a session, and reads its events and its message stream', async () => {
  const seen = await visitor.page.evaluate(
    async ({ base, token }) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const post = (path, body) =>
        fetch(`${base}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }).then((reply) => reply.json());
      const { session } = await post('agent-sessions', { title: 'From elsewhere' });
      const read = async (path, enough, { method = 'GET', meanwhile } = {}) => {
        const end = new AbortController();
        const reply = await fetch(`${base}/${path}`, { method, headers, signal: end.signal });
        let text = '';
        for (const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader(); !enough.test(text); ) {
          const { value, done } = await reader.read();
          if (done) break;
          text += value;
          if (!text.includes('event: ready')) continue;
          await meanwhile?.();
          meanwhile = undefined;
        }
        end.abort();
        return text;
      };
      const step = () =>
        post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', content: 'hello', completed: true });
      const events = await read(`events?room=session:${session.id}`, /step:completed/, { meanwhile: step });
      const messages = await read(`agent-sessions/${session.id}/stream`, /reasoning-end/);
      const run = await read(`agent-sessions/${session.id}/ag-ui`, /REASONING_END/, { method: 'POST' });
      return { events, messages, run };
    },
    { base: agent.url('').slice(0, -1), token: instance.env.TRACE_TOKEN },
  );
  assert.match(seen.events, /event: agent_session:step:completed/);
  assert.match(seen.messages, /"reasoning-delta".*"hello"/);
  assert.match(seen.run, /"REASONING_MESSAGE_CONTENT".*"hello"/);
});

// The browser asks before the request, of an address that it has not asked about yet.
test('while a program is away a page with a token reads that it is, and for how long', async () => {
  visitor.expect(/502/);
  const socket = `${instance.state}/sock/trace-api.sock`;
  renameSync(socket, `${socket}.away`);
  try {
    const seen = await visitor.page.evaluate(
      async ({ url, token }) => {
        const reply = await fetch(url, { method: 'PATCH', headers: { authorization: `Bearer ${token}` }, body: '{}' });
        return [reply.status, reply.headers.get('retry-after'), (await reply.json()).code];
      },
      { url: agent.url('agent-sessions/ses_00000000000000000000000000'), token: instance.env.TRACE_TOKEN },
    );
    assert.deepEqual(seen, [502, '1', 'unavailable']);
  } finally {
    renameSync(`${socket}.away`, socket);
  }
});

test('the cookie of who is signed in opens nothing to it', async () => {
  visitor.expect(/CORS policy|ERR_FAILED|403/);
  const seen = await visitor.page.evaluate(
    async ({ base, ws }) => {
      const tried = (options, path) =>
        fetch(`${base}${path}`, { credentials: 'include', ...options }).then(
          (reply) => reply.status,
          () => 'refused',
        );
      const source = new EventSource(`${base}/api/workspaces/${ws}/events?room=workspace:${ws}`, {
        withCredentials: true,
      });
      const stream = await new Promise((resolve) => {
        source.onopen = () => resolve('opened');
        source.onerror = () => resolve('refused');
      });
      source.close();
      return [
        await tried({}, '/api/auth/me'),
        await tried({ method: 'POST', body: '{}' }, `/api/workspaces/${ws}/streams`),
        stream,
      ];
    },
    { base: instance.url, ws: instance.env.TRACE_WORKSPACE },
  );
  assert.deepEqual(seen, ['refused', 'refused', 'refused']);
});

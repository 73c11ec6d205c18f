// SPDX-License-Identifier: Apache-2.0
// Pages of other origins: those that the operator names may use the API with a bearer token, and nobody with a cookie.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World } from './session_world.mjs';

const PAGES = 'https://pages.example';
const OTHER = 'https://other.example';
let world;

before(async () => {
  world = await World.make({ env: { TRACE_CORS_ORIGINS: `${PAGES}/, http://localhost:3000` } });
});
after(() => world?.instance.stop());

const cors = (reply) => Object.fromEntries([...reply.headers].filter(([name]) => name.startsWith('access-control-')));
const ask = (path, headers) => world.nobody.request('OPTIONS', path, undefined, headers);

test('a page that is named may read answers and refusals', async () => {
  for (const origin of [PAGES, 'http://localhost:3000']) {
    const replies = [
      (await world.agent.get('agent-sessions', { origin })).expect(200),
      (await world.agent.get('agent-sessions/ses_00000000000000000000000000', { origin })).expect(404),
      (await world.agent.post('agent-sessions', { title: 7 }, { origin })).expect(400),
      (await world.nobody.get('agent-sessions', { origin })).expect(401),
    ];
    for (const reply of replies) {
      assert.equal(reply.headers.get('access-control-allow-origin'), origin);
      assert.match(reply.headers.get('access-control-expose-headers'), /ETag, Retry-After/);
      assert.equal(reply.headers.get('access-control-allow-credentials'), null);
      assert.match(reply.headers.get('vary'), /\bOrigin\b/);
    }
  }
});

test('other pages and other names may not, and caches keep the answers apart', async () => {
  for (const origin of [
    OTHER,
    'null',
    `${PAGES}.evil.example`,
    'http://pages.example',
    `${PAGES}:8443`,
    '',
    undefined,
  ]) {
    const reply = (await world.agent.get('agent-sessions', origin === undefined ? {} : { origin })).expect(200);
    assert.deepEqual(cors(reply), {}, origin);
    assert.match(reply.headers.get('vary'), /\bOrigin\b/);
  }
});

test('a cookie opens nothing to another origin', async () => {
  const origin = { origin: PAGES };
  assert.deepEqual(cors((await world.ada.get('agent-sessions', origin)).expect(200)), {});
  const refused = (await world.ada.post('streams', { type: 'channel', name: 'x' }, origin)).expect(403);
  assert.equal(refused.code, 'cross_origin');
  assert.deepEqual(cors(refused), {});
});

test('browsers are told before a request what they may send', async () => {
  const asked = { origin: PAGES, 'access-control-request-method': 'POST' };
  const reply = (await ask('agent-sessions', asked)).expect(204);
  assert.deepEqual(reply.headers.get('access-control-allow-methods').split(', ').sort(), ['GET', 'HEAD', 'POST']);
  assert.equal(reply.headers.get('access-control-allow-headers'), 'Authorization, *');
  assert.equal(reply.headers.get('access-control-allow-origin'), PAGES);
  assert.equal(reply.headers.get('access-control-max-age'), '600');
  (await ask('/ingest/otlp/v1/traces', asked)).expect(204);
  (await ask('events', { ...asked, 'access-control-request-method': 'GET' })).expect(204);
  assert.equal((await ask('nowhere', asked)).expect(404).code, 'not_found');
  for (const headers of [{ ...asked, origin: OTHER }, { origin: PAGES }, {}])
    assert.equal((await ask('agent-sessions', headers)).expect(405).code, 'method_not_allowed');
});

test('streams are read from elsewhere, whichever way they come', async () => {
  const session = await world.session();
  const streams = [
    ['GET', `events?room=session:${session}`],
    ['GET', `agent-sessions/${session}/stream`],
    ['POST', `agent-sessions/${session}/ag-ui`],
  ];
  for (const [method, path] of streams)
    for (const [origin, expected] of [
      [PAGES, PAGES],
      [OTHER, null],
    ]) {
      const end = new AbortController();
      const headers = { ...world.reader.credentials(), origin };
      const response = await fetch(world.reader.url(path), { method, headers, signal: end.signal });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('access-control-allow-origin'), expected, `${method} ${path}`);
      end.abort();
    }
});

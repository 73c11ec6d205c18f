// SPDX-License-Identifier: Apache-2.0
// MCP servers at an address that forget, break off, refuse or never end: none of it costs more than the call, and no
// call is made twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SECRET, answered, begin, borrowing, end, told } from './agent_borrowing.mjs';
import { startServer } from './agent_stage.mjs';

before(begin);
after(end);

// Servers at an address, whose answers are plain JSON or whatever `answer` makes of them.
async function remotely(answer, calls, options) {
  const seen = [];
  const server = await startServer((request, response, body) => {
    const message = body ? JSON.parse(body) : {};
    seen.push({ method: request.method, headers: request.headers, message, body });
    const json = (value, headers = {}) =>
      response
        .writeHead(200, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...value }));
    if (answer(message, response, json, seen)) return undefined;
    if (message.method === 'initialize')
      return json(
        { result: { protocolVersion: '2025-03-26', capabilities: {} } },
        { 'mcp-session-id': 'conversation-1' },
      );
    if (message.method === 'tools/list') return json({ result: { tools: [{ name: 'do' }] } });
    if (message.id === undefined) return response.writeHead(202).end();
    return json({ result: { content: [{ type: 'text', text: 'done' }] } });
  });
  try {
    const headers = { Authorization: `Bearer ${SECRET}` };
    return Object.assign(await borrowing({ url: server.url, headers, timeout: 3 }, calls, options), { seen });
  } finally {
    server.stop();
  }
}

test('a server at an address may answer with plain JSON, and is told its version, its conversation and its end', async () => {
  const ran = await remotely(() => false, ['do']);
  assert.equal(answered(ran)[0].content.result, 'done');
  const call = ran.seen.find(({ message }) => message.method === 'tools/call');
  assert.equal(call.headers['mcp-session-id'], 'conversation-1');
  assert.equal(call.headers['mcp-protocol-version'], '2025-03-26');
  assert.equal(call.headers.authorization, `Bearer ${SECRET}`);
  assert.equal(ran.seen.filter(({ method }) => method === 'DELETE').length, 2); // of the list's and of the call's
});

test('a conversation that the server forgot is begun anew', async () => {
  let forgotten = 0;
  const ran = await remotely(
    ({ method }, response) => method === 'tools/call' && forgotten++ === 0 && response.writeHead(404).end(),
    ['do'],
  );
  assert.equal(answered(ran)[0].content.result, 'done');
});

test('a conversation that the server forgot may be a bad request', async () => {
  let forgotten = 0;
  const body =
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}';
  const ran = await remotely(
    ({ method }, response) => method === 'tools/call' && forgotten++ === 0 && response.writeHead(400).end(body),
    ['do'],
  );
  assert.equal(answered(ran)[0].content.result, 'done');
});

test('an error of the protocol is told in its words, whatever the status', async () => {
  const ran = await remotely(
    ({ method, id }, response) =>
      method === 'tools/call' &&
      response.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no such word' } })), // prettier-ignore
    ['do'],
  );
  assert.match(answered(ran)[0].error.message, /refused: no such word/);
});

test('whole numbers of 64 bits are passed on with all their digits, and larger ones spoil nothing', async () => {
  const written = '{"id":1234567890123456789,"n":5}';
  const given = '{"next":8765432109876543210,"large":98765432109876543210}';
  const ran = await remotely(
    ({ method, id }, response) =>
      method === 'tools/call' &&
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${given}}}`),
    [],
    { written: [['odd__do', written]] },
  );
  const [used] = answered(ran);
  assert.equal(used.status, 'completed', JSON.stringify(used.error));
  const call = ran.seen.find(({ message }) => message.method === 'tools/call');
  assert.ok(call.body.includes(`"arguments":${written}`), call.body);
  assert.deepEqual(used.content.args, JSON.parse(written));
  assert.deepEqual(used.content.result, JSON.parse(given));
  assert.match(told(), /8765432109876543210/);
});

test('a stream that ends before its answer is taken up behind its last event', async () => {
  let call;
  const events = { 'content-type': 'text/event-stream' };
  const ran = await remotely(
    ({ method, id }, response, json, seen) => {
      const last = seen.at(-1).headers['last-event-id'];
      if (seen.at(-1).method === 'GET') {
        const result = { content: [{ type: 'text', text: `behind ${last}` }] };
        if (last === '1') return response.writeHead(200, events).end('id: 2\ndata:\n\n');
        return response.writeHead(200, events).end(`id: 3\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: call, result })}\n\n`); // prettier-ignore
      }
      if (method !== 'tools/call') return false;
      call = id;
      return response.writeHead(200, events).end('retry: 10\nid: 1\ndata:\n\n');
    },
    ['do'],
  );
  assert.equal(answered(ran)[0].content.result, 'behind 2');
});

test('a call whose stream was begun is not made again by a server that forgot the conversation meanwhile', async () => {
  const ran = await remotely(
    ({ method }, response, json, seen) => {
      if (seen.at(-1).method === 'GET') return response.writeHead(404).end();
      if (method !== 'tools/call') return false;
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 10\nid: 1\ndata:\n\n');
    },
    ['do'],
  );
  assert.equal(ran.seen.filter(({ message }) => message.method === 'tools/call').length, 1);
  const [used] = answered(ran);
  assert.deepEqual([used.status, used.error.code], ['failed', 'tool_unavailable']);
  assert.match(used.error.message, /its answer was cut off/);
  assert.match(told(), /its answer was cut off/);
});

for (const [name, sentence, answer] of [
  ['an error of its own', 'status 500', (response) => response.writeHead(500).end('no')],
  ['a refused key', 'check its key', (response) => response.writeHead(401).end(SECRET)],
  [
    'another address',
    'another address',
    (response) => response.writeHead(302, { location: 'http://x.example/' }).end(),
  ],
  [
    'a cut answer',
    'cut off',
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"js'),
  ],
  ['something else', 'cut off', (response) => response.writeHead(200).end('<html>Hello</html>')],
  [
    'silence',
    'not answer in time',
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n'),
  ],
  [
    'an endless stream',
    'answer was too large',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = () => response.destroyed || response.write(`data: ${'x'.repeat(1 << 20)}`, more);
      return more();
    },
  ],
])
  test(`a server at an address gives ${name}: a failed step`, async () => {
    const ran = await remotely(({ method }, response) => method === 'tools/call' && (answer(response), true), ['do']);
    const [used] = answered(ran);
    assert.equal(used.status, 'failed');
    assert.ok(used.error.message.includes(sentence), used.error.message);
  });

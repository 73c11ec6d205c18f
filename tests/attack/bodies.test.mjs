// SPDX-License-Identifier: Apache-2.0
// A body that is small on the wire and large as a tree takes no memory, whoever sends it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { addToken } from '../lib/people.mjs';
import { Client } from '../lib/rest.mjs';

const MOST = 128 << 20;
// Two and a half million objects.
const forest = `[${'{},'.repeat((8 << 20) / 3 - 2)}{}]`;

let instance, agent;
before(async () => {
  instance = await start({ env: { TRACE_WORKERS: '2' } });
  agent = await addToken(instance, instance.env.TRACE_PERSONA, ['read', 'sessions:write', 'messages:write']);
});
after(() => instance?.stop());

// What the largest of a program's workers has ever had.
function highest(program) {
  const parent = instance.pid(program);
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
  const peak = (pid) => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
  return Math.max(...children.map(peak));
}

const nobody = () =>
  new Client(instance.url, { token: `atk_${'x'.repeat(43)}`, workspace: instance.env.TRACE_WORKSPACE });

test('the protocol of coding agents: a stranger is told so before the body is read, and everybody is bounded', async () => {
  (await nobody().post('/mcp', forest)).expect(401);
  const { error } = (await agent.post('/mcp', forest)).expect(400).body;
  assert.equal(error.code, -32600);
  const deep = (await agent.post('/mcp', '['.repeat(1 << 20))).expect(400).body;
  assert.equal(deep.error.code, -32600);
  assert.ok(highest('trace-api') < MOST, `${highest('trace-api')} bytes`);
});

test('no other body is larger as a tree', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const step = newId('stp');
  const paths = [
    ['post', `agent-sessions/${session}/steps`],
    ['put', `agent-sessions/${session}/steps/${step}`],
    ['post', `agent-sessions/${session}/batch`],
    ['post', `streams/${instance.env.TRACE_STREAM}/messages`],
    ['post', '/api/auth/login'],
  ];
  for (const [method, path] of paths)
    for (const client of [nobody(), agent]) {
      const reply = await client[method](path, `{"content":${forest}}`);
      assert.ok([400, 401, 413].includes(reply.status), `${method} ${path}: ${reply.status} ${reply.text}`);
    }
  for (const program of ['trace-api', 'workspace-api'])
    assert.ok(highest(program) < MOST, `${program}: ${highest(program)} bytes`);
});

test('who has no token that is good gets no answer of the protocol', async () => {
  for (const method of ['initialize', 'tools/list', 'ping'])
    (await nobody().post('/mcp', { jsonrpc: '2.0', id: 1, method })).expect(401);
  for (const method of ['initialize', 'tools/list', 'ping'])
    (await agent.post('/mcp', { jsonrpc: '2.0', id: 1, method })).expect(200);
  const writer = await addToken(instance, instance.env.TRACE_PERSONA, ['sessions:write']);
  const reply = (await writer.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list' })).expect(403);
  assert.equal(reply.code, 'insufficient_scope');
});

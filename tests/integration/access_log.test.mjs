// SPDX-License-Identifier: Apache-2.0
// The log of requests: a line of JSON each, where that is chosen, with what an operator asks about and without what opens
// something or was written by people.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { addToken } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';

let instance, agent, person;

before(async () => {
  instance = await start({ env: { TRACE_ACCESS_LOG: '1' } });
  agent = agentOf(instance);
  person = await personOf(instance);
});
after(() => instance?.stop());

// What has no end of line yet is still being written.
const linesOf = (program, where = instance) =>
  where
    .log(program)
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
// The last line about a request like that: it is written when the reply has gone out.
async function lineOf(program, expected) {
  const isIt = (line) => Object.entries(expected).every(([key, value]) => line[key] === value);
  return until(() => linesOf(program).findLast(isIt), `a line about ${JSON.stringify(expected)}`);
}

test('a request of an agent is logged by its route, its ids and its answer', async () => {
  const body = JSON.stringify({ title: 'What nobody logs' });
  const reply = (await agent.post('agent-sessions', body)).expect(201);
  const { time, durationUs, ...line } = await lineOf('trace-api', { method: 'POST', status: 201 });
  assert.deepEqual(line, {
    program: 'trace-api',
    method: 'POST',
    route: '/api/workspaces/{ws}/agent-sessions',
    workspaceId: instance.env.TRACE_WORKSPACE,
    address: '127.0.0.1',
    caller: 'program',
    status: 201,
    bytesIn: body.length,
    bytesOut: Buffer.byteLength(reply.text),
  });
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 600_000, time);
  assert.ok(Number.isSafeInteger(durationUs) && durationUs > 0, durationUs);
  const { id } = reply.body.session;
  (await person.get(`agent-sessions/${id}?limit=1`)).expect(200);
  const read = await lineOf('trace-api', { method: 'GET', status: 200, sessionId: id });
  assert.equal(read.route, '/api/workspaces/{ws}/agent-sessions/{ses}');
  assert.equal(read.caller, 'person');
});

test('what has no route, no caller or no whole reply says so', async () => {
  const nobody = new Client(instance.url);
  (await nobody.get('/api/zzpathmarker?q=zzquerymarker')).expect(404);
  const line = await lineOf('workspace-api', { method: 'GET', status: 404 });
  assert.deepEqual([line.route, line.workspaceId, line.caller], [undefined, undefined, 'nobody']);
  const { id } = (await agent.post('agent-sessions', {})).expect(201).body.session;
  (await person.get(`agent-sessions/${id}/export?format=ndjson`)).expect(200);
  const sent = await lineOf('trace-api', { route: '/api/workspaces/{ws}/agent-sessions/{ses}/export' });
  assert.deepEqual([sent.status, sent.bytesOut, sent.brokenOff], [200, undefined, undefined]);
});

test('neither a token in the path nor what was asked for is logged', async () => {
  const door = await addToken(instance, instance.env.TRACE_PERSONA, ['ingest']);
  const body = JSON.stringify({ traceId: 't', spans: {} });
  (await new Client(instance.url).post(`/ingest/genkit/${door.token}/api/traces`, body)).expect(200);
  const line = await lineOf('ingest-api', { method: 'POST', route: '/ingest/genkit/{*}/api/traces' });
  assert.deepEqual([line.status, line.caller, line.workspaceId], [200, 'program', undefined]);
  for (const program of ['trace-api', 'workspace-api', 'ingest-api'])
    for (const secret of [door.token, agent.token, person.cookie.split('=')[1], 'marker', 'What nobody logs'])
      assert.ok(!instance.log(program).includes(secret), `${program} logs ${secret}`);
});

test('without being asked for nothing is logged', async () => {
  const silent = await start();
  try {
    (await agentOf(silent).post('agent-sessions', {})).expect(201);
    await personOf(silent);
    for (const program of ['trace-api', 'workspace-api']) assert.deepEqual(linesOf(program, silent), []);
  } finally {
    await silent.stop();
  }
});

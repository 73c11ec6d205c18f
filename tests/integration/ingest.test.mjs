// SPDX-License-Identifier: Apache-2.0
// The door for foreign agents: what published clients really sent (tests/clients/recorded), sent again to a whole instance.
// How a recording is to be read is test_ingest_recordings' subject; here it goes through nginx, the program and the store.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { newId } from '../lib/ids.mjs';
import { until } from '../lib/patience.mjs';
import { openEvents } from '../lib/sse.mjs';
import { World, wronglySettled } from './session_world.mjs';

const recorded = fileURLToPath(new URL('../clients/recorded', import.meta.url));
const doors = [
  [/^\/(info|runs)/, '/ingest/langsmith'],
  [/^\/api\/public/, '/ingest/langfuse'],
  [/^\/v1\/traces\/ingest/, '/ingest/openai-agents'],
  [/^\/v1\//, '/ingest/otlp'],
];
// Runs whose trace shows no AI make no session.
const without = new Set(['otel/weird-json']);

let world, url;

before(async () => {
  world = await World.make();
  url = world.instance.url;
});
after(() => world?.instance.stop());

// A token of a persona of its own, so that the same recording is new for each test.
async function newToken(scopes = 'ingest', at = world) {
  const persona = newId('per');
  const secret = `atk_${newId('tok').toLowerCase()}`;
  await at.sql(`
    INSERT INTO personas (id, workspace_id, name, slug, avatar)
      VALUES ('${persona}', '${at.ids.ws}', '${persona}', '${persona.toLowerCase()}', 'P');
    INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
      VALUES ('${newId('tok')}', '${at.ids.ws}', '${persona}', sha256('${secret}'), '{${scopes}}');`);
  return { persona, secret };
}

function requestsOf(run) {
  const folder = join(recorded, run);
  return JSON.parse(readFileSync(join(folder, 'requests.json'), 'utf8'))
    .filter((request) => request.body)
    .map((request) => ({ ...request, bytes: readFileSync(join(folder, request.body)) }));
}

async function send(request, secret) {
  const base = doors.find(([pattern]) => pattern.test(request.path))[1];
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  return fetch(url + base + request.path, {
    method: request.method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(type && { 'content-type': type }),
      ...(encoding && { 'content-encoding': encoding }),
    },
    body: request.bytes,
  });
}

async function sendRun(run, secret) {
  for (const request of requestsOf(run)) {
    const response = await send(request, secret);
    const text = await response.text();
    assert.ok(response.ok, `${run} ${request.n}: ${response.status} ${text}`);
    if (request.path.endsWith('/v1/traces') && request.headers['content-type'].includes('json'))
      assert.equal(text, '{}');
  }
}

// What session.txt says of the steps: indentation, type, whether it ended, name.
function expectedSteps(run) {
  return readFileSync(join(recorded, run, 'session.txt'), 'utf8')
    .split('\n')
    .map((line) => /^( *)- (\w+) (open|ended)[^:]*?( orphan)?: (.*)$/.exec(line))
    .filter(Boolean)
    .map(([, indent, type, state, , name]) => `${indent}${type} ${state} ${name}`);
}

async function storedSteps(persona) {
  const rows =
    await world.sql(`SELECT p.session_id AS session, p.id, p.parent_step_id AS parent, p.step_type AS type, p.name,
      p.end_seq IS NOT NULL AS ended
    FROM steps p JOIN agent_sessions s ON s.id = p.session_id WHERE s.persona_id = '${persona}'
    ORDER BY p.started_at, p.step_number`);
  const sessions = [...new Set(rows.map((row) => row.session))];
  const lines = [];
  const print = (session, parent, depth) => {
    for (const row of rows) {
      const isTop = !row.parent || !rows.some((other) => other.session === session && other.id === row.parent);
      if (row.session !== session || (parent ? row.parent !== parent : !isTop)) continue;
      lines.push(`${'  '.repeat(depth)}${row.type} ${row.ended ? 'ended' : 'open'} ${row.name ?? ''}`);
      print(session, row.id, depth + 1);
    }
  };
  for (const session of sessions) print(session, null, 0);
  return lines;
}

const snapshotOf = (persona) =>
  world.sql(`SELECT s.id, s.status, s.last_seq, s.step_count, s.open_steps, s.title, s.input_tokens, s.output_tokens
    FROM agent_sessions s WHERE s.persona_id = '${persona}' ORDER BY s.id`);

// Waits until nothing ends by itself any more: those whose root has ended do, once they are quiet.
const settled = (persona) =>
  until(async () => {
    const [{ n }] = await world.sql(`SELECT count(*)::integer AS n
      FROM agent_sessions s JOIN steps p ON p.session_id = s.id AND p.id = s.root_step_id
      WHERE s.persona_id = '${persona}' AND s.status = 'running' AND s.open_steps = 0 AND p.end_seq IS NOT NULL`);
    return n === 0;
  }, 'an end of all that is over');

for (const client of readdirSync(recorded).filter((name) => !name.includes('.')))
  for (const name of readdirSync(join(recorded, client)).filter((folder) =>
    existsSync(join(recorded, client, folder, 'tree.txt')),
  )) {
    const run = `${client}/${name}`;
    test(`${run} is one session with its tree, and the same again changes nothing`, async () => {
      const { persona, secret } = await newToken();
      await sendRun(run, secret);
      if (without.has(run)) return assert.deepEqual(await snapshotOf(persona), []);
      const cut = (lines) => lines.map((line) => line.slice(0, 120)).sort();
      assert.deepEqual(cut(await storedSteps(persona)), cut(expectedSteps(run)));
      const tokens = /tokens: (\d+) in, (\d+) out/.exec(readFileSync(join(recorded, run, 'session.txt'), 'utf8'));
      await settled(persona);
      const before = await snapshotOf(persona);
      const sum = (field) => before.reduce((total, session) => total + Number(session[field] ?? 0), 0);
      assert.deepEqual([sum('input_tokens'), sum('output_tokens')], [Number(tokens[1]), Number(tokens[2])]);
      await sendRun(run, secret);
      assert.deepEqual(await snapshotOf(persona), before);
    });
  }

const span = (id, more = {}) => ({
  traceId: id.repeat(2),
  spanId: id,
  name: 'chat m',
  startTimeUnixNano: `${Date.now() - 1000}000000`,
  attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
  ...more,
});
const traces = (...spans) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

async function post(path, body, headers) {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('a token is taken in every form that clients have, and only with the scope', async () => {
  const { secret } = await newToken();
  const basic = Buffer.from(`pk-lf-x:${secret}`).toString('base64');
  const path = '/ingest/otlp/v1/traces';
  for (const headers of [
    { authorization: `Bearer ${secret}` },
    { authorization: secret },
    { authorization: `Basic ${basic}` },
    { 'x-api-key': secret },
  ])
    assert.equal((await post(path, traces(), headers)).status, 200);
  assert.equal((await post(path, traces(), {})).status, 401);
  assert.equal((await post(path, traces(), { authorization: 'Bearer atk_nobody' })).status, 401);
  const other = await newToken('read,sessions:write');
  const refused = await post(path, traces(), { authorization: `Bearer ${other.secret}` });
  assert.equal(refused.status, 403);
  assert.equal(JSON.parse(refused.text).code, 'scope_missing');
});

test('a token in an address may have no other scope', async () => {
  const only = await newToken();
  const more = await newToken('ingest,read');
  const body = JSON.stringify({ traceId: 't1', spans: {} });
  assert.equal((await post(`/ingest/genkit/${only.secret}/api/traces`, body)).status, 200);
  assert.equal((await post(`/ingest/genkit/${more.secret}/api/traces`, body)).status, 403);
  assert.equal((await post('/ingest/genkit/atk_nobody/api/traces', body)).status, 401);
});

test('a token of the door reads and writes nothing else', async () => {
  const { secret } = await newToken();
  const own = await newToken();
  await post('/ingest/otlp/v1/traces', traces(span('00000000000000a1')), { authorization: `Bearer ${own.secret}` });
  const path = `/api/workspaces/${world.ids.ws}/agent-sessions`;
  const headers = { authorization: `Bearer ${secret}` };
  assert.equal((await fetch(url + path, { headers })).status, 403);
  assert.equal((await post(path, '{"title":"x"}', headers)).status, 403);
});

test('a session is live while its spans are open, and ends with its root after 2 s of quiet', async () => {
  const { persona, secret } = await newToken();
  const headers = { authorization: `Bearer ${secret}` };
  const root = span('00000000000000b1', { name: 'invoke_agent a' });
  const child = span('00000000000000b2', { traceId: root.traceId, parentSpanId: root.spanId });
  const end = { endTimeUnixNano: `${Date.now()}000000` };
  const statuses = [];
  for (const body of [traces(child), traces(root), traces({ ...root, ...end }), traces({ ...child, ...end })]) {
    assert.equal((await post('/ingest/otlp/v1/traces', body, headers)).status, 200);
    const [session] = await world.sql(
      `SELECT status, open_steps AS open FROM agent_sessions WHERE persona_id = '${persona}'`,
    );
    if (session.open) statuses.push(`${session.status} ${session.open}`);
  }
  assert.deepEqual(statuses, ['running 1', 'running 2', 'running 1']);
  await settled(persona);
  const quietMs = `extract(epoch FROM clock_timestamp() - heartbeat_at) * 1000`;
  const [session] = await world.sql(
    `SELECT status, open_steps AS open, ${quietMs} AS quiet FROM agent_sessions WHERE persona_id = '${persona}'`,
  );
  assert.deepEqual([session.status, session.open], ['completed', 0]);
  assert.ok(session.quiet >= 2000, `it ended ${session.quiet} ms after the last span`);
});

test('a session of which all comes at once ends at once, and takes what comes late', async () => {
  const { persona, secret } = await newToken();
  const headers = { authorization: `Bearer ${secret}` };
  const end = { endTimeUnixNano: `${Date.now()}000000` };
  const root = span('00000000000000e1', { name: 'invoke_agent a', ...end });
  const below = (id, more) => span(id, { traceId: root.traceId, parentSpanId: root.spanId, ...end, ...more });
  const send = (...spans) => post('/ingest/otlp/v1/traces', traces(...spans), headers);
  await send(below('00000000000000e2'), root);
  const [before] = await snapshotOf(persona);
  assert.deepEqual([before.status, before.step_count], ['completed', 2]);
  await send(below('00000000000000e3'));
  const [after] = await snapshotOf(persona);
  assert.deepEqual(
    [after.status, after.step_count, Number(after.last_seq)],
    ['completed', 3, 1 + Number(before.last_seq)],
  );
});

test('a request has many traces, and what one of them no longer takes costs no other', async () => {
  const { persona, secret } = await newToken();
  const headers = { authorization: `Bearer ${secret}` };
  const end = { endTimeUnixNano: `${Date.now()}000000` };
  const roots = Array.from({ length: 150 }, (_, i) => span((i + 1).toString(16).padStart(16, '0'), end));
  const below = (root, n, more) =>
    span(`${n}${root.spanId.slice(1)}`, { traceId: root.traceId, parentSpanId: root.spanId, ...end, ...more });
  const send = async (...spans) => {
    const { status, text } = await post('/ingest/otlp/v1/traces', traces(...spans), headers);
    assert.deepEqual([status, text], [200, '{}']);
  };
  // Spans of one trace stand apart in the request, each before its parent.
  await send(...roots.map((root) => below(root, 1)), ...roots);
  const made = await snapshotOf(persona);
  assert.equal(made.length, roots.length);
  assert.ok(made.every(({ status, step_count: steps }) => status === 'completed' && steps === 2));
  const change = (set, { traceId }) =>
    world.sql(`UPDATE agent_sessions SET ${set} WHERE persona_id = '${persona}' AND external_id = '${traceId}'`);
  await change(`completed_at = completed_at - interval '1 hour'`, roots[0]);
  await change('pruned_at = now()', roots[1]);
  await send(...roots.map((root) => below(root, 2)));
  const kept = await world.sql(`SELECT external_id AS trace, step_count AS steps, last_seq - step_count AS others
    FROM agent_sessions WHERE persona_id = '${persona}'`);
  const full = roots.slice(0, 2).map(({ traceId }) => traceId);
  for (const { trace, steps, others } of kept)
    assert.deepEqual([steps, Number(others)], [full.includes(trace) ? 2 : 3, 2], trace);
});

test('requests with the same traces in another order do not wait for each other in vain', async () => {
  const { persona, secret } = await newToken();
  const headers = { authorization: `Bearer ${secret}` };
  const list = Array.from({ length: 40 }, (_, i) => span((i + 1).toString(16).padStart(16, 'a')));
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, n) => (n % 2 ? list : [...list].reverse())).map((spans) =>
      post('/ingest/otlp/v1/traces', traces(...spans), headers),
    ),
  );
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  const made = await snapshotOf(persona);
  assert.deepEqual([made.length, new Set(made.map(({ last_seq: last }) => Number(last)))], [list.length, new Set([2])]);
});

test('what came in by the door is in its place in the table of sessions', async () => {
  assert.deepEqual(await wronglySettled(world.sql), []);
});

test('what a model was told first is kept once a session, and read by itself by whoever may read the session', async () => {
  const { persona, secret } = await newToken();
  const attributes = Object.entries({
    'gen_ai.operation.name': 'chat',
    'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
    'gen_ai.tool.definitions': '[{"name":"lookup","parameters":{"type":"object"}}]',
  }).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const one = span('00000000000000d1', { attributes });
  const headers = { authorization: `Bearer ${secret}` };
  assert.equal((await post('/ingest/otlp/v1/traces', traces(one), headers)).status, 200);
  const [{ id }] = await world.sql(`SELECT id FROM agent_sessions WHERE persona_id = '${persona}'`);
  const { session } = (await world.bob.get(`agent-sessions/${id}`)).expect(200).body;
  assert.equal(session.hasInstructions, true);
  assert.deepEqual((await world.bob.get(`agent-sessions/${id}/instructions`)).expect(200).body, {
    systemPrompt: 'Be brief.',
    tools: [{ name: 'lookup', parameters: { type: 'object' } }],
  });
  (await world.eve.get(`agent-sessions/${id}/instructions`)).expect(404);
  const bare = await world.session();
  assert.deepEqual((await world.bob.get(`agent-sessions/${bare}/instructions`)).expect(200).body, {});
});

test('bombs are refused and large bodies are read', async () => {
  const { persona, secret } = await newToken();
  const headers = { authorization: `Bearer ${secret}` };
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
  assert.equal((await post('/ingest/otlp/v1/traces', bomb, { ...headers, 'content-encoding': 'gzip' })).status, 413);
  const large = traces(span('00000000000000c1', { more: 'x'.repeat(20 * 1024 * 1024) }));
  assert.equal((await post('/ingest/otlp/v1/traces', large, headers)).status, 200);
  assert.equal((await snapshotOf(persona))[0].status, 'running');
});

test('a message that says no type leaves it, and one that does gives it to a step that has none', async () => {
  const { persona, secret } = await newToken();
  const [root, tool] = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b'];
  const headers = { 'x-api-key': secret, 'content-type': 'application/json' };
  const say = async (method, path, run) => {
    const reply = await fetch(`${url}/ingest/langsmith${path}`, { method, headers, body: JSON.stringify(run) });
    assert.equal(reply.status, 202);
  };
  const [start_time, end_time] = [0, 1].map((s) => new Date(Date.now() + s * 1000).toISOString());
  const of = { trace_id: root, parent_run_id: root };
  // The end of the tool overtakes its beginning.
  await say('PATCH', `/runs/${tool}`, { ...of, outputs: { output: 'found' }, end_time });
  await say('POST', '/runs', {
    ...of,
    id: tool,
    name: 'search',
    run_type: 'tool',
    start_time,
    inputs: { input: '{}' },
  });
  await say('POST', '/runs', {
    id: root,
    trace_id: root,
    name: 'run',
    run_type: 'chain',
    start_time,
    inputs: { input: 'go' },
  });
  await say('PATCH', `/runs/${root}`, { trace_id: root, outputs: { output: 'gone' } });
  const rows = await world.sql(`SELECT p.step_type FROM steps p JOIN agent_sessions s ON s.id = p.session_id
    WHERE s.persona_id = '${persona}' ORDER BY p.id`);
  assert.deepEqual(
    rows.map((row) => row.step_type),
    ['agent', 'tool_call'],
  );
});

test('LangSmith is told what makes it send at once', async () => {
  const info = await (await fetch(`${url}/ingest/langsmith/info`)).json();
  assert.equal(info.instance_flags.gzip_body_enabled, true);
  assert.equal(info.batch_ingest_config.size_limit, 1);
});

test('a root that ended while something in it never did settles after 30 s of silence, as the root ended', async () => {
  const { persona, secret } = await newToken();
  const headers = { authorization: `Bearer ${secret}` };
  const end = { endTimeUnixNano: `${Date.now()}000000` };
  const root = span('00000000000000d1', { name: 'invoke_agent a', ...end });
  const child = span('00000000000000d2', { traceId: root.traceId, parentSpanId: root.spanId });
  assert.equal((await post('/ingest/otlp/v1/traces', traces(root, child), headers)).status, 200);
  const statusOf = async () => (await snapshotOf(persona))[0].status;
  assert.equal(await statusOf(), 'running');
  const { id } = (await snapshotOf(persona))[0];
  const stream = await openEvents(world.ada, [`session:${id}`]);
  await stream.wait('ready');
  await world.sql(`UPDATE agent_sessions SET heartbeat_at = heartbeat_at - interval '29 seconds' WHERE id = '${id}'`);
  const { data } = await stream.wait('agent_session:completed');
  stream.close();
  assert.equal(data.session.id, id);
  const { steps } = (await world.ada.get(`agent-sessions/${id}`)).expect(200).body;
  assert.deepEqual(steps.map(({ status }) => status).sort(), ['completed', 'interrupted']);
});

test('who sends more than its budget is asked to wait a second', async () => {
  const small = await World.make({ env: { TRACE_BUDGET_STEPS: '1' } });
  try {
    const { secret } = await newToken('ingest', small);
    const headers = { authorization: `Bearer ${secret}` };
    const many = Array.from({ length: 700 }, (_, i) =>
      span((i + 1).toString(16).padStart(16, '0'), { traceId: 'e'.repeat(32) }),
    );
    const target = `${small.instance.url}/ingest/otlp/v1/traces`;
    assert.equal((await post(target, traces(...many), headers)).status, 200);
    const refused = await post(target, traces(...many), headers);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '1');
    // The token is the same one where it stands in the path.
    const genkit = (token) =>
      post(`${small.instance.url}/ingest/genkit/${token}/api/traces`, JSON.stringify({ traceId: 't', spans: {} }));
    assert.equal((await genkit(secret)).status, 429);
    assert.equal((await genkit((await newToken('ingest', small)).secret)).status, 200);
  } finally {
    await small.instance.stop();
  }
});

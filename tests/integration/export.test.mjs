// SPDX-License-Identifier: Apache-2.0
// A session as a file: whole and exact, in each form, of any size, and what it says can be written again.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { until } from '../lib/patience.mjs';
import { Client } from '../lib/rest.mjs';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;
before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const at = (session, rest = '') => `agent-sessions/${session}${rest}`;
const exported = async (session, format, client = agent) =>
  (await client.get(at(session, `/export?format=${format}`))).expect(200);
const lines = (text) => text.split('\n').filter(Boolean);

// One of everything that can be said of a step, numbers that no double holds, and a step that is still open.
async function furnished() {
  const session = await world.session({ title: 'A *title*' });
  const [root, child, open] = [newId('stp'), newId('stp'), newId('stp')];
  const began = new Date(Date.now() - 60_000).toISOString();
  const us = `${began.slice(0, -1)}456Z`;
  const steps = [
    `{"op":"put","id":"${root}","stepType":"agent","name":"outer","startedAt":"${us}","completedAt":"${us}","completed":true,"content":{"n":12345678901234567890.10,"e":1.0e300,"z":-0.0}}`,
    `{"op":"put","id":"${child}","stepType":"tool_call","name":"grep","parentStepId":"${root}","startedAt":"${us}","completed":true,"content":{"tool":"grep","args":{"a":0.1000}},"input":{"big":9007199254740993},"output":"line\\n\`\`\`\\nend","attributes":{"k":1.50},"events":[{"name":"e"}],"links":[],"sources":[{"type":"web","title":"T","url":"https://example.org/"}],"usage":{"model":"m","inputTokens":3,"outputTokens":4,"costUsd":0.25},"error":{"code":"c","message":"it broke"}}`,
    `{"op":"put","id":"${newId('stp')}","stepType":"thinking","content":"# not a heading\\nand é","completed":true}`,
    `{"op":"put","id":"${open}","stepType":"thinking","content":"still"}`,
  ];
  (await agent.post(at(session, '/batch'), steps.join('\n'))).expect(200);
  return { session, root, child, open };
}

test('json is the session and its steps, whole, with every number as it was written', async () => {
  const { session, root, child } = await furnished();
  const reply = await exported(session, 'json');
  assert.equal(reply.type, 'application/json');
  assert.equal(reply.headers.get('content-disposition'), `attachment; filename="${session}.json"`);
  const { steps, session: head } = reply.body;
  assert.equal(reply.headers.get('trace-steps'), String(steps.length));
  assert.deepEqual(head, (await agent.get(at(session))).body.session);
  for (const step of steps)
    assert.deepEqual(step, (await agent.get(at(session, `/steps/${step.id}`))).expect(200).body.step);
  for (const id of [root, child]) {
    const { text } = await agent.get(at(session, `/steps/${id}`));
    assert.ok(reply.text.includes(text.slice('{"step":'.length, -1)), 'byte for byte as the single step');
  }
  assert.match(reply.text, /"n":12345678901234567890\.10,"e":1.0e300,"z":-0\.0/);
  assert.equal((await agent.get(at(session, '/export'))).text, reply.text, 'json is the default');
});

test('a session with whole numbers of any size is told whole in each form', async () => {
  const body = `{"title":"Large","metadata":{"id":12345678901234567890}}`;
  const { session } = (await agent.post('agent-sessions', body)).expect(201).body;
  (await agent.post(at(session.id, '/complete'), {})).expect(200);
  const { text } = await exported(session.id, 'md');
  assert.match(text, /^# Large\n/);
  assert.match(text, /^- Status: completed$/m);
  const [root] = (await exported(session.id, 'otlp')).body.resourceSpans[0].scopeSpans[0].spans;
  assert.equal(root.name, 'Large');
  assert.ok(BigInt(root.endTimeUnixNano) >= BigInt(root.startTimeUnixNano), JSON.stringify(root));
});

test('ndjson can be written to another session, where it reads the same', async () => {
  const { session } = await furnished();
  const { text, type } = await exported(session, 'ndjson');
  assert.equal(type, 'application/x-ndjson');
  const copy = await world.session();
  (await agent.post(at(copy, '/batch'), text)).expect(200);
  assert.equal((await exported(copy, 'ndjson')).text, text);
  const seen = async (id) =>
    (await exported(id, 'json')).body.steps.map((step) => ({ ...step, seq: 0, sessionId: '', receivedAt: '' }));
  assert.deepEqual(await seen(copy), await seen(session));
  const usage = async (id) => (await agent.get(at(id))).body.session.usage;
  assert.deepEqual(await usage(copy), await usage(session));
});

test('otlp is taken at the door for agents of others, as the same tree', async () => {
  const { session, child } = await furnished();
  const { body } = await exported(session, 'otlp');
  const { spans } = body.resourceSpans[0].scopeSpans[0];
  const root = spans.find((span) => !span.parentSpanId);
  assert.equal(root.name, 'A *title*');
  assert.ok(spans.every(({ traceId, spanId }) => /^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId)));
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  assert.equal(root.endTimeUnixNano, undefined, 'it is still running');
  await world.sql(`INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
    VALUES ('${newId('tok')}', '${ids.ws}', '${ids.daedalus}', sha256('atk_door'), '{ingest}')`);
  const door = new Client(world.instance.url, { token: 'atk_door' });
  (await door.post('/ingest/otlp/v1/traces', body)).expect(200);
  const list = async () => (await world.ada.get(`agent-sessions?personaId=${ids.daedalus}`)).expect(200).body.sessions;
  await until(async () => (await list()).length === 1, 'the session of the door');
  const [taken] = await list();
  const { steps } = (await exported(taken.id, 'json', world.ada)).body;
  const tool = steps.find((step) => step.name === 'grep');
  const outer = steps.find((step) => step.name === 'outer');
  assert.deepEqual([tool.stepType, tool.status, tool.error.message], ['tool_call', 'failed', 'it broke']);
  assert.equal(tool.parentStepId, outer.id);
  assert.deepEqual([tool.usage.inputTokens, tool.usage.costUsd, tool.usage.model], [3, 0.25, 'm']);
  const own = (await agent.get(at(session, `/steps/${child}`))).body.step;
  assert.equal(tool.startedUs, own.startedUs);
  assert.ok(tool.content.result.includes('```'));
});

test('markdown has every step, with fences that hold what is inside', async () => {
  const { session } = await furnished();
  const { text, type } = await exported(session, 'md');
  assert.equal(type, 'text/markdown');
  assert.ok(text.startsWith('# A \\*title\\*\n'));
  assert.ok(text.includes('## 2. tool\\_call: grep'));
  assert.ok(text.includes('````\nline\n```\nend\n````'));
  assert.ok(text.includes('"message":"it broke"'));
  assert.ok(text.endsWith('still running when this was written.*\n'));
});

test('a session of any size comes page by page, each step once', async () => {
  const session = await world.session();
  const content = 'x'.repeat(40_000);
  for (let part = 0; part < 2; part++)
    (
      await agent.post(
        at(session, '/batch'),
        upTo(150)
          .map((n) => JSON.stringify({ op: 'record', stepType: 'thinking', content: `${part}.${n} ${content}` }))
          .join('\n'),
      )
    ).expect(200);
  const { steps } = (await exported(session, 'json')).body;
  assert.deepEqual(
    steps.map((step) => step.stepNumber),
    upTo(300),
  );
  assert.ok(steps.every((step) => step.content.length > 40_000));
  assert.equal(lines((await exported(session, 'ndjson')).text).length, 300);
  assert.equal((await exported(session, 'otlp')).body.resourceSpans[0].scopeSpans[0].spans.length, 301);
});

test('an empty session and one whose steps were pruned are exported, too', async () => {
  const session = await world.session();
  assert.deepEqual((await exported(session, 'json')).body.steps, []);
  assert.equal((await exported(session, 'ndjson')).text, '');
  (await agent.post(at(session, '/steps'), { stepType: 'thinking', content: 'x', completed: true })).expect(201);
  await world.sql(`DELETE FROM steps WHERE session_id = '${session}'`);
  assert.deepEqual((await exported(session, 'json')).body.steps, []);
});

test('it is refused as reading is, and a format that is none is a bad query', async () => {
  const session = await world.session({ streamId: ids.secret }).catch(() => undefined);
  assert.equal(session, undefined, 'Ariadne is not in the private channel');
  const own = await world.session();
  assert.equal((await world.eve.get(at(own, '/export'))).expect(404).code, 'not_found');
  assert.equal((await world.writer.get(at(own, '/export'))).expect(403).code, 'insufficient_scope');
  assert.equal((await world.nobody.get(at(own, '/export'))).expect(401).code, 'unauthenticated');
  const reply = (await agent.get(at(own, '/export?format=xml'))).expect(400);
  assert.deepEqual([reply.code, reply.body.field], ['invalid_query', 'format']);
});

// A reader that takes nothing behind the head.
function stalled(session, client = agent) {
  return new Promise((resolve, reject) => {
    const one = request(client.url(at(session, '/export')), { headers: client.credentials() }, (response) => {
      response.pause();
      resolve({ status: response.statusCode, response, end: () => one.destroy() });
    });
    one.on('error', reject);
    one.end();
  });
}

async function large() {
  const session = await world.session();
  const content = 'y'.repeat(900_000);
  for (let part = 0; part < 3; part++)
    (
      await agent.post(
        at(session, '/batch'),
        upTo(10)
          .map(() => JSON.stringify({ op: 'record', stepType: 'thinking', content }))
          .join('\n'),
      )
    ).expect(200);
  return session;
}

test('two run at once, a third waits; a turn is free again when its reader is gone', async () => {
  const session = await large();
  const readers = [await stalled(session), await stalled(session)];
  try {
    const reply = (await agent.get(at(session, '/export'))).expect(429);
    assert.equal(reply.code, 'too_many_exports');
    assert.ok(Number(reply.headers.get('retry-after')) > 0);
  } finally {
    for (const reader of readers) reader.end();
  }
  await until(async () => (await agent.get(at(session, '/export'))).status === 200, 'a free turn');
});

test('whoever loses the right to read in the middle gets a file that is visibly not whole', async () => {
  const session = await large();
  await world.sql(`INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
    VALUES ('${newId('tok')}', '${ids.ws}', '${ids.ariadne}', sha256('atk_short'), '{read}')`);
  const { response, end } = await stalled(session, agent.with({ token: 'atk_short' }));
  await world.sql(`UPDATE tokens SET revoked_at = now() WHERE hash = sha256('atk_short')`);
  await assert.rejects(async () => {
    for await (const piece of response) assert.ok(piece.length > 0);
  }, /aborted/);
  end();
});

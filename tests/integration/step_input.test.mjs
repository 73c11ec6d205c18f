// SPDX-License-Identifier: Apache-2.0
// A bad request gets the documented error, and changes nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { World, newId, upTo } from './session_world.mjs';

let world, agent, session, step;

before(async () => {
  world = await World.make();
  agent = world.agent;
  session = await world.session({ streamId: world.ids.open });
  step = (await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking', content: 'before' })).expect(201)
    .body.step;
});
after(() => world?.instance.stop());

const STEPS = () => `agent-sessions/${session}/steps`;
const all = async () =>
  JSON.stringify([
    (await world.sql('SELECT * FROM agent_sessions ORDER BY id')).map(({ heartbeat_at: _, ...row }) => row),
    await world.sql('SELECT * FROM steps ORDER BY id'),
    await world.sql('SELECT * FROM stream_events ORDER BY stream_id, seq'),
    await world.sql('SELECT * FROM session_sources ORDER BY 1, 2'),
    await world.sql('SELECT id, last_seq FROM streams ORDER BY id'),
  ]);

// Runs `act` and compares everything that is stored.
async function unchanged(act) {
  const before = await all();
  await act();
  assert.equal(await all(), before);
}

const source = (more) => ({ type: 'web', title: 'T', url: 'https://example.org/', ...more });

const starts = [
  ['stepType missing', {}, 'stepType'],
  ['stepType a number', { stepType: 1 }, 'stepType'],
  ['stepType null', { stepType: null }, 'stepType'],
  ['stepType empty', { stepType: '' }, 'stepType'],
  ['stepType with capitals', { stepType: 'Thinking' }, 'stepType'],
  ['stepType with a dash', { stepType: 'a-b' }, 'stepType'],
  ['stepType that begins with a digit', { stepType: '1a' }, 'stepType'],
  ['stepType too long', { stepType: 'a'.repeat(65) }, 'stepType'],
  ['id of another kind', { id: newId('ses') }, 'id'],
  ['id a number', { id: 5 }, 'id'],
  ['id malformed', { id: 'stp_x' }, 'id'],
  ['id too great', { id: `stp_8${'0'.repeat(25)}` }, 'id'],
  ['name a list', { name: [] }, 'name'],
  ['name too long', { name: 'x'.repeat(401) }, 'name'],
  ['parent malformed', { parentStepId: 'x' }, 'parentStepId'],
  ['content a number', { content: 1 }, 'content'],
  ['content a list', { content: ['x'] }, 'content'],
  ['content true', { content: true }, 'content'],
  ['content over 1 MiB', { content: 'x'.repeat(1048577) }, 'content'],
  ['an object over 1 MiB', { content: { x: 'x'.repeat(1048576) } }, 'content'],
  ['two bytes over 1 MiB', { content: 'é'.repeat(524289) }, 'content'],
  ['completed a string', { completed: 'true' }, 'completed'],
  ['a page that is no page', { stepType: 'visit_page', content: { url: 'javascript:alert(1)' } }, 'content'],
].map(([name, body, field]) => [name, { stepType: 'tool_call', ...body }, field]);
starts[0][1] = {};

const ends = [
  ['content a number', { content: 1 }, 'content'],
  ['content over 1 MiB', { content: 'x'.repeat(1048577) }, 'content'],
  ['sources an object', { sources: {} }, 'sources'],
  ['sources of strings', { sources: ['x'] }, 'sources'],
  ['201 sources', { sources: upTo(201).map(() => source()) }, 'sources'],
  ['ten thousand sources', { sources: upTo(10000).map(() => source()) }, 'sources'],
  ['a source of no type', { sources: [{ title: 'T' }] }, 'type'],
  ['a source of another type', { sources: [source({ type: 'book' })] }, 'sources'],
  ['a source without a title', { sources: [{ type: 'web' }] }, 'title'],
  ['a source with a script', { sources: [source({ url: 'javascript:alert(1)' })] }, 'sources'],
  ['a source with data', { sources: [source({ url: 'data:text/html,x' })] }, 'sources'],
  ['a source with a bare path', { sources: [source({ url: '/x' })] }, 'sources'],
  ['messageId of another kind', { messageId: newId('stp') }, 'messageId'],
  ['messageId a number', { messageId: 1 }, 'messageId'],
  ['usage a string', { usage: 'x' }, 'usage'],
  ['tokens negative', { usage: { inputTokens: -1 } }, 'inputTokens'],
  ['tokens in parts', { usage: { outputTokens: 1.5 } }, 'outputTokens'],
  ['tokens beyond measure', { usage: { reasoningTokens: 9e15 } }, 'reasoningTokens'],
  ['cost negative', { usage: { costUsd: -0.01 } }, 'costUsd'],
  ['cost a string', { usage: { costUsd: '1' } }, 'costUsd'],
  ['model a number', { usage: { model: 4 } }, 'model'],
  ['error a string', { error: 'x' }, 'error'],
  ['error without a message', { error: {} }, 'message'],
  ['error code a number', { error: { code: 1, message: 'x' } }, 'code'],
];

const bodies = [
  ['not JSON', '{"stepType":'],
  ['two values', '{} {}'],
  ['a list', '[]'],
  ['a string', '"x"'],
  ['a number', '5'],
  ['null', 'null'],
  ['a key twice', '{"stepType":"thinking","stepType":"thinking"}'],
  ['NUL in a text', '{"stepType":"thinking","content":"a\\u0000b"}'],
  ['NUL in an object', '{"stepType":"thinking","content":{"a":["\\u0000"]}}'],
  ['half a surrogate pair', '{"stepType":"thinking","content":"\\ud800"}'],
  ['too deep', `{"stepType":"thinking","content":${'{"a":'.repeat(80)}1${'}'.repeat(80)}}`],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from('{"stepType":"thinking","content":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
  ],
  [
    'an overlong form',
    Buffer.concat([Buffer.from('{"stepType":"thinking","content":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]),
  ],
  ['a NUL byte', Buffer.from('{"stepType":"thinking","content":"a\0b"}')],
];

test('fields of a step', () =>
  unchanged(async () => {
    for (const [name, body, field] of starts) {
      const reply = (await agent.post(STEPS(), body)).expect(400);
      assert.equal(reply.code, 'invalid_body', name);
      assert.equal(reply.body.field, field, name);
    }
    for (const [name, body, field] of ends) {
      for (const [path, more] of [
        [STEPS(), { stepType: 'tool_call', completed: true }],
        [`${STEPS()}/${step.id}/complete`, {}],
      ]) {
        const reply = (await agent.post(path, { ...more, ...body })).expect(400);
        assert.equal(reply.code, 'invalid_body', name);
        assert.equal(reply.body.field, field, name);
      }
    }
  }));

// The call itself does not say which type the step has.
test('a visited page is completed with the address of a page, or with none', async () => {
  const content = { url: 'javascript:alert(1)' };
  const visit = async (stepType = 'visit_page') => (await agent.post(STEPS(), { stepType })).expect(201).body.step;
  const [page, other, tool] = [await visit(), await visit(), await visit('tool_call')];
  const done = `agent-sessions/${session}/steps/${page.id}/complete`;
  const batch = (lines) =>
    agent.post(`agent-sessions/${session}/batch`, lines.map((line) => JSON.stringify(line)).join('\n'));
  await unchanged(async () => {
    const reply = (await agent.post(done, { content })).expect(400);
    assert.deepEqual([reply.code, reply.body.field], ['invalid_body', 'content']);
    const id = newId('stp');
    for (const lines of [
      [
        { op: 'complete', id: tool.id, content },
        { op: 'complete', id: page.id, content },
      ],
      [
        { op: 'start', id, stepType: 'visit_page' },
        { op: 'complete', id, content },
      ],
    ]) {
      const { code, body } = (await batch(lines)).expect(400);
      assert.deepEqual([code, body.field, body.line], ['invalid_body', 'content', 2]);
    }
  });
  const good = { url: 'https://example.org/', title: 'A page' };
  assert.deepEqual((await agent.post(done, { content: good })).expect(200).body.step.content, good);
  // A completed step stays as it is: a repeated call with another content is a conflict, whether that is good or not.
  assert.equal((await agent.post(done, { content })).expect(409).code, 'id_conflict');
  const { results } = (
    await batch([
      { op: 'complete', id: page.id, content: good },
      { op: 'complete', id: other.id, content: 'nothing there' },
      { op: 'complete', id: tool.id, content },
    ])
  ).expect(200).body;
  assert.deepEqual(
    results.map(({ step }) => step.content),
    [good, 'nothing there', content],
  );
});

test('the number of results of a search must be a count, or be absent', async () => {
  const bad = [-1, 1.5, 'many', true, 1e300];
  for (const stepType of ['web_search', 'workspace_search']) {
    const { id } = (await agent.post(STEPS(), { stepType })).expect(201).body.step;
    const done = `${STEPS()}/${id}/complete`;
    await unchanged(async () => {
      for (const resultCount of bad) {
        const content = { query: 'x', resultCount };
        for (const [path, body] of [
          [STEPS(), { stepType, content }],
          [STEPS(), { stepType, content, completed: true }],
          [done, { content }],
          [`agent-sessions/${session}/batch`, JSON.stringify({ op: 'complete', id, content })],
        ]) {
          const reply = (await agent.post(path, body)).expect(400);
          assert.deepEqual([reply.code, reply.body.field], ['invalid_body', 'content']);
        }
      }
    });
    for (const content of [{ resultCount: 0 }, { resultCount: null }, { query: 'x' }, 'words'])
      (await agent.post(STEPS(), { stepType, content, completed: true })).expect(201);
    assert.equal(
      (await agent.post(done, { content: { resultCount: 12 } })).expect(200).body.step.content.resultCount,
      12,
    );
  }
  (await agent.post(STEPS(), { stepType: 'tool_call', content: { resultCount: -1 } })).expect(201);
});

test('bodies that are not one JSON object in UTF-8', () =>
  unchanged(async () => {
    for (const [name, body] of bodies)
      for (const path of [
        STEPS(),
        `${STEPS()}/${step.id}/complete`,
        `${STEPS()}/${step.id}/progress`,
        'agent-sessions',
      ])
        assert.equal((await agent.post(path, body)).expect(400).code, 'invalid_body', name);
  }));

test('progress', () =>
  unchanged(async () => {
    for (const body of [
      {},
      undefined,
      { content: 1 },
      { content: {} },
      { content: null },
      { delta: 'x' },
      { offset: 1 },
      { delta: 'x', offset: -1 },
      { delta: 'x', offset: 1.5 },
      { delta: 'x', offset: '1' },
      { delta: 1, offset: 1 },
      { content: 'x', delta: 'y', offset: 0 },
      { delta: 'x', offset: 0, checkpoint: true },
      { content: 'x', checkpoint: 'yes' },
      { content: 'x', n: 0 },
      { content: 'x', n: -1 },
      { content: 'x', n: 1.5 },
      { content: 'x', n: '1' },
      { content: 'x', n: 2 ** 53 },
      { content: 'x'.repeat(1048577) },
      { delta: 'x', offset: 1048576 },
    ])
      assert.equal((await agent.post(`${STEPS()}/${step.id}/progress`, body)).expect(400).code, 'invalid_body');
  }));

test('fields of a session', () =>
  unchanged(async () => {
    const good = { streamId: world.ids.thread };
    for (const body of [
      { id: 'x' },
      { id: newId('stp') },
      { id: 1 },
      { streamId: 'x' },
      { personaId: 7 },
      { triggerMessageId: newId('str') },
      { title: 1 },
      { title: 'x'.repeat(2001) },
      { metadata: [] },
      { metadata: 'x' },
      { metadata: { x: 'x'.repeat(16 * 1024 - 7) } },
    ])
      assert.equal((await agent.post('agent-sessions', { ...good, ...body })).expect(400).code, 'invalid_body');
  }));

test('ids that do not exist, of others, of another workspace', () =>
  unchanged(async () => {
    const paths = (ses, stp) => [
      `agent-sessions/${ses}/steps/${stp}/complete`,
      `agent-sessions/${ses}/steps/${stp}/progress`,
    ];
    for (const path of [
      ...paths(newId('ses'), step.id),
      ...paths(session, newId('stp')),
      ...paths(session, 'x'),
      ...paths('x', step.id),
    ])
      assert.equal((await agent.post(path, { content: 'x' })).expect(404).code, 'not_found');
    for (const [who, status] of [
      ['other', 404],
      ['stranger', 404],
      ['nobody', 401],
      ['ada', 401],
      ['reader', 403],
    ]) {
      for (const path of paths(session, step.id)) (await world[who].post(path, { content: 'x' })).expect(status);
      (await world[who].post(STEPS(), { stepType: 'thinking' })).expect(status);
    }
    const inOther = world.stranger.with({ workspace: world.ids.otherWs });
    for (const path of paths(session, step.id)) (await inOther.post(path, { content: 'x' })).expect(404);
    (await agent.with({ workspace: world.ids.otherWs }).post(STEPS(), { stepType: 'thinking' })).expect(404);
  }));

test('bodies that are too large', () =>
  unchanged(async () => {
    const reply = (await agent.post(STEPS(), JSON.stringify({ stepType: 'thinking', x: 'x'.repeat(8 << 20) }))).expect(
      413,
    );
    assert.equal(reply.type, 'application/problem+json');
  }));

function chunked(path, chunks, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      agent.url(path),
      {
        method: 'POST',
        agent: false,
        headers: { ...agent.credentials(), 'transfer-encoding': 'chunked', ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      },
    );
    request.on('error', reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}

test('chunked bodies are accepted', async () => {
  const id = newId('stp');
  const text = JSON.stringify({ id, stepType: 'tool_call', content: 'é'.repeat(40000) });
  const bytes = Buffer.from(text);
  const reply = await chunked(
    STEPS(),
    upTo(50).map((n) => bytes.subarray(Math.floor(((n - 1) * bytes.length) / 50), Math.floor((n * bytes.length) / 50))),
  );
  assert.equal(reply.status, 201, reply.text);
  assert.equal(JSON.parse(reply.text).step.content.length, 40000);
  await unchanged(async () => assert.equal((await chunked(STEPS(), ['{"stepType":'])).status, 400));
});

test('a body that stops before its length changes nothing', () =>
  unchanged(async () => {
    const { hostname, port } = new URL(agent.base);
    for (const send of ['{"stepType":"thin', '']) {
      const socket = net.connect(Number(port), hostname);
      socket.end(
        `POST ${new URL(agent.url(STEPS())).pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${agent.token}\r\nContent-Length: 100\r\n\r\n${send}`,
      );
      // The server closes its side when it has given the request up.
      await once(socket.resume(), 'close');
    }
  }));

test('values at the limits are allowed, unknown fields are ignored, null counts as absent', async () => {
  const body = {
    stepType: `a${'b'.repeat(63)}`,
    name: 'x'.repeat(400),
    content: 'é'.repeat(524288),
    completed: true,
    parentStepId: null,
    error: null,
    unknown: [{}],
    sources: upTo(200).map((n) => source({ title: `${n}`, url: `https://example.org/${n}` })),
    usage: { inputTokens: 0, costUsd: 0, other: 1 },
  };
  const reply = (await agent.post(STEPS(), body)).expect(201);
  assert.equal(reply.body.step.content.length, 524288);
  assert.equal(reply.body.step.sources.length, 200);
  assert.deepEqual(reply.body.step.usage, { inputTokens: 0, costUsd: 0 });
  (await agent.post(STEPS(), { stepType: 'visit_page', content: { url: 'https://example.org/' } })).expect(201);
});

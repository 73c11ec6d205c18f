// SPDX-License-Identifier: Apache-2.0
// POST /mcp with the published client, and with what no client would send.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { World, newId, upTo } from '../integration/session_world.mjs';

const MOST = 20_000;
let world, client, url;

before(async () => {
  world = await World.make();
  url = new URL(`${world.instance.url}/mcp`);
  client = await connect(world.reader.token);
});
after(async () => {
  await client?.close();
  await world?.instance.stop();
});

async function connect(token) {
  const made = new Client({ name: 'test', version: '1' });
  const headers = { authorization: `Bearer ${token}` };
  await made.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return made;
}

async function ask(name, args, by = client) {
  const { content, isError } = await by.callTool({ name, arguments: args });
  assert.equal(content.length, 1);
  assert.ok(Buffer.byteLength(content[0].text) <= MOST, `${Buffer.byteLength(content[0].text)} bytes`);
  return isError ? { isError, text: content[0].text } : content[0].text;
}

// A session with a tree: a thought, a tool that failed below it, and `more` steps.
async function newSession({ title = 'Find the thread', more = 0, fails = false } = {}) {
  const made = (await world.agent.post('agent-sessions', { title })).expect(201).body.session;
  const path = `agent-sessions/${made.id}`;
  const thought = (await world.agent.post(`${path}/steps`, { stepType: 'thinking', content: 'Where is it?' })).expect(
    201,
  );
  const tool = (
    await world.agent.post(`${path}/steps`, {
      stepType: 'tool_call',
      name: 'search',
      parentStepId: thought.body.step.id,
      content: { tool: 'search', args: { query: 'thread' } },
    })
  ).expect(201);
  const error = { code: 'NoSuchThread', message: 'nobody has it' };
  (await world.agent.post(`${path}/steps/${tool.body.step.id}/complete`, { error })).expect(200);
  for (let i = 0; i < more; i++)
    (
      await world.agent.post(`${path}/steps`, {
        stepType: 'note',
        name: `note ${i} ${'x'.repeat(80)}`,
        content: `${i}`,
      })
    ).expect(201);
  const ending = fails ? ['fail', { error }] : ['complete', {}];
  (await world.agent.post(`${path}/${ending[0]}`, ending[1])).expect(200);
  return made.id;
}

test('the client finds five tools that only read', async () => {
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['search_sessions', 'get_session', 'get_step', 'session_errors', 'compare_sessions'],
  );
  assert.ok(tools.every(({ annotations, inputSchema }) => annotations.readOnlyHint && inputSchema.type === 'object'));
  assert.match(client.getInstructions(), /search_sessions/);
  assert.equal(client.getServerVersion().name, 'agent-trace');
  await client.ping();
});

test('a session is found, shown as a tree, and its step read', async () => {
  const id = await newSession({ title: 'Find Ariadne’s thread' });
  assert.match(
    await ask('search_sessions', { q: 'ariadne’S' }),
    new RegExp(`^${id} \\| completed \\| .* \\| 2 steps \\|`),
  );
  assert.equal(await ask('search_sessions', { q: 'no such words' }), 'Nothing was found.\n');
  const tree = (await ask('get_session', { session: id })).trimEnd().split('\n');
  assert.match(tree[0], new RegExp(`^${id} \\| completed`));
  assert.match(tree[1], /^#1 thinking /);
  assert.match(tree[2], /^ {2}#2 tool_call search \d+ ms FAILED NoSuchThread: nobody has it$/);
  const step = await ask('get_step', { session: id, step: 1, from: 6, length: 3 });
  assert.match(step, /characters 6 to 9 of 12.*\nis \nCall again with "from": 9/s);
  assert.match(await ask('session_errors', { session: id }), /#2 tool_call search/);
});

test('a content has the texts of the messages that it quotes, for those who may read them', async () => {
  const { open, secret, ada } = world.ids;
  const [known, hidden] = [await world.post(open, ada, 'it is red'), await world.post(secret, ada, 'it is a trap')];
  const id = await world.session();
  const messages = [
    { messageId: known, authorName: 'Ada', text: 'it is red' },
    { messageId: hidden, authorName: 'Ada', text: 'it is a trap' },
  ];
  const body = { stepType: 'context_received', content: { messages }, input: { from: 'Ada' } };
  (await world.agent.post(`agent-sessions/${id}/steps`, body)).expect(201);
  const text = await ask('get_step', { session: id, step: 1 });
  assert.match(text, /"text":"it is red"/);
  assert.doesNotMatch(text, /trap|textVersion/);
  assert.match(text, /"withheld":true/);
  assert.match(await ask('get_step', { session: id, step: 1, part: 'input' }), /\{"from":"Ada"\}/);
});

test('failed sessions are listed with what failed first', async () => {
  const id = await newSession({ title: 'It fails', fails: true });
  const text = await ask('session_errors', {});
  assert.match(text, new RegExp(`${id} \\| failed .*NoSuchThread: nobody has it\n    #2 tool_call search`));
  assert.equal(await ask('session_errors', { since: '2999-01-01T00:00:00Z' }), 'Nothing was found.\n');
});

test('failed sessions of one moment are each listed once, page by page', async () => {
  const at = '2026-01-02T03:04:05.678901Z';
  const ids = Array.from({ length: 230 }, () => newId('ses')).sort();
  await world.sql(`INSERT INTO agent_sessions
      (id, workspace_id, persona_id, chain_id, status, created_at, started_at, completed_at, error_code, last_seq)
    SELECT id, '${world.ids.ws}', '${world.ids.ariadne}', id, 'failed', '${at}', '${at}', '${at}', 'lost', 2
    FROM unnest('{${ids}}'::text[]) id`);
  const seen = [];
  let args = { since: '2026-01-02T00:00:00Z' };
  for (let calls = 0; args; calls++) {
    assert.ok(calls < 20);
    const text = await ask('session_errors', args);
    seen.push(...[...text.matchAll(/^(ses_\w{26}) /gm)].map(([, id]) => id));
    const [, cursor] = /"cursor": "([^"]+)"/.exec(text) ?? [];
    args = cursor && { ...args, cursor };
  }
  assert.deepEqual(seen.filter((id) => ids.includes(id)).sort(), ids);
});

test('what is long is answered in parts, which together are everything', async () => {
  const id = await newSession({ more: 500 });
  const seen = [];
  let args = { session: id };
  for (let calls = 0; args; calls++) {
    assert.ok(calls < 20);
    const text = await ask('get_session', args);
    seen.push(...[...text.matchAll(/^ *#(\d+) /gm)].map(([, n]) => Number(n)));
    const cursor = /"cursor": "([^"]+)"/.exec(text)?.[1];
    args = cursor && { session: id, cursor };
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 502 }, (_, i) => i + 1),
  );
});

test('what is rare is found by going on, and no call looks at all there is', async () => {
  const made = (id, title, at, stream) =>
    `INSERT INTO agent_sessions (id, workspace_id, persona_id, chain_id, status, title, created_at, started_at, completed_at, error_code, last_seq, stream_id)
     SELECT id, '${world.ids.ws}', '${world.ids.ariadne}', id, 'failed', '${title}', '${at}', '${at}', '${at}', 'lost', 2, ${stream}
     FROM ${id} id`;
  const [rare, ...many] = Array.from({ length: 4101 }, () => newId('ses'));
  await world.sql(made(`unnest('{${many}}'::text[])`, 'hay', '2021-01-02', `'${world.ids.secret}'`));
  await world.sql(made(`unnest('{${rare}}'::text[])`, 'needle', '2021-01-01', 'NULL'));
  for (const [name, args] of [
    ['search_sessions', { q: 'NEEDLE' }],
    ['search_sessions', { status: 'failed', since: '2021-01-01T00:00:00Z' }],
    ['session_errors', { since: '2021-01-01T00:00:00Z' }],
  ]) {
    let text = await ask(name, args);
    const cursors = new Set();
    while (!text.includes(rare)) {
      assert.doesNotMatch(text, /hay/);
      const [, cursor] = /call again with "cursor": "([^"]+)"/.exec(text);
      assert.ok(!cursors.has(cursor));
      cursors.add(cursor);
      text = await ask(name, { ...args, cursor });
    }
    assert.ok(cursors.size > 0);
    assert.match(text, new RegExp(`${rare} \\| failed .*needle`));
    assert.doesNotMatch(text, /cursor/);
  }
});

test('steps that stand too deep for the tree stand at its top, and say below which', async () => {
  const ids = Array.from({ length: 150 }, () => newId('stp')).sort();
  const session = (await world.agent.post('agent-sessions', {})).expect(201).body.session.id;
  const lines = ids.map((id, i) =>
    JSON.stringify({ op: 'record', id, stepType: 'note', ...(i && { parentStepId: ids[i - 1] }) }),
  );
  (await world.agent.post(`agent-sessions/${session}/batch`, lines.join('\n'))).expect(200);
  const tree = await ask('get_session', { session });
  assert.deepEqual(
    [...tree.matchAll(/^ *#(\d+) /gm)].map(([, n]) => Number(n)),
    upTo(150),
  );
  assert.match(tree, /^ {40}#101 note \d+ ms$/m);
  for (let n = 102; n <= 150; n++) assert.match(tree, new RegExp(`^#${n} note \\d+ ms \\(below #${n - 1}\\)$`, 'm'));
  const other = await newSession();
  const compared = await ask('compare_sessions', { a: session, b: other });
  assert.match(compared, /- a: #150 note/);
});

test('a step of many bytes is read range by range', async () => {
  const content = '🧵 thread '.repeat(4000);
  const made = (await world.agent.post('agent-sessions', { title: 'Long' })).expect(201).body.session;
  (await world.agent.post(`agent-sessions/${made.id}/steps`, { stepType: 'note', content })).expect(201);
  let read = '';
  let from = 0;
  while (from !== undefined) {
    const text = await ask('get_step', { session: made.id, step: 1, from, length: 16_000 });
    const [, last] = /characters \d+ to (\d+) of/.exec(text);
    const lines = text.split('\n');
    read += lines.slice(2, lines.at(-2).startsWith('Call again') ? -2 : -1).join('\n');
    from = /"from": (\d+)/.test(text) ? Number(last) : undefined;
  }
  assert.equal(read, content);
});

test('two runs are compared', async () => {
  const [a, b] = [await newSession(), await newSession({ more: 1 })];
  const text = await ask('compare_sessions', { a, b });
  assert.match(text, /steps of type note: a 0, b 1/);
  assert.match(text, /- a: nothing\n {2}b: #3 note note 0/);
});

test('what the token may not read is not there', async () => {
  const hidden = (await world.agent.post('agent-sessions', { streamId: world.ids.secret, title: 'Hidden' })).status;
  const id = await newSession({ title: 'Ours' });
  const stranger = await connect(world.stranger.token);
  assert.equal(await ask('search_sessions', {}, stranger), 'Nothing was found.\n');
  for (const name of ['get_session', 'session_errors'])
    assert.match((await ask(name, { session: id }, stranger)).text, /no such session/);
  assert.match((await ask('get_step', { session: id, step: 1 }, stranger)).text, /no such session/);
  assert.match((await ask('compare_sessions', { a: id, b: id }, stranger)).text, /no such session/);
  await stranger.close();
  assert.ok(hidden >= 200);
});

async function post(body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${world.reader.token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}
const request = (method, params, id = 1) => ({ jsonrpc: '2.0', id, method, ...(params && { params }) });

test('who has no token, a wrong one or one without the scope is refused', async () => {
  assert.equal((await post(request('ping'), { authorization: '' })).status, 401);
  assert.equal(
    (await post(request('tools/call', { name: 'search_sessions' }), { authorization: 'Bearer x' })).status,
    401,
  );
  const writer = await post(request('tools/call', { name: 'search_sessions' }), {
    authorization: `Bearer ${world.writer.token}`,
  });
  assert.equal(writer.status, 403);
});

test('bad JSON-RPC is answered as JSON-RPC says', async () => {
  const cases = [
    ['{', 400, -32700, null],
    ['', 400, -32700, null],
    ['[]', 400, -32600, null],
    ['"x"', 400, -32600, null],
    [[request('ping')], 400, -32600, null],
    [{ id: 7, method: 'ping' }, 400, -32600, 7],
    [{ jsonrpc: '2.0', id: {}, method: 'ping' }, 400, -32600, null],
    [request('no/such'), 200, -32601, 1],
    [request('tools/call', { name: 'no_such' }, 'a'), 200, -32602, 'a'],
    [request('tools/call', { name: 'get_session', arguments: {} }), 200, -32602, 1],
    [request('tools/call', { name: 'get_session', arguments: { session: 'x' } }), 200, -32602, 1],
    [request('tools/call', { name: 'get_step', arguments: { session: 'x', step: -1 } }), 200, -32602, 1],
    [request('tools/call', { name: 'search_sessions', arguments: { status: 'odd' } }), 200, -32602, 1],
    [request('tools/call', { name: 'search_sessions', arguments: [] }), 200, -32602, 1],
  ];
  for (const [body, status, code, id] of cases) {
    const answer = await post(body);
    assert.equal(answer.status, status, answer.text);
    const { jsonrpc, error, id: answered } = JSON.parse(answer.text);
    assert.deepEqual([jsonrpc, error.code, answered], ['2.0', code, id], JSON.stringify(body));
  }
  for (const since of ['yesterday or so', '99999-99-99']) {
    const { text } = await post(request('tools/call', { name: 'search_sessions', arguments: { since } }));
    assert.equal(JSON.parse(text).result.isError, true);
  }
  const odd = await post(request('tools/call', { name: 'search_sessions', arguments: { cursor: 'x.y' } }));
  assert.equal(JSON.parse(odd.text).result.isError, true);
});

test('notifications are taken without an answer, and there is no stream of the server’s own', async () => {
  const { status, text } = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  assert.deepEqual([status, text], [202, '']);
  const response = await fetch(url, { headers: { authorization: `Bearer ${world.reader.token}` } });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get('allow'), 'POST');
});

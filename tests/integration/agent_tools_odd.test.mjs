// SPDX-License-Identifier: Apache-2.0
// MCP servers that die, say nothing, say too much or are hostile: none of it costs more than the call, and nothing that
// is not theirs is within their reach. Those at an address: agent_tools_address.test.mjs.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../lib/patience.mjs';
import { SECRET, answered, asker, begin, borrowing, end, instance, model, script, told } from './agent_borrowing.mjs';
import { folder, program, startBorrower } from './agent_lenders.mjs';
import { only, startAgent } from './agent_stage.mjs';

const odd = fileURLToPath(new URL('mcp_odd.mjs', import.meta.url));
before(begin);
after(end);

const oddly = (args = [], more = {}) => program(odd, args, { env: { LENT_TOKEN: SECRET }, timeout: 3, ...more });

for (const [tool, sentence] of [
  ['die', 'its program ended'],
  ['silence', 'it did not answer in time'],
  ['garbage', 'not of the protocol'],
  ['endless', 'an endless line'],
])
  test(`a call that the server spoils is a failed step, and the next one begins anew: ${tool}`, async () => {
    const [first, second] = answered(await borrowing(oddly(), [tool, 'nothing']));
    assert.equal(first.status, 'failed');
    assert.equal(first.error.code, 'tool_unavailable');
    assert.ok(first.error.message.includes(sentence), first.error.message);
    assert.equal(second.status, 'completed', JSON.stringify(second.error));
  });

for (const [beginning, sentence, more] of [
  ['dies', 'its program ended'],
  ['silent', 'it did not answer in time'],
  ['future', 'a version of the protocol'],
  ['missing', 'its program ended', { command: '/nonexistent/server', args: [] }],
  ['forbidden', 'its program ended', { reads: [] }],
])
  test(`a server that cannot be begun with is shown in the trace, and the agent answers without it: ${beginning}`, async () => {
    const ran = await borrowing(oddly([beginning], more), [], { knows: 0 });
    answered(ran);
    const [missing] = only(ran, 'tool_error');
    assert.equal(missing.content.tool, 'odd');
    assert.ok(missing.content.message.includes(sentence), missing.content.message);
    assert.match(ran.agent.output, /the tools of a server are not known server=odd/);
    if (beginning === 'dies') assert.match(ran.agent.output, /complaint="I cannot find my settings/);
    if (beginning === 'missing') assert.match(ran.agent.output, /complaint="\/nonexistent\/server: No such file/);
  });

test('what is no message at the beginning does no harm', async () => {
  const [used] = answered(await borrowing(oddly(['banner']), ['nothing']));
  assert.equal(used.status, 'completed');
});

test('output of any size is cut, and said to be', async () => {
  const used = [];
  for (const { id, sessionId, status } of answered(await borrowing(oddly(), ['huge', 'long']))) {
    assert.equal(status, 'completed');
    const { step } = (await asker.person.get(`agent-sessions/${sessionId}/steps/${id}`)).expect(200).body;
    assert.ok(JSON.stringify(step.content).length < 150_000);
    used.push(step);
  }
  assert.equal(used[0].content.result.length, 65);
  assert.match(used[1].content.result, /\(2031616 more bytes were left out\.\)$/);
  assert.ok(told().length < 30_000);
});

test('results of no known form are read as far as they can be', async () => {
  const [strange, wrong, nothing] = answered(await borrowing(oddly(), ['strange', 'wrong', 'nothing']));
  assert.match(JSON.stringify(strange.content.result), /unknown kind.*half \ufffd smile/);
  assert.equal(wrong.status, 'completed');
  assert.equal(nothing.status, 'completed');
  assert.match(told(), /no output/);
});

test('a call that the model writes as text is made only once a person has allowed it', async () => {
  const agent = await startBorrower(instance, model, { odd: oddly() }, { knows: 1 });
  try {
    script.calls = [{ content: '<tool_call>{"name": "odd__nothing", "arguments": {}}</tool_call>' }];
    const stream = await asker.channel();
    const asked = await asker.ask(stream.id, '@ariadne please');
    const step = await until(async () => {
      const trace = await asker.trace(asked.id);
      assert.match(trace.session.status, /pending|running/, 'the session ended without a question');
      assert.equal(only(trace, 'tool_call').length, 0, 'the tool was called without a yes');
      return only(trace, 'approval')[0];
    }, 'a question');
    assert.match(step.content.question, /^May I call the tool "nothing" of the server "odd"/);
    (await asker.person.post(`agent-sessions/${asked.id}/steps/${step.id}/decision`, { option: 'approve' })).expect(
      200,
    );
    const [used] = answered({ ...(await asker.ended(asked.id)), used: only(await asker.ended(asked.id), 'tool_call') });
    assert.equal(used.status, 'completed');
  } finally {
    assert.equal((await agent.stop()).code, 0, agent.output);
  }
});

test('what the server asks of the agent is answered, and nothing is given to it', async () => {
  const [used] = answered(await borrowing(oddly(), ['asks']));
  assert.deepEqual(JSON.parse(used.content.result), [{}, -32601, -32601]);
});

test("a tool's output cannot pass for the system's words", async () => {
  answered(await borrowing(oddly(), ['escape']));
  assert.equal(told().match(/<\/tool_output>/g).length, 1);
  assert.match(told(), /<\/tool_output>$/);
});

test('links to pages become sources, and no other addresses do', async () => {
  const ran = await borrowing(oddly(), ['link']);
  const [used] = answered(ran);
  const urls = ['https://airships.example/timetable', 'https://airships.example/page'];
  assert.deepEqual(
    used.sources.map((source) => source.url),
    urls,
  );
  assert.deepEqual(
    only(ran, 'message_sent')[0].sources.map((source) => source.url),
    urls,
  );
});

test("a refusal is told in the tool's words, without keys", async () => {
  const used = answered(await borrowing(oddly(), ['refuse', 'deny']));
  assert.deepEqual(
    used.map((step) => [step.status, step.error.code]),
    [
      ['failed', 'tool_failed'],
      ['failed', 'tool_unavailable'],
    ],
  );
  assert.match(used[1].error.message, /refused: denied with/);
});

test('of hostile lists only what can be offered is offered', async () => {
  const ran = await borrowing(oddly(['hostile']), []);
  answered(ran);
  const names = model.requests.at(-1).tools.map((tool) => tool.function.name);
  const theirs = names.filter((name) => name.startsWith('odd__'));
  assert.equal(theirs.length, 64);
  assert.ok(names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name)));
  assert.equal(new Set(names).size, names.length);
  assert.ok(!names.includes('odd__fat'));
  assert.match(ran.agent.output, /tools of a server are not offered.*tools=239/);
});

test('a list that has changed is asked for again', async () => {
  const note = join(folder(), 'note');
  writeFileSync(note, 'fewer');
  chmodSync(note, 0o666);
  const server = oddly(['changes', note], { writes: [note] });
  await borrowing(server, ['changed'], {
    then: async () => {
      script.calls = [];
      await asker.run('@ariadne again');
      assert.ok(model.requests.at(-1).tools.some((tool) => tool.function.name === 'odd__more'));
    },
  });
});

test('a program reaches nothing that is not its own', async () => {
  const place = folder();
  const [mine, other] = [join(place, 'mine'), join(folder(), 'other')];
  writeFileSync(mine, 'the file that may be read');
  writeFileSync(other, 'the file that may not');
  chmodSync(mine, 0o666);
  const socket = join(instance.sockets ?? '/run', 'nothing.sock');
  const server = oddly(['well', mine, other, socket], {});
  server.reads = [...server.reads, mine];
  const [used] = answered(await borrowing(server, ['looks']));
  const seen = JSON.parse(used.content.result);
  assert.equal(seen.allowed, 'the file that may be read');
  assert.equal(seen.writes, 'EACCES');
  assert.equal(seen.outside, 'EACCES');
  assert.equal(seen.parent, 'EACCES');
  assert.equal(seen.socket, 'EACCES');
  for (const file of seen.descriptors)
    assert.match(file, /^(pipe:|anon_inode:|\/dev\/|\/proc\/|ENOENT)/, 'a descriptor that is not its own');
});

test('what a program started ends with it', async () => {
  const [used] = answered(await borrowing(oddly(), ['fork']));
  const pid = Number(used.content.result);
  assert.ok(pid > 1);
  await until(
    () => !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
    'its end',
  );
});

test('a call that is stopped is told to the server', async () => {
  const note = join(folder(), 'cancelled');
  writeFileSync(note, '');
  chmodSync(note, 0o666);
  const server = oddly([], { timeout: 600, writes: [note] });
  server.env.CANCELLED = note;
  const agent = await startBorrower(instance, model, { odd: server }, { knows: 1 });
  try {
    script.calls = [['odd__silence', {}]];
    const stream = await asker.channel();
    const asked = await asker.ask(stream.id, '@ariadne please');
    await until(() => readFileSync(note, 'utf8') === 'begun', 'a call', 30_000);
    const began = performance.now();
    (await asker.person.post(`agent-sessions/${asked.id}/cancel`, {})).expect(200);
    await agent.says(`session over id=${asked.id} error=stopped`);
    console.log(`# stopped within ${Math.round(performance.now() - began)} ms`);
    await until(
      () => /"method":"notifications\/cancelled".*"requestId":2/.test(readFileSync(note, 'utf8')),
      'the word',
    );
  } finally {
    assert.equal((await agent.stop()).code, 0, agent.output);
  }
});

for (const [name, settings, sentence] of [
  ['no JSON', '{', 'line 1'],
  ['no servers', '{}', 'mcpServers'],
  ['neither address nor command', { a: {} }, 'either a url or a command'],
  ['a wrong name', { a__b: { url: 'http://x' } }, 'a name has at most'],
  ['a misspelt member', { a: { url: 'http://x', header: {} } }, 'known are'],
  ['a relative path', { a: { command: 'x', reads: ['home'] } }, 'absolute paths'],
  ['the older transport', { a: { url: 'http://x', type: 'sse' } }, 'must be stdio or http'],
  ['a line end in a header', { a: { url: 'http://x', headers: { X: 'a\nb' } } }, 'an object of strings'],
])
  test(`wrong settings are refused at the start, with the reason: ${name}`, async () => {
    const file = join(folder(), 'servers.json');
    writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify({ mcpServers: settings }));
    const agent = await startAgent(instance, model, { env: { TRACE_MCP_SERVERS: file }, awaits: sentence });
    assert.equal((await agent.ended).code, 2);
    assert.match(agent.output, /TRACE_MCP_SERVERS/);
  });

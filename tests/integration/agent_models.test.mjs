// SPDX-License-Identifier: Apache-2.0
// trace-agent with recorded replies of model servers, each through the whole system: a message, a session, the answer,
// and what the page reads over REST. Each scenario has an agent of its own, since an agent remembers its server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { start, until } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { answered, askOnce, failed, good, inTurn, KEY, queries, SECRET, text } from './agent_asking.mjs';
import { reply, sample, says, startReplay, stream } from './agent_replay.mjs';
import { Asker, only, startAgent } from './agent_stage.mjs';

let instance, asker;
before(async () => {
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  await asker.say(instance.env.TRACE_STREAM, 'We keep pgbouncer away from migrations.');
});
after(() => instance?.stop());

const ask = (answer, options) => askOnce({ instance, asker }, answer, options);

for (const [name, expected] of [
  ['content-array-all', 'parts END-OF-ANSWER'],
  ['done-space', 'donespace END-OF-ANSWER'],
  ['empty-data', 'emptydata END-OF-ANSWER'],
  ['single-newline', 'single END-OF-ANSWER'],
  ['sse-message', 'ssemessage END-OF-ANSWER'],
  ['surrogate-split', 'smile 😀 END-OF-ANSWER'],
  ['u0000', 'nul � END-OF-ANSWER'],
])
  test(`an odd stream is a whole answer: ${name}`, async () => answered(await ask(() => sample(name)), expected));

for (const [name, expected, thought] of [
  ['think-tags', 'thinktags END-OF-ANSWER', 'Secret pondering about Ada.'],
  ['think-close-only', 'Hello! thinkclose END-OF-ANSWER', 'Secret pondering.'],
  ['reasoning-details-only', 'rd END-OF-ANSWER', 'MiniMax thinks in details and more'],
])
  test(`thinking is shown as thinking, once, and is no part of the answer: ${name}`, async () => {
    const ran = await ask(() => sample(name));
    answered(ran, expected);
    assert.equal(ran.thinking[0].content.split(thought).length, 2, ran.thinking[0].content);
    assert.doesNotMatch(ran.thinking[0].content, /<\/?think>/);
  });

for (const [name, expected] of [
  ['tool-17', Array.from({ length: 17 }, (_, i) => `word${i}`)],
  ['tool-args-braces-twice', ['pgbouncer']],
  ['tool-args-object', ['pgbouncer']],
  ['tool-function-call-legacy', ['pgbouncer']],
  ['tool-index-minus-1', ['pgbouncer']],
  ['tool-name-harmony', ['pgbouncer']],
  ['tool-no-index-id-repeated', ['pgbouncer']],
  ['tool-same-index', ['pgbouncer', 'migrations']],
  ['tool-text-harmony', ['pgbouncer']],
  ['tool-text-hermes', ['pgbouncer']],
])
  test(`a tool call is put together and run: ${name}`, async () => {
    const ran = await ask(inTurn(sample(name), good));
    answered(ran, 'All is well GOOD-ANSWER');
    assert.deepEqual(queries(ran), expected);
    assert.equal(only(ran, 'tool_error').length, 0);
    // The server gets back what it sent: each call once, with an id of its own, and its output.
    const { messages } = ran.replay.requests[1].body;
    const calls = messages.flatMap((message) => message.tool_calls ?? []);
    assert.equal(new Set(calls.map((call) => call.id)).size, expected.length);
    for (const call of calls) assert.ok(messages.some((message) => message.tool_call_id === call.id));
    assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments).query), expected); // prettier-ignore
  });

test('what a reasoning model sent comes back to it with the outputs: deepseek-passback', async () => {
  const ran = await ask((request, n) => {
    if (n === 1) return sample('deepseek-passback');
    const own = request.body.messages.find((message) => message.tool_calls);
    return own.reasoning_content === 'I should search.'
      ? good
      : reply(400, '{"error":{"message":"Missing `reasoning_content` field in the assistant message"}}');
  });
  answered(ran, 'All is well GOOD-ANSWER');
  assert.deepEqual(queries(ran), ['pgbouncer']);
});

test('an empty answer gets a second try, in the same step: empty-once', async () => {
  const ran = await ask(inTurn(sample('empty-once'), good));
  answered(ran, 'All is well GOOD-ANSWER');
  assert.equal(ran.thinking.length, 1);
  assert.equal(ran.replay.requests.length, 2);
});

test('and not a third', async () => {
  const ran = await ask(() => sample('empty-once'), { env: { TRACE_MODEL_TRIES: '5' } });
  failed(ran, 'The model ended without an answer.');
  assert.equal(ran.replay.requests.length, 2);
});

test('an answer that was cut says so, and why: length-cut', async () => {
  const ran = await ask(() => sample('length-cut'));
  assert.equal(ran.session.status, 'completed');
  assert.match(
    ran.answer.content,
    /^The three rules of the migration are: first, always\n\n.*incomplete.*length limit/s,
  );
  const [sent] = only(ran, 'message_sent');
  assert.equal(sent.error.code, 'incomplete_answer');
  assert.match(sent.error.message, /length limit/);
  assert.equal(sent.messageId, ran.answer.id);
});

test('a refusal is shown as the model’s: refusal', async () => {
  const ran = await ask(() => sample('refusal'));
  assert.match(ran.answer.content, /declined to answer: I'm sorry, I cannot assist with that request\./);
  assert.equal(only(ran, 'message_sent')[0].error.code, 'model_refusal');
});

test('citations are sources of the answer: url-citation', async () => {
  const ran = await ask(() => sample('url-citation'));
  answered(ran, 'Postgres is a database. END-OF-ANSWER');
  assert.deepEqual(
    ran.answer.sources.map(({ type, title, url, domain }) => ({ type, title, url, domain })),
    [
      {
        type: 'web',
        title: 'About PostgreSQL',
        url: 'https://www.postgresql.org/about/',
        domain: 'www.postgresql.org',
      },
    ],
  );
});

for (const [name, requests, ...parts] of [
  ['err-200-json', 1, 'Unexpected endpoint or method', 'TRACE_MODEL_URL'],
  ['err-429-quota', 1, 'no quota', 'exceeded your current quota'],
  ['minimax-base-resp', 1, 'quota or credit', 'insufficient balance'],
  ['err-midstream-vllm', 2, 'EngineCore encountered an issue'],
  ['err-context', undefined, 'longer than the context', 'TRACE_CONTEXT_TOKENS'],
])
  test(`an error of any form is no answer, and says what can be changed: ${name}`, async () => {
    const ran = await ask(() => sample(name));
    failed(ran, ...parts);
    if (requests) assert.equal(ran.replay.requests.length, requests);
    assert.equal(ran.thinking.length, 1);
  });

for (const name of ['err-llamacpp-no-tools', 'err-vllm-no-tools'])
  test(`a server without tools has them described, and what it writes is run: ${name}`, async () => {
    const ran = await ask((request, n) => {
      if (request.body.tools) return sample(name);
      return n === 2 ? sample('tool-text-hermes') : good;
    });
    answered(ran, 'All is well GOOD-ANSWER');
    assert.deepEqual(queries(ran), ['pgbouncer']);
    const [, second, third] = ran.replay.requests;
    assert.match(second.body.messages[0].content, /workspace_search/);
    assert.ok(third.body.messages.every((message) => ['system', 'user', 'assistant'].includes(message.role)));
    assert.ok(third.body.messages.every((message, i, all) => message.role !== all[i - 1]?.role));
  });

test('a server that refuses stream_options is asked without: err-stream-options', async () => {
  const ran = await ask((request) => (request.body.stream_options ? sample('err-stream-options') : good));
  answered(ran, 'All is well GOOD-ANSWER');
  assert.equal(ran.replay.requests.length, 2);
});

test('a model that is being loaded is waited for: err-503-loading', async () => {
  const ran = await ask(inTurn(...Array(3).fill(sample('err-503-loading')), good));
  answered(ran, 'All is well GOOD-ANSWER');
  assert.equal(ran.replay.requests.length, 4);
  assert.equal(ran.thinking.length, 1);
});

test('a redirect on the same host is followed: redirect-307', async () => {
  const ran = await ask((request, n) => {
    if (n > 1) return good;
    const { host } = new URL(`http://${request.headers.Host}`);
    return Buffer.from(sample('redirect-307').toString('latin1').replace('127.0.0.1:9103', host), 'latin1');
  });
  answered(ran, 'All is well GOOD-ANSWER');
  assert.equal(ran.replay.requests[1].path, '/v2/chat/completions');
  assert.equal(ran.replay.requests[1].headers.Authorization, `Bearer ${KEY}`);
});

test('a redirect to another host is not', async () => {
  const ran = await ask(() => reply(307, '', 'Location: http://localhost:9/v1/chat/completions\r\n'));
  failed(ran);
  assert.equal(ran.replay.requests.length, 1);
});

test('a redirect to another port of the host is not, for another server listens there', async () => {
  const seen = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  // The second address has the configured host where another one's name and password stand.
  for (const there of [`127.0.0.1:${port}`, `127.0.0.1:x@localhost:${port}`]) {
    const ran = await ask(() => reply(307, '', `Location: http://${there}/v1/chat/completions\r\n`));
    failed(ran);
    assert.equal(ran.replay.requests.length, 1);
  }
  other.close();
  assert.deepEqual(seen, []);
});

test('[DONE] ends the answer whatever the connection does', async () => {
  const began = Date.now();
  const ran = await ask(() => ({ bytes: says('Done and hanging'), hangs: true }), { env: { TRACE_MODEL_STALL: '60' } });
  answered(ran, 'Done and hanging');
  assert.ok(Date.now() - began < 20_000);
});

// What a server may do on the way, all of it a whole answer.
const chunked = (text, headers) =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${headers}Connection: close\r\n\r\n`),
    text,
  ]);
const event = (content, reason = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: reason }] })}`;
for (const [kind, bytes] of Object.entries({
  'status 201': Buffer.from(good.toString().replace('200 OK', '201 Created')),
  'compressed, though nobody asked for it': chunked(gzipSync(`${event('All is well GOOD-ANSWER', 'stop')}\n\n`), 'Content-Encoding: gzip\r\n'), // prettier-ignore
  'no end of the last event': chunked(Buffer.from(event('All is well GOOD-ANSWER', 'stop')), ''),
  'a character cut in two': chunked(
    Buffer.concat(
      ['All is \xc3', '\xa5\xb8', 'well GOOD-ANSWER'].map((part, i) =>
        Buffer.from(
          `data: {"choices":[{"delta":{"content":"${part}"}${i === 2 ? ',"finish_reason":"stop"' : ''}}]}\n\n`,
          'latin1',
        ),
      ),
    ),
    '',
  ),
  'a whole reply instead of a stream': reply(
    200,
    JSON.stringify({ choices: [{ message: { content: 'All is well GOOD-ANSWER' }, finish_reason: 'stop' }] }),
  ),
}))
  test(`an odd way of sending is a whole answer: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    assert.equal(ran.session.status, 'completed', JSON.stringify(ran.session.error));
    assert.match(ran.answer.content, /^All is .*well GOOD-ANSWER$/);
  });

for (const [kind, body, words] of [
  ['a page', '<html><head><title>Sign in</title></head><body>Please</body></html>', 'Sign in'],
  ['plain text', 'upstream connect error', 'upstream connect error'],
  ['an error behind some text', undefined, 'Overloaded'],
])
  test(`what is no completion is no answer: ${kind}`, async () => {
    const late = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
    const ran = await ask(() => (body ? reply(200, body) : chunked(Buffer.from(`${event('Half')}\n\n${late}`), '')));
    failed(ran, words);
  });

test('a wait that the server asks for is kept to, and the trace says what is waited for', async () => {
  const busy = reply(429, '{"error":{"message":"Rate limit reached"}}', 'retry-after-ms: 2500\r\n');
  const replay = await startReplay(inTurn(busy, good));
  const agent = await startAgent(instance, replay, { env: { TRACE_MODEL_TRIES: '2' } });
  try {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne what about pgbouncer?');
    await until(async () => {
      const step = only(await asker.trace(asked.id), 'thinking')[0];
      return step?.status === 'running' && /Waiting for the model, try 2 of 2, in \d+ s/.test(step.content);
    }, 'the word that it waits');
    const ran = await asker.ended(asked.id);
    answered({ ...ran, answer: { content: text(ran) } }, 'All is well GOOD-ANSWER');
    const [thinking] = only(ran, 'thinking');
    assert.match(thinking.content, /Note: The model's server has too many requests/);
    assert.ok(new Date(thinking.completedAt) - new Date(thinking.startedAt) >= 2500);
  } finally {
    await agent.stop();
    replay.stop();
  }
});

test('a call that is written beside other text is not run, and is no answer', async () => {
  const call = '<tool_call>{"name": "workspace_search", "arguments": {"query": "pgbouncer"}}</tool_call>';
  const ran = await ask(() => says(`Let me look.\n${call}`));
  failed(ran, 'does not parse tool calls');
  assert.deepEqual(queries(ran), []);
});

test('a tag that an answer quotes is text', async () => {
  const quoted = 'Models write `<think>` and `</think>` around their thoughts.';
  answered(await ask(() => says(quoted)), quoted);
});

test('the server’s words are masked: keys, and what people said', async () => {
  const ran = await ask((request) =>
    reply(400, JSON.stringify({ error: { message: `bad key ${KEY}; input was ${request.text.slice(-900)}` } })),
  );
  failed(ran, 'refused the request', 'bad key [masked]');
  assert.ok(!ran.session.error.message.includes(SECRET), ran.session.error.message);
});

test('the configured key is masked wherever the server repeats it', async () => {
  const ran = await ask(() => Buffer.from(stream([{ reasoning: `It is ${KEY}.` }, { content: `You sent ${KEY}.` }], KEY).toString().replaceAll('replayed', KEY))); // prettier-ignore
  assert.match(ran.answer.content, /^You sent k3y-\[masked\]/);
  assert.match(ran.answer.content, /incomplete/);
  const broken = await ask(() => stream([], KEY));
  failed(broken, 'ended without an answer');
});

test('one part that cannot be read costs nothing but a note', async () => {
  const bytes = stream([{ content: 'Half ' }, { content: 'and half' }]).toString();
  const ran = await ask(() => Buffer.from(bytes.replace('data: {"model"', 'data: {broken\n\ndata: {"model"')));
  answered(ran, 'Half and half');
  assert.match(ran.thinking[0].content, /1 part of what the model sent could not be read and was skipped/);
});

test('the options reach the server', async () => {
  const env = {
    TRACE_MODEL_BODY: '{"temperature":0.2,"stream_options":null,"reasoning":{"effort":"low"}}',
    TRACE_MODEL_HEADERS: 'X-One: 1\\nX-Two: two words',
    TRACE_MODEL_TOOLS: '0',
  };
  const ran = await ask(() => good, { env });
  answered(ran, 'All is well GOOD-ANSWER');
  const [{ body, headers }] = ran.replay.requests;
  assert.deepEqual([body.temperature, body.stream_options, body.reasoning], [0.2, undefined, { effort: 'low' }]);
  assert.deepEqual([headers['X-One'], headers['X-Two']], ['1', 'two words']);
  assert.equal(body.tools, undefined);
});

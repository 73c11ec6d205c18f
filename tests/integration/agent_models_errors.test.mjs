// SPDX-License-Identifier: Apache-2.0
// Errors of model servers in still more forms and words, refusals, ends that are none, and what is left out of a request
// that was refused: what the trace says of each, and how often the server was asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { answered, askOnce, failed, good, inTurn, KEY } from './agent_asking.mjs';
import { chunk, data, done, reply, says, sse, stream } from './agent_replay.mjs';
import { Asker, only } from './agent_stage.mjs';

let instance, asker;
before(async () => {
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  await asker.say(instance.env.TRACE_STREAM, 'We keep pgbouncer away from migrations.');
});
after(() => instance?.stop());

const ask = (answer, options) => askOnce({ instance, asker }, answer, options);

const WHOLE = 'All is well GOOD-ANSWER';
const json = (status, body, headers) => reply(status, typeof body === 'string' ? body : JSON.stringify(body), headers);
const error = (status, message, more = {}, headers = '') => json(status, { error: { message, ...more } }, headers);
const half = data(chunk({ role: 'assistant', content: 'Half of it ' }));
const choice = (members, rest = {}) => JSON.stringify({ id: 'c', choices: [{ index: 0, ...members }], ...rest });
const plain = (status, body) =>
  Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

for (const [kind, bytes, requests, ...parts] of [
  ['plain text under 200 that begins like a field: error', plain(200, 'error code: 1033'), 1, 'error code: 1033'],
  ['plain text under 200 that begins like a field: rate', plain(200, 'rate limit exceeded'), 1, 'rate limit exceeded'],
  ['plain text under 200 that begins like a field: internal', plain(200, 'internal failure'), 1, 'internal failure'],
  ['plain text under 200 that begins like a field: data', plain(200, 'database is locked'), 1, 'database is locked'],
  ['plain text under 200: error: and its words', plain(200, 'error: the worker is gone'), 2, 'the worker is gone'],
  ['a flag, with the words beside it', json(200, { error: true, message: 'the worker is gone' }), 2, 'the worker is gone'], // prettier-ignore
  ['a flag, in the stream', sse(half + data('{"error":true,"message":"the worker is gone"}')), 2, 'the worker is gone'],
  ['a number, with the words beside it', json(200, { error: 503, detail: 'the worker is gone' }), 2, 'the worker is gone'], // prettier-ignore
  ['no success', json(200, { success: false, message: 'the worker is gone' }), 2, 'the worker is gone'],
  ['no success, in the stream', sse(half + data('{"success":false,"message":"the worker is gone"}')), 2, 'the worker is gone'], // prettier-ignore
  ['a status that is a word', sse(half + data('{"status":"error","message":"the worker is gone"}')), 2, 'the worker is gone'], // prettier-ignore
  ['words and nothing else, behind some text', sse(half + data('{"message":"the worker is gone"}')), 2, 'the worker is gone'], // prettier-ignore
  ['FastAPI, behind some text', sse(half + data('{"detail":"the worker is gone"}')), 2, 'the worker is gone'],
  ['FastAPI, a list', json(422, { detail: [{ loc: ['body', 'messages', 0], msg: 'the worker is gone', type: 'x' }] }), 1, 'the worker is gone, at body.messages.0'], // prettier-ignore
  ['an event of that name with plain words', sse(`${half}event: error\ndata: the worker is gone\n\n`), 2, 'the worker is gone'], // prettier-ignore
  ['AWS: an event of an exception', sse(`${half}event: exception\ndata: {"message":"the worker is gone"}\n\n`), 2, 'the worker is gone'], // prettier-ignore
  ['Bedrock: an exception by name', sse(half + data('{"modelStreamErrorException":{"message":"the worker is gone"}}')), 2, 'the worker is gone'], // prettier-ignore
  ['Gemini: pretty JSON without a field, behind some text', sse(`${half}${JSON.stringify([{ error: { code: 500, message: 'the worker is gone', status: 'INTERNAL' } }], null, 2)}\n`), 2, 'the worker is gone'], // prettier-ignore
  ['OpenRouter: pretty JSON behind comments', sse(`: OPENROUTER PROCESSING\n\n${JSON.stringify({ error: { message: 'the worker is gone', code: 502 } }, null, 1)}\n`), 2, 'the worker is gone'], // prettier-ignore
  ['in the delta', sse(half + data(choice({ delta: { error: { message: 'the worker is gone' } } }))), 2, 'the worker is gone'], // prettier-ignore
  ['in a whole message', json(200, { choices: [{ message: { content: '', error: { message: 'the worker is gone' } }, finish_reason: 'error' }] }), 2, 'the worker is gone'], // prettier-ignore
  ['MiniMax, behind some text', sse(half + data('{"choices":[],"base_resp":{"status_code":1027,"status_msg":"output new_sensitive"}}')), 1, 'content rules', 'output new_sensitive'], // prettier-ignore
  ['within strings within strings', error(500, JSON.stringify({ error: { message: JSON.stringify({ error: { message: 'the worker is gone' } }) } })), 2, 'the worker is gone'], // prettier-ignore
  ['LiteLLM: Python’s writing of JSON', error(500, `litellm.APIError: OpenAIException - {'error': {'message': 'the worker is gone'}}`, { type: null, code: '500' }), 2, 'the worker is gone'], // prettier-ignore
  ['an error without words', json(500, { error: {} }), 2, 'an error of its own'],
  ['null for an error', json(500, { error: null, choices: null }), 2, 'an error of its own'],
  ['a name before the words', json(400, { error: 'invalid_request', error_description: 'the worker is gone' }), 1, 'the worker is gone'], // prettier-ignore
  ['the key, repeated by the server', error(401, `Incorrect API key provided: ${KEY}.`, { code: 'invalid_api_key' }), 1, 'TRACE_MODEL_KEY', '[masked]'], // prettier-ignore
  ['a login page under 200, compressed to nothing', sse('<!doctype html><title>Sign in</title>'), 1, 'TRACE_MODEL_URL', 'Sign in'], // prettier-ignore
  ['an empty body under 200', sse(''), 2, 'cut off'],
  ['a stream of comments alone', sse(': ping\n\n: ping\n\n'), 2, 'cut off'],
  ['a list of nothing', json(200, '[]'), 1, 'TRACE_MODEL_URL'],
  ['no choice at all', json(200, { id: 'c', choices: [] }), 2, 'without an answer'],
  ['a choice without a message', json(200, { choices: [{ finish_reason: 'stop' }] }), 2, 'without an answer'],
])
  test(`an error is no answer, and says what it is: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    failed(ran, ...parts);
    assert.equal(ran.replay.requests.length, requests, ran.session.error.message);
  });

for (const [kind, bytes, why] of [
  ['Anthropic’s word where others have none', sse(half + data(choice({ delta: {}, stop_reason: 'max_tokens' }))), /length limit/], // prettier-ignore
  ['camel case', sse(half + data(choice({ delta: {}, finishReason: 'MAX_TOKENS' }))), /length limit/],
  ['beside the choices', sse(half + data(choice({ delta: {} }, { finish_reason: 'length' }))), /length limit/],
  ['Ollama’s member', sse(half + data(choice({ delta: {} }, { done: true, done_reason: 'length' }))), /length limit/],
  ['OpenRouter: the provider’s own word behind a good one', sse(half + data(choice({ delta: {}, finish_reason: 'stop', native_finish_reason: 'MALFORMED_FUNCTION_CALL' })) + done), /could not read/], // prettier-ignore
  ['resources of DeepSeek', stream([{ content: 'Half of it ' }], 'insufficient_system_resource'), /resources/],
  ['a filter, in a whole reply', json(200, choice({ message: { content: 'Half of it' }, finish_reason: 'content_filter' })), /filter/], // prettier-ignore
  ['an error for a reason, and nothing else', stream([{ content: 'Half of it' }], 'error'), /an error/],
  ['the refusal of Claude, behind some text', stream([{ content: 'Half of it' }], 'refusal'), /declined/],
  ['calls that never came', stream([{ content: 'Half of it' }], 'tool_calls'), /tool call/],
])
  test(`an answer that is not whole says so, and why: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    assert.equal(ran.session.status, 'completed', JSON.stringify(ran.session.error));
    assert.match(ran.answer.content, /^Half of it\n\n.*incomplete/s);
    assert.match(ran.answer.content, why);
    assert.equal(only(ran, 'message_sent')[0].error.code, 'incomplete_answer');
  });

for (const [kind, bytes] of [
  ['in a whole reply', json(200, choice({ message: { role: 'assistant', content: null, refusal: 'I cannot help with that.' }, finish_reason: 'stop' }))], // prettier-ignore
  ['a part of the content', stream([{ content: [{ type: 'refusal', refusal: 'I cannot help with that.' }] }])],
  ['behind thinking', stream([{ reasoning: 'Hm.' }, { refusal: 'I cannot help ' }, { refusal: 'with that.' }])],
  ['with a filter for a reason', stream([{ refusal: 'I cannot help with that.' }], 'content_filter')],
])
  test(`a refusal is shown as the model’s: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    assert.equal(ran.answer.content, 'The model declined to answer: I cannot help with that.');
    assert.equal(only(ran, 'message_sent')[0].error.code, 'model_refusal');
  });

// Text that speaks of calls, or looks like some, and is no answer of nothing else.
const call = '{"name": "workspace_search", "arguments": {"query": "pgbouncer"}}';
for (const [kind, content] of [
  ['ReAct', 'Thought: I should search.\nAction: workspace_search\nAction Input: {"query": "pgbouncer"}'],
  ['ReAct, fenced', 'I will search.\n\nAction:\n```json\n{"action": "workspace_search", "action_input": {"query": "x"}}\n```'], // prettier-ignore
  ['behind a sentence', `I will look that up.\n\n<tool_call>\n${call}\n</tool_call>`],
  ['a tool that was never offered', '<tool_call>{"name": "launch", "arguments": {}}</tool_call>'],
  ['another, as bare JSON', '{"name": "launch", "arguments": {"query": "x"}}'],
  ['another, in a channel', '<|channel|>commentary to=functions.launch <|constrain|>json<|message|>{}<|call|>'],
])
  test(`a call in text that cannot be run is never posted: ${kind}`, async () => {
    const ran = await ask(() => says(content));
    failed(ran, 'does not parse tool calls');
    assert.equal(only(ran, 'workspace_search').length, 0);
  });

for (const [kind, content] of [
  ['a sentence about a tag', 'The tag <tool_call> opens a call, and `</tool_call>` closes it.'],
  ['JSON that is data', 'Ada is {"name": "Ada", "arguments": 2}.'],
  ['JSON alone that is data', '{"name": "Ada", "role": "admin"}'],
  ['a line of code', 'Call it like this:\n\n```py\nworkspace_search(query="x")\n```\n\nand read what it returns.'],
  ['thinking that is quoted in the middle', 'Qwen writes <think> first.\n\n<think>like this</think>\n\nand then answers.'], // prettier-ignore
])
  test(`what only looks like thinking or a call is text: ${kind}`, async () => answered(await ask(() => says(content)), content)); // prettier-ignore

const date = (ms) => new Date(Date.now() + ms).toUTCString();
for (const [kind, busy, least] of [
  ['a date', () => error(429, 'Rate limit reached', {}, `Retry-After: ${date(3500)}\r\n`), 1500],
  ['a part of a second', () => error(503, 'Overloaded', {}, 'Retry-After: 1.5\r\n'), 1500],
  ['the finer header before the other', () => error(429, 'Rate limit reached', {}, 'Retry-After: 30\r\nretry-after-ms: 1200\r\n'), 1200], // prettier-ignore
  ['a day behind in the past', () => error(429, 'Rate limit reached', {}, `Retry-After: ${date(-90_000)}\r\n`), 500],
  ['no number at all', () => error(429, 'Rate limit reached', {}, 'Retry-After: soon\r\n'), 500],
  ['Groq’s words', () => error(429, 'Rate limit reached for model `m` on tokens per minute (TPM): Limit 6000, Used 5900. Please try again in 1.25s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing', { code: 'rate_limit_exceeded' }), 1250], // prettier-ignore
  ['the details of Google', () => json(429, [{ error: { code: 429, message: 'Resource exhausted', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }] } }]), 1500], // prettier-ignore
])
  test(`a wait is kept to: ${kind}`, async () => {
    const ran = await ask((_, n) => (n === 1 ? busy() : good));
    answered(ran, WHOLE);
    const [thinking] = ran.thinking;
    const waited = new Date(thinking.completedAt) - new Date(thinking.startedAt);
    assert.ok(waited >= least, `${waited} ms`);
    assert.ok(waited < 25_000, `${waited} ms`);
  });

for (const [kind, status, location, requests] of [
  ['308, with a path alone', 308, '/v2/chat/completions', 2],
  ['twice', 307, '/v2/chat/completions?again', 3],
])
  test(`a redirect on the same host is followed: ${kind}`, async () => {
    const ran = await ask((_, n) => (n < requests ? reply(status, '', `Location: ${location}\r\n`) : good));
    answered(ran, WHOLE);
    assert.equal(ran.replay.requests.length, requests);
    assert.equal(ran.replay.requests.at(-1).path, location);
  });

// What the server does not take is left out: it refuses as long as `isRefused` finds it in the request.
const roles = (body) => body.messages.map((message) => message.role).join(' ');
for (const [kind, refusal, isRefused] of [
  ['Gemma’s template', error(400, 'System role not supported', { code: 400, type: 'invalid_request_error' }), (body) => roles(body).includes('system')], // prettier-ignore
  ['llama.cpp renders it', error(500, 'Jinja Exception: System role not supported', { code: 500, type: 'server_error' }), (body) => roles(body).includes('system')], // prettier-ignore
  ['o1', error(400, "Unsupported value: 'messages[0].role' does not support 'system' with this model.", { param: 'messages[0].role', code: 'unsupported_value' }), (body) => roles(body).includes('system')], // prettier-ignore
  ['501 for tools', error(501, 'Tool calling is not implemented'), (body) => body.tools],
  ['OpenRouter: no endpoint with tools', error(404, 'No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing', { code: 404 }), (body) => body.tools], // prettier-ignore
  ['a 422 of a list', json(422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'tools'], msg: 'Extra inputs are not permitted', input: [] }] }), (body) => body.tools], // prettier-ignore
  ['Pydantic in one sentence', json(400, { object: 'error', message: "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]", type: 'BadRequestError', code: 400 }), (body) => body.stream_options], // prettier-ignore
  ['an unknown field by name', error(400, 'Unrecognized request argument supplied: stream_options', { type: 'invalid_request_error' }), (body) => body.stream_options], // prettier-ignore
])
  test(`what a server refuses is left out: ${kind}`, async () => {
    const ran = await ask(({ body }) => (isRefused(body) ? refusal : good));
    answered(ran, WHOLE);
    assert.equal(ran.replay.requests.length, 2);
    assert.equal(ran.thinking.length, 1);
  });

test('parallel_tool_calls that somebody configured is left out where it is refused', async () => {
  const refusal = error(400, "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.", { param: 'parallel_tool_calls', code: 'unsupported_parameter' }); // prettier-ignore
  const ran = await ask(({ body }) => ('parallel_tool_calls' in body ? refusal : good), {
    env: { TRACE_MODEL_BODY: '{"parallel_tool_calls":false}' },
  });
  answered(ran, WHOLE);
  assert.ok(ran.replay.requests[1].body.tools);
});

test('a chunk between two others that says nothing costs nothing', async () =>
  answered(await ask(inTurn(sse(`${half}data: {}\n\ndata: null\n\n${data(chunk({ content: 'is all.' }, 'stop'))}${done}`))), 'Half of it is all.')); // prettier-ignore

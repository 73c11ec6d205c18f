// SPDX-License-Identifier: Apache-2.0
// More replies of the kinds of tests/integration/models, as servers of the world give them, each through the whole system
// like those: streams, thinking, tool calls, ends that are none, and errors in the words of the servers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { answered, askOnce, failed, good, inTurn, queries } from './agent_asking.mjs';
import { chunk, data, done, reply, sse, stream } from './agent_replay.mjs';
import { Asker, only } from './agent_stage.mjs';

let instance, asker;
before(async () => {
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  await asker.say(instance.env.TRACE_STREAM, 'We keep pgbouncer away from migrations.');
});
after(() => instance?.stop());

const ask = (answer, options) => askOnce({ instance, asker }, answer, options);

const said = data(chunk({ role: 'assistant', content: 'All is well ' }), chunk({ content: 'GOOD-ANSWER' }));
const WHOLE = 'All is well GOOD-ANSWER';

for (const [kind, bytes] of Object.entries({
  'Azure: a first chunk of filter results without choices, filters in each, one chunk of them alone': sse(
    data('{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}') + said + data('{"choices":[{"content_filter_offsets":{"check_offset":1},"content_filter_results":{"error":{"code":"content_filter_error","message":"The contents are not filtered"}},"finish_reason":null,"index":0}]}', chunk({}, 'stop')) + done), // prettier-ignore
  'vLLM: null members, usage with each chunk, a chunk of usage, CRLF': sse(
    (data(chunk({ role: 'assistant', content: '', reasoning_content: null, tool_calls: null, refusal: null }, null, { usage: { prompt_tokens: 9, total_tokens: 9, completion_tokens: 0 } })) + said + data(chunk({ content: '' }, 'stop', { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop', stop_reason: null }] }), '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}') + done).replaceAll('\n', '\r\n')), // prettier-ignore
  'SGLang: a null choice list and matched_stop': sse(
    said + data('{"id":"c","choices":[{"index":0,"delta":{"role":null,"content":null,"reasoning_content":null,"tool_calls":null},"logprobs":null,"finish_reason":"stop","matched_stop":151645}],"usage":null}', '{"id":"c","choices":null,"usage":{"prompt_tokens":"9","completion_tokens":"5"}}') + done), // prettier-ignore
  'OpenRouter: comments, then its own members, usage with a cost in the last chunk': sse(
    ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n' + said + data(chunk({ role: 'assistant', content: '' }, 'stop', { provider: 'P', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'stop', native_finish_reason: 'STOP', logprobs: null }], usage: { prompt_tokens: 9, completion_tokens: 5, cost: 0.0001, cost_details: { upstream_inference_cost: null } } })) + done), // prettier-ignore
  'DeepSeek: keep-alive comments in the middle, an empty reasoning': sse(
    ': keep-alive\n\n' + data(chunk({ role: 'assistant', content: null, reasoning_content: '' })) + ': keep-alive\n\n' + said + data(chunk({ content: '', reasoning_content: null }, 'stop')) + done), // prettier-ignore
  'TGI: no blank behind the colon, no [DONE]': sse(
    (said + data(chunk({ role: 'assistant', content: '' }, 'eos_token'))).replaceAll('data: ', 'data:')), // prettier-ignore
  'a reason "null" in every chunk but the last': sse(
    data(chunk({ content: 'All is well ' }, 'null'), chunk({ content: 'GOOD-ANSWER' }, 'null'), chunk({}, 'stop')) + done), // prettier-ignore
  'a reason "" in every chunk but the last, and events with ids and names': sse(
    `id: 1\nevent: message\n${data(chunk({ content: 'All is well ' }, ''))}id: 2\nevent: message\nretry: 100\n${data(chunk({ content: 'GOOD-ANSWER' }, ''), chunk({}, 'stop'))}` + done), // prettier-ignore
  'text behind [DONE], and a second [DONE]': sse(said + data(chunk({}, 'stop')) + done + data(chunk({ content: ' AND MORE' })) + done), // prettier-ignore
  'a line of half a mebibyte': sse(said + data(chunk({}, 'stop', { padding: 'x'.repeat(1 << 19) })) + done),
  'a byte order mark, and pretty JSON over several data lines': sse(
    `\uFEFF${JSON.stringify({ choices: [{ delta: { content: WHOLE }, finish_reason: 'stop' }] }, null, 1).split('\n').map((line) => `data: ${line}\n`).join('')}\n`), // prettier-ignore
  'compressed by a proxy': sse(gzipSync(said + data(chunk({}, 'stop')) + done), 'Content-Encoding: gzip\r\n'),
  'whole, behind blank lines that keep the connection': reply(
    200, `\n\n \n{"object":"chat.completion","choices":[{"index":"0","message":{"role":"assistant","content":"${WHOLE}","tool_calls":[],"function_call":null,"refusal":null},"finish_reason":"stop"}],"error":null,"usage":{"prompt_tokens":"9"}}`), // prettier-ignore
  'whole, with error an empty object and code 0': reply(
    200, `{"code":0,"msg":"","error":{},"choices":[{"message":{"content":[{"type":"text","text":"${WHOLE}"}]},"finish_reason":"stop"}]}`), // prettier-ignore
  'an event that is an array, and one that is no JSON at all': sse('data: []\n\ndata: hello\n\n' + said + data(chunk({}, 'stop')) + done), // prettier-ignore
  'Cohere: tags around the answer as around the thinking': stream([{ content: `<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>${WHOLE}<|END_RESPONSE|>` }]), // prettier-ignore
  'Hunyuan: an answer in tags behind its thinking': stream([{ content: '<think>\nHm.\n</think>\n<ans' }, { content: `wer>\n${WHOLE}\n</answer>` }]), // prettier-ignore
  'Magistral: parts of thinking and of text, and an unknown one': stream([
    { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }], closed: true }] }, { content: [{ type: 'text', text: 'All is well ' }, { type: 'reference', reference_ids: [1] }] }, { content: 'GOOD-ANSWER' }]), // prettier-ignore
  'thinking under two names at once': stream([{ reasoning: 'Hm.', reasoning_content: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }] }, { content: WHOLE }]), // prettier-ignore
}))
  test(`a whole answer: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    answered(ran, WHOLE);
    const thought = ran.thinking[0].content ?? '';
    assert.ok(thought.split('Hm.').length <= 2 && !/<\/?(think|\|)|Hm\.All/.test(thought), thought);
  });

const delta = (calls, rest = {}) => ({ tool_calls: calls, ...rest });
const piece = (index, id, name, args) => ({ index, id, type: 'function', function: { name, arguments: args } });
const query = (word) => JSON.stringify({ query: word });
const both = ['pgbouncer', 'migrations'];
for (const [kind, bytes, expected] of [
  ['interleaved by index', stream([delta([piece(0, 'a', 'workspace_search', '')]), delta([piece(1, 'b', 'workspace_search', '')]), delta([piece(0, null, null, '{"query":"pg')]), delta([piece(1, null, null, '{"query":"migra')]), delta([piece(0, null, null, 'bouncer"}')]), delta([piece(1, null, null, 'tions"}')])], 'tool_calls'), both], // prettier-ignore
  ['indexes as strings', stream([delta([piece('0', 'a', 'workspace_search', '')]), delta([piece('1', 'b', 'workspace_search', '')]), delta([piece('0', '', '', query('pgbouncer'))]), delta([piece('1', '', '', query('migrations'))])], 'tool_calls'), both], // prettier-ignore
  ['interleaved by id alone', stream([delta([piece(undefined, 'a', 'workspace_search', '')]), delta([piece(undefined, 'b', 'workspace_search', '')]), delta([piece(undefined, 'a', undefined, query('pgbouncer'))]), delta([piece(undefined, 'b', undefined, query('migrations'))])], 'stop'), both], // prettier-ignore
  ['whole, in one chunk, neither index nor id', stream([delta([piece(undefined, undefined, 'workspace_search', query('pgbouncer')), piece(undefined, undefined, 'workspace_search', query('migrations'))])], 'stop'), both], // prettier-ignore
  ['ids repeated for two calls', stream([delta([piece(0, 'call_0', 'workspace_search', query('pgbouncer'))]), delta([piece(1, 'call_0', 'workspace_search', query('migrations'))])], 'tool_calls'), both], // prettier-ignore
  ['arguments an object, beside text', stream([{ content: 'I look.' }, delta([piece(0, 'a', 'workspace_search', { query: 'pgbouncer' })])], 'tool_calls'), ['pgbouncer']], // prettier-ignore
  ['arguments null first, then byte by byte', stream([delta([piece(0, 'a', 'workspace_search', null)]), ...[...query('pgbouncer')].map((letter) => delta([{ index: 0, function: { arguments: letter } }]))], 'tool_calls'), ['pgbouncer']], // prettier-ignore
  ['whole reply, legacy function_call', reply(200, JSON.stringify({ choices: [{ message: { role: 'assistant', content: null, function_call: { name: 'workspace_search', arguments: query('pgbouncer') } }, finish_reason: 'function_call' }] })), ['pgbouncer']], // prettier-ignore
  ['a reason of its own', stream([delta([piece(0, 'tooluse_1', 'workspace_search', query('pgbouncer'))])], 'tool_use'), ['pgbouncer']], // prettier-ignore
  ['namespaced name', stream([delta([piece(0, 'a', 'default_api:workspace_search', query('pgbouncer'))])], 'tool_calls'), ['pgbouncer']], // prettier-ignore
  ['text: GLM', stream([{ content: '<think>Hm.</think>\n<tool_call>workspace_search\n<arg_key>query</arg_' }, { content: 'key>\n<arg_value>pgbouncer</arg_value>\n</tool_call>' }]), ['pgbouncer']], // prettier-ignore
  ['text: Qwen coder', stream([{ content: '<tool_call>\n<function=workspace_search>\n<parameter=query>\npgbouncer\n</parameter>\n</function>\n</tool_call>' }]), ['pgbouncer']], // prettier-ignore
  ['text: MiniMax', stream([{ content: '<minimax:tool_call>\n<invoke name="workspace_search">\n<parameter name="query">pgbouncer</parameter>\n</invoke>\n<invoke name="workspace_search">\n<parameter name="query">migrations</parameter>\n</invoke>\n</minimax:tool_call>' }]), both], // prettier-ignore
  ['text: DeepSeek DSML', stream([{ content: '<｜DSML｜function_calls>\n<｜DSML｜invoke name="workspace_search">\n<｜DSML｜parameter name="query" string="true">pgbouncer</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>' }]), ['pgbouncer']], // prettier-ignore
  ['text: Devstral', stream([{ content: '[TOOL_CALLS]workspace_search[ARGS]{"query": "pgbouncer"}[TOOL_CALLS]workspace_search[ARGS]{"query": "migrations"}' }]), both], // prettier-ignore
  ['text: Llama 4, as in Python', stream([{ content: '[workspace_search(query="pgbouncer"), workspace_search(query=\'migrations\')]' }]), both], // prettier-ignore
  ['text: LFM2', stream([{ content: '<|tool_call_start|>[workspace_search(query="pgbouncer")]<|tool_call_end|>' }]), ['pgbouncer']], // prettier-ignore
  ['text: Command A', stream([{ content: '<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "workspace_search", "parameters": {"query": "pgbouncer"}}\n]<|END_ACTION|>' }]), ['pgbouncer']], // prettier-ignore
  ['text: Nemotron', stream([{ content: '<TOOLCALL>[{"name": "workspace_search", "arguments": {"query": "pgbouncer"}}]</TOOLCALL>' }]), ['pgbouncer']], // prettier-ignore
])
  test(`calls are put together and run: ${kind}`, async () => {
    const ran = await ask(inTurn(bytes, good));
    answered(ran, WHOLE);
    assert.deepEqual(queries(ran), expected);
    assert.equal(only(ran, 'tool_error').length, 0);
    const { messages } = ran.replay.requests[1].body;
    const ids = messages.flatMap((message) => message.tool_calls ?? []).map((call) => call.id);
    assert.equal(new Set(ids).size, ids.length);
  });

for (const [kind, bytes, why] of [
  ['a context that is full', stream([{ content: 'First, always' }], 'model_context_window_exceeded'), /context/],
  ['a filter of Bedrock', stream([{ content: 'First, always' }], 'guardrail_intervened'), /filter/],
  ['a call that Gemini could not read', stream([{ content: 'First, always' }], 'function_call_filter: MALFORMED_FUNCTION_CALL'), /could not read/], // prettier-ignore
  ['a reason that nobody knows', stream([{ content: 'First, always' }], 'gremlins'), /gremlins/],
])
  test(`an answer that is not whole says so: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    assert.equal(ran.session.status, 'completed');
    assert.match(ran.answer.content, /^First, always\n\n.*incomplete/s);
    assert.match(ran.answer.content, why);
    assert.equal(only(ran, 'message_sent')[0].error.code, 'incomplete_answer');
  });

const json = (status, body, headers) => reply(status, typeof body === 'string' ? body : JSON.stringify(body), headers);
const error = (status, message, more = {}) => json(status, { error: { message, ...more } });
const half = data(chunk({ content: 'Half of it ' }));
const page = '<!DOCTYPE html><html><head><style>.cf-error { color: red }</style><title>example.org | 502: Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>'; // prettier-ignore
for (const [kind, bytes, requests, ...parts] of [
  ['llama.cpp: a field of its own in the stream', sse(`${half}error: {"code":500,"message":"Compute error.","type":"server_error"}\n\n${done}`), 2, 'Compute error.'], // prettier-ignore
  ['LM Studio: an event', sse('event: error\ndata: {"error":{"message":"The model has crashed without additional information."},"message":"The model has crashed"}\n\n'), 2, 'crashed'], // prettier-ignore
  ['LiteLLM: a code in digits in the stream', sse(half + data('{"error": {"message": "litellm.AuthenticationError: invalid x-api-key", "type": "None", "param": "None", "code": "401"}}')), 1, 'TRACE_MODEL_KEY'], // prettier-ignore
  ['OpenRouter: an error in the choice', sse(half + data('{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"upstream broke","provider_name":"P"}},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"error"}]}')), 2, 'upstream broke'], // prettier-ignore
  ['Gemini: an error within an error', json(429, [{ error: { code: 429, message: JSON.stringify({ error: { code: 429, message: 'You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: free_tier_requests, limit: 0, model: m', status: 'RESOURCE_EXHAUSTED' } }) } }]), 1, 'no quota'], // prettier-ignore
  ['Gemini: the day is used up', json(429, [{ error: { code: 429, message: 'You exceeded your current quota. Please retry in 1.5s.', status: 'RESOURCE_EXHAUSTED', details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] }] } }]), 1, 'in a day'], // prettier-ignore
  ['a page with styles', Buffer.from(`HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`), 2, 'example.org | 502: Bad gateway'], // prettier-ignore
  ['nothing at all', json(500, ''), 2, 'an error of its own'],
  ['Anthropic: the model', json(404, { type: 'error', error: { type: 'not_found_error', message: 'model: claude-m' } }), 1, 'does not know the model "quirk-model"'], // prettier-ignore
  ['OpenRouter: no provider', error(404, 'No allowed providers are available for the selected model.', { code: 404 }), 1, 'leave no provider'], // prettier-ignore
  ['Ollama: it cannot be loaded', error(500, "llama runner process has terminated: error loading model architecture: unknown model architecture: 'x'", { type: 'api_error', param: null, code: null }), 1, 'cannot load the model "quirk-model"'], // prettier-ignore
  ['xAI: no credits', json(403, { code: 'The caller does not have permission to execute the specified operation', error: "Your newly created team doesn't have any credits yet." }), 1, 'credit'], // prettier-ignore
  ['Mistral: the key', json(401, { message: 'Unauthorized', request_id: 'r' }), 1, 'TRACE_MODEL_KEY', 'It says: Unauthorized'], // prettier-ignore
  ['Azure: the filter', json(400, { error: { inner_error: { code: 'ResponsibleAIPolicyViolation', content_filter_results: { jailbreak: { filtered: true, detected: true } } }, code: 'content_filter', message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", param: 'prompt', type: null } }), 1, 'content rules'], // prettier-ignore
  ['TGI: a plain sentence under a type of JSON', json(422, 'Failed to deserialize the JSON body into the target type: missing field `x`'), 1, 'Failed to deserialize'], // prettier-ignore
  ['an API gateway', json(403, { Message: 'User is not authorized to access this resource' }), 1, 'TRACE_MODEL_KEY', 'It says: User is not'], // prettier-ignore
  ['a success that is none', json(200, { code: 500, msg: '404 NOT_FOUND', success: false }), 2, 'NOT_FOUND'],
  ['a model that only thinks', stream([{ content: '<think>Hm. I go on and on' }], 'length'), 1, 'length limit'],
])
  test(`an error is no answer, and says what can be changed: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    failed(ran, ...parts);
    assert.equal(ran.replay.requests.length, requests);
    assert.ok(!/[{}]/.test(ran.session.error.message), ran.session.error.message);
  });

for (const [kind, body, headers, least] of [
  ['Azure names the quota’s page', { error: { code: '429', message: 'Requests have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 2 seconds. Please go here: https://aka.ms/oai/quotaincrease' } }, '', 2000], // prettier-ignore
  ['Gemini speaks of quota', [{ error: { code: 429, message: 'You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: free_tier_requests, limit: 10, model: m\nPlease retry in 1.5s.' } }], '', 1500], // prettier-ignore
  ['the header counts before the words', { error: { message: 'Rate limit reached. Please try again in 7m12s.' } }, 'Retry-After: 1\r\n', 1000], // prettier-ignore
])
  test(`a limit that passes is waited for: ${kind}`, async () => {
    const ran = await ask(inTurn(json(429, body, headers), good));
    answered(ran, WHOLE);
    const [thinking] = ran.thinking;
    assert.ok(new Date(thinking.completedAt) - new Date(thinking.startedAt) >= least, JSON.stringify(thinking));
    assert.match(thinking.content, /too many requests/);
  });

// What the server does not take is left out: it refuses as long as `isRefused` finds it in the request.
for (const [kind, refusal, isRefused] of [
  ['FastAPI names the place beside the words', json(422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted', input: {} }] }), (body) => body.stream_options], // prettier-ignore
  ['Mistral wraps that into its message', json(422, { object: 'error', message: { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }, type: 'invalid_request_error' }), (body) => body.stream_options], // prettier-ignore
  ['Bedrock does not stream with tools', error(400, "This model doesn't support tool use in streaming mode."), (body) => body.stream], // prettier-ignore
  ['OpenAI wants to see a passport before it streams', error(400, 'Your organization must be verified to stream this model.', { param: 'stream', code: 'unsupported_value' }), (body) => body.stream], // prettier-ignore
  ['LM Studio renders its template into the stream', sse('event: error\ndata: {"error":{"message":"Error rendering prompt with jinja template: \\"System role not supported\\""}}\n\n'), (body) => body.messages.some(({ role }) => role === 'system')], // prettier-ignore
  ['Ollama', error(400, 'registry.ollama.ai/library/m:latest does not support tools', { type: 'api_error' }), (body) => body.tools], // prettier-ignore
])
  test(`what a server refuses is left out: ${kind}`, async () => {
    const whole = json(200, { choices: [{ message: { content: WHOLE }, finish_reason: 'stop' }] });
    const ran = await ask(({ body }) => (isRefused(body) ? refusal : body.stream ? good : whole));
    answered(ran, WHOLE);
    assert.equal(ran.replay.requests.length, 2);
    assert.equal(ran.thinking.length, 1);
  });

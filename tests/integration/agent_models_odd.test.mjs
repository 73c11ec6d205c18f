// SPDX-License-Identifier: Apache-2.0
// Still more replies of the kinds of tests/integration/models, above all where several oddities meet: how streams are
// written, where servers put what others put elsewhere, calls in pieces and as text, and what goes back to the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliCompressSync, deflateSync } from 'node:zlib';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { answered, askOnce, good, inTurn, queries } from './agent_asking.mjs';
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

const WHOLE = 'All is well GOOD-ANSWER';
const halves = [chunk({ role: 'assistant', content: 'All is well ' }), chunk({ content: 'GOOD-ANSWER' })];
const end = chunk({}, 'stop');
const said = data(...halves);
const lines = (...documents) => documents.map((document) => `data: ${document}\n`).join('');
const latin = (text) => Buffer.from(text, 'latin1');
const choice = (members, rest = {}) => JSON.stringify({ id: 'c', choices: [{ index: 0, ...members }], ...rest });
const chunked = (...parts) =>
  sse(parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('') + '0\r\n\r\n', 'Transfer-Encoding: chunked\r\n'); // prettier-ignore

for (const [kind, bytes] of Object.entries({
  'the field written twice': sse(lines(...halves, end, '[DONE]').replaceAll('data: ', '\ndata: data: ')),
  'each event a string with JSON in it': sse(data(...[...halves, end].map((event) => JSON.stringify(event))) + done),
  'carriage returns alone, and a byte order mark': sse(`\uFEFF${said}${data(end)}${done}`.replaceAll('\n', '\r')),
  'every kind of line end in one stream': sse(`${data(halves[0]).replaceAll('\n', '\r\n')}${data(halves[1]).replaceAll('\n', '\r')}${data(end)}${done}`), // prettier-ignore
  'a gateway that has lost line ends': sse(`data: ${halves[0]}data: ${halves[1]}data:${end}data: [DONE]\n\n`),
  'the end behind the last document': sse(`${said}data: ${end}[DONE]\n\n`),
  'Harmony whose marks are lost': stream([{ content: `analysisHm.assistantfinal${WHOLE}` }]),
  'parts whose text is an object': stream([{ content: [{ type: 'text', text: { value: WHOLE, annotations: [] } }] }]),
  'ids, names and pauses between lines without blank ones': sse(`retry: 3000\n${[...halves, end].map((event, n) => `id: ${n}\nevent: chunk\ndata: ${event}\n`).join('')}data: [DONE]\n`), // prettier-ignore
  'nothing but colons and blanks before it': sse(`:\n\n: ping\n\n \n:\n\n${said}${data(end)}${done}`),
  'chunks of the transfer that cut lines, characters and escapes': chunked('da', 'ta: ', said.slice(6, 90), said.slice(90), data(end), 'data: [DO', 'NE]'), // prettier-ignore
  deflated: sse(deflateSync(said + data(end) + done), 'Content-Encoding: deflate\r\n'),
  'brotli, as some proxies do unasked': sse(brotliCompressSync(said + data(end) + done), 'Content-Encoding: br\r\n'),
  'HTTP/1.0, whole and without a length': Buffer.from(`HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${choice({ message: { role: 'assistant', content: WHOLE }, finish_reason: 'stop' })}`), // prettier-ignore
  'a reason in camel case, and no [DONE]': sse(said + data(choice({ delta: {}, finishReason: 'STOP' }))),
  'a reason inside the delta, and no [DONE]': sse(said + data(choice({ delta: { finish_reason: 'stop' } }))),
  'a reason beside the choices, and no [DONE]': sse(said + data(choice({ delta: {} }, { finish_reason: 'stop' }))),
  'Ollama’s words for the end, and no [DONE]': sse(said + data(choice({ delta: {} }, { done: true, done_reason: 'stop' }))), // prettier-ignore
  'Perplexity: each event with the whole message so far': sse(data(choice({ delta: { role: 'assistant', content: 'All is well ' }, message: { role: 'assistant', content: 'All is well ' } }), choice({ delta: { content: 'GOOD-ANSWER' }, message: { role: 'assistant', content: WHOLE } }), choice({ delta: {}, message: { role: 'assistant', content: WHOLE }, finish_reason: 'stop' }))), // prettier-ignore
  'the whole message again at the end, with its thinking': sse(data(chunk({ reasoning_content: 'Hm.' })) + said + data(JSON.stringify({ object: 'chat.completion', choices: [{ message: { role: 'assistant', reasoning_content: 'Hm.', content: WHOLE }, finish_reason: 'stop' }] })) + done), // prettier-ignore
  'thinking under one name in the pieces and another in the whole': sse(data(chunk({ reasoning: 'Hm.' })) + said + data(JSON.stringify({ object: 'chat.completion', choices: [{ message: { reasoning_content: 'Hm.', content: WHOLE }, finish_reason: 'stop' }] })) + done), // prettier-ignore
  'numbers that are none, and too big ones': sse(`data: {"created":NaN,"system_fingerprint":null,"choices":[{"index":0,"logprobs":{"content":[{"logprob":-Infinity,"top":1e400}]},"delta":{"content":"All is well "}}],"seed":123456789012345678901234567890}\n\n${data(halves[1], end)}${done}`), // prettier-ignore
  'a last event of usage behind [DONE], then rubbish': sse(said + data(end) + done + 'data: {"choices":[],"usage":{"prompt_tokens":9}}\n\n<html>'), // prettier-ignore
  'MiniMax: code 0 in each event, and the whole at the end': sse(data(choice({ delta: { role: 'assistant', content: 'All is well ', name: 'MiniMax AI', audio_content: '' } }, { base_resp: { status_code: 0, status_msg: '' } }), choice({ delta: { content: 'GOOD-ANSWER', name: 'MiniMax AI' } }, { base_resp: { status_code: 0, status_msg: 'success' } }), choice({ message: { role: 'assistant', content: WHOLE }, finish_reason: 'stop' }, { object: 'chat.completion', base_resp: { status_code: 0, status_msg: '' } }))), // prettier-ignore
  'Qwen without thinking: an empty thought': stream([{ content: '<think>\n\n</think>\n\n' }, { content: WHOLE }]),
  'Kimi’s tags, cut inside a character': sse(Buffer.concat([latin(`data: {"choices":[{"delta":{"content":"\xe2\x97\x81think\xe2\x96"}}]}\n`), latin(`data: {"choices":[{"delta":{"content":"\xb7Hm.\xe2\x97"}}]}\n`), latin(`data: {"choices":[{"delta":{"content":"\x81/think\xe2\x96\xb7"}}]}\n`), Buffer.from(lines(...halves, end, '[DONE]'))])), // prettier-ignore
  'Harmony: a channel of thinking and one of the answer': stream([{ content: '<|channel|>analysis<|mess' }, { content: `age|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>${WHOLE}<|return|>` }]), // prettier-ignore
  'Harmony: the final channel alone': stream([{ content: `<|channel|>final<|message|>${WHOLE}` }]),
  'thinking in content and beside it': stream([{ reasoning_content: 'Hm.' }, { content: `<think>\n</think>${WHOLE}` }]),
  'half a smile in the thinking while the answer begins': sse(`data: {"choices":[{"delta":{"reasoning_content":"Hm. \\ud83d"}}]}\n\n${said}data: {"choices":[{"delta":{"reasoning_content":"\\ude00"}}]}\n\n${data(end)}${done}`), // prettier-ignore
}))
  test(`a whole answer: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    answered(ran, WHOLE);
    assert.equal(ran.replay.requests.length, 1);
    const thought = ran.thinking[0].content ?? '';
    assert.ok(thought.split('Hm.').length <= 2 && !/think|\|>|skipped/.test(thought), thought);
    assert.equal(thought.split('GOOD-ANSWER').length, 2, thought);
  });

test('a chunk that is cut in a stream of single lines costs only itself', async () => {
  const ran = await ask(() => sse(lines(halves[0], '{"choices":[{"delta":{"content":"lost', halves[1], end, '[DONE]')));
  answered(ran, WHOLE);
  assert.match(ran.thinking[0].content, /1 part of what the model sent could not be read and was skipped/);
});

for (const [kind, bytes, usage] of [
  ['Kimi: in the choice', sse(said + data(choice({ delta: {}, finish_reason: 'stop', usage: { prompt_tokens: 9, completion_tokens: 5 } })) + done), [9, 5]], // prettier-ignore
  ['Anthropic’s names, in two halves', sse(data(choice({ delta: { content: WHOLE } }, { usage: { input_tokens: 9, output_tokens: 1 } }), choice({ delta: {}, finish_reason: 'end_turn' }, { usage: { output_tokens: 5 } }))), [9, 5]], // prettier-ignore
  ['zeros behind the numbers', sse(said + data(choice({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 9, completion_tokens: 5 } }), choice({ delta: {} }, { usage: { prompt_tokens: 0, completion_tokens: 0 } })) + done), [9, 5]], // prettier-ignore
  ['reals beyond all sense', sse(said + data(choice({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 9.0, completion_tokens: 1e308, total_tokens: 1e20 } })) + done), [9, undefined]], // prettier-ignore
])
  test(`usage is found: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    answered(ran, WHOLE);
    const { inputTokens, outputTokens } = ran.thinking[0].usage;
    assert.deepEqual([inputTokens, outputTokens], usage);
  });

const delta = (calls, rest = {}) => ({ tool_calls: calls, ...rest });
const piece = (index, id, name, args) => ({ index, id, type: 'function', function: { name, arguments: args } });
const query = (word) => JSON.stringify({ query: word });
const name = 'workspace_search';
const both = ['pgbouncer', 'migrations'];
const one = ['pgbouncer'];
const cut = (args) => delta([piece(0, undefined, undefined, args)]);
const legacy = (more) => ({ function_call: more });
for (const [kind, bytes, expected] of [
  ['odd indexes, interleaved', stream([delta([piece(3, 'a', name, '')]), delta([piece(7, 'b', name, '')]), delta([piece(7, null, null, '{"query":"migra')]), delta([piece(3, null, null, '{"query":"pgbouncer"}')]), delta([piece(7, null, null, 'tions"}')])], 'tool_calls'), both], // prettier-ignore
  ['indexes as reals', sse(data(chunk(delta([piece(0, 'a', name, ''), piece(1, 'b', name, '')])), chunk(delta([piece(0, '', '', query('pgbouncer'))])), chunk(delta([piece(1, '', '', query('migrations'))]), 'tool_calls')).replaceAll('"index":1', '"index":1.0') + done), both], // prettier-ignore
  ['all of index 0, each in pieces without an id', stream([delta([piece(0, 'a', name, '{"query":')]), cut('"pgbouncer"}'), delta([piece(0, 'b', name, '{"query":')]), cut('"migrations"}')], 'tool_calls'), both], // prettier-ignore
  ['the name and the id in every piece', stream([delta([piece(0, 'a', name, '{"que')]), delta([piece(0, 'a', name, 'ry":"pgb')]), delta([piece(0, 'a', name, 'ouncer"}')])], 'tool_calls'), one], // prettier-ignore
  ['the end in the same chunk as the call, then nothing', sse(data(chunk(delta([piece(0, 'a', name, query('pgbouncer'))]), 'tool_calls'))), one], // prettier-ignore
  ['legacy, with its name in every piece', stream([legacy({ name, arguments: '{"query"' }), legacy({ name, arguments: ':"pgb' }), legacy({ name, arguments: 'ouncer"}' })], 'function_call'), one], // prettier-ignore
  ['legacy, and new, of the same call', stream([{ function_call: { name, arguments: query('pgbouncer') }, tool_calls: [piece(0, 'a', name, query('pgbouncer'))] }], 'tool_calls'), one], // prettier-ignore
  ['the calls once more in the whole message at the end', sse(data(chunk(delta([piece(0, 'a', name, query('pgbouncer')), piece(1, 'b', name, query('migrations'))])), JSON.stringify({ object: 'chat.completion', choices: [{ message: { content: null, tool_calls: [piece(0, 'a', name, query('pgbouncer')), piece(1, 'b', name, query('migrations'))] }, finish_reason: 'tool_calls' }] })) + done), both], // prettier-ignore
  ['once more at the end, without their ids', sse(data(chunk(delta([piece(0, '', name, query('pgbouncer')), piece(1, '', name, query('migrations'))])), JSON.stringify({ object: 'chat.completion', choices: [{ message: { content: null, tool_calls: [piece(undefined, undefined, name, query('pgbouncer')), piece(undefined, undefined, name, query('migrations'))] }, finish_reason: 'tool_calls' }] })) + done), both], // prettier-ignore
  ['encoded twice, in pieces', stream([delta([piece(0, 'a', name, '"{\\"query\\":')]), cut('\\"pgbouncer\\"}"')], 'tool_calls'), one], // prettier-ignore
  ['fenced, in pieces', stream([delta([piece(0, 'a', name, '```json\n{"query":')]), cut(' "pgbouncer"}\n```')], 'tool_calls'), one], // prettier-ignore
  ['empty braces, then the real ones in pieces', stream([delta([piece(0, 'a', name, '{}')]), cut('{"query":'), cut('"pgbouncer"}')], 'tool_calls'), one], // prettier-ignore
  ['the real ones, then empty braces', stream([delta([piece(0, 'a', name, query('pgbouncer'))]), cut('{}')], 'tool_calls'), one], // prettier-ignore
  ['a raw line end and a NUL inside a string', stream([delta([piece(0, 'a', name, '{"query":"pgbouncer\n\\u0000"}')])], 'tool_calls'), ['pgbouncer\n�']], // prettier-ignore
  ['half a smile in each of two pieces', sse(`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"${name}","arguments":"{\\"query\\":\\"pgbouncer \\ud83d"}}]}}]}\ndata: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\ude00\\"}"}}]},"finish_reason":"tool_calls"}]}\ndata: [DONE]\n`), ['pgbouncer 😀']], // prettier-ignore
  ['numbers too big beside the query', stream([delta([piece(0, 'a', name, '{"query":"pgbouncer","limit":99999999999999999999,"x":NaN}')])], 'tool_calls'), one], // prettier-ignore
  ['thinking in tags, then a call, cut UTF-8, single lines', sse(Buffer.concat([latin('data: {"choices":[{"delta":{"content":"<think>H\xc3"}}]}\n'), latin('data: {"choices":[{"delta":{"content":"\xb6m.</think>\\n"}}]}\n'), Buffer.from(lines(chunk(delta([piece(-1, null, `functions.${name}<|channel|>commentary`, '{}')])), chunk(delta([piece(-1, null, null, query('pgbouncer'))]), 'tool_calls'), '[DONE]'))])), one], // prettier-ignore
  ['cut off after the calls by the connection', sse(data(chunk(delta([piece(0, 'a', name, query('pgbouncer'))])), chunk({}, 'tool_calls')) + 'data: {"cho', 'Content-Length: 99999\r\n'), one], // prettier-ignore
  ['in a message of parts', reply(200, choice({ message: { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.' }], tool_calls: [{ id: 'a', function: { name, arguments: { query: 'pgbouncer' } } }] }, finish_reason: 'tool_calls' })), one], // prettier-ignore
  ['text: Kimi behind its thinking', stream([{ content: `◁think▷Hm.◁/think▷<|tool_calls_section_begin|><|tool_call_begin|>functions.${name}:0<|tool_call_argument_begin|>${query('pgbouncer')}<|tool_call_end|><|tool_call_begin|>functions.${name}:1<|tool_call_argument_begin|>${query('migrations')}<|tool_call_end|><|tool_calls_section_end|>` }]), both], // prettier-ignore
  ['text: DeepSeek’s tokens', stream([{ content: `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n` }, { content: `${query('pgbouncer')}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>` }]), one], // prettier-ignore
  ['text: DeepSeek’s newer tokens', stream([{ content: `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${query('pgbouncer')}<｜tool▁call▁end｜><｜tool▁calls▁end｜>` }]), one], // prettier-ignore
  ['text: Harmony whose marks are lost', stream([{ content: `analysisHm.assistantcommentary to=functions.${name} json${query('pgbouncer')}` }]), one], // prettier-ignore
  [
    'text: Granite',
    stream([{ content: `<|tool_call|>[{"name": "${name}", "arguments": ${query('pgbouncer')}}]` }]),
    one,
  ],
  ['text: Hunyuan', stream([{ content: `<think>\nHm.\n</think>\n<tool_calls>[{"name": "${name}", "arguments": ${query('pgbouncer')}}]</tool_calls>` }]), one], // prettier-ignore
  ['text: Llama, as JSON with parameters', stream([{ content: `{"type": "function", "name": "${name}", "parameters": ${query('pgbouncer')}}` }]), one], // prettier-ignore
  ['text: Llama, several with semicolons', stream([{ content: `<|python_tag|>{"name": "${name}", "parameters": ${query('pgbouncer')}}; {"name": "${name}", "parameters": ${query('migrations')}}` }]), both], // prettier-ignore
  ['text: Gemma in a block of code', stream([{ content: `\`\`\`tool_code\n${name}(query="pgbouncer")\n\`\`\`` }]), one], // prettier-ignore
  ['text: FunctionGemma', stream([{ content: `<start_function_call>call:${name}{query:<escape>pgbouncer<escape>}<end_function_call>` }]), one], // prettier-ignore
  ['text: Gemma 4', stream([{ content: `<|channel>thought\nHm.<channel|><|tool_call>call:${name}{query:<|"|>pgbouncer<|"|>}<tool_call|>` }]), one], // prettier-ignore
  ['text: Functionary', stream([{ content: `>>>${name}\n${query('pgbouncer')}` }]), one],
  ['text: Apertus', stream([{ content: `<|tools_prefix|>[{"${name}": ${query('pgbouncer')}}]<|tools_suffix|>` }]), one],
  ['text: Qwen’s older agent', stream([{ content: `✿FUNCTION✿: ${name}\n✿ARGS✿: ${query('pgbouncer')}\n✿RESULT✿` }]), one], // prettier-ignore
  ['text: an OpenAI message written out', stream([{ content: JSON.stringify({ tool_calls: [{ id: 'a', type: 'function', function: { name, arguments: query('pgbouncer') } }] }) }]), one], // prettier-ignore
])
  test(`calls are put together and run: ${kind}`, async () => {
    const ran = await ask(inTurn(bytes, good));
    answered(ran, WHOLE);
    assert.deepEqual(queries(ran), expected);
    assert.equal(only(ran, 'tool_error').length, 0);
    const { messages } = ran.replay.requests[1].body;
    const calls = messages.flatMap((message) => message.tool_calls ?? []);
    assert.equal(new Set(calls.map((call) => call.id)).size, expected.length);
    assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments).query), expected); // prettier-ignore
  });

test('sixty-four calls at once are run, and sixty-five are too many', async () => {
  const many = (n) => stream([delta(Array.from({ length: n }, (_, i) => piece(i, `call_${i}`, name, query(`word${i}`))))], 'tool_calls'); // prettier-ignore
  const ran = await ask(inTurn(many(64), good), { ms: 120_000 });
  answered(ran, WHOLE);
  assert.equal(queries(ran).length, 64);
  const { session } = await ask(() => many(65));
  assert.equal(session.status, 'failed');
  assert.match(session.error.message, /too large/);
});

const signed = { type: 'thinking', thinking: 'I should search.', signature: 'c2lnbmVk' };
const other = { type: 'thinking', thinking: 'Then I answer.', signature: 'b3RoZXI=' };
const own = (ran) => ran.replay.requests[1].body.messages.find((message) => message.tool_calls);
for (const [kind, deltas, members] of [
  ['LiteLLM: a block of thinking in pieces, then its signature', [{ thinking_blocks: [{ type: 'thinking', thinking: 'I should ' }] }, { thinking_blocks: [{ type: 'thinking', thinking: 'search.' }] }, { thinking_blocks: [{ type: 'thinking', thinking: '', signature: 'c2lnbmVk' }] }], { thinking_blocks: [signed] }], // prettier-ignore
  ['LiteLLM: two blocks, each with its signature', [{ thinking_blocks: [signed] }, { thinking_blocks: [other] }], { thinking_blocks: [signed, other] }], // prettier-ignore
  ['OpenRouter: details in pieces, one of them encrypted', [{ reasoning: 'I ', reasoning_details: [{ type: 'reasoning.text', text: 'I ', index: 0, format: 'f', signature: null }] }, { reasoning: 'should search.', reasoning_details: [{ type: 'reasoning.text', text: 'should search.', index: 0, format: 'f', signature: 's' }] }, { reasoning_details: [{ type: 'reasoning.encrypted', data: 'ZW5j', id: 'e', index: 1 }] }], { reasoning_details: [{ type: 'reasoning.text', text: 'I should search.', index: 0, format: 'f', signature: 's' }, { type: 'reasoning.encrypted', data: 'ZW5j', id: 'e', index: 1 }] }], // prettier-ignore
  ['MiniMax and Groq: words that are in every piece', [{ name: 'MiniMax AI', channel: 'analysis', reasoning: 'I ' }, { name: 'MiniMax AI', channel: 'analysis', reasoning: 'should search.' }], { name: 'MiniMax AI', channel: 'analysis', reasoning: 'I should search.' }], // prettier-ignore
  ['a signature of the message', [{ extra_content: { google: { thought_signature: 'sig' } } }], { extra_content: { google: { thought_signature: 'sig' } } }], // prettier-ignore
])
  test(`what a reasoning model must get back it gets back: ${kind}`, async () => {
    const ran = await ask(inTurn(stream([...deltas, delta([piece(0, 'a', name, query('pgbouncer'))])], 'tool_calls'), good)); // prettier-ignore
    answered(ran, WHOLE);
    for (const [member, value] of Object.entries(members)) assert.deepEqual(own(ran)[member], value);
    if (JSON.stringify(deltas).includes('I '))
      assert.equal(ran.thinking[0].content.split('I should search.').length, 2);
  });

const source = { url: 'https://www.postgresql.org/about/', title: 'About PostgreSQL' };
for (const [kind, bytes, title = source.title] of [
  ['Perplexity: titles in the results, addresses in the citations', sse(data(choice({ delta: { content: WHOLE } }, { citations: [source.url], search_results: [{ ...source, date: null }] }), end) + done)], // prettier-ignore
  ['xAI: addresses in the last event', sse(said + data(choice({ delta: {}, finish_reason: 'stop' }, { citations: [source.url] })) + done), source.url], // prettier-ignore
  ['at the message', reply(200, choice({ message: { content: WHOLE, citations: [source] }, finish_reason: 'stop' }))],
  ['Azure: in the context of the message', reply(200, choice({ message: { content: WHOLE, context: { citations: [{ ...source, content: 'A database.', filepath: null, chunk_id: '0' }] } }, finish_reason: 'stop' }))], // prettier-ignore
  ['OpenAI: at a part of the content', reply(200, choice({ message: { content: [{ type: 'text', text: WHOLE, annotations: [{ type: 'url_citation', ...source }] }] }, finish_reason: 'stop' }))], // prettier-ignore
  ['OpenRouter: the same in every event', sse(data(...halves.map((half) => half.replace('"delta":{', `"delta":{"annotations":[${JSON.stringify({ type: 'url_citation', url_citation: { ...source, content: 'A database.' } })}],`)), end) + done)], // prettier-ignore
  ['GLM: its search beside the choices', sse(data(choice({ delta: { content: WHOLE } }, { web_search: [{ title: source.title, link: source.url, content: 'A database.', refer: 'ref_1' }] }), end) + done)], // prettier-ignore
  ['LiteLLM: in fields of the provider', reply(200, choice({ message: { content: WHOLE, provider_specific_fields: { citations: [[{ type: 'web_search_result_location', ...source }]] } }, finish_reason: 'stop' }))], // prettier-ignore
])
  test(`citations are sources of the answer: ${kind}`, async () => {
    const ran = await ask(() => bytes);
    answered(ran, WHOLE);
    assert.deepEqual(
      ran.answer.sources.map((found) => [found.url, found.title]),
      [[source.url, title]],
    );
  });

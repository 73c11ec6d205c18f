// SPDX-License-Identifier: Apache-2.0
// OTLP as SDKs, collectors and hand-written exporters send it: encodings of ids, times and values, order, what is no AI.
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { TRACE, attributes, event, failed, json, ms, ns, otlp, otlpOf, span, spanId } from './build.mjs';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const agent = { 'gen_ai.operation.name': 'invoke_agent' };
const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'look' };
const used = (input, output) => ({ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output });
const root = (more) => span('1', null, 'invoke_agent a', agent, more);
const http = (id, parent, more) => span(id, parent, 'POST', { 'http.request.method': 'POST' }, { kind: 3, ...more });
const raw = (...spans) => json('/ingest/otlp/v1/traces', `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`);
const plain = (id, times) => `{"traceId":"${TRACE}","spanId":"${spanId(id)}","name":"chat m","attributes":[
  {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}}],${times}}`;
const times = { started: ms(), ended: ms(1000) };

export const otlpRows = [
  {
    name: 'times are texts, numbers, or numbers with an exponent',
    requests: [
      raw(plain('1', `"startTimeUnixNano":"${ns()}","endTimeUnixNano":"${ns(1000)}"`).replace('chat m', 'texts')),
      raw(plain('2', `"startTimeUnixNano":${ns()},"endTimeUnixNano":${ns(1000)}`).replace('chat m', 'numbers')),
      raw(plain('3', `"startTimeUnixNano":${ms()}e6,"endTimeUnixNano":${ms(1000)}.0E+6`).replace('chat m', 'floats')),
      raw(plain('4', `"startTimeUnixNano":"${ms()}e6","endTimeUnixNano":"${ms(1000)}e6"`).replace('chat m', 'both')),
    ],
    steps: ['generation ended both', 'generation ended floats', 'generation ended numbers', 'generation ended texts'],
    of: { texts: times, numbers: times, floats: times, both: times },
  },
  {
    name: 'ids are the same in upper and lower case',
    requests: [
      otlp(span('ab', 'cd', 'chat m', chat)),
      otlp({
        ...span('cd', null, 'invoke_agent a', agent),
        traceId: TRACE.toUpperCase(),
        spanId: spanId('CD').toUpperCase(),
      }),
      otlp({ ...span('ef', 'CD', 'execute_tool', tool), traceId: TRACE.toUpperCase(), parentSpanId: spanId('CD') }),
    ],
    session: { status: 'completed' },
    steps: ['agent ended invoke_agent a', '  generation ended chat m', '  tool_call ended execute_tool'],
  },
  {
    name: 'ids in base64, of zeros, and too short cost their own span',
    requests: [
      {
        ...otlp(
          root(),
          { ...span('2', '1', 'x', chat), traceId: 'obLD1OX2BxgpOktcbX6PkA==' },
          { ...span('3', '1', 'x', chat), spanId: '0'.repeat(16) },
          { ...span('4', '1', 'x', chat), spanId: 'abc' },
          { ...span('5', '1', 'x', chat), spanId: 7 },
          span('6', '1', 'chat m', chat),
        ),
        answers: /^\{"partialSuccess":\{"rejectedSpans":"4","errorMessage":"[^"]+"\}\}$/,
      },
    ],
    session: { status: 'completed' },
    steps: ['agent ended invoke_agent a', '  generation ended chat m'],
  },
  {
    name: 'ends before it begins: no length',
    requests: [otlp(span('1', null, 'chat m', chat, { endTimeUnixNano: ns(-3000) }))],
    of: { 'chat m': { started: ms(), ended: ms() } },
  },
  {
    name: 'the end comes before the beginning, in another request, and twice',
    requests: [
      otlp(span('2', '1', 'chat m', { ...chat, ...used(5, 2) })),
      otlp(span('2', '1', 'chat m', chat, { endTimeUnixNano: '0' }), root({ endTimeUnixNano: undefined })),
      otlp(span('2', '1', 'chat m', { ...chat, ...used(5, 2) }), root()),
      otlp(span('2', '1', 'chat m', { ...chat, ...used(5, 2) })),
    ],
    session: { status: 'completed', tokens: [5, 2] },
    steps: ['agent ended invoke_agent a', '  generation ended chat m'],
  },
  {
    name: 'values of wrong types cost nothing else',
    requests: [
      raw(
        `{"traceId":"${TRACE}","spanId":"${spanId('1')}","name":17,"startTimeUnixNano":true,"endTimeUnixNano":${ns(1000)},
          "attributes":{"a":1},"events":"none","links":3,"status":"bad","flags":"x","kind":[]}`,
        `{"traceId":"${TRACE}","spanId":"${spanId('2')}","name":"chat m","startTimeUnixNano":"${ns()}",
          "endTimeUnixNano":"${ns(1000)}","attributes":[null,1,{"key":5},{"key":"gen_ai.operation.name","value":
          {"stringValue":"chat"}},{"key":"x"},{"key":"gen_ai.usage.input_tokens","value":{"stringValue":"12"}},
          {"key":"gen_ai.usage.output_tokens","value":{"doubleValue":3}}],"events":[5],"links":[null]}`,
        `"a text"`,
      ),
    ],
    session: { tokens: [12, 3] },
    steps: ['generation ended chat m', 'span ended '],
  },
  {
    name: 'NaN, infinities, NUL, halves of characters and bytes that are none',
    requests: [
      {
        ...otlp(),
        body: Buffer.concat([
          Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${TRACE}","spanId":"${spanId('1')}",
            "name":"chat \\u0000m","startTimeUnixNano":"${ns()}","endTimeUnixNano":"${ns(1000)}","attributes":[
            {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
            {"key":"a","value":{"doubleValue":NaN}},{"key":"b","value":{"doubleValue":-Infinity}},
            {"key":"c","value":{"doubleValue":"NaN"}},
            {"key":"gen_ai.output.messages","value":{"stringValue":"half \\ud83d, none `),
          Buffer.from([0xff, 0xc3, 0x28]),
          Buffer.from('"}}]}]}]}]}'),
        ]),
      },
    ],
    steps: ['generation ended chat \ufffdm'],
    of: { 'chat \ufffdm': { content: 'half \ufffd, none \ufffd\ufffd(' } },
  },
  {
    name: 'sizes: a name, a text and an attribute that are too long are cut, and said to be',
    requests: [
      otlp(
        span('1', null, `chat ${'é'.repeat(400)}`, {
          ...chat,
          'gen_ai.output.messages': 'x'.repeat(3_000_000),
          big: 'y'.repeat(200_000),
          small: 1,
        }),
      ),
    ],
    steps: [`generation ended chat ${'é'.repeat(197)}`],
    of: {
      [`chat ${'é'.repeat(197)}`]: {
        contentLength: 524_288,
        attributes: { small: 1, 'trace.omitted': 1, 'trace.cut': ['name', 'content', 'output'] },
      },
    },
  },
  {
    name: 'gzip, also by another name, deflate and identity',
    requests: [
      { ...otlp(root()), encode: ['GZIP', gzipSync] },
      { ...otlp(span('2', '1', 'chat m', chat)), encode: ['x-gzip', gzipSync] },
      { ...otlp(span('3', '1', 'execute_tool', tool)), encode: ['Identity', (body) => body] },
    ],
    steps: ['agent ended invoke_agent a', '  generation ended chat m', '  tool_call ended execute_tool'],
  },
  {
    name: 'zstd, brotli, what is no gzip, and types that are neither JSON nor protobuf are refused',
    requests: [
      { ...otlp(root()), encode: ['zstd', () => Buffer.from('28b52ffd2000010000', 'hex')] },
      { ...otlp(root()), encode: ['br', brotliCompressSync], status: 415 },
      { ...otlp(root()), encode: ['gzip', (body) => body], status: 400 },
      { ...otlp(root()), encode: ['gzip', (body) => gzipSync(body).subarray(0, 60)], status: 400 },
      json('/ingest/otlp/v1/traces', otlp(root()).body, { 'content-type': 'text/plain' }),
    ].map((request) => ({ status: 415, ...request })),
    session: null,
  },
  {
    name: 'a web server around the agent and its requests are not shown, and the agent is the root',
    requests: [
      otlpOf(
        [{ scope: '@opentelemetry/instrumentation-http' }, http('9', null, { kind: 2 })],
        [{ scope: '@opentelemetry/instrumentation-express' }, span('8', '9', 'middleware - json')],
        [
          {},
          span('1', '8', 'invoke_agent a', { ...agent, 'gen_ai.input.messages': 'Where to?' }),
          span('2', '1', 'chat m', chat),
        ],
        [{ scope: '@opentelemetry/instrumentation-undici' }, http('7', '2')],
      ),
    ],
    session: { status: 'completed', title: 'Where to?' },
    steps: ['agent ended invoke_agent a', '  generation ended chat m'],
  },
  {
    name: 'the web server comes last, in a request of its own',
    requests: [
      otlp(span('2', '1', 'chat m', chat)),
      otlp(span('1', '9', 'invoke_agent a', { ...agent, 'gen_ai.input.messages': 'Where to?' })),
      otlpOf([{ scope: 'opentelemetry.instrumentation.fastapi' }, http('9', null, { kind: 2 })]),
    ],
    session: { status: 'completed', title: 'Where to?' },
    steps: ['agent ended invoke_agent a', '  generation ended chat m'],
  },
  {
    name: 'what is no AI stands between: by scope of any language, or by what it says of itself',
    requests: [
      otlpOf(
        [{}, root()],
        [{ scope: 'io.opentelemetry.java-http-client' }, http('2', '1')],
        [{ scope: 'System.Net.Http' }, span('3', '2', 'GET')],
        [{ scope: 'go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp' }, span('4', '3', 'HTTP GET')],
        [{ scope: '@vercel/otel/fetch' }, http('5', '4')],
        [{ scope: 'my-db' }, span('6', '5', 'SELECT', { 'db.system': 'postgresql', 'db.statement': 'SELECT 1' })],
        [{}, span('a', '6', 'chat m', chat)],
      ),
    ],
    session: { status: 'completed' },
    steps: ['agent ended invoke_agent a', '  generation ended chat m'],
  },
  {
    name: 'spans of the application itself stay',
    requests: [otlp(root(), span('2', '1', 'plan', { step: 1 }), span('3', '2', 'chat m', chat))],
    session: { status: 'completed' },
    steps: ['agent ended invoke_agent a', '  span ended plan', '    generation ended chat m'],
  },
  {
    name: 'a trace without any AI is none',
    requests: [otlp(span('1', null, 'job', { 'job.id': 5 }))],
    session: null,
  },
  {
    name: 'a parent of another process is no parent: the span is the root',
    requests: [
      otlp(span('1', 'f', 'invoke_agent a', agent, { flags: 0x301 }), span('2', '1', 'chat m', chat, { flags: 0x101 })),
    ],
    session: { status: 'completed' },
    steps: ['agent ended invoke_agent a', '  generation ended chat m'],
  },
  {
    name: 'usage of a call within a call of a model counts once',
    requests: [
      otlp(
        root(),
        span('2', '1', 'ChatOpenAI', {
          'openinference.span.kind': 'LLM',
          'llm.token_count.prompt': 100,
          'llm.token_count.completion': 20,
        }),
        span('3', '2', 'chat m', { ...chat, ...used(100, 20) }),
      ),
    ],
    session: { status: 'completed', tokens: [100, 20] },
  },
  {
    name: 'the same in requests of their own, the inner one first',
    requests: [
      otlp(span('3', '2', 'chat m', { ...chat, ...used(100, 20) })),
      otlp(span('2', '1', 'call_llm', { 'gen_ai.request.model': 'm', ...used(100, 20) })),
      otlp(root({ attributes: attributes({ ...agent, ...used(100, 20) }) })),
    ],
    session: { status: 'completed', tokens: [100, 20] },
  },
  {
    name: 'the same, the outer one first, and a tool between',
    requests: [
      otlp(span('2', '1', 'call_llm', { 'gen_ai.request.model': 'm', ...used(100, 20) })),
      otlp(span('3', '4', 'chat m', { ...chat, ...used(60, 10) }), span('4', '2', 'look', tool)),
      otlp(root()),
    ],
    session: { status: 'completed', tokens: [60, 10] },
  },
  {
    name: 'usage in each vocabulary, once',
    requests: [
      otlp(
        root(),
        span('2', '1', 'a', {
          ...chat,
          ...used(1, 2),
          'gen_ai.usage.prompt_tokens': 1,
          'gen_ai.usage.completion_tokens': 2,
        }),
        span('3', '1', 'b', { ...chat, 'llm.usage.prompt_tokens': 10, 'llm.usage.completion_tokens': 20 }),
        span('4', '1', 'c', {
          ...chat,
          'gen_ai.response.prompt_tokens': 100,
          'gen_ai.response.completion_tokens': 200,
        }),
        span('5', '1', 'd', {
          'langfuse.observation.type': 'generation',
          'langfuse.observation.usage_details': '{"input":1000,"output":2000}',
        }),
        span('6', '1', 'e', {
          'ai.operationId': 'ai.generateText.doGenerate',
          'ai.usage.promptTokens': 10000,
          'ai.usage.completionTokens': 20000,
        }),
      ),
    ],
    session: { tokens: [11111, 22222] },
  },
  {
    name: 'an error is a status, an attribute, or an exception that left the span',
    requests: [
      otlp(
        root(),
        span('2', '1', 'status', tool, failed('went wrong\nat line 1')),
        span('3', '1', 'named', tool, {
          status: { code: 'STATUS_CODE_ERROR' },
          events: [event('exception', { 'exception.type': 'E', 'exception.message': 'no' })],
        }),
        span('4', '1', 'type', { ...tool, 'error.type': 'timeout' }),
        span('5', '1', 'escaped', tool, {
          events: [
            event('exception', { 'exception.type': 'E', 'exception.message': 'left', 'exception.escaped': true }),
          ],
        }),
        span('6', '1', 'caught', tool, {
          events: [event('exception', { 'exception.type': 'E', 'exception.message': 'caught' })],
        }),
        span('7', '1', 'flag', { ...tool, error: true, 'error.message': 'flagged' }),
        span('8', '1', 'level', {
          'langfuse.observation.type': 'tool',
          'langfuse.observation.level': 'ERROR',
          'langfuse.observation.status_message': 'bad',
        }),
        span('9', '1', 'ok', { ...tool, 'error.type': 'retried' }, { status: { code: 1 } }),
      ),
    ],
    session: { status: 'completed' },
    of: {
      status: { error: 'error: went wrong' },
      named: { error: 'E: no' },
      type: { error: 'timeout: failed' },
      escaped: { error: 'E: left' },
      caught: { error: null },
      flag: { error: 'error: flagged' },
      level: { error: 'error: bad' },
      ok: { error: null },
    },
  },
  {
    name: 'a root that was cancelled',
    requests: [
      otlp(span('1', null, 'invoke_agent a', { ...agent, 'error.type': 'CancelledError' }, failed('stopped'))),
    ],
    session: { status: 'cancelled' },
  },
  {
    name: 'links and events are kept with the step',
    requests: [
      otlp(
        span('1', null, 'chat m', chat, {
          links: [{ traceId: 'b'.repeat(32), spanId: 'c'.repeat(16), attributes: attributes({ why: 'retry' }) }],
          events: [event('first token', { n: 1 })],
        }),
      ),
    ],
    of: {
      'chat m': {
        links: [{ traceId: 'b'.repeat(32), spanId: 'c'.repeat(16), attributes: { why: 'retry' } }],
        events: [{ name: 'first token', timeUs: ms(500) * 1000, attributes: { n: 1 } }],
      },
    },
  },
  {
    name: 'an empty request, unknown fields, and arrays that are none',
    requests: [
      json('/ingest/otlp/v1/traces', {}),
      json('/ingest/otlp/v1/traces', { resourceSpans: [], x: 1 }),
      json('/ingest/otlp/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [] }] }, {}] }),
      json('/ingest/otlp/v1/traces', '[]', {}),
    ].map((request, i) => ({ ...request, ...(i < 3 ? { answers: /^\{\}$/ } : { status: 400 }) })),
    session: null,
  },
];

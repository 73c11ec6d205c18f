// SPDX-License-Identifier: Apache-2.0
// The handlers of clients/js for the AI SDK, the OpenAI Agents SDK and OpenTelemetry, with the published packages. The
// first two record into an instance; LiveProcessor is held against the exports that it makes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jsonSchema, simulateReadableStream, stepCountIs, streamText, tool, wrapLanguageModel } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import {
  setTraceProcessors,
  withAgentSpan,
  withFunctionSpan,
  withGenerationSpan,
  withTrace,
} from '@openai/agents-core';
import { BasicTracerProvider, InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { traceMiddleware } from '../../clients/js/src/ai_sdk.js';
import { TraceEmitter } from '../../clients/js/src/index.js';
import { AgentTraceProcessor } from '../../clients/js/src/openai_agents.js';
import { LiveProcessor } from '../../clients/js/src/otel.js';
import { start, until } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';

const run = promisify(execFile);
const preload = fileURLToPath(new URL('../../clients/js/src/otel_preload.js', import.meta.url));
const app = fileURLToPath(new URL('otel_app.mjs', import.meta.url));

let instance, person, emitter;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  const { TRACE_URL, TRACE_WORKSPACE, TRACE_TOKEN } = instance.env;
  emitter = new TraceEmitter({ url: TRACE_URL, workspace: TRACE_WORKSPACE, token: TRACE_TOKEN });
});
after(async () => {
  await emitter?.close();
  await instance?.stop();
});

async function traceOf(title) {
  assert.deepEqual(await emitter.flush(), { delivered: true, waiting: 0, lost: 0 });
  const [{ id }] = await instance.psql(`SELECT id FROM agent_sessions WHERE title = '${title}'`);
  return (await person.get(`agent-sessions/${id}`)).expect(200).body;
}

const finish = (reason) => ({
  type: 'finish',
  finishReason: { unified: reason, raw: reason },
  usage: { inputTokens: { total: 10, cacheRead: 6 }, outputTokens: { total: 4, reasoning: 1 } },
});
const streamOf = (chunks) => ({ stream: simulateReadableStream({ chunks, chunkDelayInMs: 5 }) });

test('AI SDK: streamed reasoning and text, and a tool between two calls', async () => {
  const turns = [
    [
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'I should look.' },
      { type: 'reasoning-end', id: 'r' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'search', input: '{"query":"looms"}' },
      finish('tool-calls'),
    ],
    [
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'It is ' },
      { type: 'text-delta', id: 't', delta: 'woven.' },
      { type: 'text-end', id: 't' },
      finish('stop'),
    ],
  ];
  const session = await emitter.forSession({ title: 'AI SDK' });
  const model = wrapLanguageModel({
    model: new MockLanguageModelV3({ modelId: 'mock', doStream: async () => streamOf(turns.shift()) }),
    middleware: traceMiddleware({ session }),
  });
  const inputSchema = jsonSchema({ type: 'object', properties: { query: { type: 'string' } } });
  const result = streamText({
    model,
    prompt: 'How is it made?',
    stopWhen: stepCountIs(3),
    tools: { search: tool({ inputSchema, execute: async ({ query }) => `found ${query}` }) },
  });
  assert.equal(await result.text, 'It is woven.');
  assert.equal(await session.notifyCompleted(), 'ok');
  const { session: read, steps } = await traceOf('AI SDK');
  assert.deepEqual(
    steps.map((step) => [step.stepType, step.name, step.status, step.content]),
    [
      ['generation', 'mock', 'completed', 'I should look.\n\n'],
      ['tool_call', 'search', 'completed', { tool: 'search', args: { query: 'looms' }, result: 'found looms' }],
      ['generation', 'mock', 'completed', 'It is woven.'],
    ],
  );
  assert.equal(read.usage.inputTokens, 20);
  assert.equal(read.usage.outputTokens, 8);
});

test('AI SDK: a model that fails leaves a failed step', async () => {
  const session = await emitter.forSession({ title: 'AI SDK fails' });
  const model = wrapLanguageModel({
    model: new MockLanguageModelV3({
      modelId: 'mock',
      doStream: async () => {
        throw new TypeError('no loom');
      },
    }),
    middleware: traceMiddleware({ session }),
  });
  const result = streamText({ model, prompt: 'Say.', maxRetries: 0, onError: () => {} });
  await assert.rejects(async () => result.text);
  await session.notifyCompleted();
  const { steps } = await traceOf('AI SDK fails');
  assert.deepEqual(
    steps.map((step) => [step.stepType, step.status, step.error]),
    [['generation', 'failed', { code: 'TypeError', message: 'no loom' }]],
  );
});

test('OpenAI Agents: a trace with an agent, a model call and tools', async () => {
  const processor = new AgentTraceProcessor({ emitter });
  setTraceProcessors([processor]);
  await withTrace('Weaving', () =>
    withAgentSpan(
      async () => {
        await withGenerationSpan(
          async (span) => {
            span.spanData.output = [{ role: 'assistant', content: 'It is woven.' }];
            span.spanData.usage = { input_tokens: 10, output_tokens: 4 };
          },
          { data: { model: 'none' } },
        );
        await withFunctionSpan(
          async (span) => {
            span.spanData.output = 'found looms';
          },
          { data: { name: 'search', input: '{"query":"looms"}', output: '' } },
        );
        await withFunctionSpan(async (span) => span.setError({ message: 'no such page' }), {
          data: { name: 'visit', input: '{}', output: '' },
        });
      },
      { data: { name: 'weaver' } },
    ),
  );
  await processor.forceFlush();
  const { session, steps } = await traceOf('Weaving');
  assert.equal(session.status, 'completed');
  assert.deepEqual(
    steps.map((step) => [step.stepType, step.name, step.status]),
    [
      ['agent', 'weaver', 'completed'],
      ['generation', 'generation', 'completed'],
      ['tool_call', 'search', 'completed'],
      ['tool_call', 'visit', 'failed'],
    ],
  );
  assert.ok(steps.slice(1).every((step) => step.parentStepId === steps[0].id));
  assert.equal(steps[1].content, 'It is woven.');
  assert.deepEqual(steps[2].content, { tool: 'search', args: { query: 'looms' }, result: 'found looms' });
  assert.equal(session.usage.inputTokens, 10);
});

test('OpenTelemetry: LiveProcessor exports a span while it is open, and again when it has ended', async () => {
  const exports = [];
  const exporter = {
    export: (spans, done) => {
      exports.push(spans.map((span) => [span.name, span.ended]));
      done({ code: 0 });
    },
    shutdown: async () => {},
  };
  const processor = new LiveProcessor(exporter, { delayMs: 5 });
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('test');
  const span = tracer.startSpan('agent');
  await until(() => exports.length === 1, 'the open span');
  tracer.startSpan('quick').end();
  await until(() => exports.length === 2, 'the quick span');
  span.end();
  await processor.shutdown();
  // What began and ended within one delay is exported once.
  assert.deepEqual(exports, [[['agent', false]], [['quick', true]], [['agent', true]]]);
});

test('OpenTelemetry: an exporter that fails is counted, and does not stop the next', async () => {
  const lines = [];
  const answers = [{ code: 1, error: new Error('no server') }, { code: 0 }];
  const inner = new InMemorySpanExporter();
  const exporter = {
    export: (spans, done) => {
      const answer = answers.shift() ?? { code: 0 };
      if (answer.code === 0) inner.export(spans, done);
      else done(answer);
    },
    shutdown: async () => {},
  };
  const processor = new LiveProcessor(exporter, { delayMs: 5, onLog: (level, line) => lines.push(line) });
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('test');
  const span = tracer.startSpan('agent');
  await until(() => processor.dropped === 1, 'the failed export');
  span.end();
  await processor.forceFlush();
  assert.deepEqual(lines, ['spans are dropped: no server']);
  assert.deepEqual(
    inner.getFinishedSpans().map(({ name }) => name),
    ['agent'],
  );
});

test('OpenTelemetry: the preload makes an application live that knows nothing of it', async () => {
  const plain = await run(process.execPath, [app]);
  const live = await run(process.execPath, ['--import', preload, app]);
  assert.deepEqual(JSON.parse(plain.stdout), [['agent', true]]);
  assert.deepEqual(JSON.parse(live.stdout), [
    ['agent', false],
    ['agent', true],
  ]);
});

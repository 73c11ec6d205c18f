// SPDX-License-Identifier: Apache-2.0
// Mastra with its exporter for OpenTelemetry collectors.
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { Observability } from '@mastra/observability';
import { OtelExporter } from '@mastra/otel-exporter';
import { z } from 'zod';
import { MODEL, QUESTION, USAGE, modelOf, run, say, signal, tools } from '../../agent.mjs';

const headers = { authorization: `Bearer ${process.env.MASTRA_TOKEN}` };
const endpoint = `${process.env.MASTRA_ENDPOINT}/v1/traces`;
const exporter = new OtelExporter({ provider: { custom: { endpoint, protocol: 'http/protobuf', headers } } });
const observability = new Observability({ configs: { default: { serviceName: 'maze', exporters: [exporter] } } });

const modelFor = (agent) => {
  const next = modelOf(agent);
  const usage = {
    inputTokens: USAGE.input,
    outputTokens: USAGE.output,
    totalTokens: USAGE.input + USAGE.output,
  };
  const partsOf = ({ text, calls = [] }) => [
    { type: 'stream-start', warnings: [] },
    ...(text
      ? [
          { type: 'text-start', id: 't' },
          { type: 'text-delta', id: 't', delta: text },
          { type: 'text-end', id: 't' },
        ]
      : []),
    ...calls.map(({ id, name, args }) => ({
      type: 'tool-call',
      toolCallId: id,
      toolName: name,
      input: JSON.stringify(args),
    })),
    { type: 'finish', finishReason: calls.length ? 'tool-calls' : 'stop', usage },
  ];
  return {
    specificationVersion: 'v2',
    provider: 'fake',
    modelId: MODEL,
    supportedUrls: {},
    async doGenerate() {
      const { text, calls = [] } = await next();
      const content = [
        ...(text ? [{ type: 'text', text }] : []),
        ...calls.map(({ id, name, args }) => ({
          type: 'tool-call',
          toolCallId: id,
          toolName: name,
          input: JSON.stringify(args),
        })),
      ];
      return { content, finishReason: calls.length ? 'tool-calls' : 'stop', usage, warnings: [] };
    },
    async doStream() {
      return { stream: ReadableStream.from(partsOf(await next())) };
    },
  };
};
const toolOf = (id, key, execute) =>
  createTool({ id, description: `${id}.`, inputSchema: z.object({ [key]: z.string() }), execute });
const toolset = {
  search: toolOf('search', 'query', tools.search),
  read_page: toolOf('read_page', 'url', tools.read_page),
  delegate: toolOf('delegate', 'question', async ({ question }, context) => {
    say('start', 'delegate');
    const { text } = await researcher.generate(question, {
      abortSignal: signal,
      tracingContext: context?.tracingContext,
    });
    return text;
  }),
};
const agentOf = (id) =>
  new Agent({ id, name: id, instructions: 'You know mazes.', model: modelFor(id), tools: toolset });
const [ariadne, researcher] = [agentOf('ariadne'), agentOf('researcher')];
const mastra = new Mastra({ agents: { ariadne, researcher }, observability, logger: false });
await run(
  () => mastra.getAgent('ariadne').generate(QUESTION, { maxSteps: 8, abortSignal: signal }),
  () => observability.shutdown(),
);

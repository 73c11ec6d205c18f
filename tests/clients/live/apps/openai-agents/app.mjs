// SPDX-License-Identifier: Apache-2.0
// The OpenAI Agents SDK with its own exporter.
import { BatchTraceProcessor, OpenAITracingExporter, setTraceProcessors } from '@openai/agents';
import { run } from '../../agent.mjs';
import { main } from './maze.mjs';

const { AGENTS_ENDPOINT: endpoint, AGENTS_TOKEN: apiKey } = process.env;
const processor = new BatchTraceProcessor(new OpenAITracingExporter({ endpoint, apiKey }), { scheduleDelay: 200 });
setTraceProcessors([processor]);
await run(main, () => processor.shutdown(20_000));

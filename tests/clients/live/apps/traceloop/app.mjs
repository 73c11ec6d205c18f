// SPDX-License-Identifier: Apache-2.0
// OpenLLMetry: workflows, agents and tools by its wrappers, calls of a model by spans of the semantic conventions.
import { trace } from '@opentelemetry/api';
import * as traceloop from '@traceloop/node-server-sdk';
import { run, runByHand } from '../../agent.mjs';
import { spansOf } from '../../semantic.mjs';

traceloop.initialize({ appName: 'maze', silenceInitializationMessage: true });
const spans = spansOf(trace.getTracer('@traceloop/instrumentation-openai'));
const wrappers = { agent: traceloop.withAgent, tool: traceloop.withTool };
const record = (kind, name, input, work, call) =>
  kind === 'model' ? spans(kind, name, input, work, call) : wrappers[kind]({ name }, work, input);
await run(
  () => traceloop.withWorkflow({ name: 'maze' }, () => runByHand(record)),
  () => traceloop.forceFlush(),
);

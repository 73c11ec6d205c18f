// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry's own SDK and exporters; where to and how is said by the environment. FORM=proto: protobuf.
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { run, runByHand } from '../../agent.mjs';
import { spansOf } from '../../semantic.mjs';

const store = new AsyncLocalStorage();
context.setGlobalContextManager({
  active: () => store.getStore() ?? ROOT_CONTEXT,
  with: (active, work, self, ...args) => store.run(active, work.bind(self), ...args),
  bind: (active, target) => target,
  enable: () => {},
  disable: () => {},
});
const Exporter = process.env.FORM === 'proto' ? ProtoExporter : JsonExporter;
const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new Exporter())] });
await run(
  () => runByHand(spansOf(provider.getTracer('maze', '1.0'))),
  () => provider.shutdown(),
);

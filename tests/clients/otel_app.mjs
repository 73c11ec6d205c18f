// SPDX-License-Identifier: Apache-2.0
// An application with OpenTelemetry as anybody writes it, for frameworks.test.mjs: prints what was exported, with whether
// the span had ended by then.
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const exported = [];
const exporter = {
  export(spans, done) {
    exported.push(...spans.map((span) => [span.name, span.ended]));
    done({ code: 0 });
  },
  shutdown: async () => {},
};
const processor = new BatchSpanProcessor(exporter);
const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('app');
const span = tracer.startSpan('agent');
await processor.forceFlush();
span.end();
await processor.forceFlush();
console.log(JSON.stringify(exported));

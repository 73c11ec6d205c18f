// SPDX-License-Identifier: Apache-2.0
// Makes an OpenTelemetry application live without a change of its code:
//   NODE_OPTIONS="--import agent-trace/otel/preload" node app.js
// The application's own BatchSpanProcessor exports each sampled span when it starts, too, and every 200 ms unless
// OTEL_BSP_SCHEDULE_DELAY says otherwise. A framework that carries a copy of the SDK inside its own bundle is not reached.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Packages that applications take it from; each may have brought a copy of its own.
const SDKS = ['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace-node', '@opentelemetry/sdk-node'];
const SAMPLED = 1;
const done = new WeakSet();

function makeLive({ BatchSpanProcessor, tracing } = {}) {
  const prototype = (BatchSpanProcessor ?? tracing?.BatchSpanProcessor)?.prototype;
  if (!prototype || done.has(prototype)) return;
  done.add(prototype);
  const { onStart, onEnd } = prototype;
  prototype.onStart = function (span, context) {
    onStart.call(this, span, context);
    if (span.spanContext().traceFlags & SAMPLED) onEnd.call(this, span);
  };
}

process.env.OTEL_BSP_SCHEDULE_DELAY ??= '200';
// As the application finds it: from where its main file is, and from where it was started.
const starts = [process.argv[1], join(process.cwd(), 'package.json')].filter(Boolean);
for (const start of starts)
  for (const sdk of SDKS) {
    try {
      const require = createRequire(start);
      makeLive(require(sdk));
      makeLive(await import(pathToFileURL(require.resolve(sdk)).href));
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }

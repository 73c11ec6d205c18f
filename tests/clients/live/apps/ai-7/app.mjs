// SPDX-License-Identifier: Apache-2.0
// The AI SDK 7 with @ai-sdk/otel.
import { OpenTelemetry } from '@ai-sdk/otel';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { generateText, jsonSchema, registerTelemetry, stepCountIs, tool } from 'ai';
import { MockLanguageModelV4 as Model } from 'ai/test';
import { runWith } from '../../ai.mjs';

const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
provider.register();
registerTelemetry(new OpenTelemetry());
const telemetry = (agent) => ({ telemetry: { functionId: agent } });
await runWith({ generateText, jsonSchema, Model, stepCountIs, telemetry, tool }, () => provider.shutdown());

// SPDX-License-Identifier: Apache-2.0
// The AI SDK 6 with its experimental telemetry.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import { MockLanguageModelV3 as Model } from 'ai/test';
import { runWith } from '../../ai.mjs';

const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
provider.register();
const telemetry = (agent) => ({ experimental_telemetry: { isEnabled: true, functionId: agent } });
await runWith({ generateText, jsonSchema, Model, stepCountIs, telemetry, tool }, () => provider.shutdown());

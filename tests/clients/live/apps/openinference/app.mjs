// SPDX-License-Identifier: Apache-2.0
// LangGraph as OpenInference's instrumentation sees it.
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import * as CallbackManagerModule from '@langchain/core/callbacks/manager';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import * as langgraph from '@langchain/langgraph';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { run } from '../../agent.mjs';
import { graphOf } from '../../langgraph.mjs';

const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
provider.register();
new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(CallbackManagerModule);
await run(graphOf({ AIMessage, BaseChatModel, HumanMessage, langgraph, tool, ToolMessage }), async () => {
  await awaitAllCallbacks();
  await provider.shutdown();
});

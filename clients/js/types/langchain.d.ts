// SPDX-License-Identifier: Apache-2.0
// The types of `agent-trace/langchain`.
import type { FlushReport } from './index.js';
import type { RunsOptions } from './runs.js';

/** Pass it in `callbacks`. It has the shape of LangChain's BaseCallbackHandler. */
export class AgentTraceHandler {
  constructor(options?: RunsOptions & { preferStreaming?: boolean });
  readonly name: string;
  flush(timeoutMs?: number): Promise<FlushReport>;
}

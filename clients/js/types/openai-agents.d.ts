// SPDX-License-Identifier: Apache-2.0
// The types of `agent-trace/openai-agents`.
import type { RunsOptions } from './runs.js';

/** A TracingProcessor, for addTraceProcessor() or setTraceProcessors(). */
export class AgentTraceProcessor {
  constructor(options?: RunsOptions);
  onTraceStart(trace: any): Promise<void>;
  onTraceEnd(trace: any): Promise<void>;
  onSpanStart(span: any): Promise<void>;
  onSpanEnd(span: any): Promise<void>;
  forceFlush(): Promise<void>;
  shutdown(timeoutMs?: number): Promise<void>;
}

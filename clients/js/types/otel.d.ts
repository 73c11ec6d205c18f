// SPDX-License-Identifier: Apache-2.0
// The types of `agent-trace/otel`.
import type { LogLevel } from './index.js';

interface Exporter {
  export(spans: any[], done: (result: any) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

/** A SpanProcessor. */
export class LiveProcessor {
  constructor(
    exporter: Exporter,
    options?: {
      delayMs?: number;
      maxBatch?: number;
      maxQueue?: number;
      onLog?: (level: LogLevel, line: string) => void;
    },
  );
  readonly dropped: number;
  onStart(span: any, context?: any): void;
  onEnd(span: any): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

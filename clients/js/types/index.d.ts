// SPDX-License-Identifier: Apache-2.0
// The types of `agent-trace`.

/** What became of a write. Calls do not reject because of the server. */
export type Result = 'ok' | 'queued' | 'ended' | 'refused' | 'full' | 'away' | 'invalid' | 'closed';
export type Content = string | Record<string, unknown>;
export type LogLevel = 'error' | 'warning' | 'info';

export interface EmitterOptions {
  /** Origin of the server; TRACE_URL if absent. */
  url?: string;
  /** `ws_…`; TRACE_WORKSPACE if absent. */
  workspace?: string;
  /** `atk_…`; TRACE_TOKEN if absent. */
  token?: string;
  requestTimeoutMs?: number;
  ackTimeoutMs?: number;
  deliverTimeoutMs?: number;
  retryMs?: number;
  heartbeatMs?: number;
  progressMs?: number;
  progressBytes?: number;
  checkpointMs?: number;
  queueBytes?: number;
  queueLength?: number;
  /** Subscribe to sessions' endings; default true. */
  watch?: boolean;
  fetch?: typeof fetch;
  onLog?: (level: LogLevel, line: string) => void;
  /** Once per session that ended otherwise than by a call here. */
  onEnded?: (sessionId: string, status: string) => void;
}

export interface SessionSpec {
  title?: string;
  streamId?: string;
  triggerMessageId?: string;
  metadata?: Record<string, unknown>;
  startedAt?: Date | number | string;
}

export interface Source {
  type: 'web' | 'message' | 'document';
  title: string;
  url?: string;
  domain?: string;
  snippet?: string;
  streamId?: string;
  streamName?: string;
  messageId?: string;
  authorName?: string;
  timestamp?: string;
}

export interface Usage {
  model?: string;
  inputTokens?: number;
  outputTokens?: number;
  reasoningTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  totalTokens?: number;
  costUsd?: number;
}

export interface StepSpec {
  /** `thinking`, `tool_call`, …: `[a-z][a-z0-9_]{0,63}`. */
  type: string;
  name?: string;
  parent?: ActiveStep;
  content?: Content;
  input?: unknown;
  id?: string;
  startedAt?: Date | number | string;
}

export interface Outcome {
  content?: Content;
  sources?: Source[];
  messageId?: string;
  usage?: Usage;
  error?: { code?: string; message?: string } | Error | string;
  input?: unknown;
  output?: unknown;
  completedAt?: Date | number | string;
}

export interface Question {
  question: string;
  /** None: `approve` and `reject`. */
  options?: { id: string; label: string; danger?: boolean }[];
  parent?: ActiveStep;
  /** Default ten minutes; a day at most. */
  timeoutMs?: number;
}

/** `ok`: somebody has decided. `away`: nobody did in time, or nobody could be asked: it has not been allowed. */
export interface Decision {
  result: Result;
  stepId?: string;
  option?: string;
  note?: string;
  decidedBy?: { type: 'user'; id: string; name: string };
}

export interface Problem {
  status: number;
  code: string;
  detail: string;
  sessionId?: string;
}

export interface FlushReport {
  /** Nothing waits, and nothing was lost since the last flush. */
  delivered: boolean;
  waiting: number;
  lost: number;
}

export interface Stats {
  acknowledged: number;
  repeated: number;
  refused: number;
  droppedFull: number;
  droppedExpired: number;
  droppedEnded: number;
  progressSent: number;
  progressMerged: number;
  progressFailed: number;
  progressDropped: number;
  sourcesDropped: number;
  heartbeats: number;
  queued: number;
  queuedBytes: number;
}

export class TraceError extends Error {
  result: Result;
  status: number;
  code: string;
  sessionId?: string;
}

export class TraceEmitter {
  constructor(options?: EmitterOptions);
  forSession(spec?: SessionSpec | { id: string } | { claim: string; workerId?: string }): Promise<SessionTrace>;
  openSession(spec?: SessionSpec): SessionTrace;
  flush(timeoutMs?: number): Promise<FlushReport>;
  stats(): Stats;
  close(timeoutMs?: number): Promise<FlushReport>;
}

export class SessionTrace {
  private constructor();
  readonly id: string;
  readonly emitter: TraceEmitter;
  readonly ended: boolean;
  readonly error: Problem | undefined;
  readonly started: Promise<Result>;
  /** As the server answered creation or claim. */
  readonly server: Record<string, unknown> | undefined;
  startStep(spec: StepSpec): ActiveStep;
  record(spec: StepSpec, outcome?: Outcome): Promise<Result>;
  /** Asks a person and waits. Whatever it resolves with, the question is over. Needs the scope `read`. */
  ask(spec: Question): Promise<Decision>;
  post(spec: {
    content: string;
    streamId?: string;
    clientMessageId?: string;
    sources?: Source[];
  }): Promise<{ result: Result; messageId?: string; clientMessageId: string }>;
  notifyCompleted(outcome?: { responseMessageId?: string; seenSeq?: number }): Promise<Result>;
  notifyFailed(error: { code?: string; message?: string } | Error | string): Promise<Result>;
  cancel(): Promise<Result>;
  noteEnded(status: string): void;
  release(): void;
}

export class ActiveStep {
  private constructor();
  readonly id: string;
  readonly session: SessionTrace;
  readonly started: Promise<Result>;
  progress(text: { content: string } | { delta: string }): void;
  complete(outcome?: Outcome): Promise<Result>;
  fail(error?: { code?: string; message?: string } | Error | string): Promise<Result>;
}

export function newId(prefix: string): string;

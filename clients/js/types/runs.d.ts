// SPDX-License-Identifier: Apache-2.0
// What the handlers of frameworks take: a session to record into, which the program ends, or an emitter that makes one for
// each root; without either, an emitter from the environment.
import type { ActiveStep, SessionTrace, TraceEmitter } from './index.js';

export interface RunsOptions {
  emitter?: TraceEmitter;
  session?: SessionTrace;
  parent?: ActiveStep;
}

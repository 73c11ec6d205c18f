// SPDX-License-Identifier: Apache-2.0
// The package's public names: TraceEmitter → forSession() → SessionTrace → startStep() → ActiveStep.
export { TraceEmitter, TraceError } from './emitter.js';
export { SessionTrace } from './session.js';
export { ActiveStep } from './step.js';
export { newId } from './id.js';

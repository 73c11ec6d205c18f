// SPDX-License-Identifier: Apache-2.0
// The types of `agent-trace/ai-sdk`.
import type { ActiveStep, SessionTrace } from './index.js';

/** A LanguageModelV3Middleware, for wrapLanguageModel(). */
export function traceMiddleware(options: { session: SessionTrace; parent?: ActiveStep }): {
  specificationVersion: 'v3';
  wrapGenerate(options: any): Promise<any>;
  wrapStream(options: any): Promise<any>;
};

// SPDX-License-Identifier: Apache-2.0
// What an agent in TypeScript writes: compiled and never run (types.test.mjs).
import { TraceEmitter, TraceError, newId, type Decision, type Result } from '../../../clients/js/types/index.js';

export async function run(): Promise<Result> {
  const emitter = new TraceEmitter({ url: 'http://127.0.0.1:8080', onLog: (level, line) => void [level, line] });
  const session = await emitter.forSession({ title: 'Hello', streamId: 'str_x' });
  const step = session.startStep({ type: 'thinking', id: newId('stp_') });
  step.progress({ delta: 'x' });
  await step.complete({ content: { text: 'x' }, usage: { model: 'm', outputTokens: 3 } });
  const decision: Decision = await session.ask({
    question: 'Shall I?',
    options: [{ id: 'yes', label: 'Yes', danger: true }],
    parent: step,
    timeoutMs: 1000,
  });
  if (decision.result !== 'ok') throw new TraceError();
  const by: string | undefined = decision.decidedBy?.name;
  return session.notifyFailed(by ?? 'nobody');
}

// @ts-expect-error A question needs its text.
export const wrong = (session: import('../../../clients/js/types/index.js').SessionTrace) => session.ask({});

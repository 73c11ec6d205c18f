// SPDX-License-Identifier: Apache-2.0
// Asking a person: an open step of the type `approval` that waits for the first one to decide. The server says by whom and
// how; its clock decides when the time is over. The session's room tells that there is news, and the step is read again
// then, and from time to time without it.
import { sendOnce } from './http.js';

const TIMEOUT_MS = 600_000;
const TIMEOUT_MOST_MS = 86_400_000;
// How long the room of the session is trusted to tell of the decision, and how often is asked without it.
const WATCHED_MS = 30_000;
const UNWATCHED_MS = 2_000;
const ALLOWANCE_MS = 1_000; // the server's clock decides when the time is over
const OPTION_BYTES = 64;

const size = (text) => new TextEncoder().encode(text).length;

// The content of the question, or a RangeError that says what does not fit.
function contentOf({ question, options = [], timeoutMs = TIMEOUT_MS }) {
  if (typeof question !== 'string' || question === '') throw new RangeError('a question needs a text');
  if (!(timeoutMs > 0 && timeoutMs <= TIMEOUT_MOST_MS))
    throw new RangeError('timeoutMs is more than 0, and a day at most');
  for (const { id, label } of options) {
    if (typeof id !== 'string' || id === '' || size(id) > OPTION_BYTES)
      throw new RangeError(`the id of an option has 1 to ${OPTION_BYTES} bytes`);
    if (typeof label !== 'string' || label === '') throw new RangeError('an option needs a label');
  }
  return {
    question,
    ...(options.length > 0 && {
      options: options.map(({ id, label, danger }) => ({ id, label, ...(danger && { danger }) })),
    }),
    expiresAt: new Date(Date.now() + timeoutMs).toISOString(),
  };
}

// Undefined: it still waits, as far as is known.
async function readOnce(lane, stepId) {
  const timeoutMs = lane.config.requestTimeoutMs;
  const reply = await sendOnce(lane.config, { method: 'GET', path: `${lane.path}/steps/${stepId}`, timeoutMs });
  if (reply.status === 401 || reply.status === 403) return { result: 'refused' };
  const step = reply.status === 200 ? reply.body?.step : undefined;
  const decision = step?.content?.decision;
  if (decision) return { result: 'ok', option: decision.option, note: decision.note, decidedBy: decision.decidedBy };
  return step && step.status !== 'running' ? { result: 'ended' } : undefined;
}

async function waitForDecision(session, lane, stepId, until) {
  for (;;) {
    if (lane.emitter.closed) return { result: 'closed' };
    if (session.ended) return { result: 'ended' };
    const { heard } = lane;
    const found = await readOnce(lane, stepId);
    if (found) return found;
    const left = until - lane.now();
    if (left <= 0) return { result: 'away' };
    await lane.untilHeard(heard, Math.min(left, lane.config.watch ? WATCHED_MS : UNWATCHED_MS));
  }
}

// Resolves with { result, stepId?, option?, note?, decidedBy? }: `ok` with the decision; `away`: nobody decided in time, or
// nobody could be asked, which says the same: it has not been allowed. Whatever it resolves with, the question is over.
export async function askPerson(session, lane, spec) {
  let content;
  try {
    content = contentOf(spec ?? {});
  } catch (error) {
    lane.queue.log('error', `${session.id}: not asked: ${error.message}`);
    return { result: 'invalid' };
  }
  const until = lane.now() + (spec.timeoutMs ?? TIMEOUT_MS) + ALLOWANCE_MS;
  const step = session.startStep({ type: 'approval', parent: spec.parent, content });
  const started = await step.started;
  if (started !== 'ok' && started !== 'queued') return { result: started };
  const answer = await waitForDecision(session, lane, step.id, until);
  if (answer.result !== 'ok')
    void step.fail(
      answer.result === 'away'
        ? { code: 'expired', message: 'Nobody decided in time.' }
        : { code: 'withdrawn', message: 'The question was withdrawn.' },
    );
  return { ...answer, stepId: step.id };
}

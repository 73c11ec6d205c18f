// SPDX-License-Identifier: Apache-2.0
// What a screen reader is told of a running trace, boundaries only: a step begins, the session ends. And when the agent
// last showed a sign of life.
import { useEffect, useRef } from '../html.js';
import { live } from '../store.js';
import { stepKind } from '../steps.js';
import { serverNow } from '../time.js';
import { announce, shout } from '../ui/announce.js';
import { countsText, failureText } from './phase.js';

// The last step's start or end, or new text.
/** @param {Meta[]} metas @param {Session} session */
export function useLastOutput(metas, session) {
  const last = metas[metas.length - 1];
  const text = last ? (live.get(last.id)?.bytes ?? 0) : 0;
  const held = useRef({ text: 0, at: 0 });
  if (text !== held.current.text) held.current = { text, at: text > 0 ? serverNow() : held.current.at };
  const moments = [Date.parse(session.startedAt ?? session.createdAt), held.current.at];
  if (last) moments.push(last.startedAt, last.startedAt + (last.durationMs ?? 0));
  return Math.max(...moments);
}

/** @param {Session} session @param {boolean} isEnded @param {Meta | undefined} openStep */
export function useSpoken(session, isEnded, openStep) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) return;
    if (openStep && !isEnded) announce(`${stepKind(openStep.type).label} started`);
  }, [openStep?.id]);
  useEffect(() => {
    if (!first.current && isEnded) {
      if (session.status === 'failed') shout(`Session failed: ${failureText(session.error)}`);
      else announce(`Session ${session.status}, ${countsText(session)}`);
    }
    first.current = false;
  }, [isEnded]);
}

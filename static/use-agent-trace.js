// SPDX-License-Identifier: Apache-2.0
// One session's trace for a component: what the store knows of it, and how alive it is. It reads the store and sends no
// request.
import { connection, live, personas, problems, roomStates, sessions } from './store.js';
import { isTerminal } from './store/entities.js';
import { useCalmTrace } from './use-calm.js';

/** @type {Meta[]} */
const none = [];

/** @param {string} sessionId */
export function useAgentTrace(sessionId) {
  const session = sessions.get(sessionId);
  const trace = useCalmTrace(sessionId);
  const room = roomStates.get(`session:${sessionId}`);
  const metas = trace?.metas ?? none;
  const last = metas[metas.length - 1];
  return {
    steps: metas,
    trace,
    streamingContent: last && last.status === 'running' ? live.get(last.id)?.text : undefined,
    session,
    persona: session && (personas.get(session.personaId) ?? session.persona),
    status: session?.status,
    isEnded: Boolean(session && isTerminal(session)),
    isLoading: !trace && room !== 'gone',
    error: room === 'gone' || !trace ? problems.get(`session:${sessionId}`) : undefined,
    connection:
      session && isTerminal(session)
        ? 'ended'
        : connection.value === 'live'
          ? (room ?? 'connecting')
          : connection.value,
  };
}

// SPDX-License-Identifier: Apache-2.0
// Says in words what a session is doing. Pure: times come in, sentences go out. There is never a bare spinner and never
// an invented state.
import { cutCharacters } from '../blocks.js';
import { isTerminal } from '../store/entities.js';
import { formatClock, formatCount } from '../time.js';

const quietAfter = 20000;
const connectWait = 10000;

/** @type {Record<string, string>} */
const failures = {
  heartbeat_lost: 'stopped responding',
  agent_crashed: 'the agent crashed',
  not_picked_up: 'nobody took it',
  model_error: 'the model failed',
  tool_limit: 'gave up after too many rounds',
  source_silent: 'fell silent',
  agent_stopped: 'the agent was shut down',
  context_error: 'the conversation could not be read',
  send_failed: 'the answer could not be posted',
};

// What the server itself found: there is no agent's message that says it better.
const found = new Set(['heartbeat_lost', 'agent_crashed', 'not_picked_up', 'source_silent']);
const longestMessage = 160;

// The agent's own words come first. Codes that nobody explained are translated.
/** @param {Failure | undefined} error */
export function failureText(error) {
  const message = found.has(error?.code ?? '') ? undefined : error?.message?.trim().split('\n')[0].replace(/\.$/, '');
  if (message) return message.length > longestMessage ? `${cutCharacters(message, longestMessage)}…` : message;
  return failures[error?.code ?? ''] ?? 'something went wrong';
}

/** @param {Session} session */
export const retryLabel = (session) => (session.error?.code === 'not_picked_up' ? 'Ask again' : 'Retry');

// A retry asks the agent again. That cannot help where the session was only reported from elsewhere: nobody there listens.
/** @param {Session} session */
export const isRetryable = (session) => !session.source;

// How an agent is said to have gone without reporting an end.
/** @type {Record<string, string>} */
const interruptions = { heartbeat_lost: 'Stopped responding', agent_crashed: 'Crashed' };

/** @param {Session} session */
export function isInterrupted(session) {
  return Object.hasOwn(interruptions, session.error?.code ?? '');
}

// Tells the agent's last sign of life, and that nothing it had recorded is lost.
/** @param {Session} session */
export function interruptedText(session) {
  const at = session.heartbeatAt ?? session.completedAt;
  return `${interruptions[session.error?.code ?? '']}${at ? ` at ${formatClock(at, { seconds: true })}` : ''}, ${plural(session.stepCount, 'step')} saved`;
}

/** @param {Session} session */
export function endedByText(session) {
  const by = session.endedBy;
  if (!by) return '';
  return by.name ? `by ${by.name}` : `by the ${by.type}`;
}

// Who sends no heartbeats shows nothing but what it does: how long ago that was; '' while it is not worth a word.
/** @param {Session} session @param {number} now @param {number} lastAt */
export function quietText(session, now, lastAt) {
  const quiet = now - lastAt;
  if (session.status !== 'running' || session.heartbeat !== 'none' || !(quiet >= quietAfter)) return '';
  return `quiet for ${Math.floor(quiet / 1000)} s`;
}

/** @type {Record<string, string>} */
const modelTroubles = { unreachable: 'model unreachable', unknown: 'model unknown', refused: 'key refused' };

// Why a persona would not answer, as far as that is known, or ''.
/** @param {Persona | undefined} persona */
export function personaTrouble(persona) {
  if (persona?.connected === false) return 'not connected';
  return modelTroubles[persona?.modelStatus ?? ''] ?? '';
}

// `activity` are the words for the open step's type. `lastOutputAt` is when the agent last did anything visible.
/**
 * @param {{ session: Session, persona: Persona | undefined, openStep?: Meta | undefined, activity?: string,
 *   now: number, lastOutputAt: number }} options
 */
export function phaseText({ session, persona, openStep, activity, now, lastOutputAt }) {
  const name = session.persona?.name ?? 'the agent';
  if (session.status === 'pending') {
    const waited = now - Date.parse(session.createdAt);
    if (persona?.connected === false || waited > connectWait) return `${name} is not connected. Your request is kept.`;
    return `waiting for ${name}`;
  }
  if (isTerminal(session)) return '';
  const quiet = now - lastOutputAt;
  const silent = quietText(session, now, lastOutputAt);
  if (silent) return silent;
  if (quiet >= quietAfter) return `no output for ${Math.floor(quiet / 1000)} s`;
  if (session.stepCount === 0) return 'getting ready';
  return openStep ? (activity ?? 'working') : 'deciding what to do next';
}

/** @param {number} count @param {string} one @param {string} [many] */
export function plural(count, one, many = `${one}s`) {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** @param {Session} session */
export function countsParts(session) {
  const parts = [plural(session.stepCount, 'step')];
  if (session.messageCount > 0) parts.push(`${plural(session.messageCount, 'message')} sent`);
  const tokens = (session.usage?.inputTokens ?? 0) + (session.usage?.outputTokens ?? 0);
  if (tokens > 0) parts.push(plural(tokens, 'token'));
  return parts;
}

/** @param {Session} session */
export const countsText = (session) => countsParts(session).join(' • ');

// The title that the agent gave, else the question.
/** @param {Session} session */
export const sessionTitle = (session) => session.title || session.trigger?.excerpt || 'Agent session';

// How a session stands, in a word; the others are called as the server does.
/** @type {Record<string, string>} */
export const outcomes = { pending: 'waiting', completed: 'complete', cancelled: 'stopped' };

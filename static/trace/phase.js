// What a session is doing, in words. Pure: times come in, sentences go out. Never a bare spinner, never an invented
// state.
import { isTerminal } from '../store/entities.js';
import { formatClock, formatCount } from '../time.js';

const quietAfter = 20000;
const connectWait = 10000;

const failures = {
  heartbeat_lost: 'stopped responding',
  agent_crashed: 'the agent crashed',
  not_picked_up: 'nobody took it',
  model_error: 'the model failed',
  tool_limit: 'gave up after 20 rounds',
  agent_stopped: 'the agent was shut down',
  context_error: 'the conversation could not be read',
  send_failed: 'the answer could not be posted',
};

export function failureText(error) {
  return failures[error?.code] ?? 'something went wrong';
}

// How an agent goes without a word of its own.
const interruptions = { heartbeat_lost: 'Stopped responding', agent_crashed: 'Crashed' };

export function isInterrupted(session) {
  return Object.hasOwn(interruptions, session.error?.code ?? '');
}

// Its last sign, and that nothing it had recorded is gone.
export function interruptedText(session) {
  const at = session.heartbeatAt ?? session.completedAt;
  return `${interruptions[session.error.code]}${at ? ` at ${formatClock(at, { seconds: true })}` : ''}, ${plural(session.stepCount, 'step')} saved`;
}

export function endedByText(session) {
  const by = session.endedBy;
  if (!by) return '';
  return by.name ? `by ${by.name}` : `by the ${by.type}`;
}

// activity: the words of the open step's type; lastOutputAt: when the agent last did anything visible.
export function phaseText({ session, persona, openStep, activity, now, lastOutputAt }) {
  const name = session.persona?.name ?? 'the agent';
  if (session.status === 'pending') {
    const waited = now - Date.parse(session.createdAt);
    if (persona?.connected === false || waited > connectWait) return `${name} is not connected. Your request is kept.`;
    return `waiting for ${name}`;
  }
  if (isTerminal(session)) return '';
  const quiet = now - lastOutputAt;
  if (quiet >= quietAfter) return `no output for ${Math.floor(quiet / 1000)} s`;
  if (session.stepCount === 0) return 'getting ready';
  return openStep ? activity : 'deciding what to do next';
}

export function plural(count, one, many = `${one}s`) {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export function countsText(session) {
  const parts = [plural(session.stepCount, 'step')];
  if (session.messageCount > 0) parts.push(`${plural(session.messageCount, 'message')} sent`);
  const tokens = (session.usage?.inputTokens ?? 0) + (session.usage?.outputTokens ?? 0);
  if (tokens > 0) parts.push(plural(tokens, 'token'));
  return parts.join(' • ');
}

// One session in the timeline of its own stream. The whole card leads to the trace; Stop stands beside it, not inside.
import { cls, html, useEffect } from '../html.js';
import { asked, retrySession, stopSession } from '../actions.js';
import { Icon } from '../icons.js';
import { refreshPersonas } from '../load.js';
import { traceUrl } from '../links.js';
import { activityText } from '../steps.js';
import { nextAttempt, personas, sessions, workspace } from '../store.js';
import { isTerminal } from '../store/entities.js';
import { formatDuration } from '../time.js';
import { endedByText, failureText, isInterrupted, phaseText, plural } from '../trace/phase.js';
import { Elapsed, useNow } from './elapsed.js';

const sep = html`<span class="sep"> • </span>`;

function joined(parts) {
  const shown = parts.filter(Boolean);
  return shown.map((part, index) => (index === 0 ? part : html`${sep}${part}`));
}

function PendingLine({ session }) {
  const now = useNow(session.createdAt);
  useEffect(() => {
    const ask = () => refreshPersonas(workspace.peek().id).catch(() => {});
    ask();
    const timer = setInterval(ask, 10000);
    return () => clearInterval(timer);
  }, []);
  const text = phaseText({ session, persona: personas.get(session.personaId), now, lastOutputAt: now });
  return html`<span>${text}</span>`;
}

const faces = {
  pending: {
    icon: 'dot',
    title: (session) => `${session.persona.name} was called`,
    line: (session) => html`<${PendingLine} session=${session} />`,
  },
  running: {
    icon: 'thinking',
    title: (session) => `${session.persona.name} is working…`,
    line: (session) =>
      joined([
        plural(session.stepCount, 'step'),
        html`<${Elapsed} since=${session.startedAt ?? session.createdAt} />`,
        session.currentStepType && activityText(session.currentStepType),
      ]),
  },
  completed: {
    icon: 'check',
    title: () => 'Session complete',
    line: (session) =>
      joined([
        plural(session.stepCount, 'step'),
        formatDuration(session.durationMs ?? 0),
        session.messageCount > 0 && `${plural(session.messageCount, 'message')} sent`,
      ]),
  },
  failed: {
    icon: 'alert',
    title: () => 'Session failed',
    // Where there is no room for all of it, why it failed is what counts.
    line: (session) => [
      html`<span class="card-counts">
        ${joined([plural(session.stepCount, 'step'), formatDuration(session.durationMs ?? 0)])}${sep}</span>`,
      failureText(session.error),
    ],
  },
  cancelled: {
    icon: 'stop',
    title: () => 'Session stopped',
    line: (session) =>
      joined([plural(session.stepCount, 'step'), formatDuration(session.durationMs ?? 0), endedByText(session)]),
  },
};

function Side({ session, canAct }) {
  if (!isTerminal(session) && canAct) {
    const stopping = asked.get(`stop:${session.id}`);
    return html`<button type="button" class="button button-small card-side" disabled=${stopping}
      onClick=${() => stopSession(session.id)}>${stopping ? 'Stopping…' : 'Stop'}</button>`;
  }
  if (session.status === 'completed' || !isTerminal(session)) return null;
  const retry = nextAttempt(session);
  if (retry)
    return html`<a class="quiet-link card-side"
      href=${traceUrl(retry)}>Retried → attempt ${session.attempt + 1}</a>`;
  if (!canAct) return null;
  const retrying = asked.get(`retry:${session.id}`);
  return html`<button type="button" class="button button-small card-side" disabled=${retrying}
    onClick=${() => retrySession(session.id)}>${retrying ? 'Retrying…' : 'Retry'}</button>`;
}

// isListed: among sessions of all conversations, where it has to say what it is about.
export function SessionCard({ id, canAct, isListed = false }) {
  const session = sessions.get(id);
  if (!session) return null;
  const face = faces[session.status];
  const title = face.title(session);
  const about = isListed && (session.title ?? session.trigger?.excerpt);
  const states = { 'is-interrupted': isInterrupted(session) };
  return html`<div class=${cls('card', `card-${session.status}`, states)} data-session=${id}>
    <a class="card-link" href=${traceUrl(id)}>
      <span class="card-icon"><${Icon} name=${face.icon} size=${12} /></span>
      <span class="card-text"><span class="card-title">
        ${title}${session.attempt > 1 ? html` <span class="tag">attempt ${session.attempt}</span>` : null}</span>
        ${about && html`<span class="card-about">${about}</span>`}
        <span class="card-line">${face.line(session)}</span></span>
    </a>
    <${Side} session=${session} canAct=${canAct} />
  </div>`;
}

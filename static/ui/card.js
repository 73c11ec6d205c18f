// SPDX-License-Identifier: Apache-2.0
// One session in the timeline of its own stream. The whole card leads to the trace. Stop stands beside it, not inside.
import { cls, html, useEffect } from '../html.js';
import { asked, retrySession, stopSession } from '../actions.js';
import { Icon } from '../icons.js';
import { refreshPersonas } from '../load.js';
import { traceUrl } from '../links.js';
import { sessionActivity } from '../steps.js';
import { nextAttempt, personas, sessions, workspace } from '../store.js';
import { isTerminal } from '../store/entities.js';
import { formatDuration } from '../time.js';
import { CardApproval } from '../trace/approval.js';
import { endedByText, failureText, isInterrupted, isRetryable, phaseText, plural, retryLabel } from '../trace/phase.js';
import { Elapsed, Quiet, useNow } from './elapsed.js';

const sep = html`<span class="sep"> • </span>`;

/** @param {any[]} parts */
function joined(parts) {
  const shown = parts.filter(Boolean);
  return shown.map((part, index) => (index === 0 ? part : html`${sep}${part}`));
}

/** @param {{ session: Session }} props */
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
    /** @param {Session} session */
    title: (session) => `${session.persona.name} was called`,
    /** @param {Session} session */
    line: (session) => html`<${PendingLine} session=${session} />`,
  },
  running: {
    icon: 'thinking',
    /** @param {Session} session */
    title: (session) => `${session.persona.name} is working…`,
    /** @param {Session} session */
    line: (session) => [
      joined([
        plural(session.stepCount, 'step'),
        html`<${Elapsed} since=${session.startedAt ?? session.createdAt} />`,
        session.currentStepType && sessionActivity(session),
      ]),
      html`<${Quiet} session=${session} lastAt=${Date.parse(session.heartbeatAt ?? session.createdAt)} />`,
    ],
  },
  completed: {
    icon: 'check',
    title: () => 'Session complete',
    /** @param {Session} session */
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
    // Where room is scarce, the reason of the failure matters most.
    /** @param {Session} session */
    line: (session) => [
      html`<span class="card-counts">
        ${joined([plural(session.stepCount, 'step'), formatDuration(session.durationMs ?? 0)])}${sep}</span>`,
      failureText(session.error),
    ],
  },
  cancelled: {
    icon: 'stop',
    title: () => 'Session stopped',
    /** @param {Session} session */
    line: (session) =>
      joined([plural(session.stepCount, 'step'), formatDuration(session.durationMs ?? 0), endedByText(session)]),
  },
};

/** @param {{ session: Session, canAct: boolean }} props */
export function SessionSide({ session, canAct }) {
  if (!isTerminal(session) && canAct) {
    const stopping = asked.get(`stop:${session.id}`);
    return html`<button type="button" class="button button-small card-side" aria-disabled=${String(Boolean(stopping))}
      onClick=${() => stopSession(session.id)}>${stopping ? 'Stopping…' : 'Stop'}</button>`;
  }
  if (session.status === 'completed' || !isTerminal(session)) return null;
  const retry = nextAttempt(session);
  if (retry)
    return html`<a class="quiet-link card-side"
      href=${traceUrl(retry)}>Retried → attempt ${session.attempt + 1}</a>`;
  if (!canAct || !isRetryable(session)) return null;
  const retrying = asked.get(`retry:${session.id}`);
  return html`<button type="button" class="button button-small card-side" aria-disabled=${String(Boolean(retrying))}
    onClick=${() => retrySession(session.id)}>${retrying ? 'Retrying…' : retryLabel(session)}</button>`;
}

/** @param {{ session: Session }} props */
function Rated({ session }) {
  const { up = 0, down = 0 } = session.rating ?? {};
  if (up + down === 0) return null;
  return html` <span class="tag card-rating">${up > 0 && html`<${Icon} name="good" size=${10} /> ${up} `}<span
    class="visually-hidden">${plural(up, 'thumb')} up, ${plural(down, 'thumb')} down</span>${
      down > 0 && html`<${Icon} name="bad" size=${10} /> ${down}`
    }</span>`;
}

/** @param {{ id: string, canAct: boolean }} props */
export function SessionCard({ id, canAct }) {
  const session = sessions.get(id);
  if (!session) return null;
  const face = faces[session.status];
  const title = face.title(session);
  const states = { 'is-interrupted': isInterrupted(session) };
  return html`<div class=${cls('card', `card-${session.status}`, states)} data-session=${id}>
    <a class="card-link" href=${traceUrl(id)}>
      <span class="card-icon"><${Icon} name=${face.icon} size=${12} /></span>
      <span class="card-text"><span class="card-title">
        ${title}${session.attempt > 1 ? html` <span class="tag">attempt ${session.attempt}</span>` : null}<${Rated}
          session=${session} /></span>
        <span class="card-line">${face.line(session)}</span></span>
    </a>
    <${SessionSide} session=${session} canAct=${canAct} />
  </div>
  <${CardApproval} session=${session} canAct=${canAct} />`;
}

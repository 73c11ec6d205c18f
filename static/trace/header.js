// The head and foot of the trace: who, when, how long, which attempt; what went wrong; what can be done.
import { cls, html } from '../html.js';
import { asked, closeTrace, retrySession, stopSession } from '../actions.js';
import { Icon } from '../icons.js';
import { navigate, route, urlWith } from '../router.js';
import { settings, settingsSet } from '../settings.js';
import { away, nextAttempt, related, sessions, streams } from '../store.js';
import { Elapsed, useNow } from '../ui/elapsed.js';
import { SettingsButton } from '../ui/settings-view.js';
import { activityText } from '../steps.js';
import { formatDuration, formatWhen } from '../time.js';
import { countsText, endedByText, failureText, interruptedText, isInterrupted, phaseText, plural } from './phase.js';

const outcomes = { pending: 'waiting', completed: 'complete', cancelled: 'stopped' };

// What the chain says of an attempt is as old as the trace's opening: the store knows better.
function Attempts({ session }) {
  const chain = related.get(session.id) ?? [];
  const all = chain.some((one) => one.id === session.id) ? chain : [...chain, session];
  if (all.length < 2) return null;
  const choose = (event) =>
    navigate(urlWith(route.peek(), { trace: event.target.value, highlight: null }), { replace: true });
  const sorted = all.map((one) => sessions.get(one.id) ?? one).sort((a, b) => a.attempt - b.attempt);
  return html`<label class="attempts"><span class="visually-hidden">Attempt</span>
    <select value=${session.id} onChange=${choose}>
      ${sorted.map((one) => html`<option value=${one.id}
        selected=${one.id === session.id}>Attempt ${one.attempt} (${outcomes[one.status] ?? one.status})</option>`)}
    </select></label>`;
}

function mayAct(session) {
  const stream = session.streamId ? (streams.get(session.streamId) ?? streams.get(session.parentStreamId)) : null;
  return stream ? stream.me?.canPost !== false : true;
}

function Actions({ session, isEnded }) {
  if (!mayAct(session)) return null;
  if (!isEnded) {
    const stopping = asked.get(`stop:${session.id}`);
    return html`<button type="button" class="button button-small" data-stop disabled=${stopping}
      onClick=${() => stopSession(session.id)}>
      <${Icon} name="stop" size=${14} />${stopping ? 'Stopping…' : 'Stop'}</button>`;
  }
  if (session.status === 'completed') return null;
  const retry = nextAttempt(session);
  if (retry)
    return html`<a class="button button-small" data-replace
      href=${urlWith(route.value, { trace: retry, highlight: null })}>
      Attempt ${session.attempt + 1} <${Icon} name="right" size=${14} />
    </a>`;
  const retrying = asked.get(`retry:${session.id}`);
  return html`<button type="button" class="button button-small" disabled=${retrying}
    onClick=${() => retrySession(session.id)}>
    <${Icon} name="retry" size=${14} />${retrying ? 'Retrying…' : 'Retry'}</button>`;
}

function Took({ session, isEnded }) {
  if (session.status === 'pending') return html`<span>waiting</span>`;
  if (isEnded) return html`<span>${formatDuration(session.durationMs ?? 0)}</span>`;
  return html`<${Elapsed} since=${session.startedAt ?? session.createdAt} />`;
}

function WaterfallButton() {
  const { waterfall } = settings.value;
  return html`<button type="button" class="icon-button waterfall-button" aria-pressed=${waterfall ? 'true' : 'false'}
    aria-label="Waterfall" title="Waterfall (t)" onClick=${() => settingsSet({ waterfall: !waterfall })}><${Icon}
      name="bars" /></button>`;
}

export function TraceHeader({ session, persona, isEnded, errors, follow, hasWaterfall, onJumpError, onDownload }) {
  const started = session.startedAt ?? session.createdAt;
  return html`<header class="trace-head">
    <div class="trace-title">
      <h2 id="trace-title" tabindex="-1">Agent Session Trace</h2>
      <p class="trace-sub">${persona.name}<span class="sep"> • </span><time datetime=${started}>
        ${formatWhen(started)}</time><span class="sep"> • </span>
        <${Took} session=${session} isEnded=${isEnded} /></p>
    </div>
    <div class="trace-tools">
      <${Attempts} session=${session} />
      ${errors > 0 && html`<button type="button" class="button button-small button-danger" onClick=${onJumpError}>
        <${Icon} name="alert" size=${14} />${plural(errors, 'error')}</button>`}
      <${Actions} session=${session} isEnded=${isEnded} />
      ${
        !isEnded &&
        html`<button type="button" class="icon-button" aria-pressed=${follow.following ? 'true' : 'false'}
          aria-label="Follow the newest step" title="Follow (f)"
        onClick=${() => (follow.following ? follow.setFollowing(false) : follow.jump())}><${Icon}
          name="follow" /></button>`
      }
      ${hasWaterfall && html`<${WaterfallButton} />`}
      <${SettingsButton} />
      <button type="button" class="icon-button" aria-label="Download as JSON" title="Download as JSON"
        onClick=${onDownload}><${Icon} name="download" /></button>
      <button type="button" class="icon-button" aria-label="Close" title="Close (Esc)" onClick=${closeTrace}><${Icon}
        name="close" /></button>
    </div>
  </header>`;
}

const endings = {
  completed: () => ({ icon: 'check', tone: 'success', text: 'Complete' }),
  failed: (session) =>
    isInterrupted(session)
      ? { icon: 'alert', tone: 'warning', text: interruptedText(session) }
      : { icon: 'alert', tone: 'danger', text: `Failed: ${failureText(session.error)}` },
  cancelled: (session) => ({ icon: 'stop', tone: 'muted', text: `Stopped ${endedByText(session)}` }),
};

function Phase({ session, persona, openStep, lastOutputAt }) {
  const now = useNow(new Date(lastOutputAt).toISOString());
  const text = phaseText({ session, persona, openStep, activity: activityText(openStep?.type), now, lastOutputAt });
  const isQuiet = text.startsWith('no output');
  const sentence = text.startsWith(persona.name) || isQuiet ? text : `${text}…`;
  return html`<p class=${cls('state', { 'state-quiet': isQuiet })}><span class="pulse" aria-hidden="true"></span><span>
    ${sentence}</span></p>`;
}

export function TraceFooter({ session, persona, isEnded, openStep, lastOutputAt }) {
  const ending = endings[session.status]?.(session);
  return html`<footer class="trace-foot">
    ${
      ending
        ? html`<p class=${`state state-${ending.tone}`}><${Icon} name=${ending.icon} size=${14} /><span>
          ${ending.text}</span></p>`
        : away.value
          ? html`<p class="state state-warning"><span class="pulse" aria-hidden="true"></span>
            <span>Not live at the moment. Reconnecting…</span></p>`
          : html`<${Phase} session=${session} persona=${persona} openStep=${openStep} lastOutputAt=${lastOutputAt} />`
    }
    <p class="trace-counts">${countsText(session)}</p>
  </footer>`;
}

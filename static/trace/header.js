// SPDX-License-Identifier: Apache-2.0
// The head of the trace: what was asked, who works, where, how it stands and what it spent; which attempt; what can be
// done. Everything that has a key has a button here.
import { cls, html } from '../html.js';
import { asked, closeTrace, retrySession, stopSession } from '../actions.js';
import { Icon } from '../icons.js';
import { placeOf, sessionsUrl, streamUrl, tracePageUrl } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { settings, settingsSet } from '../settings.js';
import { isShared, nextAttempt, related, sessions, streams, workspace } from '../store.js';
import { Elapsed, Quiet } from '../ui/elapsed.js';
import { SettingsButton } from '../ui/settings-view.js';
import { formatDuration, formatWhen } from '../time.js';
import { CompareButton } from './compare-button.js';
import { ExportButton } from './download.js';
import { Cost, formatCost } from './facts.js';
import { countsParts, isRetryable, outcomes, plural, retryLabel, sessionTitle } from './phase.js';
import { Rating } from './rating.js';
import { ShareButton } from './share-button.js';
import { Tags, TagsButton } from './tags.js';

/** @param {Session} session @param {string} id @param {boolean} isPage */
const attemptUrl = (session, id, isPage) =>
  isPage ? tracePageUrl(session.workspaceId, id) : urlWith(route.peek(), { trace: id, highlight: null });

// The chain of attempts is as old as the opened trace. The store knows newer copies.
/** @param {{ session: Session, isPage: boolean }} props */
function Attempts({ session, isPage }) {
  const chain = related.get(session.id) ?? [];
  const all = chain.some((one) => one.id === session.id) ? chain : [...chain, session];
  if (all.length < 2) return null;
  /** @param {any} event */
  const choose = (event) => navigate(attemptUrl(session, event.target.value, isPage), { replace: true });
  const sorted = all.map((one) => sessions.get(one.id) ?? one).sort((a, b) => a.attempt - b.attempt);
  return html`<label class="attempts"><span class="visually-hidden">Attempt</span>
    <select value=${session.id} onChange=${choose}>
      ${sorted.map(
        (one) => html`<option value=${one.id}
        selected=${one.id === session.id}>Attempt ${one.attempt} (${outcomes[one.status] ?? one.status})</option>`,
      )}
    </select></label>`;
}

/** @param {Session} session */
function mayAct(session) {
  if (isShared.value) return false;
  const stream = session.streamId ? (streams.get(session.streamId) ?? streams.get(session.parentStreamId)) : null;
  return stream ? stream.me?.canPost !== false : true;
}

// Without a stream it is the administrators'.
/** @param {Session} session */
const mayTag = (session) => (session.streamId ? mayAct(session) : workspace.value.role === 'admin');

// A button that is waiting keeps the focus: it is only said to be disabled.
/** @param {{ session: Session, isEnded: boolean, isPage: boolean }} props */
function Actions({ session, isEnded, isPage }) {
  if (!mayAct(session)) return null;
  if (!isEnded) {
    const stopping = Boolean(asked.get(`stop:${session.id}`));
    return html`<button type="button" class="button button-small" data-stop aria-disabled=${String(stopping)}
      onClick=${() => stopSession(session.id)}>
      <${Icon} name="stop" size=${14} />${stopping ? 'Stopping…' : 'Stop'}</button>`;
  }
  if (session.status === 'completed') return null;
  const retry = nextAttempt(session);
  if (retry)
    return html`<a class="button button-small" data-replace href=${attemptUrl(session, retry, isPage)}>
      Attempt ${session.attempt + 1} <${Icon} name="right" size=${14} />
    </a>`;
  if (!isRetryable(session)) return null;
  const retrying = Boolean(asked.get(`retry:${session.id}`));
  return html`<button type="button" class="button button-small" aria-disabled=${String(retrying)}
    onClick=${() => retrySession(session.id)}>
    <${Icon} name="retry" size=${14} />${retrying ? 'Retrying…' : retryLabel(session)}</button>`;
}

/** @param {{ session: Session, isEnded: boolean }} props */
function Took({ session, isEnded }) {
  if (session.status === 'pending') return html`<span>waiting</span>`;
  if (isEnded) return html`<span>${formatDuration(session.durationMs ?? 0)}</span>`;
  return html`<${Elapsed} since=${session.startedAt ?? session.createdAt} />`;
}

/** @param {{ session: Session, persona: Persona, isEnded: boolean, lastOutputAt: number }} props */
function Sub({ session, persona, isEnded, lastOutputAt }) {
  const started = session.startedAt ?? session.createdAt;
  const where = session.stream && session.streamId;
  const { usage } = session;
  const parts = [
    html`<bdi>${persona.name}</bdi>`,
    where &&
      session.stream &&
      html`<a class="quiet-link" href=${streamUrl(session.workspaceId, where)}>
      in <bdi>${placeOf(session.stream, session.parentStreamId)}</bdi></a>`,
    html`<time datetime=${started}>${formatWhen(started)}</time>`,
    html`<${Took} session=${session} isEnded=${isEnded} />`,
    ...countsParts(session).map((text) => html`<span class="head-counts">${text}</span>`),
    formatCost(usage?.costUsd) && html`<${Cost} costUsd=${usage?.costUsd} isComputed=${usage?.costComputed} />`,
    usage?.model && html`<bdi>${usage.model}</bdi>`,
  ].filter(Boolean);
  return html`<p class="trace-sub">${parts.map(
    (part, index) =>
      html`${index > 0 && ' '}<span class="sub-part">${index > 0 && html`<span class="sep">• </span>`}${part}</span>`,
  )}<${Quiet} session=${session}
    lastAt=${Math.max(lastOutputAt, Date.parse(session.heartbeatAt ?? session.createdAt))} /></p>`;
}

/** @param {{ isPage: boolean }} props */
function ModeButtons({ isPage }) {
  const key = isPage ? 'pageView' : 'modalView';
  const now = settings.value[key];
  return html`<span class="modes" role="group" aria-label="View">${[
    ['tree', 'tree', 'Tree and waterfall'],
    ['read', 'story', 'Read as a story'],
  ].map(
    ([
      mode,
      icon,
      label,
    ]) => html`<button type="button" key=${mode} class="icon-button" aria-label=${label} title=${label}
    aria-pressed=${String(now === mode)} onClick=${() => settingsSet({ [key]: mode })}><${Icon} name=${icon} /></button>`,
  )}</span>`;
}

function WaterfallButton() {
  const { waterfall } = settings.value;
  return html`<button type="button" class="icon-button waterfall-button" aria-pressed=${waterfall ? 'true' : 'false'}
    aria-label="Waterfall" title="Waterfall (t)" onClick=${() => settingsSet({ waterfall: !waterfall })}><${Icon}
      name="bars" /></button>`;
}

/** @param {{ session: Session, selected: string | null, isPage: boolean }} props */
function SizeButton({ session, selected, isPage }) {
  const { id, workspaceId } = session;
  if (!isPage)
    return html`<a class="icon-button" data-size href=${tracePageUrl(workspaceId, id, selected)} aria-label="Open as a page"
      title="Open as a page (w)"><${Icon} name="wide" /></a>`;
  if (!session.streamId) return null;
  const over = { ...route.value, path: streamUrl(workspaceId, session.streamId), query: {} };
  return html`<a class="icon-button" data-size href=${urlWith(over, { trace: id, highlight: selected })}
    aria-label="Show over the conversation" title="Show over the conversation (w)"><${Icon} name="small" /></a>`;
}

/**
 * @param {{ session: Session, persona: Persona, isEnded: boolean, errors: number, follow: Follow,
 *   hasWaterfall: boolean, isPage: boolean, selected: string | null, lastOutputAt: number, onJumpError: () => void,
 *   onSearch: () => void, onCopyLink: () => void, replay: import('./use-replay.js').Replay }} props
 */
export function TraceHeader(props) {
  const { session, persona, isEnded, errors, follow, hasWaterfall, isPage, selected } = props;
  const Title = isPage ? 'h1' : 'h2';
  return html`<header class=${cls('trace-head', { 'is-page': isPage })}>
    ${
      isPage &&
      !isShared.value &&
      html`<a class="icon-button" href=${sessionsUrl(workspace.value.id)} aria-label="All sessions"
      title="All sessions"><${Icon} name="left" /></a>`
    }
    <div class="trace-title">
      <${Title} id="trace-title" tabindex="-1"><bdi>${sessionTitle(session)}</bdi><//>
      <${Sub} session=${session} persona=${persona} isEnded=${isEnded} lastOutputAt=${props.lastOutputAt} />
      <${Tags} session=${session} />
    </div>
    <div class="trace-tools">
      <${Attempts} session=${session} isPage=${isPage} />
      ${
        errors > 0 &&
        html`<button type="button" class="button button-small button-danger" onClick=${props.onJumpError}
          title="Next error (n)">
        <${Icon} name="alert" size=${14} />${plural(errors, 'error')}</button>`
      }
      <${Actions} session=${session} isEnded=${isEnded} isPage=${isPage} />
      ${
        !isEnded &&
        html`<button type="button" class="icon-button" aria-pressed=${follow.following ? 'true' : 'false'}
          aria-label="Follow the newest step" title="Follow (f)"
        onClick=${() => (follow.following ? follow.setFollowing(false) : follow.jump())}><${Icon}
          name="follow" /></button>`
      }
      ${
        props.replay.canStart &&
        html`<button type="button" class="icon-button" aria-label="Replay" title="Replay"
        aria-pressed=${String(props.replay.isOn)}
        onClick=${props.replay.isOn ? props.replay.stop : props.replay.start}><${Icon} name="replay" /></button>`
      }
      <button type="button" class="icon-button" aria-label="Search in this trace" title="Search (/)"
        onClick=${props.onSearch}><${Icon} name="search" /></button>
      <button type="button" class="icon-button" aria-label="Copy a link" title="Copy a link (c)"
        onClick=${props.onCopyLink}><${Icon} name="link" /></button>
      ${hasWaterfall && html`<${WaterfallButton} />`}
      <${ModeButtons} isPage=${isPage} />
      <${SettingsButton} />
      ${
        !isShared.value &&
        html`<${Rating} session=${session} target=${session.id} what="session" />
      ${mayTag(session) && html`<${TagsButton} session=${session} />`}
      <${ShareButton} session=${session} /><${CompareButton} session=${session} /><${ExportButton} session=${session} />
      <${SizeButton} session=${session} selected=${selected} isPage=${isPage} />`
      }
      ${
        !isPage &&
        html`<button type="button" class="icon-button" aria-label="Close" title="Close (Esc)"
        onClick=${closeTrace}><${Icon} name="close" /></button>`
      }
    </div>
  </header>`;
}

// One step: badge, heading, duration, body, sources. Reads its step and its live text; nothing else re-renders when
// they change.
import { cls, html, useErrorBoundary, useState } from '../html.js';
import { Icon } from '../icons.js';
import { Elapsed } from '../ui/elapsed.js';
import { live, steps } from '../store.js';
import { isOpen, stepStatus } from '../store/entities.js';
import { stepKind } from '../steps.js';
import { formatDuration } from '../time.js';
import { rowMemory } from './memory.js';
import { PlainBody } from './bodies.js';
import { endedByText, interruptedText, plural } from './phase.js';
import { Sources } from './sources.js';

function tokensOf(usage) {
  const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  return tokens > 0 ? plural(tokens, 'token') : '';
}

function Duration({ step, status }) {
  if (status === 'running') return html`<${Elapsed} since=${step.startedAt} />`;
  if (status === 'interrupted') return null;
  return html`<span>${formatDuration(step.durationMs ?? 0)}</span>`;
}

function Badge({ kind, step, status }) {
  return html`<span class="badge">
    <${Icon} name=${status === 'failed' ? 'alert' : kind.icon} size=${14} />
    <span class="badge-label">${kind.label}</span>
    ${step.name && html`<span class="badge-name">${step.name}</span>`}
    ${status === 'failed' && html`<span class="tag tag-danger">failed</span>`}
    ${status === 'interrupted' && html`<span class="tag tag-warning">interrupted</span>`}
  </span>`;
}

// Known from the outline only: its place is kept while its page is fetched.
function Placeholder({ meta }) {
  const kind = stepKind(meta.type);
  return html`<article class=${`step hue-${kind.hue} is-waiting`}>
    <header class="step-head"><h3 class="step-title" tabindex="-1"><${Badge} kind=${kind} step=${{}}
      status=${meta.status} /></h3>
      <p class="step-facts">${meta.durationMs !== undefined ? formatDuration(meta.durationMs) : ''}</p></header>
    <p class="faint">…</p>
  </article>`;
}

// Why it never ended: the agent fell silent, failed, or was stopped.
function Interruption({ session }) {
  const sentence =
    session.error?.code === 'heartbeat_lost'
      ? interruptedText(session)
      : session.status === 'cancelled'
        ? `Stopped ${endedByText(session)}`
        : 'The session ended before this step did';
  return html`<p class="interruption">${sentence}</p>`;
}

// An agent may record anything: content that its type's renderer cannot take is shown as it is.
function SafeBody({ Body, ...props }) {
  const [failed] = useErrorBoundary();
  return failed ? html`<${PlainBody} step=${props.step} />` : html`<${Body} ...${props} />`;
}

// `fold` says whether a finished thinking or source list may hide by itself: only while following, and only untouched.
export function StepRow({ meta, parentNumber, session, isSelected, isFlashing, fold, nest }) {
  const [, redraw] = useState(0);
  const step = steps.get(meta.id);
  const liveText = live.get(meta.id)?.text;
  if (!step) return html`<${Placeholder} meta=${meta} />`;
  const kind = stepKind(step.stepType);
  const status = stepStatus(step, session);
  const shown = status === 'interrupted' && liveText ? { ...step, content: liveText } : step;
  const memory = rowMemory(step.id);
  if (status === 'completed' && memory.autoFold === undefined && memory.wasOpen) {
    memory.autoFold = fold;
    // Nothing that somebody is reading gets shorter.
    memory.unfolded ??= true;
  }
  if (status === 'running') memory.wasOpen = true;
  const closed = memory.closed ?? Boolean(step.stepType === 'thinking' && memory.autoFold);
  const { Body } = kind;

  function toggle() {
    memory.closed = !closed;
    redraw((n) => n + 1);
  }

  return html`<article class=${cls('step', `hue-${kind.hue}`, `is-${status}`, { 'is-selected': isSelected, 'is-flashing': isFlashing, 'is-nested': parentNumber })}>
    <header class="step-head">
      <h3 class="step-title" tabindex=${isSelected ? 0 : -1} data-step=${step.id}><${Badge} kind=${kind} step=${step}
        status=${status} /></h3>
      ${parentNumber && html`<span class="step-parent">part of step ${parentNumber}</span>`}
      <p class="step-facts"><span class="step-tokens">${tokensOf(step.usage)}</span> <${Duration} step=${step}
        status=${status} />
        <button type="button" class="icon-button step-fold" aria-expanded=${closed ? 'false' : 'true'}
          aria-label=${`${kind.label}, step ${step.stepNumber}`} onClick=${toggle}>
          <${Icon} name=${closed ? 'right' : 'down'} size=${14} /></button></p>
    </header>
    ${
      !closed &&
      html`<div class="step-body">
      <${SafeBody} key=${step.status} Body=${Body} step=${shown} session=${session} liveText=${liveText}
        isOpen=${isOpen(step) && status === 'running'} />
      ${step.error && html`<p class="step-error">${step.error.message ?? step.error.code}</p>`}
      ${status === 'interrupted' && html`<${Interruption} session=${session} />`}
      ${step.sources?.length > 0 && html`<${Sources} stepId=${step.id} sources=${step.sources}
        fold=${memory.autoFold} />`}
    </div>`
    }
    ${
      nest &&
      html`<button type="button" class="quiet-link nest-fold" aria-expanded=${nest.isFolded ? 'false' : 'true'}
        onClick=${nest.toggle}>
      <${Icon} name=${nest.isFolded ? 'right' : 'down'} size=${12} /> ${plural(nest.count, 'nested step')}</button>`
    }
  </article>`;
}

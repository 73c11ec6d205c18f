// One step: badge, heading, duration, body, sources. Reads its step and its live text; nothing else re-renders when
// they change.
import { cls, html, useErrorBoundary, useState } from '../html.js';
import { Icon } from '../icons.js';
import { Elapsed } from '../ui/elapsed.js';
import { live, steps } from '../store.js';
import { isOpen, stepStatus } from '../store/entities.js';
import { liveLongest } from '../store/live.js';
import { stepKind } from '../steps.js';
import { formatDuration } from '../time.js';
import { rowMemory } from './memory.js';
import { excerptOf, PlainBody } from './bodies.js';
import { endedByText, interruptedText, isInterrupted, plural } from './phase.js';
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
  const sentence = isInterrupted(session)
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

function StepHead({ step, kind, status, parentNumber, isSelected, isClosed, onToggle }) {
  return html`<header class="step-head">
    <h3 class="step-title" tabindex=${isSelected ? 0 : -1} data-step=${step.id}>
      <${Badge} kind=${kind} step=${step} status=${status} />
    </h3>
    ${parentNumber && html`<span class="step-parent">part of step ${parentNumber}</span>`}
    <p class="step-facts">
      <span class="step-tokens">${tokensOf(step.usage)}</span>
      <${Duration} step=${step} status=${status} />
      <button type="button" class="icon-button step-fold" aria-expanded=${isClosed ? 'false' : 'true'}
        aria-label=${`${kind.label}, step ${step.stepNumber}`} onClick=${onToggle}>
        <${Icon} name=${isClosed ? 'right' : 'down'} size=${14} />
      </button>
    </p>
  </header>`;
}

// What was on the screen stays there; that it is nowhere else is said once the server has told what it kept.
function unsavedText(step) {
  if (step.status !== 'interrupted') return null;
  return step.content
    ? 'Only the beginning of this text was saved. The rest is only in this window.'
    : 'This text was not saved. It is only in this window.';
}

function StepBody({ step, kind, status, session, liveText, fold }) {
  const isUnsaved = status === 'interrupted' && Boolean(liveText);
  const shown = isUnsaved ? { ...step, content: liveText, truncated: false } : step;
  return html`<div class="step-body">
    <${SafeBody} key=${step.status} Body=${kind.Body} step=${shown} session=${session} liveText=${liveText}
      isOpen=${isOpen(step) && status === 'running'} />
    ${step.error && html`<p class="step-error">${step.error.message ?? step.error.code}</p>`}
    ${status === 'interrupted' && html`<${Interruption} session=${session} />`}
    ${isUnsaved && html`<p class="unsaved">${unsavedText(step)}</p>`}
    ${step.sources?.length > 0 && html`<${Sources} stepId=${step.id} sources=${step.sources} fold=${fold} />`}
  </div>`;
}

function NestFold({ nest }) {
  return html`<button type="button" class="quiet-link nest-fold" aria-expanded=${nest.isFolded ? 'false' : 'true'}
    onClick=${nest.toggle}>
    <${Icon} name=${nest.isFolded ? 'right' : 'down'} size=${12} /> ${plural(nest.count, 'nested step')}
  </button>`;
}

// What becomes of a step that was watched when it completes: nothing that somebody is reading gets shorter; for one who
// follows, finished thinking and sources make room. `fold`: following.
function noteProgress(memory, status, written, fold) {
  if (status === 'running') Object.assign(memory, { wasOpen: true, watched: written });
  if (status === 'running' || !memory.wasOpen) return;
  memory.unfolded ??= true;
  if (status === 'completed') memory.autoFold ??= fold;
}

export function StepRow({ meta, parentNumber, session, isSelected, isFlashing, fold, nest }) {
  const [, redraw] = useState(0);
  const step = steps.get(meta.id);
  const written = live.get(meta.id);
  if (!step) return html`<${Placeholder} meta=${meta} />`;
  const kind = stepKind(step.stepType);
  const status = stepStatus(step, session);
  const liveText = status === 'interrupted' ? liveLongest(written) : written?.text;
  const memory = rowMemory(step.id);
  noteProgress(memory, status, written, fold);
  const isClosed = memory.closed ?? Boolean(step.stepType === 'thinking' && memory.autoFold);

  function toggle() {
    memory.closed = !isClosed;
    redraw((n) => n + 1);
  }

  const states = { 'is-selected': isSelected, 'is-flashing': isFlashing, 'is-nested': parentNumber };
  return html`<article class=${cls('step', `hue-${kind.hue}`, `is-${status}`, states)}>
    <${StepHead} step=${step} kind=${kind} status=${status} parentNumber=${parentNumber} isSelected=${isSelected}
      isClosed=${isClosed} onToggle=${toggle} />
    ${isClosed && typeof step.content === 'string' && html`<p class="step-excerpt">${excerptOf(step.content)}</p>`}
    ${!isClosed && html`<${StepBody} step=${step} kind=${kind} status=${status} session=${session}
      liveText=${liveText} fold=${memory.autoFold} />`}
    ${nest && html`<${NestFold} nest=${nest} />`}
  </article>`;
}

// SPDX-License-Identifier: Apache-2.0
// One step: badge, heading, duration, body, sources. It reads its own step and live text, and nothing else renders
// again when they change.
import { cls, html, useErrorBoundary, useState } from '../html.js';
import { Icon } from '../icons.js';
import { Elapsed } from '../ui/elapsed.js';
import { live, steps } from '../store.js';
import { isOpen, stepStatus } from '../store/entities.js';
import { liveLongest } from '../store/live.js';
import { stepKind } from '../steps.js';
import { formatDuration, formatElapsed } from '../time.js';
import { rowMemory } from './memory.js';
import { bodyOf, excerptOf, PlainBody, UnderWay } from './bodies.js';
import { endedByText, interruptedText, isInterrupted, plural } from './phase.js';
import { replayKnown } from './replay.js';
import { Sources } from './sources.js';
import { stepTitle } from './titles.js';

/** @typedef {import('../steps.js').StepKind} StepKind */

/** @param {Usage | undefined} usage */
function tokensOf(usage) {
  const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  return tokens > 0 ? plural(tokens, 'token') : '';
}

/** @param {{ step: Step, status: StepStatus, meta: Meta }} props */
function Duration({ step, status, meta }) {
  if (meta.isAsOf) return html`<span class="elapsed">${formatElapsed(meta.durationMs ?? 0)}</span>`;
  if (status === 'running') return html`<${Elapsed} since=${step.startedAt} />`;
  if (status === 'interrupted') return null;
  return html`<span>${formatDuration(step.durationMs ?? 0)}</span>`;
}

/** @param {{ kind: StepKind, step: Partial<Step>, status: StepStatus }} props */
function Badge({ kind, step, status }) {
  return html`<span class="badge">
    <${Icon} name=${status === 'failed' ? 'alert' : kind.icon} size=${14} />
    <span class="badge-label">${kind.label}</span>
    ${step.name && html`<span class="badge-name">${step.name}</span>`}
    ${status === 'failed' && html`<span class="tag tag-danger">failed</span>`}
    ${status === 'interrupted' && html`<span class="tag tag-warning">interrupted</span>`}
  </span>`;
}

// A step known from the outline only keeps its place while its page is fetched.
/** @param {{ meta: Meta }} props */
function Placeholder({ meta }) {
  const kind = stepKind(meta.type);
  return html`<article class=${`step hue-${kind.hue} is-waiting`}>
    <header class="step-head"><h3 class="step-title" tabindex="-1"><${Badge} kind=${kind} step=${{}}
      status=${meta.status} /></h3>
      <p class="step-facts">${meta.durationMs !== undefined ? formatDuration(meta.durationMs) : ''}</p></header>
    <p class="faint">…</p>
  </article>`;
}

// Says why a step never ended: the agent fell silent, failed, or was stopped.
/** @param {{ session: Session }} props */
function Interruption({ session }) {
  const sentence = isInterrupted(session)
    ? interruptedText(session)
    : session.status === 'cancelled'
      ? `Stopped ${endedByText(session)}`
      : 'The session ended before this step did';
  return html`<p class="interruption">${sentence}</p>`;
}

// An agent may record anything. Content that its type's renderer cannot take is shown as it is.
/** @param {{ Body: any, [field: string]: any }} props */
function SafeBody({ Body, ...props }) {
  const [failed] = useErrorBoundary();
  return failed ? html`<${PlainBody} step=${props.step} />` : html`<${Body} ...${props} />`;
}

/**
 * @param {{ step: Step, meta: Meta, kind: StepKind, status: StepStatus, parentNumber?: number | undefined,
 *   isTabStop: boolean, isClosed: boolean, onToggle: () => void }} props
 */
function StepHead({ step, meta, kind, status, parentNumber, isTabStop, isClosed, onToggle }) {
  return html`<header class="step-head">
    <h3 class="step-title" tabindex=${isTabStop ? 0 : -1} data-step=${step.id}>
      <${Badge} kind=${kind} step=${step} status=${status} />
    </h3>
    ${parentNumber && html`<span class="step-parent">part of step ${parentNumber}</span>`}
    <p class="step-facts">
      <span class="step-tokens">${tokensOf(step.usage)}</span>
      <${Duration} step=${step} status=${status} meta=${meta} />
      <button type="button" class="icon-button step-fold" aria-expanded=${isClosed ? 'false' : 'true'}
        aria-label=${`${kind.label}, step ${step.stepNumber}`} onClick=${onToggle}>
        <${Icon} name=${isClosed ? 'right' : 'down'} size=${14} />
      </button>
    </p>
  </header>`;
}

// Text that was on the screen stays there. Once the server has told what it kept, the reader is told what is not
// stored.
/** @param {Step} step */
function unsavedText(step) {
  if (step.status !== 'interrupted') return null;
  return step.content
    ? 'Only the beginning of this text was saved. The rest is only in this window.'
    : 'This text was not saved. It is only in this window.';
}

/**
 * @param {{ step: Step, meta: Meta, status: StepStatus, session: Session, liveText?: string | undefined,
 *   fold?: boolean | undefined }} props
 */
function StepBody({ step, meta, status, session, liveText, fold }) {
  if (meta.isAsOf && step.content === undefined) return html`<div class="step-body"><${UnderWay} /></div>`;
  const isUnsaved = status === 'interrupted' && Boolean(liveText);
  const shown = isUnsaved ? { ...step, content: liveText, truncated: false } : step;
  return html`<div class="step-body">
    <${SafeBody} key=${step.status} Body=${bodyOf(step.stepType)} step=${shown} session=${session} liveText=${liveText}
      isOpen=${isOpen(step) && status === 'running' && !meta.isAsOf} isAsOf=${meta.isAsOf} />
    ${step.error && html`<p class="step-error">${step.error.message ?? step.error.code}</p>`}
    ${status === 'interrupted' && html`<${Interruption} session=${session} />`}
    ${isUnsaved && html`<p class="unsaved">${unsavedText(step)}</p>`}
    ${step.sources && step.sources.length > 0 && html`<${Sources} stepId=${step.id} sources=${step.sources} fold=${fold} />`}
  </div>`;
}

/** @param {{ nest: Nest }} props */
function NestFold({ nest }) {
  return html`<button type="button" class="quiet-link nest-fold" aria-expanded=${nest.isFolded ? 'false' : 'true'}
    onClick=${nest.toggle}>
    <${Icon} name=${nest.isFolded ? 'right' : 'down'} size=${12} /> ${plural(nest.count, 'nested step')}
  </button>`;
}

// Whether somebody has this step under the pointer, in focus or selected.
/** @param {Step} step */
function isRead(step) {
  const row = document.querySelector(`[data-step="${CSS.escape(step.id)}"]`)?.closest('.step');
  const selection = getSelection();
  return Boolean(
    row &&
      (row.matches(':hover, :focus-within') ||
        (selection && !selection.isCollapsed && selection.containsNode(row, true))),
  );
}

// One line for a step that is folded.
/** @param {Step} step */
function closedText(step) {
  if (typeof step.content === 'string') return excerptOf(step.content);
  const { messages } = step.content ?? {};
  return Array.isArray(messages) ? plural(messages.length, 'message') : stepTitle(step);
}

// Decides what becomes of a watched step when it completes. Nothing that somebody is reading gets shorter; for a reader
// who follows, finished thinking and sources make room. `fold` says that the reader follows.
/**
 * @param {RowMemory} memory
 * @param {Step} step
 * @param {StepStatus} status
 * @param {LiveEntry | undefined} written
 * @param {boolean | undefined} [fold]
 */
function noteProgress(memory, step, status, written, fold) {
  if (status === 'running') Object.assign(memory, { wasOpen: true, watched: written });
  if (status === 'running' || !memory.wasOpen) return;
  memory.unfolded ??= true;
  if (status === 'completed') memory.autoFold ??= fold && !isRead(step);
}

/**
 * @param {{ meta: Meta, parentNumber?: number | undefined, session: Session, isSelected: boolean, isTabStop: boolean,
 *   isFlashing: boolean, isFound: boolean,   fold?: boolean | undefined, nest: Nest | null }} props
 */
export function StepRow({ meta, parentNumber, session, isSelected, isTabStop, isFlashing, isFound, fold, nest }) {
  const [, redraw] = useState(0);
  const held = steps.get(meta.id);
  const step = held && replayKnown(held, meta);
  const written = live.get(meta.id);
  if (!step) return html`<${Placeholder} meta=${meta} />`;
  const kind = stepKind(step.stepType);
  const status = meta.isAsOf ? meta.status : stepStatus(step, session);
  const liveText = status === 'interrupted' ? liveLongest(written) : written?.text;
  const memory = rowMemory(step.id);
  if (!meta.isAsOf) noteProgress(memory, step, status, written, fold);
  const isContext = step.stepType === 'context_received' && Boolean(session.trigger);
  const isClosed = memory.closed ?? (isContext || Boolean(step.stepType === 'thinking' && memory.autoFold));

  function toggle() {
    memory.closed = !isClosed;
    redraw((n) => n + 1);
  }

  const states = {
    'is-selected': isSelected,
    'is-flashing': isFlashing,
    'is-found': isFound,
    'is-nested': parentNumber,
  };
  return html`<article class=${cls('step', `hue-${kind.hue}`, `is-${status}`, states)}>
    <${StepHead} step=${step} meta=${meta} kind=${kind} status=${status} parentNumber=${parentNumber} isTabStop=${isTabStop}
      isClosed=${isClosed} onToggle=${toggle} />
    ${isClosed && html`<p class="step-excerpt"><bdi>${closedText(step)}</bdi></p>`}
    ${
      !isClosed &&
      html`<${StepBody} step=${step} meta=${meta} status=${status} session=${session}
      liveText=${liveText} fold=${memory.autoFold} />`
    }
    ${nest && html`<${NestFold} nest=${nest} />`}
  </article>`;
}

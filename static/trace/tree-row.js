// SPDX-License-Identifier: Apache-2.0
// One row of the tree: fold arrow, icon, what the step did, tokens, duration, and its bar on the common axis. It reads
// its own step. A branch shows what its subtree spent.
import { cls, html } from '../html.js';
import { Icon } from '../icons.js';
import { live, steps } from '../store.js';
import { stepStatus } from '../store/entities.js';
import { stepKind } from '../steps.js';
import { formatClock, formatCount, formatDuration, formatElapsed } from '../time.js';
import { axisPlace, spanEnd } from './axis.js';
import { Cost } from './facts.js';
import { plural } from './phase.js';
import { replayKnown } from './replay.js';
import { stepTitle } from './titles.js';
import { treeIsError } from './tree.js';

const deepest = 16;

/** @param {number} tokens */
export const shortCount = (tokens) =>
  tokens < 10000
    ? formatCount(tokens)
    : tokens < 1e6
      ? `${(tokens / 1e3).toFixed(1)}k`
      : `${(tokens / 1e6).toFixed(1)}M`;

/**
 * @param {{ meta: Meta, state: import('./use-axis.js').AxisState, now: number, isError: boolean }} props
 */
function Bar({ meta, state, now, isError }) {
  const { axis, view } = state;
  const length = view.to - view.from;
  const end = spanEnd(meta, now);
  const from = ((axisPlace(axis, meta.startedAt) - view.from) / length) * 100;
  const to = ((axisPlace(axis, end) - view.from) / length) * 100;
  const share = ((end - meta.startedAt) / Math.max(1, axis.end - axis.start)) * 100;
  const clock = (/** @type {number} */ at) => formatClock(new Date(at).toISOString(), { millis: true });
  const tip = `${clock(meta.startedAt)} to ${clock(end)}: ${formatDuration(end - meta.startedAt)}, ${share.toFixed(1)} % of the run`;
  return html`<span class="tree-track" title=${tip}><span
    class=${cls('tree-bar', { 'is-error': isError, 'is-open': meta.status === 'running' })}
    style=${{ left: `${Math.max(-1, Math.min(100, from))}%`, width: `${Math.max(0, Math.min(101, to) - Math.max(-1, from))}%` }}></span></span>`;
}

// What a branch says of everything below it.
/** @param {{ sum: import('./tree.js').Sum, own: boolean }} props */
function Below({ sum, own }) {
  const errors = sum.errors - (own ? 1 : 0);
  return html`${errors > 0 && html`<span class="tag tag-danger">${plural(errors, 'error')}</span>`}
    ${sum.open > 0 && html`<span class="tag tag-gold">${sum.open} open</span>`}`;
}

/** @param {Meta} meta @param {Session} session */
function rowTexts(meta, session) {
  const held = steps.get(meta.id);
  const step = held && replayKnown(held, meta);
  const kind = stepKind(meta.type);
  const status = meta.isAsOf ? meta.status : stepStatus(step ?? /** @type {any} */ (meta), session);
  const title = step ? stepTitle(step, status === 'running' ? live.get(meta.id)?.text : undefined) : (meta.name ?? '');
  return { kind, status, title };
}

/**
 * @param {{ row: import('./tree.js').TreeRow, sum: import('./tree.js').Sum | undefined, session: Session,
 *   axis: import('./use-axis.js').AxisState, isSelected: boolean, isFlashing: boolean, isFound: boolean, top: number,
 *   onFold: (id: string, folded: boolean) => void, onSelect: (id: string) => void, id: string }} props
 */
export function TreeRow({ row, sum, session, axis, isSelected, isFlashing, isFound, top, onFold, onSelect, id }) {
  const { meta, depth, children, isFolded } = row;
  const { kind, status, title } = rowTexts(meta, session);
  const isRunning = status === 'running';
  const isError = treeIsError(meta);
  // The end of the axis is the moment that is shown, and ticks while anything runs.
  const now = axis.axis.end;
  const took =
    children > 0 && sum && !sum.open ? Math.max(sum.end - meta.startedAt, meta.durationMs ?? 0) : meta.durationMs;
  const time = isRunning
    ? formatElapsed(meta.isAsOf ? (meta.durationMs ?? 0) : now - meta.startedAt)
    : status === 'interrupted'
      ? ''
      : formatDuration(took ?? 0);
  const tokens = sum && (children === 0 || sum.lacks === 0 || sum.tokens > 0) ? sum.tokens : 0;
  const states = { 'is-selected': isSelected, 'is-flashing': isFlashing, 'is-found': isFound, 'is-error': isError };
  /** @param {MouseEvent} event */
  function fold(event) {
    event.stopPropagation();
    onFold(meta.id, !isFolded);
  }
  return html`<div class=${cls('tree-row', `hue-${kind.hue}`, `is-${status}`, states)} role="treeitem" id=${id}
    aria-level=${depth + 1} aria-setsize=${row.size} aria-posinset=${row.place} data-node=${meta.id}
    aria-expanded=${children > 0 ? String(!isFolded) : undefined} aria-selected=${String(isSelected)}
    style=${{ transform: `translateY(${top}px)` }}
    onClick=${() => onSelect(meta.id)}>
    <span class="tree-name" title=${title ? `${kind.label}: ${title}` : kind.label} style=${{ paddingInlineStart: `${Math.min(depth, deepest) * 0.875}rem` }}>
      <span class=${cls('tree-arrow', { 'is-leaf': children === 0 })} onClick=${children > 0 ? fold : undefined}>
        ${children > 0 && html`<${Icon} name=${isFolded ? 'right' : 'down'} size=${12} />`}</span>
      <${Icon} name=${isError ? 'alert' : kind.icon} size=${14} />
      <span class=${title && meta.type === 'tool_call' ? 'visually-hidden' : 'tree-kind'}>${kind.label}</span>
      ${title && html`<bdi class="tree-title">${title}</bdi>`}
      ${isError && html`<span class="visually-hidden">failed</span>`}
      ${status === 'interrupted' && html`<span class="tag tag-warning">interrupted</span>`}
      ${children > 0 && sum && html`<${Below} sum=${sum} own=${isError} />`}
    </span>
    <span class="tree-facts"><span class="tree-cost">${sum && html`<${Cost} costUsd=${sum.costUsd} isComputed=${sum.computed > 0} />`}</span><span>${tokens > 0 && html`${shortCount(tokens)}<span class="visually-hidden"> tokens</span>`}</span><span>${time}</span></span>
    <${Bar} meta=${meta} state=${axis} now=${now} isError=${isError} />
  </div>`;
}

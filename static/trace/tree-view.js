// SPDX-License-Identifier: Apache-2.0
// The tree and the waterfall as one thing: one scroll, one row a step, windowed because rows have one height. Focus
// stays on the tree itself and the selected row is its active descendant, so no row takes focus with it when it goes.
import { cls, html, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from '../html.js';
import { Icon } from '../icons.js';
import { settings, settingsSet } from '../settings.js';
import { useAnchor } from './anchor.js';
import { AxisView } from './axis-view.js';
import { useMissingPages } from './missing.js';
import { TreeRow } from './tree-row.js';
import { treeSum } from './tree.js';

const overscan = 8;
const assumedHeight = 26;

/** @typedef {ReturnType<import('./use-tree.js').useTree>} TreeState */

/** @param {{ tree: TreeState, axis: import('./use-axis.js').AxisState }} props */
function TreeTools({ tree, axis }) {
  const { compressGaps } = settings.value;
  return html`<div class="tree-tools">
    ${
      tree.hasBranches &&
      html`<button type="button" class="quiet-link" onClick=${() => tree.expandTo(1)}>Collapse all</button>
      <label class="tree-depth">Depth <select value=${String(tree.depth)} aria-label="Expand to depth"
        onChange=${(/** @type {any} */ event) => tree.expandTo(Number(event.target.value))}>
        ${[1, 2, 3, 5, Infinity].map(
          (depth) => html`<option value=${String(depth)} selected=${tree.depth === depth}>
          ${depth === Infinity ? 'all' : depth}</option>`,
        )}</select></label>`
    }
    ${
      axis.offersGaps &&
      html`<button type="button" class="quiet-link" aria-pressed=${String(compressGaps)}
      onClick=${() => settingsSet({ compressGaps: !compressGaps })}>
      ${compressGaps ? 'Show idle time' : 'Skip idle time'}</button>`
    }
    <span class="tree-zoom">
      ${axis.isZoomed && html`<button type="button" class="quiet-link" onClick=${axis.fit}>Whole run</button>`}
      <button type="button" class="icon-button" aria-label="Zoom out" title="Zoom out" disabled=${!axis.isZoomed}
        onClick=${() => axis.zoom(2, (axis.view.from + axis.view.to) / 2)}><${Icon} name="minus" size=${14} /></button>
      <button type="button" class="icon-button" aria-label="Zoom in" title="Zoom in"
        onClick=${() => axis.zoom(0.5, (axis.view.from + axis.view.to) / 2)}><${Icon} name="plus" size=${14} /></button>
    </span>
  </div>`;
}

/**
 * @param {{ session: Session, trace: Trace, tree: TreeState, axis: import('./use-axis.js').AxisState,
 *   selectedId: string | null, flashId: string | null, found: Set<string>, follow: Follow,
 *   scroller: { current: HTMLElement }, content: { current: HTMLElement }, onSelect: (id: string) => void,
 *   onChoose: (id: string) => void, onOpen: () => void, scrollTo: { current: string | null } }} props
 */
export function TreeView(props) {
  const { session, tree, axis, selectedId, flashId, found, follow, scroller, content, scrollTo } = props;
  const { onSelect, onChoose, onOpen } = props;
  const prefix = useId();
  const [height, setHeight] = useState(assumedHeight);
  const [view, setView] = useState({ top: 0, height: 600 });
  const { rows } = tree;
  const first = Math.max(0, Math.floor(view.top / height) - overscan);
  const last = Math.min(rows.length - 1, Math.ceil((view.top + view.height) / height) + overscan);
  const at = selectedId === null ? -1 : rows.findIndex((row) => row.meta.id === selectedId);
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  if (at >= 0 && (at < first || at > last)) indexes.push(at);
  useMissingPages(session.id, indexes.map((index) => rows[index]?.meta).filter(Boolean));

  useEffect(() => {
    const element = scroller.current;
    /** @type {number | null} */
    let frame = null;
    const read = () => {
      frame = null;
      setView({ top: element.scrollTop, height: element.clientHeight });
    };
    const later = () => (frame ??= requestAnimationFrame(read));
    element.addEventListener('scroll', later, { passive: true });
    const observer = new ResizeObserver(later);
    observer.observe(element);
    read();
    return () => {
      element.removeEventListener('scroll', later);
      observer.disconnect();
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, []);

  // The style sheet decides the height of a row, by pointer and font size.
  useLayoutEffect(() => {
    content.current.style.height = `${rows.length * height}px`;
    const row = /** @type {HTMLElement | null} */ (content.current.querySelector('.tree-row'));
    if (row && row.offsetHeight > 0 && row.offsetHeight !== height) setHeight(row.offsetHeight);
  });

  const ids = useMemo(() => rows.map((row) => row.meta.id), [rows]);
  const shownIds = useRef(ids);
  useAnchor(ids, scroller, {
    find() {
      const index = Math.floor(scroller.current.scrollTop / height);
      return shownIds.current[index]
        ? { id: shownIds.current[index], top: index * height - scroller.current.scrollTop }
        : null;
    },
    topOf(id) {
      const index = ids.indexOf(id);
      return index < 0 ? null : index * height - scroller.current.scrollTop;
    },
    isHeld: () => follow.following || scrollTo.current !== null,
    onMove: () => setView((now) => ({ ...now, top: scroller.current.scrollTop })),
  });
  shownIds.current = ids;

  // A row that was asked for is brought into view in the render that has it.
  useLayoutEffect(() => {
    const wanted = scrollTo.current;
    const index = wanted === null ? -1 : rows.findIndex((row) => row.meta.id === wanted);
    if (index < 0) return;
    scrollTo.current = null;
    const element = scroller.current;
    const top = index * height;
    const room = element.clientHeight - content.current.offsetTop;
    if (top < element.scrollTop || top + height > element.scrollTop + room)
      element.scrollTop = Math.max(0, top - room / 3);
    setView({ top: element.scrollTop, height: element.clientHeight });
  });

  useEffect(() => {
    const element = scroller.current;
    const onWheel = (/** @type {WheelEvent} */ event) => {
      if (!event.ctrlKey) return;
      const track = /** @type {HTMLElement | null} */ (element.querySelector('.axis'));
      if (!track) return;
      event.preventDefault();
      const box = track.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, (event.clientX - box.left) / Math.max(1, box.width)));
      const { from, to } = held.current.view;
      held.current.zoom(Math.exp(Math.max(-50, Math.min(50, event.deltaY)) / 100), from + share * (to - from));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const held = useRef(axis);
  held.current = axis;

  /** @param {number} index */
  function go(index) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    scrollTo.current = row.meta.id;
    onSelect(row.meta.id);
  }

  const page = Math.max(1, Math.floor(view.height / height) - 2);
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at < 0 ? rows.length - 1 : at - 1),
    PageDown: () => go(at + page),
    PageUp: () => go(at - page),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    ArrowRight() {
      const row = rows[at];
      if (row?.children && row.isFolded) tree.fold(row.meta.id, false);
      else if (row?.children) go(at + 1);
    },
    ArrowLeft() {
      const row = rows[at];
      if (row?.children && !row.isFolded) return tree.fold(row.meta.id, true);
      const parent = row ? rows.findLastIndex((one, index) => index < at && one.depth < row.depth) : -1;
      if (parent >= 0) go(parent);
    },
    Enter: onOpen,
    ' ': onOpen,
  };

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  return html`<div class=${cls('tree-frame', { 'has-costs': Number(session.usage?.costUsd ?? 0) > 0 })}>
    <${TreeTools} tree=${tree} axis=${axis} />
    <div class="tree-scroll" ref=${scroller} onScroll=${follow.onScroll}>
      <div class="tree-head"><span class="tree-head-name" aria-hidden="true">Step</span><span class="tree-facts"
        aria-hidden="true"><span class="tree-cost">Cost</span><span>Tokens</span><span>Time</span></span><${AxisView} state=${axis} /></div>
      <div class="tree" role="tree" tabindex="0" aria-label="Steps of the session" ref=${content} onKeyDown=${onKeyDown}
        aria-activedescendant=${at >= 0 ? `${prefix}-${at}` : undefined}>
        ${indexes.map((index) => {
          const row = rows[index];
          const { id } = row.meta;
          return html`<${TreeRow} key=${id} id=${`${prefix}-${index}`} row=${row} sum=${treeSum(tree.tree, row.meta)}
            session=${session} axis=${axis} isSelected=${id === selectedId} isFlashing=${id === flashId}
            isFound=${found.has(id)} top=${index * height} onFold=${tree.fold} onSelect=${onChoose} />`;
        })}
      </div>
    </div>
  </div>`;
}

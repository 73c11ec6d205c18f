// SPDX-License-Identifier: Apache-2.0
// The steps as an ordered list, windowed when it is long. The rows around the viewport are mounted, and those that hold
// focus or the selection. Heights are measured, and a change above the viewport is compensated by scrolling in the same
// frame.
import { focused, html, useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { useAnchor } from './anchor.js';
import { useMissingPages } from './missing.js';
import { printing } from './printing.js';
import { StepRow } from './row.js';
import {
  heightsIndexAt,
  heightsNew,
  heightsRows,
  heightsSet,
  heightsTop,
  heightsTotal,
  windowCompensate,
  windowedAbove,
  windowRows,
} from './window.js';

const estimatedHeight = 92;

/** @returns {Heights} */
function useHeights() {
  const ref = useRef(/** @type {Heights | null} */ (null));
  ref.current ??= heightsNew(estimatedHeight);
  return ref.current;
}

// Where the reader is: the first row in view and its distance to the viewport's top.
/** @param {Heights} heights @param {number} scrollTop */
function anchorOf(heights, scrollTop) {
  const index = heightsIndexAt(heights, scrollTop);
  return { id: heights.ids[index], offset: heightsTop(heights, index) - scrollTop };
}

// The same of a list whose rows are all mounted, which the page itself has laid out.
/** @param {HTMLElement} list @param {number} viewportTop */
function anchorOfRows(list, viewportTop) {
  const rows = /** @type {HTMLElement[]} */ ([...list.children]);
  const row = rows.find((one) => one.getBoundingClientRect().bottom > viewportTop);
  return row ? { id: row.dataset.row ?? '', top: row.getBoundingClientRect().top - viewportTop } : null;
}

/**
 * @param {{ session: Session, metas: Meta[], byId: Map<string, Meta>, nests: Nests, scroller: { current: HTMLElement },
 *   selectedId?: string | null, flashId?: string | null, found: Set<string>, follow: Follow, listRef: { current: HTMLOListElement },
 *   reveal: { current: { id: string } | null } }} props
 */
export function StepList({
  session,
  metas,
  byId,
  nests,
  scroller,
  selectedId,
  flashId,
  found,
  follow,
  listRef,
  reveal,
}) {
  // On paper every row is mounted.
  const windowed = metas.length > windowedAbove && !printing.value;
  const ids = useRef(/** @type {string[]} */ ([]));
  if (ids.current.length !== metas.length || ids.current.some((id, index) => id !== metas[index].id))
    ids.current = metas.map((meta) => meta.id);
  const heights = useHeights();
  // The first frame mounts what is in view, and the next one its surroundings.
  const [view, setView] = useState({ top: 0, height: 800, screens: 0 });
  /** @type {{ current: Map<string, HTMLElement> }} */
  const elements = useRef(new Map());
  /** @type {{ current: ResizeObserver | null }} */
  const resizes = useRef(null);
  // The observer outlives the render that made it.
  const following = useRef(false);
  following.current = follow.following;

  const offsetOfList = () => listRef.current?.offsetTop ?? 0;
  const readTop = () => scroller.current.scrollTop - offsetOfList();
  const viewportTop = () => scroller.current.getBoundingClientRect().top;
  const wasWindowed = useRef(windowed);
  useLayoutEffect(place);
  useAnchor(ids.current, scroller, {
    find() {
      if (!listRef.current || heights.ids.length === 0) return null;
      if (!wasWindowed.current) return anchorOfRows(listRef.current, viewportTop());
      const { id, offset } = anchorOf(heights, readTop());
      return { id, top: offset };
    },
    topOf(id) {
      const index = ids.current.indexOf(id);
      if (index < 0) return null;
      if (windowed) return heightsTop(heights, index) - readTop();
      return listRef.current.children[index].getBoundingClientRect().top - viewportTop();
    },
    isHeld: () => following.current || Boolean(reveal.current),
    onMove: () => setView((held) => ({ ...held, top: Math.max(0, readTop()) })),
  });
  heightsRows(heights, ids.current);
  wasWindowed.current = windowed;
  const focusedId = focused()?.dataset.step;
  const pinned = [selectedId, focusedId, reveal.current?.id].map((id) => (id ? ids.current.indexOf(id) : -1));
  const indexes = windowed
    ? windowRows(heights, view.top, view.height, pinned, view.screens)
    : metas.map((meta, index) => index);
  useMissingPages(
    session.id,
    indexes.map((index) => metas[index]),
  );

  useEffect(() => {
    if (!windowed) return undefined;
    const element = scroller.current;
    /** @type {number | null} */
    let frame = null;
    const read = () => {
      frame = null;
      setView({ top: Math.max(0, readTop()), height: element.clientHeight, screens: 2 });
    };
    const onScroll = () => (frame ??= requestAnimationFrame(read));
    element.addEventListener('scroll', onScroll, { passive: true });
    read();
    return () => {
      element.removeEventListener('scroll', onScroll);
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [windowed]);

  useEffect(() => {
    if (!windowed) return undefined;
    const observer = new ResizeObserver((entries) => {
      const element = scroller.current;
      const scrollTop = readTop();
      const anchor = anchorOf(heights, scrollTop);
      let changed = false;
      for (const entry of entries) {
        const row = /** @type {HTMLElement} */ (entry.target);
        if (row.isConnected) changed = heightsSet(heights, row.dataset.row ?? '', row.offsetHeight) || changed;
      }
      if (!changed) return;
      const by = windowCompensate(heights, anchor, scrollTop);
      place();
      if (by !== 0 && !following.current && !reveal.current) element.scrollTop += by;
      setView((held) => ({ ...held }));
    });
    resizes.current = observer;
    for (const row of elements.current.values()) observer.observe(row);
    return () => observer.disconnect();
  }, [windowed]);

  function place() {
    if (!windowed || !listRef.current) return;
    listRef.current.style.height = `${heightsTotal(heights)}px`;
    for (const [id, row] of elements.current)
      row.style.transform = `translateY(${heightsTop(heights, ids.current.indexOf(id))}px)`;
  }

  /** @param {string} id */
  const setElement = (id) => (/** @type {HTMLElement | null} */ element) => {
    const held = elements.current.get(id);
    if (element === held) return;
    if (held) resizes.current?.unobserve(held);
    if (element) {
      elements.current.set(id, element);
      resizes.current?.observe(element);
    } else elements.current.delete(id);
  };

  // A row that is not mounted is reached by its computed position. The caller goes on once it is mounted.
  useLayoutEffect(() => {
    if (!windowed || !reveal.current || !byId.has(reveal.current.id)) return;
    if (elements.current.has(reveal.current.id)) return;
    scroller.current.scrollTop = heightsTop(heights, ids.current.indexOf(reveal.current.id)) + offsetOfList() - 80;
  });

  return html`<ol class=${windowed ? 'steps is-windowed' : 'steps'} ref=${listRef} aria-label="Steps">
    ${indexes.map((index) => {
      const meta = metas[index];
      return html`<li key=${meta.id} class="step-item" data-row=${meta.id} aria-setsize=${metas.length}
        aria-posinset=${index + 1} ref=${windowed ? setElement(meta.id) : undefined}>
        <${StepRow} meta=${meta} parentNumber=${meta.parentId && byId.get(meta.parentId)?.number} session=${session}
          isSelected=${meta.id === selectedId} isTabStop=${meta.id === selectedId || (!selectedId && index === 0)} isFlashing=${meta.id === flashId} isFound=${found.has(meta.id)}
            fold=${follow.following} nest=${nests.of(meta.id)} />
      </li>`;
    })}
  </ol>`;
}

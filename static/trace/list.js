// The steps as an ordered list, windowed when long. Mounted are the rows around the viewport and those that hold
// focus or selection; heights are measured, and what changes above the viewport is answered by scrolling in the same
// frame.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { loadStepsAround } from '../load.js';
import { steps, workspace } from '../store.js';
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

// Not loaded, or older than the outline knows it to be.
const isLacking = (meta) => (steps.peek(meta.id)?.seq ?? -1) < meta.seq;

// Steps that are shown and not loaded are fetched by the page, one request a page at a time.
function useMissingPages(sessionId, metas, indexes) {
  const asked = useRef(new Set());
  useEffect(() => {
    const missing = indexes.filter((index) => metas[index] && isLacking(metas[index]));
    if (missing.length === 0) return undefined;
    const timer = setTimeout(() => {
      const middle = metas[missing[Math.floor(missing.length / 2)]].number;
      const page = Math.floor(middle / 50);
      if (asked.current.has(page)) return;
      asked.current.add(page);
      loadStepsAround(workspace.peek().id, sessionId, middle)
        .catch(() => {})
        .then(() => asked.current.delete(page));
    }, 60);
    return () => clearTimeout(timer);
  });
}

function useHeights(ids) {
  const ref = useRef(null);
  ref.current ??= heightsNew(estimatedHeight);
  heightsRows(ref.current, ids);
  return ref.current;
}

// Where the reader is: the first row in view and its distance to the viewport's top.
function anchorOf(heights, scrollTop) {
  const index = heightsIndexAt(heights, scrollTop);
  return { id: heights.ids[index], offset: heightsTop(heights, index) - scrollTop };
}

export function StepList({ session, metas, byId, nests, scroller, selectedId, flashId, follow, listRef, reveal }) {
  const windowed = metas.length > windowedAbove;
  const ids = useRef([]);
  if (ids.current.length !== metas.length || ids.current.some((id, index) => id !== metas[index].id))
    ids.current = metas.map((meta) => meta.id);
  const heights = useHeights(ids.current);
  // The first frame has what is in view; its surroundings come with the next.
  const [view, setView] = useState({ top: 0, height: 800, screens: 0 });
  const elements = useRef(new Map());
  // The observer outlives the render that made it.
  const following = useRef();
  following.current = follow.following;

  const offsetOfList = () => listRef.current?.offsetTop ?? 0;
  const focusedId = document.activeElement?.dataset?.step;
  const pinned = [selectedId, focusedId, reveal.current?.id].map((id) => (id ? ids.current.indexOf(id) : -1));
  const indexes = windowed
    ? windowRows(heights, view.top, view.height, pinned, view.screens)
    : metas.map((meta, index) => index);
  useMissingPages(session.id, metas, indexes);

  useEffect(() => {
    if (!windowed) return undefined;
    const element = scroller.current;
    let frame = null;
    const read = () => {
      frame = null;
      setView({ top: Math.max(0, element.scrollTop - offsetOfList()), height: element.clientHeight, screens: 2 });
    };
    const onScroll = () => (frame ??= requestAnimationFrame(read));
    element.addEventListener('scroll', onScroll, { passive: true });
    read();
    return () => {
      element.removeEventListener('scroll', onScroll);
      cancelAnimationFrame(frame);
    };
  }, [windowed]);

  useEffect(() => {
    if (!windowed) return undefined;
    const observer = new ResizeObserver((entries) => {
      const element = scroller.current;
      const scrollTop = element.scrollTop - offsetOfList();
      const anchor = anchorOf(heights, scrollTop);
      let changed = false;
      for (const { target } of entries)
        if (target.isConnected) changed = heightsSet(heights, target.dataset.row, target.offsetHeight) || changed;
      if (!changed) return;
      const by = windowCompensate(heights, anchor, scrollTop);
      place();
      if (by !== 0 && !following.current && !reveal.current) element.scrollTop += by;
      setView((held) => ({ ...held }));
    });
    elements.current.observer = observer;
    for (const row of elements.current.values()) observer.observe(row);
    return () => observer.disconnect();
  }, [windowed]);

  function place() {
    if (!windowed || !listRef.current) return;
    listRef.current.style.height = `${heightsTotal(heights)}px`;
    for (const [id, row] of elements.current)
      row.style.transform = `translateY(${heightsTop(heights, ids.current.indexOf(id))}px)`;
  }
  useLayoutEffect(place);

  const setElement = (id) => (element) => {
    const held = elements.current.get(id);
    if (element === held) return;
    if (held) elements.current.observer?.unobserve(held);
    if (element) {
      elements.current.set(id, element);
      elements.current.observer?.observe(element);
    } else elements.current.delete(id);
  };

  // A row that is not mounted is scrolled to by its place; the caller goes on when it is there.
  useLayoutEffect(() => {
    if (!windowed || !reveal.current || !byId.has(reveal.current.id)) return;
    scroller.current.scrollTop = heightsTop(heights, ids.current.indexOf(reveal.current.id)) + offsetOfList() - 80;
  });

  return html`<ol class=${windowed ? 'steps is-windowed' : 'steps'} ref=${listRef} aria-label="Steps">
    ${indexes.map((index) => {
      const meta = metas[index];
      return html`<li key=${meta.id} class="step-item" data-row=${meta.id} aria-setsize=${metas.length}
        aria-posinset=${index + 1} ref=${windowed ? setElement(meta.id) : undefined}>
        <${StepRow} meta=${meta} parentNumber=${meta.parentId && byId.get(meta.parentId)?.number} session=${session}
          isSelected=${meta.id === selectedId || (!selectedId && index === 0)} isFlashing=${meta.id === flashId}
            fold=${follow.following} nest=${nests.of(meta.id)} />
      </li>`;
    })}
  </ol>`;
}

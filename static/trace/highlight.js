// A link to a step: scrolled to once per URL, flashed, focused. A reader who moves first wins.
import { useEffect, useRef, useState } from '../html.js';

const flashFor = 1500;

function find(trace, highlight) {
  if (highlight.startsWith('stp_')) return trace.byId.get(highlight);
  return trace.metas.find((meta) => meta.messageId === highlight);
}

export function useHighlight({ highlight, trace, scroller, show }) {
  const done = useRef(null);
  const cancelled = useRef(null);
  const [flashId, flash] = useState(null);
  const found = highlight ? find(trace, highlight) : null;

  useEffect(() => {
    const cancel = () => (cancelled.current = highlight);
    const element = scroller.current;
    element.addEventListener('wheel', cancel, { passive: true });
    element.addEventListener('keydown', cancel);
    return () => {
      element.removeEventListener('wheel', cancel);
      element.removeEventListener('keydown', cancel);
    };
  }, [highlight]);

  useEffect(() => {
    if (!found || done.current === highlight) return undefined;
    done.current = highlight;
    if (cancelled.current === highlight) return undefined;
    show(found.id);
    flash(found.id);
    const timer = setTimeout(() => flash(null), flashFor);
    return () => clearTimeout(timer);
  }, [highlight, found?.id]);

  return { flashId, missing: Boolean(highlight) && !found && trace.complete };
}

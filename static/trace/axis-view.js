// SPDX-License-Identifier: Apache-2.0
// The axis above the bars: ticks, and zooming. Ctrl and the wheel (which is also what a pinch sends) zoom around the
// pointer, a drag shows the dragged span, a double click shows everything. The buttons in the tree's bar do the same.
import { cls, html, useEffect, useElement, useState } from '../html.js';
import { axisLabels } from './axis.js';

const shortestDrag = 5;

/** @param {{ state: import('./use-axis.js').AxisState }} props */
export function AxisView({ state }) {
  const root = useElement();
  const [width, setWidth] = useState(400);
  const [drag, setDrag] = useState(/** @type {{ from: number, to: number } | null} */ (null));
  const { axis, view } = state;
  const length = view.to - view.from;
  /** @param {{ clientX: number }} event */
  const placeOf = (event) => {
    const box = root.current.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    return view.from + Math.max(0, Math.min(1, share)) * length;
  };

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);

  /** @param {PointerEvent} event */
  function onPointerDown(event) {
    if (event.button !== 0) return;
    root.current.setPointerCapture(event.pointerId);
    setDrag({ from: placeOf(event), to: placeOf(event) });
  }

  /** @param {PointerEvent} event */
  function onPointerUp(event) {
    if (!drag) return;
    const to = placeOf(event);
    setDrag(null);
    if ((Math.abs(to - drag.from) / length) * width >= shortestDrag) state.show(drag.from, to);
  }

  /** @param {number} place */
  const percent = (place) => `${((place - view.from) / length) * 100}%`;
  return html`<div class="axis" ref=${root} aria-hidden="true" title="Drag to zoom, double-click for everything"
    onPointerDown=${onPointerDown} onPointerUp=${onPointerUp} onDblClick=${state.fit}
    onPointerMove=${(/** @type {PointerEvent} */ event) => drag && setDrag({ ...drag, to: placeOf(event) })}
    onPointerCancel=${() => setDrag(null)}>
    ${axisLabels(axis, view, width).map(
      ({ place, after, text, isBefore }) =>
        html`<span class=${cls('tick', { 'is-before': isBefore })} key=${after} style=${{ left: percent(place) }}>${text}</span>`,
    )}
    ${
      drag &&
      html`<span class="axis-drag" style=${{
        left: percent(Math.min(drag.from, drag.to)),
        width: `${(Math.abs(drag.to - drag.from) / length) * 100}%`,
      }}></span>`
    }
  </div>`;
}

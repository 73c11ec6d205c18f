// SPDX-License-Identifier: Apache-2.0
// The whole run at a glance: one canvas of bars. It is hidden from screen readers, for whom the list is its equal.
import { html, useEffect, useElement, useMemo, useState } from '../html.js';
import { stepKind } from '../steps.js';
import { tickerNow, tickerUse } from '../time.js';
import { barsHit, barsLayout } from './bars.js';

const laneHeight = 9;
const laneGap = 3;
const minWidth = 2;

// The colours come from the style sheet and are read once per theme.
/** @param {HTMLElement} element */
function paletteOf(element) {
  const colours = new Map();
  return (/** @type {string} */ name) => {
    if (!colours.has(name)) {
      const probe = document.createElement('i');
      probe.className = `hue-probe hue-${name}`;
      element.append(probe);
      colours.set(name, getComputedStyle(probe).color);
      probe.remove();
    }
    return colours.get(name);
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Bars} layout
 * @param {(name: string) => string} palette
 * @param {string | null} selectedId
 */
function draw(canvas, layout, palette, selectedId) {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = layout.lanes * (laneHeight + laneGap);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.scale(scale, scale);
  context.clearRect(0, 0, width, height);
  /** @param {number} x */
  const at = (x) => (x / layout.total) * (width - minWidth);
  context.fillStyle = palette('gap');
  for (const gap of layout.gaps) context.fillRect(at(gap), 0, 1, height);
  const ordered = [...layout.bars].sort((a, b) => Number(a.status === 'failed') - Number(b.status === 'failed'));
  for (const bar of ordered) {
    context.fillStyle = palette(bar.status === 'failed' ? 'error' : stepKind(bar.type).hue);
    context.globalAlpha = selectedId && bar.id !== selectedId ? 0.65 : 1;
    const x = at(bar.x);
    const y = bar.lane * (laneHeight + laneGap);
    const long = Math.max(minWidth, at(bar.x + bar.width) - x);
    if (long <= 2 * minWidth) context.fillRect(x, y, long, laneHeight);
    else {
      context.beginPath();
      context.roundRect(x, y, long, laneHeight, 2);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

/**
 * @param {{ metas: Meta[], session: Session, isEnded: boolean, selectedId: string | null,
 *   onJump: (id: string) => void }} props
 */
export function Waterfall({ metas, session, isEnded, selectedId, onJump }) {
  /** @type {{ current: HTMLCanvasElement }} */
  const canvas = useElement();
  const [width, setWidth] = useState(0);
  const theme = document.documentElement.dataset.theme;
  const palette = useMemo(
    () => (canvas.current ? paletteOf(/** @type {HTMLElement} */ (canvas.current.parentElement)) : null),
    [theme, width],
  );
  const speed = metas.length > 1000 ? 'slow' : 'fast';
  useEffect(() => (isEnded ? undefined : tickerUse(speed)), [isEnded, speed]);
  const end = isEnded ? Date.parse(session.completedAt ?? session.heartbeatAt ?? session.createdAt) : tickerNow(speed);
  const layout = useMemo(() => barsLayout(metas, end), [metas, end]);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);
  // It is drawn after the list has been painted, because the reader waits for the list.
  useEffect(() => {
    if (palette && width > 0) draw(canvas.current, layout, palette, selectedId);
  }, [layout, palette, width, selectedId]);

  /** @param {any} event */
  function onClick(event) {
    const x = (event.offsetX / Math.max(1, width - minWidth)) * layout.total;
    const lane = Math.floor(event.offsetY / (laneHeight + laneGap));
    const bar = barsHit(layout, x, lane) ?? barsHit(layout, x, null);
    if (bar) onJump(bar.id);
  }

  return html`<div class=${`waterfall lanes-${layout.lanes}`} aria-hidden="true"><canvas ref=${canvas}
    onClick=${onClick}></canvas></div>`;
}

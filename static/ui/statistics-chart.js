// SPDX-License-Identifier: Apache-2.0
// One chart, drawn by uPlot on a canvas. A mark is chosen by pointing at it; its text stands above the chart. For whoever
// sees no canvas there is a table of the same figures, so the canvas is hidden from them.
import UPlot from '../vendor/uplot.js';
import { html, useEffect, useElement, useRef, useState } from '../html.js';
import { formatClock } from '../time.js';

/**
 * @typedef {import('./statistics-span.js').Point} Point
 * @typedef {{ label: string, color: string, isBar?: boolean, of: (row: Counts) => number | undefined }} Series
 * @typedef {{ title: string, series: Series[], format: (value: number) => string, read: (point: Point) => string }} ChartKind
 */
const height = 160;

// The styles of uPlot are a file of its own, for those who open a chart.
function addStyles() {
  if (document.getElementById('uplot-styles')) return;
  const link = Object.assign(document.createElement('link'), {
    id: 'uplot-styles',
    rel: 'stylesheet',
    href: '/vendor/uplot.css',
  });
  document.head.append(link);
}

/** @param {string} name */
const color = (name, alpha = 1) =>
  `hsl(${getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)} / ${alpha})`;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** @param {number} seconds */
function tickText(seconds) {
  const date = new Date(seconds * 1000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight ? `${date.getDate()} ${months[date.getMonth()]}` : formatClock(date.getTime());
}

/** @param {ChartKind} kind @param {Point[]} points @param {number} width @param {(index: number | null) => void} onPoint */
function optionsOf(kind, points, width, onPoint) {
  const length = (points[1]?.from ?? points[0].to) - points[0].from;
  const axis = { stroke: color('muted-fg'), grid: { stroke: color('border'), width: 1 }, ticks: { show: false } };
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return {
    width,
    height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
    scales: {
      x: { range: () => [(points[0].from - length / 2) / 1000, (points[points.length - 1].from + length / 2) / 1000] },
      y: {
        range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ max) => [
          0,
          max > 0 ? max * 1.1 : 1,
        ],
      },
    },
    axes: [
      {
        ...axis,
        font,
        grid: { show: false },
        space: 60,
        size: 28,
        values: (/** @type {any} */ _, /** @type {number[]} */ all) => all.map(tickText),
      },
      {
        ...axis,
        font,
        size: 56,
        values: (/** @type {any} */ _, /** @type {number[]} */ all) => all.map((value) => kind.format(value)),
      },
    ],
    series: [
      {},
      ...kind.series.map(({ label, color: name, isBar }) => ({
        label,
        stroke: color(name),
        width: isBar ? 0 : 2,
        fill: isBar ? color(name) : undefined,
        paths: isBar ? UPlot.paths.bars?.({ size: [0.7, 60] }) : undefined,
        points: { show: !isBar, size: 5, fill: color(name) },
        spanGaps: false,
      })),
    ],
    hooks: { setCursor: [(/** @type {any} */ plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

/** @param {ChartKind} kind @param {Point[]} points */
const dataOf = (kind, points) => [
  points.map(({ from }) => from / 1000),
  ...kind.series.map(({ of }) => points.map(({ row }) => (row ? (of(row) ?? null) : null))),
];

// Rises when the theme changes: a canvas keeps the colours that it was drawn with.
function useTheme() {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const observer = new MutationObserver(() => setTurn((n) => n + 1));
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);
  return turn;
}

/** @param {{ kind: ChartKind, points: Point[], onPick: (point: Point) => void }} props */
export function Chart({ kind, points, onPick }) {
  const frame = useElement();
  const plot = useRef(/** @type {any} */ (null));
  const [at, setAt] = useState(/** @type {number | null} */ (null));
  const theme = useTheme();
  useEffect(() => {
    addStyles();
    const options = optionsOf(kind, points, frame.current.clientWidth, setAt);
    plot.current = new UPlot(/** @type {any} */ (options), /** @type {any} */ (dataOf(kind, points)), frame.current);
    const observer = new ResizeObserver(([{ contentRect }]) =>
      plot.current.setSize({ width: contentRect.width, height }),
    );
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      plot.current.destroy();
    };
  }, [points, theme]);
  const point = at === null ? undefined : points[at];
  return html`<figure class="chart" aria-hidden="true">
    <figcaption><span class="chart-title">${kind.title}</span>
      <span class="chart-read">${
        point
          ? kind.read(point)
          : kind.series.map(
              ({ label, color: name }) =>
                html`<span class="chart-key"><span class=${`chart-swatch is-${name}`}></span>${label}</span>`,
            )
      }</span></figcaption>
    <div class="chart-frame" ref=${frame} onClick=${() => point && onPick(point)}></div>
  </figure>`;
}

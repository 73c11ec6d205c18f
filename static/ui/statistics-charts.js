// SPDX-License-Identifier: Apache-2.0
// The charts over time, and the same figures as a table.
import { html } from '../html.js';
import { navigate } from '../router.js';
import { formatClock, formatCount, formatDay, formatDuration } from '../time.js';
import { Cost, formatCost } from '../trace/facts.js';
import { shortCount } from '../trace/tree-row.js';
import { lazy } from './lazy.js';
import { Counted } from './statistics-tables.js';
import { sessionsOf } from './statistics-links.js';

const Chart = lazy(async () => (await import('./statistics-chart.js')).Chart, 'The chart');

/** @typedef {import('./statistics-span.js').Point} Point */

/** @param {Point} point */
export const pointName = ({ from, to }) =>
  to - from <= 3600e3 ? `${formatDay(from)}, ${formatClock(from)}` : formatDay(from);
/** @param {Counts} row */
const tokensOf = (row) => (row.inputTokens ?? 0) + (row.outputTokens ?? 0);
/** @param {string} text @returns {(point: Point) => string} */
const none = (text) => (point) => `${pointName(point)}: ${text}`;

/** @param {(row: Counts) => string} say @returns {(point: Point) => string} */
const reading = (say) => (point) => (point.row ? `${pointName(point)}: ${say(point.row)}` : none('no sessions')(point));

/** @type {import('./statistics-chart.js').ChartKind[]} */
const kinds = [
  {
    title: 'Sessions',
    // Drawn over each other: what is left visible of one is its own count.
    series: [
      { label: 'running', color: 'primary', isBar: true, of: (row) => row.sessions },
      { label: 'complete', color: 'success', isBar: true, of: (row) => row.completed + row.cancelled + row.failed },
      { label: 'stopped', color: 'warning', isBar: true, of: (row) => row.cancelled + row.failed },
      { label: 'failed', color: 'danger', isBar: true, of: (row) => row.failed },
    ],
    format: formatCount,
    read: reading((row) => `${formatCount(row.sessions)}, ${formatCount(row.failed)} failed`),
  },
  {
    title: 'Duration',
    series: [
      { label: '95 % within', color: 'warning', of: (row) => row.durationMs?.p95 },
      { label: 'median', color: 'success', of: (row) => row.durationMs?.p50 },
    ],
    format: formatDuration,
    read: reading((row) =>
      row.durationMs
        ? `median ${formatDuration(row.durationMs.p50)}, 95 % within ${formatDuration(row.durationMs.p95)}`
        : 'none has ended',
    ),
  },
  {
    title: 'Time to first step',
    series: [
      { label: '95 % within', color: 'warning', of: (row) => row.firstStepMs?.p95 },
      { label: 'median', color: 'success', of: (row) => row.firstStepMs?.p50 },
    ],
    format: formatDuration,
    read: reading((row) =>
      row.firstStepMs
        ? `median ${formatDuration(row.firstStepMs.p50)}, 95 % within ${formatDuration(row.firstStepMs.p95)}`
        : 'none had a step',
    ),
  },
  {
    title: 'Tokens',
    series: [
      { label: 'out', color: 'primary', isBar: true, of: tokensOf },
      { label: 'in', color: 'success', isBar: true, of: (row) => row.inputTokens },
    ],
    format: shortCount,
    read: reading((row) => `${formatCount(row.inputTokens ?? 0)} in, ${formatCount(row.outputTokens ?? 0)} out`),
  },
  {
    title: 'Cost',
    series: [{ label: 'US dollars', color: 'primary', isBar: true, of: (row) => row.costUsd }],
    format: (value) => (value === 0 ? '0' : formatCost(value)),
    read: reading((row) =>
      formatCost(row.costUsd) ? `${row.costComputed ? '≈ ' : ''}${formatCost(row.costUsd)}` : 'no cost',
    ),
  },
];

/** @param {{ point: Point, row: Counts, query: Record<string, string> }} props */
function PointRow({ point, row, query }) {
  const cells = [
    [
      row.durationMs && formatDuration(row.durationMs.p50),
      row.durationMs && formatDuration(row.durationMs.p95),
      row.firstStepMs && formatDuration(row.firstStepMs.p50),
      shortCount(tokensOf(row)),
    ],
  ].flat();
  return html`<tr><th scope="row">${pointName(point)}</th>
    <td class="is-number"><${Counted} count=${row.sessions} href=${sessionsOf(query, point)} what="sessions" /></td>
    <td class="is-number"><${Counted} count=${row.failed} href=${sessionsOf({ ...query, status: 'failed' }, point)}
      what="failed sessions" /></td>
    ${cells.map((cell) => html`<td class="is-number">${cell ?? '–'}</td>`)}
    <td class="is-number"><${Cost} costUsd=${row.costUsd} isComputed=${row.costComputed} /></td></tr>`;
}

/** @param {{ points: Point[], span: import('./statistics-span.js').Span, query: Record<string, string> }} props */
export function Charts({ points, span, query }) {
  const shown = kinds.filter(({ title }) => title !== 'Cost' || points.some(({ row }) => formatCost(row?.costUsd)));
  return html`<div class="charts">${shown.map(
    (kind) => html`<${Chart} key=${`${kind.title} ${span.id} ${span.by}`} kind=${kind} points=${points}
      onPick=${(/** @type {Point} */ point) => navigate(sessionsOf(query, point))} />`,
  )}</div>
  <details class="chart-table"><summary>As a table</summary><div class="table-scroll"><table class="counts">
    <caption class="visually-hidden">Sessions by ${span.by}</caption>
    <thead><tr>${['Began', 'Sessions', 'Failed', 'Median', '95 % within', 'First step', 'Tokens', 'Cost'].map(
      (name, index) => html`<th scope="col" class=${index > 0 ? 'is-number' : undefined}>${name}</th>`,
    )}</tr></thead>
    <tbody>${points.map(
      (point) => point.row && html`<${PointRow} key=${point.from} point=${point} row=${point.row} query=${query} />`,
    )}</tbody></table></div></details>`;
}

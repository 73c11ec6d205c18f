// SPDX-License-Identifier: Apache-2.0
// Who and what the sessions were of, the slowest tools and the most frequent errors: as tables, whose figures lead to
// the sessions that they count, or to the step that stands for them.
import { html } from '../html.js';
import { tracePageUrl } from '../links.js';
import { workspace } from '../store.js';
import { formatCount, formatDuration } from '../time.js';
import { Cost } from '../trace/facts.js';
import { shortCount } from '../trace/tree-row.js';
import { sessionsOf } from './statistics-links.js';

/** @param {{ count: number, href: string, what: string }} props */
export const Counted = ({ count, href, what }) =>
  count > 0
    ? html`<a href=${href}>${formatCount(count)}<span class="visually-hidden"> ${what}</span></a>`
    : html`<span class="faint">0</span>`;

/** @param {{ title: string, heads: string[], children?: any }} props */
function Table({ title, heads, children }) {
  return html`<section class="breakdown"><h2>${title}</h2><div class="table-scroll" tabindex="0" role="region"
    aria-label=${title}><table class="counts"><thead><tr>${heads.map(
      (head, index) => html`<th scope="col" class=${index > 0 ? 'is-number' : undefined}>${head}</th>`,
    )}</tr></thead><tbody>${children}</tbody></table></div></section>`;
}

/** @type {Record<string, string>} */
const nameless = { stream: 'No channel', model: 'No model', persona: 'An agent' };

/**
 * @param {{ title: string, head: string, field: string, rows: Counts[], span: import('./statistics-span.js').Span,
 *   query: Record<string, string> }} props
 */
export function CountsTable({ title, head, field, rows, span, query }) {
  return html`<${Table} title=${title}
    heads=${[head, 'Sessions', 'Failed', 'Median', '95 % within', 'First step', 'Tokens', 'Cost']}>${rows.map((row) => {
      const { key = '' } = row;
      // What has none of its kind cannot be filtered by it.
      const own = key ? { ...query, [field]: key } : query;
      const count = (/** @type {number} */ n, /** @type {string} */ status, /** @type {string} */ what) =>
        key
          ? html`<${Counted} count=${n} href=${sessionsOf({ ...own, status }, span)} what=${what} />`
          : formatCount(n);
      return html`<tr key=${key}><th scope="row"><bdi>${row.name ?? (key || nameless[field])}</bdi></th>
        <td class="is-number">${count(row.sessions, '', 'sessions')}</td>
        <td class="is-number">${count(row.failed, 'failed', 'failed sessions')}</td>
        <td class="is-number">${row.durationMs ? formatDuration(row.durationMs.p50) : '–'}</td>
        <td class="is-number">${row.durationMs ? formatDuration(row.durationMs.p95) : '–'}</td>
        <td class="is-number">${row.firstStepMs ? formatDuration(row.firstStepMs.p50) : '–'}</td>
        <td class="is-number">${shortCount((row.inputTokens ?? 0) + (row.outputTokens ?? 0))}</td>
        <td class="is-number"><${Cost} costUsd=${row.costUsd} isComputed=${row.costComputed} /></td></tr>`;
    })}<//>`;
}

/** @param {PartCounts} row */
const stepUrl = ({ sessionId, stepId }) => tracePageUrl(workspace.peek().id, sessionId, stepId);

/** @param {{ rows: PartCounts[] }} props */
export function ToolsTable({ rows }) {
  if (rows.length === 0) return null;
  return html`<${Table} title="Slowest tools" heads=${['Tool', 'Calls', 'Failed', 'Median', '95 % within', 'Longest']}>${rows.map(
    (row) => html`<tr key=${row.key}><th scope="row"><bdi>${row.key}</bdi></th>
      <td class="is-number">${formatCount(row.calls ?? 0)}</td><td class="is-number">${formatCount(row.failed ?? 0)}</td>
      <td class="is-number">${row.durationMs ? formatDuration(row.durationMs.p50) : '–'}</td>
      <td class="is-number">${row.durationMs ? formatDuration(row.durationMs.p95) : '–'}</td>
      <td class="is-number"><a href=${stepUrl(row)}>${formatDuration(row.longestMs ?? 0)}<span
        class="visually-hidden">, the longest call of ${row.key}</span></a></td></tr>`,
  )}<//>`;
}

/** @param {{ rows: PartCounts[] }} props */
export function ErrorsTable({ rows }) {
  if (rows.length === 0) return null;
  return html`<${Table} title="Most frequent errors" heads=${['Error', 'Of', 'Times', 'Newest']}>${rows.map(
    (row) => html`<tr key=${`${row.of} ${row.key}`}><th scope="row"><bdi>${row.key || 'Without a code'}</bdi></th>
      <td>${row.of === 'session' ? 'sessions' : 'steps'}</td>
      <td class="is-number">${formatCount(row.count ?? 0)}</td>
      <td class="is-number"><a href=${stepUrl(row)}>Look at it<span class="visually-hidden">: the newest
        ${row.key}</span></a></td></tr>`,
  )}<//>`;
}

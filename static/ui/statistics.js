// SPDX-License-Identifier: Apache-2.0
// How the agents of a workspace are doing: how many sessions, how many failed, how long they took, what they cost; over
// time, and by agent, channel and model. Each figure leads to the sessions behind it.
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { placeOf } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { personaIds, personas, streamIds, streams, workspace } from '../store.js';
import { formatCount, formatDuration } from '../time.js';
import { Cost, formatCost } from '../trace/facts.js';
import { shortCount } from '../trace/tree-row.js';
import { Empty, Unreachable } from './notices.js';
import { Charts } from './statistics-charts.js';
import { useStatistics } from './statistics-data.js';
import { spanOf, spans } from './statistics-span.js';
import { CountsTable, ErrorsTable, ToolsTable } from './statistics-tables.js';

/** @param {Quantiles | undefined} quantiles */
const half = (quantiles) => (quantiles ? formatDuration(quantiles.p50) : '–');
/** @param {Quantiles | undefined} quantiles */
const most = (quantiles) => quantiles && `95 % within ${formatDuration(quantiles.p95)}`;

/** @param {{ name: string, value: any, more?: any }} props */
const Figure = ({ name, value, more }) =>
  html`<div class="figure"><dt>${name}</dt><dd><strong>${value}</strong>${more && html`<span>${more}</span>`}</dd></div>`;

/** @param {{ totals: Counts }} props */
function Figures({ totals }) {
  const ended = totals.completed + totals.failed + totals.cancelled;
  const share = ended > 0 ? `${((100 * totals.failed) / ended).toFixed(1)} %` : '–';
  const tokens = (totals.inputTokens ?? 0) + (totals.outputTokens ?? 0);
  return html`<dl class="figures">
    <${Figure} name="Sessions" value=${formatCount(totals.sessions)}
      more=${totals.sessions > ended && `${formatCount(totals.sessions - ended)} still running`} />
    <${Figure} name="Failed" value=${share} more=${`${formatCount(totals.failed)} of ${formatCount(ended)}`} />
    <${Figure} name="Duration, median" value=${half(totals.durationMs)} more=${most(totals.durationMs)} />
    <${Figure} name="First step, median" value=${half(totals.firstStepMs)} more=${most(totals.firstStepMs)} />
    <${Figure} name="Tokens" value=${shortCount(tokens)}
      more=${`${shortCount(totals.inputTokens ?? 0)} in, ${shortCount(totals.outputTokens ?? 0)} out`} />
    <${Figure} name="Cost" value=${
      formatCost(totals.costUsd) ? html`<${Cost} costUsd=${totals.costUsd} isComputed=${totals.costComputed} />` : '–'
    } />
  </dl>`;
}

/** @param {{ label: string, name: string, all: string, options: [string, string][], query: Record<string, string> }} props */
function Choice({ label, name, all, options, query }) {
  /** @param {any} event */
  const choose = (event) => navigate(urlWith(route.peek(), { [name]: event.target.value }), { replace: true });
  return html`<label><span class="visually-hidden">${label}</span><select value=${query[name] ?? ''} onChange=${choose}>
    <option value="">${all}</option>${options.map(
      ([value, text]) => html`<option value=${value} selected=${value === query[name]}>${text}</option>`,
    )}</select></label>`;
}

/** @param {{ query: Record<string, string>, models: string[] }} props */
function Filters({ query, models }) {
  const agents = personaIds.value.flatMap((id) => personas.get(id) ?? []);
  const places = streamIds.value.flatMap((id) => streams.get(id) ?? []).sort((a, b) => a.name.localeCompare(b.name));
  const chosen = query.model && !models.includes(query.model) ? [query.model, ...models] : models;
  return html`<div class="filters">
    <nav class="tabs" aria-label="Time">${spans.map(
      ({ id, label }) => html`<a class="tab" data-replace href=${urlWith(route.value, { span: id, by: null })}
      aria-current=${spanOf(query).id === id ? 'true' : undefined}>${label}</a>`,
    )}</nav>
    ${
      spanOf(query).hasHours &&
      spanOf(query).hasDays &&
      html`<nav class="tabs" aria-label="A mark is">${[
        ['hour', 'Hours'],
        ['day', 'Days'],
      ].map(
        ([by, label]) => html`<a class="tab" data-replace href=${urlWith(route.value, { by })}
        aria-current=${spanOf(query).by === by ? 'true' : undefined}>${label}</a>`,
      )}</nav>`
    }
    <${Choice} label="Agent" name="persona" all="All agents" query=${query}
      options=${agents.map(({ id, name }) => [id, name])} />
    <${Choice} label="Channel" name="stream" all="All channels" query=${query}
      options=${places.map((stream) => [stream.id, placeOf(stream)])} />
    <${Choice} label="Model" name="model" all="All models" query=${query} options=${chosen.map((name) => [name, name])} />
  </div>`;
}

export function StatisticsView() {
  const { query } = route.value;
  const { data, error, retry } = useStatistics(query);
  const models = data ? data.model.rows.flatMap(({ key }) => key || []) : [];
  const isEmpty = data?.time.totals.sessions === 0;
  return html`<section class="pane" aria-labelledby="statistics-title">
    <header class="pane-head"><a class="icon-button only-narrow" href=${`/w/${workspace.value.id}?list`}
      aria-label="All conversations"><${Icon} name="left" /></a>
      <h1 class="pane-title" id="statistics-title"><${Icon} name="chart" /><span>Statistics</span></h1></header>
    <${Filters} query=${query} models=${models} />
    <div class="pane-scroll statistics" tabindex="0" role="region" aria-label="Statistics of sessions"
      aria-busy=${data ? undefined : 'true'}>
      ${error && html`<${Unreachable} error=${error} onRetry=${retry} />`}
      ${!data && !error && html`<div class="skeleton"></div><div class="skeleton"></div>`}
      ${isEmpty && html`<${Empty} icon="chart" title="No sessions then">Choose a longer time, or fewer filters.<//>`}
      ${
        data &&
        !isEmpty &&
        html`<${Figures} totals=${data.time.totals} />
        <${Charts} points=${data.points} span=${data.span} query=${query} />
        <div class="breakdowns">
          <${CountsTable} title="By agent" head="Agent" field="persona" rows=${data.persona.rows} span=${data.span} query=${query} />
          <${CountsTable} title="By channel" head="Channel" field="stream" rows=${data.stream.rows} span=${data.span} query=${query} />
          <${CountsTable} title="By model" head="Model" field="model" rows=${data.model.rows} span=${data.span} query=${query} />
          ${data.tool && html`<${ToolsTable} rows=${data.tool.rows} />`}
          ${data.error && html`<${ErrorsTable} rows=${data.error.rows} />`}
        </div>`
      }
    </div>
  </section>`;
}

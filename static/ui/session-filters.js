// SPDX-License-Identifier: Apache-2.0
// How the table of sessions is filtered: one row, and what is set beyond it as words that can be taken away. All of it
// stands in the address.
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { placeOf } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { personaIds, personas, sessions, streamIds, streams } from '../store.js';
import { dayKey } from '../time.js';
import { PopoverButton } from './popover.js';
import { filtersOf, noFilters, orderAfter, orderOf, periods, ratingWords, sorts, statusTabs } from './session-query.js';
import { sessionList } from './session-list.js';

/** @param {Record<string, string | null | undefined>} fields */
export const change = (fields) => navigate(urlWith(route.peek(), fields), { replace: true });

export const clearFilters = () => change(noFilters);

/** @param {string} id */
const streamName = (id) => {
  const stream = streams.get(id);
  return stream && placeOf(stream, stream.parentStreamId);
};

const names = {
  /** @param {string} id */
  persona: (id) => personas.get(id)?.name,
  stream: streamName,
};

// What the listed sessions have: suggestions, because nobody knows all there are.
/** @param {(session: Session) => (string | undefined)[]} pick */
const seen = (pick) =>
  [...new Set((sessionList.value.ids ?? []).flatMap((id) => pick(sessions.peek(id) ?? /** @type {any} */ ({}))))]
    .filter((value) => value !== undefined)
    .sort();

/** @param {{ label: string, name: string, options: [string, string][] }} props */
function Choose({ label, name, options }) {
  const value = route.value.query[name] ?? '';
  const isOther = value && !options.some(([one]) => one === value);
  return html`<label class="field"><span>${label}</span><select value=${value}
    onChange=${(event) => change({ [name]: event.target.value })}>
    ${[['', 'Any'], ...options, ...(isOther ? [[value, filtersOf({ [name]: value }, names)[0].value]] : [])].map(
      ([one, text]) => html`<option key=${one} value=${one} selected=${one === value}>${text}</option>`,
    )}</select></label>`;
}

/** @param {{ label: string, name: string, known: (string | undefined)[] }} props */
function Name({ label, name, known }) {
  return html`<label class="field"><span>${label}</span><input type="text" maxlength="500" list=${`known-${name}`}
    value=${route.value.query[name] ?? ''} placeholder="Any" onChange=${(event) => change({ [name]: event.target.value.trim() })} />
    <datalist id=${`known-${name}`}>${known.map((one) => html`<option key=${one} value=${one} />`)}</datalist></label>`;
}

/** @param {{ label: string, name: 'from' | 'to' }} props */
function Day({ label, name }) {
  const value = route.value.query[name];
  const shown = value && !Number.isNaN(Date.parse(value)) ? (value.length > 10 ? dayKey(value) : value) : '';
  return html`<label class="field"><span>${label}</span><input type="date" value=${shown}
    onChange=${(event) => change({ [name]: event.target.value, within: null })} /></label>`;
}

function Order() {
  const { query } = route.value;
  const { sort, order, isFixed } = orderOf(query);
  return html`<label class="field"><span>Sorted by</span><select disabled=${isFixed} value=${`${sort} ${order}`}
    onChange=${(event) => {
      const [by, way] = event.target.value.split(' ');
      change({ ...orderAfter({}, by), order: way === 'asc' ? 'asc' : null });
    }}>${sorts.flatMap(([name, label]) =>
      [
        ['desc', name === 'started' ? 'newest first' : 'most first'],
        ['asc', name === 'started' ? 'oldest first' : 'least first'],
      ].map(
        ([way, words]) => html`<option key=${name + way} value=${`${name} ${way}`}
        selected=${name === sort && way === order}>${label}, ${words}</option>`,
      ),
    )}</select></label>`;
}

function FilterForm() {
  const agents = personaIds.value.map((id) => [id, personas.get(id)?.name ?? id]);
  const places = streamIds.value.map((id) => [id, streamName(id) ?? id]);
  return html`<div class="form filter-form">
    <${Choose} label="Agent" name="persona" options=${agents} />
    <${Choose} label="Where" name="stream" options=${places} />
    <${Name} label="Model" name="model" known=${seen(({ usage }) => [usage?.model])} />
    <${Name} label="Tag" name="tag" known=${seen(({ tags }) => tags ?? [])} />
    <${Choose} label="Rating" name="rating" options=${ratingWords} />
    <${Choose} label="Begun" name="within" options=${periods.map(([name, label]) => [name, label])} />
    <div class="field-pair"><${Day} label="From" name="from" /><${Day} label="To" name="to" /></div>
    <${Order} />
  </div>`;
}

/** @param {{ children?: any }} props */
export function Filters({ children }) {
  const { query } = route.value;
  return html`<div class="filters">
    <nav class="tabs" aria-label="Filter by state">${statusTabs.map(
      ([status, label]) => html`<a class="tab" key=${status} data-replace href=${urlWith(route.value, { status })}
      aria-current=${(query.status ?? '') === status ? 'true' : undefined}>${label}</a>`,
    )}</nav>
    <label class="search-field"><${Icon} name="search" size=${14} /><span
      class="visually-hidden">Search in sessions</span>
      <input type="search" maxlength="500" placeholder="Search in sessions" value=${query.q ?? ''}
        onInput=${(event) => change({ q: event.target.value })} /></label>
    <${PopoverButton} label="Filter and sort" text="Filter" icon="filter" className="button button-small session-filter"
      content=${() => html`<${FilterForm} />`} />
    ${children}
  </div>`;
}

// Names in bidirectional isolation: they come from outside.
export function ActiveFilters() {
  const set = filtersOf(route.value.query, names);
  if (set.length === 0) return null;
  return html`<ul class="chips" aria-label="Filters">${set.map(
    ({ key, label, value }) => html`<li key=${key}><button type="button" class="chip" title="Take this filter away"
      onClick=${() => change({ [key]: null })}>${label}: <bdi>${value}</bdi><${Icon} name="close" size=${12} /><span
      class="visually-hidden">, take away</span></button></li>`,
  )}<li key="all"><button type="button" class="quiet-link" onClick=${clearFilters}>Clear all</button></li></ul>`;
}

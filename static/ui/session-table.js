// SPDX-License-Identifier: Apache-2.0
// Sessions as a table: how each stands, what it was about, where, when, and what it spent. The columns are the reader's
// choice, and some headings sort; on a narrow screen a row is a card. A row reads its own session, so that one that runs
// is drawn again by itself.
import { cls, focused, html } from '../html.js';
import { Icon } from '../icons.js';
import { placeOf, streamUrl, traceUrl } from '../links.js';
import { route } from '../router.js';
import { settings, settingsSet } from '../settings.js';
import { sessions } from '../store.js';
import { formatClock, formatCount, formatDuration, formatWhen } from '../time.js';
import { formatCost } from '../trace/facts.js';
import { failureText, isInterrupted, plural, sessionTitle } from '../trace/phase.js';
import { shortCount } from '../trace/tree-row.js';
import { SessionSide } from './card.js';
import { Elapsed } from './elapsed.js';
import { PopoverButton } from './popover.js';
import { change } from './session-filters.js';
import { orderAfter, orderOf, tokensOf } from './session-query.js';

/** @type {Record<string, [string, string]>} */
const states = {
  pending: ['dot', 'Waiting'],
  running: ['thinking', 'Running'],
  completed: ['check', 'Complete'],
  failed: ['alert', 'Failed'],
  cancelled: ['stop', 'Stopped'],
};

const mostTags = 3;

/** @param {Session} session */
const placeText = (session) => (session.stream ? placeOf(session.stream, session.parentStreamId) : '');

/** @param {{ session: Session }} props */
function State({ session }) {
  const [icon, word] = states[session.status];
  const label = isInterrupted(session) ? 'Interrupted' : word;
  return html`<span class=${cls('row-state', `is-${session.status}`, { 'is-interrupted': isInterrupted(session) })}>
    <${Icon} name=${icon} size=${14} />${label}</span>`;
}

/** @param {{ session: Session }} props */
function Title({ session }) {
  return html`<a class="row-link" href=${traceUrl(session.id)}><bdi>${sessionTitle(session)}</bdi></a>
    ${session.attempt > 1 && html` <span class="tag">attempt ${session.attempt}</span>`}
    ${session.tags?.slice(0, mostTags).map((tag) => html` <span class="tag" key=${tag}><bdi>${tag}</bdi></span>`)}
    ${session.status === 'failed' && html`<span class="row-why">${failureText(session.error)}</span>`}`;
}

const took = html`<span class="unit">took </span>`;

/** @param {{ session: Session }} props */
function Took({ session }) {
  if (session.status === 'running') return html`${took}<${Elapsed} since=${session.startedAt ?? session.createdAt} />`;
  return session.durationMs === undefined ? '' : html`${took}${formatDuration(session.durationMs)}`;
}

/** @param {{ session: Session }} props */
function Tokens({ session }) {
  const tokens = tokensOf(session);
  return tokens ? html`${shortCount(tokens)}<span class="unit"> tokens</span>` : '';
}

// The unit is for cards, which have no headings.
/** @param {number} count @param {string} unit */
const counted = (count, unit) =>
  html`${formatCount(count)}<span class="unit"> ${count === 1 ? unit : `${unit}s`}</span>`;

/** @param {{ session: Session }} props */
function Rated({ session: { rating } }) {
  if (!rating) return '';
  const { up, down, notes, scores } = rating;
  const said = Object.entries(scores ?? {}).map(([name, mean]) => `${name} ${mean}`);
  if (notes > 0) said.push(plural(notes, 'note'));
  return html`<span class="row-rating">${up > 0 && html` <span title="Good"><${Icon} name="good" size=${12} /> ${up}</span>`}
    ${down > 0 && html` <span title="Bad"><${Icon} name="bad" size=${12} /> ${down}</span>`}
    ${said.length > 0 && html` <bdi class="faint" title=${said.join(', ')}>${said.join(', ')}</bdi>`}</span>`;
}

// What a column is called and shows, and by what its heading sorts.
/**
 * @typedef {{ id: string, label: string, isNumber?: boolean, sort?: import('./session-query.js').SessionSort,
 *   show: (session: Session) => any }} Column
 * @type {Column[]}
 */
const columns = [
  { id: 'status', label: 'Status', show: (session) => html`<${State} session=${session} />` },
  { id: 'title', label: 'Session', show: (session) => html`<${Title} session=${session} />` },
  { id: 'agent', label: 'Agent', show: ({ persona }) => html`<bdi>${persona.name}</bdi>` },
  {
    id: 'stream',
    label: 'Where',
    show: (session) =>
      session.streamId &&
      html`<a class="quiet-link" href=${streamUrl(session.workspaceId, session.streamId)}>
      <bdi>${placeText(session)}</bdi></a>`,
  },
  {
    id: 'started',
    label: 'Started',
    sort: 'started',
    show: ({ startedAt, createdAt }) => html`<time datetime=${startedAt ?? createdAt}
      title=${formatClock(startedAt ?? createdAt, { seconds: true })}>${formatWhen(startedAt ?? createdAt)}</time>`,
  },
  {
    id: 'duration',
    label: 'Duration',
    isNumber: true,
    sort: 'duration',
    show: (session) => html`<${Took} session=${session} />`,
  },
  { id: 'steps', label: 'Steps', isNumber: true, show: ({ stepCount }) => counted(stepCount, 'step') },
  {
    id: 'tokens',
    label: 'Tokens',
    isNumber: true,
    sort: 'tokens',
    show: (session) => html`<${Tokens} session=${session} />`,
  },
  { id: 'cost', label: 'Cost', isNumber: true, sort: 'cost', show: ({ usage }) => formatCost(usage?.costUsd) },
  { id: 'model', label: 'Model', show: ({ usage }) => html`<bdi>${usage?.model ?? ''}</bdi>` },
  { id: 'rating', label: 'Rating', show: (session) => html`<${Rated} session=${session} />` },
];

export function ColumnsButton() {
  const hidden = new Set(settings.value.hiddenColumns);
  /** @param {string} id */
  function toggle(id) {
    if (!hidden.delete(id)) hidden.add(id);
    settingsSet({ hiddenColumns: [...hidden] });
  }
  return html`<${PopoverButton} label="Columns" icon="gear" content=${() => html`<fieldset class="form setting"><legend>
    Columns</legend>${columns
      .filter(({ id }) => id !== 'title')
      .map(
        ({ id, label }) => html`<label class="choice" key=${id}><input type="checkbox" checked=${!hidden.has(id)}
        onChange=${() => toggle(id)} /><span>${label}${id === 'model' && ', where there is room'}</span></label>`,
      )}</fieldset>`} />`;
}

/** @param {{ column: Column }} props */
function Heading({ column: { id, label, isNumber, sort } }) {
  const { query } = route.value;
  const { sort: by, order, isFixed } = orderOf(query);
  const isBy = sort === by;
  const press = () => sort && !(isFixed && sort !== 'started') && change(orderAfter(query, sort));
  const icon = order === 'asc' ? 'up' : 'down';
  return html`<th scope="col" class=${cls(`col-${id}`, { 'is-number': isNumber })}
    aria-sort=${sort && (isBy ? (order === 'asc' ? 'ascending' : 'descending') : 'none')}>${
      sort
        ? html`<button type="button" class=${cls('sort', { 'is-by': isBy })} onClick=${press}
          aria-disabled=${isFixed && sort !== 'started' ? 'true' : undefined}
          title=${isFixed && sort !== 'started' ? 'What is searched for is sorted by its start' : undefined}>${label}<${Icon}
          name=${isBy ? icon : 'down'} size=${12} /></button>`
        : label
    }</th>`;
}

/** @param {{ id: string, shown: Column[] }} props */
function Row({ id, shown }) {
  const session = sessions.get(id);
  if (!session) return null;
  return html`<tr data-session=${id} class=${`row-${session.status}`}>
    ${shown.map(
      (column) => html`<td key=${column.id} class=${cls(`col-${column.id}`, { 'is-number': column.isNumber })}>
      ${column.show(session)}</td>`,
    )}<td class="col-side"><${SessionSide} session=${session} canAct /></td></tr>`;
}

// The arrow keys go from row to row; Enter opens, as with every link.
/** @param {any} event */
function walk(event) {
  const links = [...event.currentTarget.querySelectorAll('.row-link')];
  const at = links.indexOf(focused()?.closest('tr')?.querySelector('.row-link'));
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 };
  const to = links[steps[event.key] ?? -1];
  if (at < 0 || !to || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  to.focus();
}

/** @param {{ ids: string[] }} props */
export function SessionTable({ ids }) {
  const hidden = new Set(settings.value.hiddenColumns);
  const shown = columns.filter(({ id }) => !hidden.has(id));
  return html`<table class="session-table">
    <thead><tr>${shown.map((column) => html`<${Heading} key=${column.id} column=${column} />`)}
      <th scope="col" class="col-side"><span class="visually-hidden">Actions</span></th></tr></thead>
    <tbody onKeyDown=${walk}>${ids.map((id) => html`<${Row} key=${id} id=${id} shown=${shown} />`)}</tbody></table>`;
}

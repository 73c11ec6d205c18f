// SPDX-License-Identifier: Apache-2.0
// All sessions that the person may read, as a table. Its rows stay where they are while somebody reads them: what begins
// meanwhile is announced, and comes in when it is asked for.
import { html, useEffect, useElement, useLayoutEffect, useRef } from '../html.js';
import { Icon } from '../icons.js';
import { connectUrl } from '../links.js';
import { route } from '../router.js';
import { activeSessions, workspace } from '../store.js';
import { formatCount } from '../time.js';
import { plural } from '../trace/phase.js';
import { Empty, Unreachable } from './notices.js';
import { DownloadButton } from './session-download.js';
import { ActiveFilters, clearFilters, Filters } from './session-filters.js';
import { keyOf, place, sessionList, sessionsLeave, sessionsMore, sessionsOpen } from './session-list.js';
import { filtersOf, fits, orderOf } from './session-query.js';
import { ColumnsButton, SessionTable } from './session-table.js';

const clockError = 1000;

// Sessions that began since the list was read. They count also when they have ended.
/** @param {{ onShow: () => void }} props */
function Fresh({ onShow }) {
  const { key, ids, askedAt } = sessionList.value;
  const { query } = route.value;
  const known = useRef({ key, askedAt, fresh: new Set() });
  if (known.current.key !== key || known.current.askedAt !== askedAt)
    known.current = { key, askedAt, fresh: new Set() };
  const { fresh } = known.current;
  for (const session of activeSessions.value.values())
    if (Date.parse(session.createdAt) > askedAt - clockError && !ids?.includes(session.id) && fits(session, query))
      fresh.add(session.id);
  return html`<div role="status" class="fresh-place">${
    fresh.size > 0 &&
    html`<button type="button" class="button button-small fresh" onClick=${onShow}><${Icon} name="up" size=${14} />
      ${plural(fresh.size, 'new session')}</button>`
  }</div>`;
}

function Total() {
  const { total } = sessionList.value;
  const count = total && `${formatCount(total.value)}${total.isLeast ? '+' : ''}`;
  return html`<p class="pane-note" role="status">${count && `${count} ${count === '1' ? 'session' : 'sessions'}`}</p>`;
}

function NoSessions() {
  const { query } = route.value;
  const { nextBefore, isLoading } = sessionList.value;
  if (query.q && nextBefore)
    return html`<${Empty} icon="search" title="Not found in the newest sessions"><button type="button" class="button"
      onClick=${sessionsMore}>${isLoading ? 'Looking…' : 'Look further back'}</button><//>`;
  if (query.q || query.status || filtersOf(query, {}).length > 0)
    return html`<${Empty} icon="search" title="No session fits"><button type="button" class="button"
      onClick=${clearFilters}>Show all sessions</button><//>`;
  return html`<${Empty} icon="pulse" title="No sessions yet">Mention an agent in a conversation, or
    ${' '}<a href=${connectUrl(workspace.value.id)}>connect one</a>, and its work appears in this list.<//>`;
}

function More() {
  const { nextBefore, isLoading } = sessionList.value;
  if (!nextBefore) return null;
  const { sort, order } = orderOf(route.value.query);
  const label = sort !== 'started' ? 'More sessions' : order === 'desc' ? 'Older sessions' : 'Newer sessions';
  return html`<p class="more"><button type="button" class="button" aria-disabled=${String(isLoading)}
    onClick=${sessionsMore}>${isLoading ? 'Loading…' : label}</button></p>`;
}

/** @param {{ onRetry: () => void }} props */
function Trouble({ onRetry }) {
  const { error } = sessionList.value;
  if (!error) return null;
  if (error.isTemporary) return html`<${Unreachable} error=${error} onRetry=${onRetry} />`;
  return html`<${Empty} icon="alert" title=${`${error.problem.field ? `${error.problem.field}: ` : ''}${error.message}.`}>
    <button type="button" class="button" onClick=${clearFilters}>Show all sessions</button><//>`;
}

export function SessionsView() {
  const { query } = route.value;
  const { ids, error, isLoading } = sessionList.value;
  const scroller = useElement();
  const key = keyOf(query);
  useEffect(() => sessionsOpen(query), [key]);
  useEffect(() => sessionsLeave, []);
  const isThere = sessionList.value.key === key && ids !== null;
  // Another list begins at its top; the same one where it was left.
  useLayoutEffect(() => {
    if (isThere) scroller.current.scrollTop = place.key === key ? place.top : 0;
  }, [isThere, key]);
  const onScroll = () => {
    if (isThere) Object.assign(place, { key, top: scroller.current.scrollTop });
  };
  const reload = () => {
    place.key = '';
    sessionsOpen(route.peek().query, { again: true });
    scroller.current.scrollTop = 0;
  };
  return html`<section class="pane" aria-labelledby="sessions-title">
    <header class="pane-head"><a class="icon-button only-narrow" href=${`/w/${workspace.value.id}?list`}
      aria-label="All conversations"><${Icon} name="left" /></a>
      <h1 class="pane-title" id="sessions-title"><${Icon} name="pulse" /><span>Sessions</span></h1><${Total} /></header>
    <${Filters}><${ColumnsButton} /><${DownloadButton} /><//>
    <${ActiveFilters} />
    <${Fresh} onShow=${reload} />
    <div class="pane-scroll" tabindex="0" role="region" aria-label="List of sessions" ref=${scroller} onScroll=${onScroll}
      aria-busy=${isLoading ? 'true' : undefined}>
      <${Trouble} onRetry=${reload} />
      ${ids === null && !error && html`<div class="skeleton"></div><div class="skeleton"></div>`}
      <div class="session-frame">${ids !== null && ids.length > 0 && html`<${SessionTable} ids=${ids} />`}</div>
      ${ids !== null && ids.length === 0 && !error ? html`<${NoSessions} />` : html`<${More} />`}
    </div>
  </section>`;
}

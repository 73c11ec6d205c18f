// All sessions that one may read, newest first; those that begin while one looks appear by themselves.
import { html, useEffect, useMemo, useRef, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { Icon } from '../icons.js';
import { placeOf } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { activeSessions, personaIds, personas, putSession, sessions, workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { complain } from './announce.js';
import { SessionCard } from './card.js';
import { Empty, Unreachable } from './notices.js';

const filters = [
  ['', 'All'],
  ['running', 'Running'],
  ['failed', 'Failed'],
  ['cancelled', 'Stopped'],
];
const statusesOf = { running: 'pending,running' };

const fits = (session, query) =>
  (!query.persona || session.personaId === query.persona) &&
  (!query.status || (statusesOf[query.status] ?? query.status).split(',').includes(session.status));

function useSessions(query) {
  const [list, setList] = useState({ ids: null, error: null, nextBefore: null });
  const [tries, setTries] = useState(0);
  const key = `${query.status ?? ''} ${query.persona ?? ''} ${query.q ?? ''}`;
  const path = (before) => {
    const fields = { status: statusesOf[query.status], personaId: query.persona, q: query.q, before, limit: 50 };
    return `/workspaces/${workspace.peek().id}/agent-sessions${apiQuery(fields)}`;
  };

  useEffect(() => {
    const controller = new AbortController();
    let again = null;
    const timer = setTimeout(
      async () => {
        try {
          const data = await apiGet(path(), { signal: controller.signal });
          data.sessions.forEach(putSession);
          setList({ ids: data.sessions.map((session) => session.id), error: null, nextBefore: data.nextBefore });
        } catch (error) {
          if (error.name === 'AbortError') return;
          setList((held) => ({ ...held, error }));
          if (error.isTemporary) again = setTimeout(() => setTries((n) => n + 1), 3000);
        }
      },
      query.q ? 150 : 0,
    );
    return () => {
      clearTimeout(timer);
      clearTimeout(again);
      controller.abort();
    };
  }, [key, tries]);

  async function more() {
    try {
      const data = await apiGet(path(list.nextBefore));
      data.sessions.forEach(putSession);
      const ids = data.sessions.map((session) => session.id);
      // Asked for twice, or for a list that is gone: it does not continue what is held.
      setList((held) => {
        if (held.nextBefore !== list.nextBefore) return held;
        return { ids: [...held.ids, ...ids], error: null, nextBefore: data.nextBefore };
      });
    } catch (error) {
      complain(`Older sessions could not be loaded: ${error.message}`);
    }
  }

  // What began since the list was fetched goes on top.
  const fresh = useRef(new Set());
  if (!query.q) for (const session of activeSessions.value.values()) fresh.current.add(session.id);
  const ids = useMemo(() => {
    const known = new Set(list.ids);
    const added = query.q
      ? []
      : [...fresh.current]
          .filter((id) => !known.has(id))
          .sort()
          .reverse();
    return [...added, ...(list.ids ?? [])];
  }, [list.ids, activeSessions.value]);
  return { ...list, shown: ids, more, retry: () => setTries((n) => n + 1) };
}

export function SessionsView() {
  const { query } = route.value;
  const { ids, shown, error, nextBefore, more, retry } = useSessions(query);
  const change = (fields) => navigate(urlWith(route.peek(), fields), { replace: true });
  const agents = personaIds.value.map((id) => personas.get(id));
  const visible = shown.filter((id) => sessions.get(id) && fits(sessions.get(id), query));
  return html`<section class="pane" aria-labelledby="sessions-title">
    <header class="pane-head"><a class="icon-button only-narrow" href=${`/w/${workspace.value.id}?list`}
      aria-label="All conversations"><${Icon} name="left" /></a>
      <h1 class="pane-title" id="sessions-title"><${Icon} name="pulse" /><span>Sessions</span></h1></header>
    <div class="filters">
      <nav class="tabs" aria-label="Filter by state">${filters.map(
        ([status, label]) => html`<a class="tab" data-replace href=${urlWith(route.value, { status })}
        aria-current=${(query.status ?? '') === status ? 'true' : undefined}>${label}</a>`,
      )}</nav>
      ${
        agents.length > 1 &&
        html`<label><span class="visually-hidden">Agent</span><select value=${query.persona ?? ''}
          onChange=${(event) => change({ persona: event.target.value })}>
        <option value="">All agents</option>
          ${agents.map((persona) => html`<option value=${persona.id} selected=${persona.id === query.persona}>
          ${persona.name}</option>`)}</select></label>`
      }
      <label class="search-field"><${Icon} name="search" size=${14} /><span
        class="visually-hidden">Search in sessions</span>
        <input type="search" placeholder="Search in sessions" value=${query.q ?? ''}
          onInput=${(event) => change({ q: event.target.value })} /></label>
    </div>
    <div class="pane-scroll" tabindex="0" role="region" aria-label="List of sessions">
      ${error && html`<${Unreachable} error=${error} onRetry=${retry} />`}
      ${ids === null && !error && html`<div class="skeleton"></div><div class="skeleton"></div>`}
      <ul class="session-list">${visible.map((id) => {
        const session = sessions.get(id);
        return html`<li key=${id}><p class="session-when"><span>${session.persona.name}</span>
          ${session.stream && html` <span class="faint">in ${placeOf(session.stream, session.parentStreamId)}</span>`}
          <time class="faint" datetime=${session.createdAt}>${formatWhen(session.createdAt)}</time></p><${SessionCard}
            id=${id} canAct isListed /></li>`;
      })}</ul>
      ${ids !== null && visible.length === 0 && !error && html`<${Empty} icon="pulse"
        title="No sessions here">Mention an agent in a conversation, and its work appears in this list.<//>`}
      ${nextBefore && html`<p class="more"><button type="button" class="button"
        onClick=${more}>Older sessions</button></p>`}
    </div>
  </section>`;
}

// SPDX-License-Identifier: Apache-2.0
// The page: who is signed in, which workspace, which view, and the panels that the URL opens over it.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { apiGet } from '../api.js';
import { cutCharacters } from '../blocks.js';
import { isOutside, navigate, openLogin, route } from '../router.js';
import { streamUrl } from '../links.js';
import { refreshWorkspace } from '../load.js';
import { outboxRestore } from '../outbox.js';
import { lastStreamRead } from '../settings.js';
import {
  activeSessions,
  connection,
  me,
  putWorkspace,
  roomStates,
  runningByStream,
  sessions,
  streamIds,
  streams,
  workspace,
  workspaces,
} from '../store.js';
import { syncRoom, syncStart, syncStop } from '../sync.js';
import { sessionTitle } from '../trace/phase.js';
import { Announcer } from './announce.js';
import { helpOpen, KeysHelp } from './keys-help.js';
import { lazy } from './lazy.js';
import { NotificationList } from './notification-list.js';
import { unseen } from './notifications.js';
import { ConnectionBar, NotFound, Unreachable } from './notices.js';
import { PaletteHost } from './palette.js';
import { Sidebar } from './sidebar.js';
import { SignIn } from './sign-in.js';
import { StreamView, ThreadPanel } from './stream-view.js';

const TraceModal = lazy(async () => (await import('../trace/modal.js')).TraceModal, 'The trace');
const TracePage = lazy(async () => (await import('../trace/page.js')).TracePage, 'The trace');
const CompareView = lazy(async () => (await import('../trace/compare.js')).CompareView, 'The comparison');
const SessionsView = lazy(async () => (await import('./sessions.js')).SessionsView, 'The list of sessions');
const StatisticsView = lazy(async () => (await import('./statistics.js')).StatisticsView, 'The statistics');
const AdminView = lazy(async () => (await import('../admin/admin-view.js')).AdminView, 'The administration');
const InviteView = lazy(async () => (await import('./invite.js')).InviteView, 'The invitation');
const ConnectView = lazy(async () => (await import('./connect.js')).ConnectView, 'How to connect an agent');
const SearchView = lazy(async () => (await import('./search.js')).SearchView, 'The search');

// A view that the address names is requested at once, beside the data that it will show.
if (route.peek().name === 'trace') void TracePage.load();
else if (route.peek().query.trace) void TraceModal.load();

// The first snapshots of the rooms arrive within this time, in milliseconds.
const snapshotsCome = 300;

async function loadMe() {
  const data = await apiGet('/auth/me');
  me.value = data.user;
  workspaces.value = data.workspaces;
}

/** @param {string} ws */
const firstStream = (ws) => {
  const last = lastStreamRead(ws);
  if (streamIds.peek().includes(last)) return last;
  const channels = streamIds.peek().filter((id) => streams.peek(id)?.type === 'channel');
  return channels.find((id) => streams.peek(id)?.name === 'general') ?? channels[0] ?? streamIds.peek()[0];
};

// No snapshot of a room tells what ended, or which agents were called, during a gap: after each gap the workspace is
// requested again. At the start that happens only if something may have happened between its first answer and the
// subscription.
/** @param {string} ws */
function useOverview(ws) {
  const subscribed = useRef(false);
  const isLive = connection.value === 'live' && workspace.value?.id === ws;
  useEffect(() => {
    if (!isLive) return undefined;
    const isBack = subscribed.current;
    subscribed.current = true;
    /** @type {Timer} */
    let timer;
    const isBehind = () => activeSessions.peek().size > 0 || streamIds.peek().some((id) => streams.peek(id)?.hasNews);
    const ask = () =>
      refreshWorkspace(ws).catch((error) => {
        if (error.isTemporary && timer !== undefined) timer = setTimeout(ask, 3000);
      });
    timer = setTimeout(() => (isBack || isBehind()) && ask(), snapshotsCome);
    return () => {
      clearTimeout(timer);
      timer = undefined;
    };
  }, [isLive]);
}

// "/" and "/w/ws" lead on to a stream where the screen has room for more than the list.
/** @param {Route} here */
function useLeadOn(here) {
  useEffect(() => {
    if (here.name === 'home' && workspaces.peek().length > 0)
      navigate(`/w/${workspaces.peek()[0].id}`, { replace: true });
    if (here.name !== 'workspace' || !here.ws || !workspace.peek() || workspace.peek().id !== here.ws) return;
    const first = firstStream(here.ws);
    if (first && (matchMedia('(min-width: 48rem)').matches || here.query.list === undefined))
      navigate(streamUrl(here.ws, first), { replace: true });
  }, [here.name, here.ws, workspace.value, workspaces.value]);
}

/** @type {Record<string, string>} */
const signs = { pending: '○', running: '●', completed: '✓', failed: '✗', cancelled: '■' };
/** @param {Session} session */
const signOf = (session) => signs[session.status] ?? '';

/** @param {Route} here */
function useTitle(here) {
  /** @param {string} room */
  const isGone = (room) => roomStates.get(room) === 'gone';
  const stream = here.name === 'stream' && !isGone(`stream:${here.id}`) ? streams.get(here.id) : undefined;
  const trace = here.name === 'trace' ? here.id : here.query.trace;
  const traced = trace && !isGone(`session:${trace}`) ? sessions.get(trace) : undefined;
  const parts = [];
  if (traced) parts.push(`${signOf(traced)} ${traced.persona.name}: ${cutCharacters(sessionTitle(traced), 60)}`);
  else if (stream)
    parts.push(
      `${runningByStream.value.has(stream.id) ? '● ' : ''}${stream.type === 'channel' ? '#' : ''}${stream.name}`,
    );
  else if (here.name === 'sessions') parts.push('Sessions');
  else if (here.name === 'compare') parts.push('Compare');
  else if (here.name === 'statistics') parts.push('Statistics');
  else if (here.name === 'search') parts.push('Search');
  else if (here.name === 'admin') parts.push('Administration');
  else if (here.name === 'invite') parts.push('Invitation');
  else if (here.name === 'connect') parts.push('Connect an agent');
  else if (here.name === 'login') parts.push('Sign in');
  const mentions = streamIds.value.reduce((sum, id) => sum + (streams.get(id)?.mentionCount ?? 0), 0);
  const news = Math.max(mentions, unseen.value);
  document.title = `${news > 0 ? `(${news}) ` : ''}${[...parts, 'Agent Trace'].join(' · ')}`;
}

/** @type {Record<string, (here: Route) => object>} */
const views = {
  /** @param {Route} here */
  stream: (here) =>
    html`<${StreamView} key=${here.id} id=${here.id} target=${here.query.thread ? undefined : here.query.m} />`,
  trace: (here) => html`<${TracePage} key=${here.id} sessionId=${here.id} stepId=${here.step} />`,
  compare: (here) => html`<${CompareView} key=${here.path} left=${here.id} right=${here.step} />`,
  sessions: () => html`<${SessionsView} />`,
  statistics: () => html`<${StatisticsView} />`,
  search: () => html`<${SearchView} />`,
  admin: () => html`<${AdminView} />`,
  connect: () => html`<${ConnectView} />`,
  workspace: () => html`<h1 class="visually-hidden">${workspace.value.name}</h1>`,
};

/** @param {{ ws: string, here: Route }} props */
function Workspace({ ws, here }) {
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setProblem(null);
    let isCurrent = true;
    /** @type {Timer} */
    let timer;
    apiGet(`/workspaces/${ws}`).then(
      (data) => {
        if (!isCurrent) return;
        putWorkspace(data);
        outboxRestore();
        syncStart(ws);
      },
      (error) => {
        if (!isCurrent) return;
        setProblem(error);
        if (error.isTemporary) timer = setTimeout(() => setTries((n) => n + 1), 3000);
      },
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [ws, tries]);
  useLayoutEffect(() => {
    const releases = [syncRoom(`workspace:${ws}`), syncRoom('user:me')];
    // The next workspace has rooms of its own.
    return () => {
      releases.forEach((release) => release());
      syncStop();
    };
  }, [ws]);

  useOverview(ws);

  if (problem && workspace.value?.id !== ws)
    return html`<main class="alone">
      ${
        problem.isTemporary
          ? html`<${Unreachable} error=${problem}
      onRetry=${() => setTries((n) => n + 1)} />`
          : html`<${NotFound}><a class="button"
      href="/">To the start</a><//>`
      }</main>`;
  if (workspace.value?.id !== ws)
    return html`<main class="alone" aria-busy="true"><p class="faint">Opening…</p></main>`;
  const view = views[here.name];
  const { thread, trace, highlight } = here.query;
  return html`<div class=${`app view-${here.name}${thread ? ' has-thread' : ''}`}>
    <a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      document.querySelector('#main textarea, #main [tabindex]')?.focus();
    }}>Skip to the conversation</a>
    ${here.name !== 'trace' && html`<${Sidebar} />`}
    <main id="main" class="main"><${ConnectionBar} />
      ${
        view
          ? view(here)
          : html`<${NotFound}><a class="button"
      href=${`/w/${ws}`}>To your conversations</a><//>`
      }</main>
    ${thread && here.name === 'stream' && html`<${ThreadPanel} key=${thread} id=${thread} target=${here.query.m} />`}
    ${trace && html`<${TraceModal} sessionId=${trace} highlight=${highlight} />`}
  </div>`;
}

export function App() {
  const here = route.value;
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  useEffect(() => {
    if (isOutside(here) || me.peek()) return undefined;
    /** @type {Timer} */
    let timer;
    const load = () =>
      loadMe().then(
        () => setProblem(null),
        (error) => {
          if (error.status === 401) return openLogin();
          setProblem(error);
          timer = setTimeout(load, 3000);
          return undefined;
        },
      );
    load();
    return () => clearTimeout(timer);
  }, [isOutside(here)]);
  useLeadOn(here);
  useTitle(here);

  let body;
  if (here.name === 'login') body = html`<${SignIn} onSignedIn=${loadMe} />`;
  else if (here.name === 'invite') body = html`<${InviteView} />`;
  else if (!me.value)
    body = html`<main class="alone" aria-busy="true">
      ${problem ? html`<${Unreachable} error=${problem} />` : html`<p class="faint">Opening…</p>`}</main>`;
  else if (here.ws) body = html`<${Workspace} key=${here.ws} ws=${here.ws} here=${here} />`;
  else if (here.name === 'home' && workspaces.value.length > 0)
    body = html`<main class="alone" aria-busy="true"><p class="faint">Opening…</p></main>`;
  else
    body = html`<main class="alone"><${NotFound}>
      ${
        here.name === 'home'
          ? 'You are in no workspace yet.'
          : html`<a class="button"
      href="/">To the start</a>`
      }<//></main>`;
  return html`${body}${helpOpen.value && html`<${KeysHelp} />`}<${PaletteHost} /><${NotificationList} /><${Announcer} />`;
}

// The page: who is signed in, which workspace, which view; the panels that the URL opens over it.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { apiGet } from '../api.js';
import { navigate, openLogin, route } from '../router.js';
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
import { isTerminal } from '../store/entities.js';
import { syncRoom, syncStart, syncStop } from '../sync.js';
import { TraceModal } from '../trace/modal.js';
import { Announcer } from './announce.js';
import { helpOpen, KeysHelp } from './keys-help.js';
import { ConnectionBar, NotFound, Unreachable } from './notices.js';
import { SearchView } from './search.js';
import { SessionsView } from './sessions.js';
import { Sidebar } from './sidebar.js';
import { SignIn } from './sign-in.js';
import { StreamView, ThreadPanel } from './stream-view.js';

// In this time, in milliseconds, the first snapshots of the rooms are here.
const snapshotsCome = 300;

async function loadMe() {
  const data = await apiGet('/auth/me');
  me.value = data.user;
  workspaces.value = data.workspaces;
}

async function loadWorkspace(id) {
  putWorkspace(await apiGet(`/workspaces/${id}`));
  outboxRestore();
}

const firstStream = (ws) => {
  const last = lastStreamRead(ws);
  if (streamIds.peek().includes(last)) return last;
  const channels = streamIds.peek().filter((id) => streams.peek(id)?.type === 'channel');
  return channels.find((id) => streams.peek(id).name === 'general') ?? channels[0] ?? streamIds.peek()[0];
};

// What ended, and who was called, while nobody told is in no snapshot of the rooms: after each gap the workspace is asked
// for anew. At the beginning only if something may have happened between its first answer and the subscription.
function useOverview(ws) {
  const subscribed = useRef(false);
  const isLive = connection.value === 'live' && workspace.value?.id === ws;
  useEffect(() => {
    if (!isLive) return undefined;
    const isBack = subscribed.current;
    subscribed.current = true;
    let timer = null;
    const isBehind = () => activeSessions.peek().size > 0 || streamIds.peek().some((id) => streams.peek(id).hasNews);
    const ask = () =>
      refreshWorkspace(ws).catch((error) => {
        if (error.isTemporary && timer !== null) timer = setTimeout(ask, 3000);
      });
    timer = setTimeout(() => (isBack || isBehind()) && ask(), snapshotsCome);
    return () => {
      clearTimeout(timer);
      timer = null;
    };
  }, [isLive]);
}

// "/" and "/w/ws" lead on, where there is room for more than the list.
function useLeadOn(here) {
  useEffect(() => {
    if (here.name === 'home' && workspaces.peek().length > 0)
      navigate(`/w/${workspaces.peek()[0].id}`, { replace: true });
    if (here.name !== 'workspace' || !workspace.peek() || workspace.peek().id !== here.ws) return;
    const first = firstStream(here.ws);
    if (first && (matchMedia('(min-width: 48rem)').matches || here.query.list === undefined))
      navigate(streamUrl(here.ws, first), { replace: true });
  }, [here.name, here.ws, workspace.value, workspaces.value]);
}

function useTitle(here) {
  const isGone = (room) => roomStates.get(room) === 'gone';
  const stream = here.name === 'stream' && !isGone(`stream:${here.id}`) ? streams.get(here.id) : undefined;
  const { trace } = here.query;
  const traced = trace && !isGone(`session:${trace}`) ? sessions.get(trace) : undefined;
  const parts = [];
  if (traced) parts.push(`${traced.persona.name}: ${isTerminal(traced) ? traced.status : 'working'}`);
  else if (stream)
    parts.push(
      `${runningByStream.value.has(stream.id) ? '● ' : ''}${stream.type === 'channel' ? '#' : ''}${stream.name}`,
    );
  else if (here.name === 'sessions') parts.push('Sessions');
  else if (here.name === 'search') parts.push('Search');
  else if (here.name === 'login') parts.push('Sign in');
  const mentions = streamIds.value.reduce((sum, id) => sum + (streams.get(id)?.mentionCount ?? 0), 0);
  document.title = `${mentions > 0 ? `(${mentions}) ` : ''}${[...parts, 'Agent Trace'].join(' · ')}`;
}

const views = {
  stream: (here) =>
    html`<${StreamView} key=${here.id} id=${here.id} target=${here.query.thread ? undefined : here.query.m} />`,
  sessions: () => html`<${SessionsView} />`,
  search: () => html`<${SearchView} />`,
  workspace: () => html`<h1 class="visually-hidden">${workspace.value.name}</h1>`,
};

function Workspace({ here }) {
  const [problem, setProblem] = useState(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setProblem(null);
    let timer = null;
    loadWorkspace(here.ws).then(
      () => syncStart(here.ws),
      (error) => {
        setProblem(error);
        if (error.isTemporary) timer = setTimeout(() => setTries((n) => n + 1), 3000);
      },
    );
    return () => clearTimeout(timer);
  }, [here.ws, tries]);
  useLayoutEffect(() => {
    const releases = [syncRoom(`workspace:${here.ws}`), syncRoom('user:me')];
    // The rooms of the next workspace are none of this one's.
    return () => {
      releases.forEach((release) => release());
      syncStop();
    };
  }, [here.ws]);

  useOverview(here.ws);

  if (problem && workspace.value?.id !== here.ws)
    return html`<main class="alone">
      ${problem.isTemporary ? html`<${Unreachable} error=${problem}
      onRetry=${() => setTries((n) => n + 1)} />` : html`<${NotFound}><a class="button"
      href="/">To the start</a><//>`}</main>`;
  if (workspace.value?.id !== here.ws)
    return html`<main class="alone" aria-busy="true"><p class="faint">Opening…</p></main>`;
  const view = views[here.name];
  const { thread, trace, highlight } = here.query;
  return html`<div class=${`app view-${here.name}${thread ? ' has-thread' : ''}`}>
    <a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      document.getElementById('main').querySelector('textarea, [tabindex]')?.focus();
    }}>Skip to the conversation</a>
    <${Sidebar} />
    <main id="main" class="main"><${ConnectionBar} />
      ${view ? view(here) : html`<${NotFound}><a class="button"
      href=${`/w/${here.ws}`}>To your conversations</a><//>`}</main>
    ${thread && here.name === 'stream' && html`<${ThreadPanel} key=${thread} id=${thread} target=${here.query.m} />`}
    ${trace && html`<${TraceModal} sessionId=${trace} highlight=${highlight} />`}
  </div>`;
}

export function App() {
  const here = route.value;
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    if (here.name === 'login' || me.peek()) return undefined;
    let timer = null;
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
  }, [here.name === 'login']);
  useLeadOn(here);
  useTitle(here);

  let body;
  if (here.name === 'login') body = html`<${SignIn} onSignedIn=${loadMe} />`;
  else if (!me.value)
    body = html`<main class="alone" aria-busy="true">
      ${problem ? html`<${Unreachable} error=${problem} />` : html`<p class="faint">Opening…</p>`}</main>`;
  else if (here.ws) body = html`<${Workspace} key=${here.ws} here=${here} />`;
  else if (here.name === 'home' && workspaces.value.length > 0)
    body = html`<main class="alone" aria-busy="true"><p class="faint">Opening…</p></main>`;
  else
    body = html`<main class="alone"><${NotFound}>
      ${here.name === 'home' ? 'You are in no workspace yet.' : html`<a class="button"
      href="/">To the start</a>`}<//></main>`;
  return html`${body}${helpOpen.value && html`<${KeysHelp} />`}<${Announcer} />`;
}

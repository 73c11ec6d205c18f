// How a room's snapshot is fetched. Each loader answers {lastSeq, ended?, commit()}: nothing is stored before the
// room says that the snapshot fits, and then all of it in one batch.
import { apiGet, ApiError } from './api.js';
import { pageSize, sessionPage } from './early.js';
import {
  activeSessions,
  dropSession,
  members,
  messages,
  missingFrom,
  prependTimeline,
  putMessage,
  putOutline,
  putPersonas,
  putSession,
  putSteps,
  putStream,
  putWorkspace,
  reached,
  related,
  replaceTimeline,
  sessions,
  timelines,
  workspace,
} from './store.js';
import { isTerminal } from './store/entities.js';

const partSize = 100;
const historyPages = 4;

// What was stored last is on the screen first.
const afterPaint = (run) => setTimeout(() => requestAnimationFrame(() => setTimeout(run)));

const streamPath = (ws, id) => `/workspaces/${ws}/streams/${id}`;
const sessionPath = (ws, id) => `/workspaces/${ws}/agent-sessions/${id}`;

// The newest events; and as much older history as is on the screen already, so that an edit in the gap is not missed.
export async function loadStream(ws, id) {
  const data = await apiGet(`${streamPath(ws, id)}/bootstrap`);
  let list = data.events;
  let hasBefore = Boolean(data.nextBefore) || (list.length > 0 && list[0].seq > 1);
  const held = timelines.peek(id);
  for (let page = 0; held?.oldest && list.length > 0 && list[0].seq > held.oldest && page < historyPages; page += 1) {
    const older = await apiGet(`${streamPath(ws, id)}/events?before=${list[0].seq}&limit=${pageSize}`);
    if (older.events.length === 0) break;
    list = [...older.events, ...list];
    hasBefore = list[0].seq > 1;
  }
  return {
    lastSeq: data.lastSeq,
    commit() {
      putStream(data.stream);
      members.set(id, data.members);
      replaceTimeline(id, list, hasBefore);
      reached.put(id, data.lastSeq);
      for (const { session } of data.activity) putSession(session);
      return { missing: missingFrom(id, data.activity) };
    },
  };
}

// The page before what is held. Returns the function that stores it, so that the caller can keep its scroll position
// around it. A timeline that was replaced meanwhile may begin elsewhere: then the page is of no use.
export async function loadOlder(ws, id, limit = 100) {
  const oldest = timelines.peek(id)?.oldest ?? 0;
  const data = await apiGet(`${streamPath(ws, id)}/events?before=${oldest}&limit=${limit}`);
  return () => {
    if ((timelines.peek(id)?.oldest ?? 0) !== oldest) return;
    prependTimeline(id, data.events, data.events.length > 0 && data.events[0].seq > 1);
  };
}

// The same, on the way back to a message. Nothing if that is not older than what is held: then it is there, or about to
// come.
export async function loadTowards(ws, id, messageId) {
  if (!messages.peek(messageId)) putMessage((await apiGet(`/workspaces/${ws}/messages/${messageId}`)).message);
  const { streamId, seq } = messages.peek(messageId);
  const { oldest, hasBefore } = timelines.peek(id);
  if (streamId !== id || (seq < oldest && !hasBefore)) throw new ApiError(404, { code: 'not_found' });
  return seq < oldest ? loadOlder(ws, id, pageSize) : undefined;
}

// Asks for the order of all steps until there is an answer.
async function loadOutline(ws, id, early) {
  for (let tries = 0; ; tries += 1) {
    try {
      return (tries === 0 && (await early)) || (await apiGet(`${sessionPath(ws, id)}/outline`));
    } catch (error) {
      if (!error.isTemporary) return null;
      await new Promise((resolve) => setTimeout(resolve, Math.min(30000, 1000 * 2 ** tries)));
    }
  }
}

// A trace: one page holds most; beyond it the outline tells the order, and the list fetches what it shows. Who begins to
// read at the top sees the first page before the outline is there.
export async function loadSession(ws, id, { highlight, fromEnd } = {}) {
  const known = sessions.peek(id)?.stepCount ?? 0;
  const early = known > pageSize ? apiGet(`${sessionPath(ws, id)}/outline`).catch(() => null) : null;
  const limit = known > pageSize ? partSize : pageSize;
  let data;
  try {
    data = await apiGet(sessionPage(ws, id, limit, highlight));
  } catch (error) {
    if (!highlight || error.status !== 400) throw error;
    data = await apiGet(sessionPage(ws, id, limit));
  }
  const partial = Boolean(data.nextAfter || data.prevBefore);
  const isFollowed = partial && fromEnd && !highlight && !isTerminal(data.session);
  const pending = partial ? loadOutline(ws, id, early) : null;
  const outline = data.prevBefore || isFollowed ? await pending : null;
  let tail = null;
  if (isFollowed)
    tail = await apiGet(sessionPage(ws, id, partSize, outline.session.stepCount));
  return {
    lastSeq: data.session.lastSeq,
    ended: isTerminal(data.session),
    commit() {
      putSession(data.session);
      related.set(id, data.relatedSessions ?? []);
      putSteps(id, data.steps, { complete: !partial });
      if (tail) putSteps(id, tail.steps);
      if (outline) putOutline(outline);
      else pending?.then((late) => late && afterPaint(() => putOutline(late)));
      return {};
    },
  };
}

// The page of steps around a number that the list wants to show.
export async function loadStepsAround(ws, id, number) {
  const data = await apiGet(sessionPage(ws, id, partSize, number));
  putSession(data.session);
  putSteps(id, data.steps);
}

// A session as it is now. One that may not be seen any more is forgotten.
export async function refreshSession(ws, id) {
  try {
    putSession((await apiGet(`${sessionPath(ws, id)}?limit=1`)).session);
  } catch (error) {
    if (error.status === 404) dropSession(id);
    // Else it stays as it is until the next snapshot asks again.
  }
}

// The workspace once more, after a time in which nobody told what happens in it: what is active here and not there has
// ended.
export async function refreshWorkspace(ws) {
  const held = [...activeSessions.peek().keys()];
  const data = await apiGet(`/workspaces/${ws}`);
  if (workspace.peek()?.id !== ws) return;
  putWorkspace(data);
  const named = new Set(data.sessions.map((session) => session.id));
  for (const id of held) if (!named.has(id)) refreshSession(ws, id);
}

let personasAsked = 0;

// Who is connected now: asked while somebody waits for a persona, at most every five seconds.
export async function refreshPersonas(ws) {
  if (Date.now() - personasAsked < 5000) return;
  personasAsked = Date.now();
  const data = await apiGet(`/workspaces/${ws}`);
  putPersonas(data.personas);
}

export async function loadWholeStep(ws, sessionId, stepId) {
  const { step } = await apiGet(`${sessionPath(ws, sessionId)}/steps/${stepId}`);
  return step;
}

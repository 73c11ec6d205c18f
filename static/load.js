// SPDX-License-Identifier: Apache-2.0
// Fetches the snapshots of rooms. Each loader answers {lastSeq, ended?, commit()}: nothing is stored before the room
// accepts the snapshot, and then everything is stored in one batch.
import { apiGet, ApiError } from './api.js';
import { homePath, pageSize, sessionPage } from './early.js';
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
  ratings,
  reached,
  related,
  replaceTimeline,
  sessions,
  timelines,
  workspace,
} from './store.js';
import { isTerminal } from './store/entities.js';
import { outlineMetas } from './store/trace.js';

const partSize = 100;
const historyPages = 4;

// Runs after what was stored last has been painted.
/** @param {() => void} run */
const afterPaint = (run) => setTimeout(() => requestAnimationFrame(() => setTimeout(run)));

/** @param {string} ws @param {string} id */
const streamPath = (ws, id) => `/workspaces/${ws}/streams/${id}`;
/** @param {string} ws @param {string} id */
const sessionPath = (ws, id) => `${homePath(ws)}/agent-sessions/${id}`;

// Fetches the newest events, and as much older history as the screen already shows, so that an edit made during a gap
// is not missed.
/** @param {string} ws @param {string} id */
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

// Fetches the page before what is held. Returns the function that stores it, so that the caller can keep its scroll
// position around it. If the timeline was replaced meanwhile and begins elsewhere, the page is of no use and is
// dropped.
/** @param {string} ws @param {string} id @param {number} [limit] */
export async function loadOlder(ws, id, limit = 100) {
  const oldest = timelines.peek(id)?.oldest ?? 0;
  const data = await apiGet(`${streamPath(ws, id)}/events?before=${oldest}&limit=${limit}`);
  return () => {
    if ((timelines.peek(id)?.oldest ?? 0) !== oldest) return;
    prependTimeline(id, data.events, data.events.length > 0 && data.events[0].seq > 1);
  };
}

// Fetches older pages on the way back to a message. Returns nothing if the message is not older than what is held: then
// it is there already, or about to arrive.
/** @param {string} ws @param {string} id @param {string} messageId */
export async function loadTowards(ws, id, messageId) {
  if (!messages.peek(messageId)) putMessage((await apiGet(`/workspaces/${ws}/messages/${messageId}`)).message);
  const { streamId, seq } = /** @type {Message} */ (messages.peek(messageId));
  const { oldest, hasBefore } = /** @type {Timeline} */ (timelines.peek(id));
  if (streamId !== id || (seq < (oldest ?? 0) && !hasBefore)) throw new ApiError(404, { code: 'not_found' });
  return seq < (oldest ?? 0) ? loadOlder(ws, id, pageSize) : undefined;
}

// Asks for the order of all steps until there is an answer.
/** @param {string} ws @param {string} id @param {Promise<Outline | null> | null} early */
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

// Fetches a trace. One page holds most of them; beyond that the outline tells the order and the list fetches what it
// shows. A reader who starts at the top sees the first page before the outline has arrived.
/** @param {string} ws @param {string} id @param {SessionOptions} [options] */
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
  const lastId = isFollowed && outline ? outlineMetas(outline).at(-1)?.id : undefined;
  if (lastId) tail = await apiGet(sessionPage(ws, id, partSize, lastId));
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

// Fetches the page of steps around one that the list wants to show.
/** @param {string} ws @param {string} id @param {string} stepId */
export async function loadStepsAround(ws, id, stepId) {
  const data = await apiGet(sessionPage(ws, id, partSize, stepId));
  putSession(data.session);
  putSteps(id, data.steps);
}

// Fetches a session as it is now. A session that may no longer be seen is forgotten.
/** @param {string} ws @param {string} id */
export async function refreshSession(ws, id) {
  try {
    putSession((await apiGet(`${sessionPath(ws, id)}?limit=1`)).session);
  } catch (error) {
    if (error.status === 404) dropSession(id);
    // After any other error it stays as it is until the next snapshot asks again.
  }
}

// Fetches the workspace again after a time without events. A session that is active here and missing there has ended.
/** @param {string} ws */
export async function refreshWorkspace(ws) {
  const held = [...activeSessions.peek().keys()];
  const data = await apiGet(`/workspaces/${ws}`);
  if (workspace.peek()?.id !== ws) return;
  putWorkspace(data);
  const named = new Set(data.sessions.map((/** @type {Session} */ session) => session.id));
  for (const id of held) if (!named.has(id)) refreshSession(ws, id);
}

let personasAsked = 0;

// Finds out who is connected. It is asked while somebody waits for a persona, at most every five seconds.
/** @param {string} ws */
export async function refreshPersonas(ws) {
  if (Date.now() - personasAsked < 5000) return;
  personasAsked = Date.now();
  const data = await apiGet(`/workspaces/${ws}`);
  if (workspace.peek()?.id === ws) putPersonas(data.personas);
}

// Fetches what people and evaluators think of a session, if it says that they do.
/** @param {string} ws @param {Session} session */
export async function loadRatings(ws, { id, rating }) {
  ratings.set(id, rating ? (await apiGet(`${sessionPath(ws, id)}/ratings`)).ratings : []);
}

// Fetches the steps that have changed after that number. Returns the number up to which all are known now.
/** @param {string} ws @param {string} id @param {number} seq */
export async function loadChanges(ws, id, seq) {
  let data = await apiGet(`${sessionPath(ws, id)}?sinceSeq=${seq}&limit=${pageSize}`);
  const { lastSeq } = data;
  for (;;) {
    putSession(data.session);
    putSteps(id, data.steps);
    if (!data.nextAfter) return lastSeq;
    data = await apiGet(`${sessionPath(ws, id)}?sinceSeq=${seq}&limit=${pageSize}&after=${data.nextAfter}`);
  }
}

/** @param {string} ws @param {string} sessionId */
export const loadInstructions = (ws, sessionId) => apiGet(`${sessionPath(ws, sessionId)}/instructions`);

/** @param {string} ws @param {string} sessionId @param {string} stepId */
export async function loadWholeStep(ws, sessionId, stepId) {
  const { step } = await apiGet(`${sessionPath(ws, sessionId)}/steps/${stepId}`);
  return step;
}

// Steps that are asked for again because something about them may have changed, a few at a time: what a reader opens is not
// to wait behind hundreds of them. One that waits already is not asked for twice.
const mostAtOnce = 4;
let underWay = 0;
/** @type {Map<string, { run: () => Promise<void>, answer: Promise<Step> }>} */
const waiting = new Map();

function loadWaiting() {
  for (const [id, { run }] of waiting) {
    if (underWay >= mostAtOnce) return;
    waiting.delete(id);
    underWay += 1;
    run().finally(() => {
      underWay -= 1;
      loadWaiting();
    });
  }
}

/** @param {string} ws @param {string} sessionId @param {string} stepId @returns {Promise<Step>} */
export function loadStepAgain(ws, sessionId, stepId) {
  const id = `${ws} ${stepId}`;
  const held = waiting.get(id);
  if (held) return held.answer;
  /** @type {() => Promise<void>} */
  let run = async () => {};
  const answer = new Promise((resolve, reject) => {
    run = () => loadWholeStep(ws, sessionId, stepId).then(resolve, reject);
  });
  waiting.set(id, { run, answer });
  loadWaiting();
  return answer;
}

// The loader of each counted kind of room, by the word of its name (store/rooms.js).
/** @type {Record<string, (ws: string, id: string, options: SessionOptions) => Promise<Snapshot>>} */
export const loaders = { stream: loadStream, session: loadSession };

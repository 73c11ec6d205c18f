// SPDX-License-Identifier: Apache-2.0
// What the page knows: entities by id, timelines, traces, text being written. The stream of events and the replies of
// the API write it through the same functions, and components read it. It opens no connection and sends no request:
// sync.js does.
import { batch, computed, signal } from './vendor/signals.js';
import { isOpen, isTerminal, mergeMessage, mergeSession, mergeStep } from './store/entities.js';
import { liveApply, liveOutlasts } from './store/live.js';
import { createTable } from './store/table.js';
import { timelineAdd, timelineNew, timelinePrepend, timelineReplace } from './store/timeline.js';
import { metaOf, outlineMetas, traceMerge, traceNew } from './store/trace.js';

/** @type {Table<Session>} */
export const sessions = createTable(mergeSession);
// Which session retries which. An event shows a session as it was then, so it cannot tell.
/** @type {Table<string>} */
const retries = createTable();
/** @type {Table<Message>} */
export const messages = createTable(mergeMessage);
/** @type {Table<Step>} */
export const steps = createTable(mergeStep);
/** @type {Table<LiveEntry>} */
export const live = createTable();
/** @type {Table<Stream>} */
export const streams = createTable((held, next) => ({ ...held, ...next }));
/** @type {Table<Timeline>} */
export const timelines = createTable();
// The number up to which each timeline is known. The last events may be of a kind that it does not show.
/** @type {Table<number>} */
export const reached = createTable((held = 0, next) => Math.max(held, next));
/** @type {Table<Trace>} */
export const traces = createTable();
/** @type {Table<RelatedSession[]>} */
export const related = createTable();
/** @type {Table<Rating[]>} */
export const ratings = createTable();
/** @type {Table<Member[]>} */
export const members = createTable();
/** @type {Table<Persona>} */
export const personas = createTable();
// The personas of the open workspace.
/** @type {Signal<string[]>} */
export const personaIds = signal([]);

/** @type {Table<RoomState>} */
export const roomStates = createTable();
export const connection = signal('connecting');
// What the reader should be told of the connection: 'lost' for longer than a moment, or 'crowded'. Null if there is
// nothing to tell.
/** @type {Signal<'lost' | 'crowded' | null>} */
export const away = signal(null);
// Undefined until the server has answered. App shows no view before that.
/** @type {Signal<User>} */
export const me = signal(/** @type {any} */ (undefined));
/** @type {Signal<Workspace[]>} */
export const workspaces = signal([]);
/** @type {Signal<Workspace>} */
export const workspace = signal(/** @type {any} */ (undefined));
// One session is read by a link, from outside: `workspace` is the share then, and nobody is signed in.
export const isShared = computed(() => Boolean(workspace.value?.id.startsWith('shr_')));
/** @type {Signal<string[]>} */
export const streamIds = signal([]);
export const newBuild = signal(false);
/** @type {Table<ApiError>} */
export const problems = createTable();

// The pending and running sessions, whichever event or reply carried them here.
/** @type {Signal<Map<string, Session>>} */
export const activeSessions = signal(new Map());

// Activity is derived and never stored: a message shows the active sessions that have it as their parent.
export const activityByMessage = computed(() => {
  const byMessage = new Map();
  for (const session of activeSessions.value.values()) {
    if (!session.parentMessageId) continue;
    byMessage.set(session.parentMessageId, [...(byMessage.get(session.parentMessageId) ?? []), session]);
  }
  return byMessage;
});

export const runningByStream = computed(() => {
  const byStream = new Map();
  for (const session of activeSessions.value.values())
    for (const id of [session.streamId, session.parentStreamId]) if (id) byStream.set(id, (byStream.get(id) ?? 0) + 1);
  return byStream;
});

/** @param {Session | undefined} next */
export function putSession(next) {
  if (!next) return;
  const session = sessions.put(next.id, next);
  if (session.retryOf) retries.set(session.retryOf, session.id);
  const held = activeSessions.peek();
  const here = workspace.peek()?.id;
  // An answer may come after another workspace was opened.
  const isElsewhere = here && session.workspaceId && session.workspaceId !== here;
  if (isTerminal(session) || isElsewhere) endActivity(session.id);
  else if (held.get(session.id) !== session) activeSessions.value = new Map(held).set(session.id, session);
}

/** @param {string} id */
function endActivity(id) {
  const rest = new Map(activeSessions.peek());
  if (rest.delete(id)) activeSessions.value = rest;
}

/** @param {string} id */
export function dropSession(id) {
  batch(() => {
    sessions.drop(id);
    endActivity(id);
  });
}

// The server no longer keeps the steps of this session.
/** @param {string} sessionId */
export function dropSteps(sessionId) {
  const metas = traces.peek(sessionId)?.metas ?? [];
  if (metas.length === 0) return;
  batch(() => {
    for (const { id } of metas) steps.drop(id);
    traces.set(sessionId, { ...traceNew(), complete: true });
  });
}

// The attempt that followed this session, or undefined.
/** @param {Session} session */
export const nextAttempt = (session) => session.retriedBy ?? retries.get(session.id);

// Returns the steps of an ended session that are held as open. Only the server knows how far each was stored; until it
// has answered, the text that was seen last stands.
/** @param {string} sessionId */
export function interruptedSteps(sessionId) {
  const session = sessions.peek(sessionId);
  if (!session || !isTerminal(session)) return [];
  const open = (traces.peek(sessionId)?.metas ?? []).filter((meta) => meta.status === 'running' && steps.peek(meta.id));
  return open.map((meta) => ({ sessionId, stepId: meta.id }));
}

/** @param {Message | undefined} next */
export function putMessage(next) {
  if (next) messages.put(next.id, next);
}

/** @param {string} sessionId @param {Step[]} list @param {{ complete?: boolean }} [options] */
export function putSteps(sessionId, list, options) {
  const merged = list.map((step) => steps.put(step.id, step));
  for (const step of merged) if (!isOpen(step) && !liveOutlasts(live.peek(step.id), step)) live.drop(step.id);
  traces.set(sessionId, traceMerge(traces.peek(sessionId) ?? traceNew(), merged.map(metaOf), options));
}

/** @param {Outline} outline */
export function putOutline(outline) {
  putSession(outline.session);
  const id = outline.session.id;
  traces.set(id, traceMerge(traces.peek(id) ?? traceNew(), outlineMetas(outline), { complete: true }));
}

// Progress may arrive before its step, and it may be late: progress of something that has ended is ignored.
/** @param {any} progress */
export function putProgress(progress) {
  const step = steps.peek(progress.stepId);
  const session = sessions.peek(progress.sessionId);
  if ((step && !isOpen(step)) || (session && isTerminal(session))) return;
  const held = live.peek(progress.stepId);
  const next = liveApply(held, progress);
  if (next && next !== held) live.set(progress.stepId, next);
}

/** @param {string} streamId @param {any} event */
export function putTimelineEvent(streamId, event) {
  putMessage(event.message);
  putSession(event.session);
  const timeline = timelines.peek(streamId);
  if (timeline) timelines.set(streamId, timelineAdd(timeline, event));
}

/** @param {TimelineEvent[]} events */
function putAll(events) {
  for (const event of events) {
    putMessage(event.message);
    putSession(event.session);
  }
}

/** @param {string} streamId @param {TimelineEvent[]} events @param {boolean} hasBefore */
export function replaceTimeline(streamId, events, hasBefore) {
  putAll(events);
  timelines.set(streamId, timelineReplace(events, hasBefore));
}

/** @param {string} streamId @param {TimelineEvent[]} events @param {boolean} hasBefore */
export function prependTimeline(streamId, events, hasBefore) {
  batch(() => {
    putAll(events);
    timelines.set(streamId, timelinePrepend(timelines.peek(streamId) ?? timelineNew(), events, hasBefore));
  });
}

// Returns the sessions held as active in a stream (or in its threads) that the stream's complete snapshot lacks: they
// have ended.
/** @param {string} streamId @param {Activity[]} activity */
export function missingFrom(streamId, activity) {
  const named = new Set(activity.map((item) => item.session.id));
  return [...activeSessions.peek().values()]
    .filter(
      (session) => (session.streamId === streamId || session.parentStreamId === streamId) && !named.has(session.id),
    )
    .map((session) => session.id);
}

/** @param {Persona[]} list */
export function putPersonas(list) {
  for (const persona of list) personas.put(persona.id, persona);
  personaIds.value = list.map((persona) => persona.id);
}

// Another workspace is opened, or the same one again. Nothing of the previous one stays in the lists.
/** @param {any} data */
export function putWorkspace(data) {
  batch(() => {
    const { id } = data.workspace;
    workspace.value = data.workspace;
    streamIds.value = [];
    activeSessions.value = new Map([...activeSessions.peek()].filter(([, session]) => session.workspaceId === id));
    data.streams.forEach(putStream);
    putPersonas(data.personas);
    members.set(id, data.members);
    data.sessions.forEach(putSession);
  });
}

// Everything up to `readSeq` has been read. The next mark decides about what came later.
/** @param {string} streamId @param {number} readSeq */
export function markRead(streamId, readSeq) {
  const held = streams.peek(streamId);
  if (!held || readSeq < held.readSeq) return;
  const isBehind = readSeq < held.lastSeq;
  streams.put(streamId, isBehind ? { ...held, readSeq } : { ...held, readSeq, hasNews: false, unreadCount: 0 });
}

// The stream was left, taken away or deleted. If it was private, what its agents do is no longer shown either.
/** @param {string} streamId */
export function removeStream(streamId) {
  batch(() => {
    streamIds.value = streamIds.peek().filter((id) => id !== streamId);
    if (streams.peek(streamId)?.private) missingFrom(streamId, []).forEach(dropSession);
  });
}

// A stream's counters only rise, because an event may have been quicker than a reply.
/** @param {Stream} next */
export function putStream(next) {
  const { lastSeq = 0, readSeq = 0 } = streams.peek(next.id) ?? {};
  streams.put(next.id, { ...next, lastSeq: Math.max(lastSeq, next.lastSeq), readSeq });
  markRead(next.id, next.readSeq);
  if (next.type !== 'thread' && !streamIds.peek().includes(next.id)) streamIds.value = [...streamIds.peek(), next.id];
}

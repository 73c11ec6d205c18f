// What the page knows: entities by id, timelines, traces, text being written. Written by the stream of events and by
// replies of the API, through the same functions; read by components. It opens no connection and asks nobody: sync.js
// does.
import { batch, computed, signal } from './vendor/signals.js';
import { isOpen, isTerminal, mergeMessage, mergeSession, mergeStep } from './store/entities.js';
import { liveApply, liveOutlasts } from './store/live.js';
import { createTable } from './store/table.js';
import { timelineAdd, timelineNew, timelinePrepend, timelineReplace } from './store/timeline.js';
import { metaOf, outlineMetas, traceMerge, traceNew } from './store/trace.js';

export const sessions = createTable(mergeSession);
// Which session tries again what another one did not finish: an event tells the session as it was then.
const retries = createTable();
export const messages = createTable(mergeMessage);
export const steps = createTable(mergeStep);
export const live = createTable();
export const streams = createTable((held, next) => ({ ...held, ...next }));
export const timelines = createTable();
// Up to which event each timeline is known; the last ones may be none that it shows.
export const reached = createTable((held = 0, next) => Math.max(held, next));
export const traces = createTable();
export const related = createTable();
export const members = createTable();
export const personas = createTable();
// Those of the workspace that is open.
export const personaIds = signal([]);

export const roomStates = createTable();
export const connection = signal('connecting');
// Worth a sentence: 'lost' for longer than a moment, or 'crowded'; else null.
export const away = signal(null);
export const me = signal(undefined);
export const workspaces = signal([]);
export const workspace = signal(undefined);
export const streamIds = signal([]);
export const newBuild = signal(false);
export const problems = createTable();

// Pending and running sessions, whoever carried them here.
export const activeSessions = signal(new Map());

// Activity is derived, never stored: a message shows the active sessions that have it as their parent.
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

export function putSession(next) {
  if (!next) return;
  const session = sessions.put(next.id, next);
  if (session.retryOf) retries.set(session.retryOf, session.id);
  const held = activeSessions.peek();
  if (isTerminal(session)) endActivity(session.id);
  else if (held.get(session.id) !== session) activeSessions.value = new Map(held).set(session.id, session);
}

function endActivity(id) {
  const rest = new Map(activeSessions.peek());
  if (rest.delete(id)) activeSessions.value = rest;
}

export function dropSession(id) {
  batch(() => {
    sessions.drop(id);
    endActivity(id);
  });
}

// The attempt after that one, or undefined.
export const nextAttempt = (session) => session.retriedBy ?? retries.get(session.id);

// The steps of an ended session that we hold as open: how far each was stored, only the server knows. Until it has been
// asked, the text that was seen last stands.
export function interruptedSteps(sessionId) {
  const session = sessions.peek(sessionId);
  if (!session || !isTerminal(session)) return [];
  const open = (traces.peek(sessionId)?.metas ?? []).filter((meta) => meta.status === 'running' && steps.peek(meta.id));
  return open.map((meta) => ({ sessionId, stepId: meta.id }));
}

export function putMessage(next) {
  if (next) messages.put(next.id, next);
}

export function putSteps(sessionId, list, options) {
  const merged = list.map((step) => steps.put(step.id, step));
  for (const step of merged) if (!isOpen(step) && !liveOutlasts(live.peek(step.id), step)) live.drop(step.id);
  traces.set(sessionId, traceMerge(traces.peek(sessionId) ?? traceNew(), merged.map(metaOf), options));
}

export function putOutline(outline) {
  putSession(outline.session);
  const id = outline.session.id;
  traces.set(id, traceMerge(traces.peek(id) ?? traceNew(), outlineMetas(outline), { complete: true }));
}

// Progress may overtake the step it belongs to, and may be late: then it is of something ended, and ignored.
export function putProgress(progress) {
  const step = steps.peek(progress.stepId);
  const session = sessions.peek(progress.sessionId);
  if ((step && !isOpen(step)) || (session && isTerminal(session))) return;
  const held = live.peek(progress.stepId);
  const next = liveApply(held, progress);
  if (next !== held) live.set(progress.stepId, next);
}

export function putTimelineEvent(streamId, event) {
  putMessage(event.message);
  putSession(event.session);
  const timeline = timelines.peek(streamId);
  if (timeline) timelines.set(streamId, timelineAdd(timeline, event));
}

function putAll(events) {
  for (const event of events) {
    putMessage(event.message);
    putSession(event.session);
  }
}

export function replaceTimeline(streamId, events, hasBefore) {
  putAll(events);
  timelines.set(streamId, timelineReplace(events, hasBefore));
}

export function prependTimeline(streamId, events, hasBefore) {
  batch(() => {
    putAll(events);
    timelines.set(streamId, timelinePrepend(timelines.peek(streamId) ?? timelineNew(), events, hasBefore));
  });
}

// Sessions that we hold as active in a stream (or in its threads) and that its complete snapshot lacks: they have
// ended.
export function missingFrom(streamId, activity) {
  const named = new Set(activity.map((item) => item.session.id));
  return [...activeSessions.peek().values()]
    .filter(
      (session) => (session.streamId === streamId || session.parentStreamId === streamId) && !named.has(session.id),
    )
    .map((session) => session.id);
}

export function putPersonas(list) {
  for (const persona of list) personas.put(persona.id, persona);
  personaIds.value = list.map((persona) => persona.id);
}

// Another workspace is opened, or the same once more: nothing of the one before stays in the lists.
export function putWorkspace(data) {
  batch(() => {
    const { id } = data.workspace;
    streamIds.value = [];
    activeSessions.value = new Map([...activeSessions.peek()].filter(([, session]) => session.workspaceId === id));
    data.streams.forEach(putStream);
    putPersonas(data.personas);
    members.set(id, data.members);
    data.sessions.forEach(putSession);
    workspace.value = data.workspace;
  });
}

// Everything up to `readSeq` has been read. Of what came later, the next mark decides.
export function markRead(streamId, readSeq) {
  const held = streams.peek(streamId);
  if (!held || readSeq < held.readSeq) return;
  streams.put(streamId, readSeq < held.lastSeq ? { readSeq } : { readSeq, hasNews: false, unreadCount: 0 });
}

// It was left, taken away or deleted. Who works in a private one is told of no further.
export function removeStream(streamId) {
  batch(() => {
    streamIds.value = streamIds.peek().filter((id) => id !== streamId);
    if (streams.peek(streamId)?.private) missingFrom(streamId, []).forEach(dropSession);
  });
}

// Its counters only rise: an event may have been quicker than a reply.
export function putStream(next) {
  const { lastSeq = 0, readSeq = 0 } = streams.peek(next.id) ?? {};
  streams.put(next.id, { ...next, lastSeq: Math.max(lastSeq, next.lastSeq), readSeq });
  markRead(next.id, next.readSeq);
  if (next.type !== 'thread' && !streamIds.peek().includes(next.id)) streamIds.value = [...streamIds.peek(), next.id];
}

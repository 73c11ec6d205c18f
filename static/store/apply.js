// What each event does to the store. One row an event; data that a row does not know is ignored.
import { batch } from '../vendor/signals.js';
import {
  interruptedSteps,
  markRead,
  missingFrom,
  newBuild,
  putMessage,
  putProgress,
  putSession,
  putSteps,
  putTimelineEvent,
  reached,
  removeStream,
  streamIds,
  streams,
  messages,
} from '../store.js';

const idOf = (room) => room.slice(room.indexOf(':') + 1);

function inRoom(data, change) {
  if (data.room.startsWith('stream:')) putTimelineEvent(idOf(data.room), change);
}

function onSession(data, type) {
  putSession(data.session);
  if (data.seq !== undefined) inRoom(data, { ...data, type });
  return { interrupted: interruptedSteps(data.session.id) };
}

function onStep(data) {
  putSteps(data.sessionId, [data.step]);
}

function onMessage(data, type) {
  if (data.updateType === 'agent_activity') putSession(data.session);
  else inRoom(data, { ...data, type });
}

function onDeleted(data) {
  const held = messages.peek(data.messageId ?? data.message?.id);
  if (data.message) putMessage(data.message);
  else if (held) putMessage({ ...held, deleted: true, content: '', version: held.version + 1 });
}

function onActivity(data) {
  for (const { session } of data.activity) putSession(session);
  return { missing: missingFrom(idOf(data.room), data.activity) };
}

// Returns the id of a stream that is not known here yet.
function touchStream(id, change) {
  const held = streams.peek(id);
  if (!held) return id;
  const next = { ...held, ...change };
  if (change.lastSeq > held.lastSeq && change.lastSeq > held.readSeq) next.hasNews = true;
  streams.put(id, next);
  return undefined;
}

const touched = (id, change) => ({ added: [touchStream(id, change)].filter(Boolean) });

// A channel counts what its threads mention, too: one that is read in a thread is counted there no more.
function onRead({ streamId, readSeq, mentionCount = 0 }) {
  const held = streams.peek(streamId);
  markRead(streamId, readSeq);
  touchStream(streamId, { mentionCount });
  return { added: held?.parentStreamId && held.mentionCount > mentionCount ? [held.parentStreamId] : [] };
}

// Complete for its room: the workspace's has the public streams, one's own the others. What it lacks is there no more.
function onSnapshot(data) {
  const isOwn = data.room === 'user:me';
  const named = new Set(data.streams.map((item) => item.streamId));
  for (const id of streamIds.peek()) {
    if (Boolean(streams.peek(id).private) === isOwn && !named.has(id)) removeStream(id);
  }
  const unknown = data.streams.map(({ streamId, lastSeq, running }) => touchStream(streamId, { lastSeq, running }));
  return { added: unknown.filter(Boolean) };
}

const handlers = {
  'agent_session:requested': onSession,
  'agent_session:started': onSession,
  'agent_session:completed': onSession,
  'agent_session:failed': onSession,
  'agent_session:cancelled': onSession,
  'agent_session:progress': onSession,
  'session:changed': onSession,
  'agent_session:step:started': onStep,
  'agent_session:step:completed': onStep,
  'agent_session:step:progress': putProgress,
  'agent_session:activity_snapshot': onActivity,
  'message:created': onMessage,
  'message:updated': onMessage,
  'message:deleted': onDeleted,
  'thread:created': (data, type) => inRoom(data, { ...data, type }),
  'stream:updated': (data) => data.stream && touchStream(data.stream.id, data.stream),
  'workspace:snapshot': onSnapshot,
  'stream:activity': ({ streamId, lastSeq, running }) => touched(streamId, { lastSeq, running }),
  'stream:mentioned': ({ streamId, mentionCount }) => touched(streamId, { mentionCount }),
  'stream:read': onRead,
  'stream:added': ({ streamId }) => ({ added: [streamId] }),
  'stream:removed': ({ streamId }) => removeStream(streamId),
};

export const eventNames = Object.keys(handlers);

// Applies one event. Returns what has to be asked of the server because of it: {missing?: session ids, interrupted?:
// steps, added?: streams' id}.
export function applyEvent(type, data) {
  let wanted;
  batch(() => {
    wanted = handlers[type]?.(data, type);
    if (data.seq !== undefined && data.room.startsWith('stream:')) reached.put(idOf(data.room), data.seq);
  });
  return wanted ?? {};
}

let firstBuild = null;

// The build that served this page is the one it heard of first.
export function noteBuild(build) {
  if (!build) return;
  firstBuild ??= build;
  if (build !== firstBuild) newBuild.value = true;
}

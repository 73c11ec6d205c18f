// SPDX-License-Identifier: Apache-2.0
// What each event does to the store, one row an event. Fields that a row does not know are ignored.
import { batch } from '../vendor/signals.js';
import {
  dropSteps,
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
  steps,
  streamIds,
  streams,
  messages,
  traces,
} from '../store.js';
import { isCut, lacksTexts } from './entities.js';
import { gatherParts } from './parts.js';

/** @typedef {{ streamId: string, lastSeq: number, running: number }} Listed */

/** @param {string} room */
const idOf = (room) => room.slice(room.indexOf(':') + 1);

/** @param {any} data @param {Record<string, any>} change */
function inRoom(data, change) {
  if (data.room.startsWith('stream:')) putTimelineEvent(idOf(data.room), change);
}

/** @param {any} data @param {string} type */
function onSession(data, type) {
  putSession(data.session);
  if (data.session.prunedAt) dropSteps(data.session.id);
  if (data.seq !== undefined) inRoom(data, { ...data, type });
  return { interrupted: interruptedSteps(data.session.id) };
}

/** @param {any} data */
function onStep(data) {
  putSteps(data.sessionId, [data.step]);
  const held = steps.peek(data.step.id);
  return { interrupted: held && lacksTexts(held) ? [{ sessionId: data.sessionId, stepId: held.id }] : [] };
}

// Of what the server is asked once a message may have been deleted that a session quotes: its steps that quote that
// message, or any message at all, and the session, whose trigger it may be.
/** @param {string} sessionId @param {string} [messageId] */
export function quotesOf(sessionId, messageId = '"messageId":') {
  const quoting = (traces.peek(sessionId)?.metas ?? []).filter(({ id }) => {
    const { content, sources } = steps.peek(id) ?? {};
    return JSON.stringify([content instanceof Object && content, sources]).includes(messageId);
  });
  return { interrupted: quoting.map(({ id }) => ({ sessionId, stepId: id })), missing: [sessionId] };
}

/** @param {any} data @param {string} type */
function onMessage(data, type) {
  if (data.updateType === 'agent_activity') {
    putSession(data.session);
    return {};
  }
  inRoom(data, { ...data, type });
  const held = messages.peek(data.message?.id);
  return { cut: held && isCut(held) ? [held.id] : [] };
}

/** @param {any} data */
function onDeleted(data) {
  if (data.room.startsWith('session:')) return quotesOf(idOf(data.room), data.messageId);
  const held = messages.peek(data.messageId ?? data.message?.id);
  if (data.message) putMessage(data.message);
  else if (held) putMessage({ ...held, deleted: true, content: '', version: held.version + 1 });
  return undefined;
}

/** @param {any} data */
function onActivity(data) {
  for (const { session } of data.activity) putSession(session);
  return { missing: missingFrom(idOf(data.room), data.activity) };
}

// Returns the stream's id if the stream is not known here yet.
/** @param {string} id @param {Record<string, any>} change */
function touchStream(id, change) {
  const held = streams.peek(id);
  if (!held) return id;
  const next = { ...held, ...change };
  if (change.lastSeq > held.lastSeq && change.lastSeq > held.readSeq) next.hasNews = true;
  streams.put(id, next);
  return undefined;
}

/** @param {string} id @param {Record<string, any>} change */
const touched = (id, change) => ({ added: [touchStream(id, change)].filter((one) => one !== undefined) });

// A channel also counts the mentions in its threads. What is read in a thread no longer counts there, so the channel is
// asked for again.
/** @param {{ streamId: string, readSeq: number, mentionCount?: number | undefined }} options */
function onRead({ streamId, readSeq, mentionCount = 0 }) {
  const held = streams.peek(streamId);
  markRead(streamId, readSeq);
  touchStream(streamId, { mentionCount });
  return { added: held?.parentStreamId && held.mentionCount > mentionCount ? [held.parentStreamId] : [] };
}

// The list is complete for its room: the workspace's names the public streams, the person's own the others. A stream
// that it lacks is gone.
/** @param {any} data */
function onSnapshot(data) {
  const isOwn = data.room === 'user:me';
  const named = new Set(data.streams.map((/** @type {Listed} */ item) => item.streamId));
  for (const id of streamIds.peek()) {
    if (Boolean(streams.peek(id)?.private) === isOwn && !named.has(id)) removeStream(id);
  }
  const unknown = data.streams.map((/** @type {Listed} */ { streamId, lastSeq, running }) =>
    touchStream(streamId, { lastSeq, running }),
  );
  return { added: unknown.filter(Boolean) };
}

/** @type {Record<string, (data: any, type: string) => any>} */
const handlers = {
  'agent_session:requested': onSession,
  'agent_session:started': onSession,
  'agent_session:completed': onSession,
  'agent_session:failed': onSession,
  'agent_session:cancelled': onSession,
  'agent_session:updated': onSession,
  'agent_session:progress': onSession,
  'session:changed': onSession,
  'agent_session:step:started': onStep,
  'agent_session:step:completed': onStep,
  'agent_session:step:updated': onStep,
  'agent_session:step:progress': putProgress,
  'agent_session:activity_snapshot': onActivity,
  'message:created': onMessage,
  'message:updated': onMessage,
  'message:deleted': onDeleted,
  /** @param {any} data @param {string} type */
  'thread:created': (data, type) => inRoom(data, { ...data, type }),
  /** @param {any} data */
  'stream:updated': (data) => data.stream && touchStream(data.stream.id, data.stream),
  'workspace:snapshot': onSnapshot,
  /** @param {{ streamId: string, lastSeq: number, running: number | boolean }} options */
  'stream:activity': ({ streamId, lastSeq, running }) => touched(streamId, { lastSeq, running }),
  /** @param {{ streamId: string, mentionCount?: number | undefined }} options */
  'stream:mentioned': ({ streamId, mentionCount }) => touched(streamId, { mentionCount }),
  'stream:read': onRead,
  /** @param {{ streamId: string }} options */
  'stream:added': ({ streamId }) => ({ added: [streamId] }),
  /** @param {{ streamId: string }} options */
  'stream:removed': ({ streamId }) => removeStream(streamId),
};

export const eventNames = Object.keys(handlers);

// Applies one event. Returns what the server has to be asked because of it.
/** @param {string} type @param {any} data */
export function applyEvent(type, data) {
  let wanted;
  batch(() => {
    const whole = gatherParts(type, data);
    if (whole) wanted = handlers[type]?.(whole, type);
    if (data.seq !== undefined && data.room.startsWith('stream:')) reached.put(idOf(data.room), data.seq);
  });
  return wanted ?? {};
}

let firstBuild = null;

// The first build that this page heard of is the one that served it.
/** @param {string | undefined} [build] */
export function noteBuild(build) {
  if (!build) return;
  firstBuild ??= build;
  if (build !== firstBuild) newBuild.value = true;
}

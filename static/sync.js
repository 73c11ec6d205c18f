// SPDX-License-Identifier: Apache-2.0
// Keeps the rooms on the screen in step with the server: which rooms, their positions, their snapshots. No other module
// knows both the connection and the store. An event flows from its room (order) through apply (meaning) into the store,
// and from there to components.
import { batch } from './vendor/signals.js';
import { apiGet, ApiError } from './api.js';
import { createEvents } from './events.js';
import { clockSample } from './time.js';
import { away, connection, problems, putMessage, putSteps, putStream, roomStates } from './store.js';
import { applyEvent, eventNames, noteBuild, quotesOf } from './store/apply.js';
import {
  roomEvent,
  roomGone,
  roomIsCounted,
  roomIsNamed,
  roomLost,
  roomNew,
  roomReady,
  roomReset,
  roomSnapshot,
} from './store/rooms.js';
import { loaders, loadStepAgain, refreshSession } from './load.js';

const maxRooms = 6;
const fallbackDelay = 1500;
const awayAfter = 2500;

/** @typedef {{ room: Room, users: number, options: SessionOptions, token: object | null }} Entry */

/** @type {any} */
let ws = null;
/** @type {Map<string, Entry>} */
const wanted = new Map();

// Whoever tells a person of events hears each before the store does, and says whether a hidden page is to listen.
/** @type {{ event: (type: string, data: any) => void, watches: () => boolean }} */
let listener = { event: () => {}, watches: () => false };
/** @param {typeof listener} next */
export const syncListen = (next) => (listener = next);

/** @param {string} name */
const idOf = (name) => name.slice(name.indexOf(':') + 1);

/** @param {Entry} entry */
function publish(entry) {
  roomStates.set(entry.room.name, entry.room.state);
}

function publishAll() {
  batch(() => wanted.forEach(publish));
}

// Durable events pass their room's counter. Ephemeral ones apply at once, since they carry their own place.
/** @param {string} type @param {any} data */
function receive(type, data) {
  const entry = wanted.get(data.room);
  listener.event(type, data);
  if (data.seq === undefined || !entry) {
    act(applyEvent(type, data));
    return reopenIfBehind(data.session);
  }
  const verdict = roomEvent(entry.room, { seq: data.seq, type, data });
  if (verdict === 'apply') act(applyEvent(type, data));
  if (verdict === 'hole') {
    publish(entry);
    takeSnapshot(entry);
  }
}

// A session that had ended runs again, or was filled in late: its room is listened to again.
/** @param {Session | undefined} session */
function reopenIfBehind(session) {
  if (!session) return;
  const entry = wanted.get(`session:${session.id}`);
  if (!entry?.room.ended || entry.room.seq === null || session.lastSeq <= entry.room.seq) return;
  entry.room.ended = false;
  events.reopen();
}

// `interrupted`: steps of which the server knows more than their events told.
/** @param {Wanted} options */
function act({ missing = [], interrupted = [], added = [], cut = [] }) {
  for (const { sessionId, stepId } of interrupted) refreshStep(sessionId, stepId);
  for (const id of missing) refreshSession(ws, id);
  for (const id of added) addStream(id);
  for (const id of cut) refreshMessage(id);
}

// Takes what an event only named, unless another workspace was opened meanwhile. Without an answer what was seen last
// stays, and a reload or the next snapshot asks again.
/** @template T @param {Promise<T>} asked @param {(answer: T) => void} put */
async function take(asked, put) {
  const home = ws;
  try {
    const answer = await asked;
    if (ws === home) put(answer);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

// An event showed only the beginning of a message.
/** @param {string} id */
const refreshMessage = (id) => take(apiGet(`/workspaces/${ws}/messages/${id}`), ({ message }) => putMessage(message));

// A stream has become visible. It joins the list, and if its room was refused earlier, the room is requested again.
/** @param {string} id */
const addStream = (id) =>
  take(apiGet(`/workspaces/${ws}/streams/${id}`), ({ stream }) => {
    putStream(stream);
    const name = `stream:${id}`;
    if (wanted.get(name)?.room.state === 'gone') syncRetry(name);
  });

/** @param {string} sessionId @param {string} stepId */
const refreshStep = (sessionId, stepId) =>
  take(loadStepAgain(ws, sessionId, stepId), (step) => putSteps(sessionId, [step]));

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Requests the room's snapshot until one fits. Only the newest call for a room counts.
/** @param {Entry} entry */
async function takeSnapshot(entry) {
  const token = (entry.token = {});
  const kind = entry.room.name.split(':')[0];
  for (let tries = 0; entry.token === token; tries += 1) {
    try {
      const snapshot = await loaders[kind](ws, idOf(entry.room.name), entry.options);
      if (entry.token !== token) return;
      let result;
      batch(() => {
        result = snapshot.commit();
        const { events, again } = roomSnapshot(entry.room, snapshot.lastSeq);
        for (const event of events) act(applyEvent(event.type, event.data));
        entry.room.ended = Boolean(snapshot.ended);
        if (!again) entry.token = null;
        publish(entry);
      });
      problems.drop(entry.room.name);
      act(result ?? {});
      if (entry.token === null) return;
      await pause(100 * tries);
    } catch (error) {
      if (entry.token !== token) return;
      if (!(error instanceof ApiError)) throw error;
      problems.set(entry.room.name, error);
      if (!error.isTemporary) {
        roomGone(entry.room);
        publish(entry);
        return;
      }
      await pause(Math.min(10000, 500 * 2 ** tries) * (0.5 + Math.random()));
    }
  }
}

/** @type {Timer} */

let awayTimer;

// Connections end now and then and return within a moment. That is not worth a sentence.
/** @param {string} status */
function noteAway(status) {
  if (status === 'lost' && !away.peek()) awayTimer ??= setTimeout(() => (away.value = 'lost'), awayAfter);
  if (status === 'crowded') away.value = 'crowded';
  if (status !== 'live' && status !== 'asleep') return;
  clearTimeout(awayTimer);
  awayTimer = undefined;
  away.value = null;
}

// Which database has counted, as positions say it: what a restored one counts means other events.
let epoch = '';

/** @type {Record<string, (data: any) => unknown>} */
const control = {
  /** @param {any} options */
  ready({ rooms, serverTime, build, epoch: counts }) {
    clockSample(typeof serverTime === 'number' ? serverTime : Date.parse(serverTime), Date.now(), Date.now());
    noteBuild(build);
    epoch = counts ? `~${counts}` : '';
    for (const [name, { from }] of Object.entries(rooms)) {
      const entry = wanted.get(name);
      if (!entry) continue;
      const wasAway = entry.room.state === 'stale';
      if (roomReady(entry.room, from)) takeSnapshot(entry);
      // The deletion of a quoted message raises no number, and is not told to those who come back.
      else if (wasAway && name.startsWith('session:')) act(quotesOf(idOf(name)));
    }
    publishAll();
  },
  /** @param {{ room: string }} options */
  reset({ room }) {
    const entry = wanted.get(room);
    if (!entry || !roomIsCounted(room)) return;
    roomReset(entry.room);
    publish(entry);
    takeSnapshot(entry);
  },
  // With a room, that room may not be read and the others go on. Without one, something was taken away and the
  // connection ends: the next connection tells what may still be seen, and whether the reader is still signed in. It
  // does not name ended rooms, so those are requested here.
  /** @param {{ room: string }} options */
  revoked({ room }) {
    if (!room) {
      wanted.forEach((entry) => entry.room.ended && takeSnapshot(entry));
      return events.restart();
    }
    const entry = wanted.get(room);
    if (!entry) return undefined;
    roomGone(entry.room);
    entry.token = null;
    problems.set(room, new ApiError(404, { code: 'not_found' }));
    return publish(entry);
  },
  /** @param {{ room: string }} options */
  end({ room }) {
    const entry = wanted.get(room);
    if (entry) entry.room.ended = true;
  },
};

async function mayReopen() {
  try {
    await apiGet('/auth/me', { signal: AbortSignal.timeout(5000) });
    return true;
  } catch (error) {
    return error.status !== 401;
  }
}

async function restAnswers() {
  try {
    await apiGet('/auth/me', { signal: AbortSignal.timeout(3000) });
    return true;
  } catch (error) {
    return error.status > 0;
  }
}

/** @param {boolean} isWatch */
function urlOf(isWatch) {
  if (ws === null) return null;
  const rooms = [...wanted.values()]
    .map((entry) => entry.room)
    .filter((room) => room.state !== 'gone' && !room.ended && (!isWatch || !roomIsCounted(room.name)));
  if (rooms.length === 0) return null;
  const named = rooms.slice(0, maxRooms);
  const query = new URLSearchParams(named.map((room) => ['room', room.name]));
  if (named.some((room) => room.seq !== null))
    query.set('lastEventId', named.map((room) => room.seq ?? '-').join('.') + epoch);
  return `/api/workspaces/${ws}/events?${query}`;
}

const events = createEvents({
  names: eventNames,
  urlOf,
  on: {
    /** @param {string} type @param {any} data */
    event: (type, data) => (control[type] ? control[type](data) : receive(type, data)),
    /** @param {string} status */
    status(status) {
      connection.value = status;
      noteAway(status);
      if (status === 'live') return;
      wanted.forEach((entry) => roomLost(entry.room));
      publishAll();
    },
    closed: mayReopen,
    probe: restAnswers,
    watches: () => listener.watches(),
  },
});

/** @param {string} workspaceId */
export function syncStart(workspaceId) {
  if (ws === workspaceId) return;
  ws = workspaceId;
  events.reopen();
}

export function syncStop() {
  ws = null;
  for (const entry of wanted.values()) entry.token = null;
  wanted.clear();
  events.close();
}

// The id in an address may be anything. A name that no room can have is not requested, so that the other rooms stay
// live.
/** @param {Entry} entry @param {string} name */
function begin(entry, name) {
  entry.room = roomNew(name);
  if (roomIsNamed(name)) return problems.drop(name);
  roomGone(entry.room);
  problems.set(name, new ApiError(404, { code: 'not_found' }));
}

// Wants a room until the returned function is called. `options` are handed to the room's loader.
/** @param {string} name @param {SessionOptions} [options] */
export function syncRoom(name, options = {}) {
  const held = wanted.get(name);
  /** @type {Entry} */
  const entry = held ?? { room: roomNew(name), users: 0, options, token: null };
  if (!held) {
    begin(entry, name);
    wanted.set(name, entry);
    publish(entry);
    events.reopen();
  }
  entry.users += 1;
  entry.options = options;
  // Push may be down while REST answers. Then what is stored is shown, and `ready` decides later whether it was new
  // enough.
  const fallback = setTimeout(() => {
    if (roomIsCounted(name) && entry.room.seq === null && entry.token === null && entry.room.state === 'connecting')
      takeSnapshot(entry);
  }, fallbackDelay);
  return () => {
    clearTimeout(fallback);
    entry.users -= 1;
    if (entry.users > 0 || wanted.get(name) !== entry) return;
    wanted.delete(name);
    entry.token = null;
    roomStates.drop(name);
    events.reopen();
  };
}

// Tries once more for a room that is gone, because a permission may have been granted.
/** @param {string} name */
export function syncRetry(name) {
  const entry = wanted.get(name);
  if (!entry) return;
  begin(entry, name);
  publish(entry);
  events.reopen();
}

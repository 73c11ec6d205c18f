// Keeps the rooms that somebody looks at in step with the server: which rooms, their positions, their snapshots. The
// only module that knows both the connection and the store. The flow: event → room (order) → apply (meaning) → store
// → component.
import { batch } from './vendor/signals.js';
import { apiGet, ApiError } from './api.js';
import { createEvents } from './events.js';
import { clockSample } from './time.js';
import { away, connection, problems, putSteps, putStream, roomStates } from './store.js';
import { applyEvent, eventNames, noteBuild } from './store/apply.js';
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
import { loadSession, loadStream, loadWholeStep, refreshSession } from './load.js';

const maxRooms = 6;
const fallbackDelay = 1500;
const awayAfter = 2500;

let ws = null;
const wanted = new Map();

const idOf = (name) => name.slice(name.indexOf(':') + 1);
const loaders = { stream: loadStream, session: loadSession };

function publish(entry) {
  roomStates.set(entry.room.name, entry.room.state);
}

function publishAll() {
  batch(() => wanted.forEach(publish));
}

// Durable: through the room's counter. Ephemeral: at once, since it carries its own place.
function receive(type, data) {
  const entry = wanted.get(data.room);
  if (data.seq === undefined || !entry) return act(applyEvent(type, data));
  const verdict = roomEvent(entry.room, { seq: data.seq, type, data });
  if (verdict === 'apply') act(applyEvent(type, data));
  if (verdict === 'hole') {
    publish(entry);
    takeSnapshot(entry);
  }
}

function act({ missing = [], interrupted = [], added = [] }) {
  for (const { sessionId, stepId } of interrupted) refreshStep(sessionId, stepId);
  for (const id of missing) refreshSession(ws, id);
  for (const id of added) addStream(id);
}

// A stream that one may see now: it joins the list, and a room of it that was refused is asked for again.
async function addStream(id) {
  try {
    putStream((await apiGet(`/workspaces/${ws}/streams/${id}`)).stream);
    const name = `stream:${id}`;
    if (wanted.get(name)?.room.state === 'gone') syncRetry(name);
  } catch {
    // The next snapshot of the list names it again.
  }
}

async function refreshStep(sessionId, stepId) {
  try {
    putSteps(sessionId, [await loadWholeStep(ws, sessionId, stepId)]);
  } catch {
    // What was seen last stays; a reload asks again.
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks for the room's snapshot until one fits. Only the newest call for a room counts.
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
        if (snapshot.ended) entry.room.ended = true;
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

let awayTimer = null;

// Connections end now and then, and come back in a moment: nobody needs to read about that.
function noteAway(status) {
  if (status === 'lost' && !away.peek()) awayTimer ??= setTimeout(() => (away.value = 'lost'), awayAfter);
  if (status === 'crowded') away.value = 'crowded';
  if (status !== 'live' && status !== 'asleep') return;
  clearTimeout(awayTimer);
  awayTimer = null;
  away.value = null;
}

const control = {
  ready({ rooms, serverTime, build }) {
    clockSample(typeof serverTime === 'number' ? serverTime : Date.parse(serverTime), Date.now(), Date.now());
    noteBuild(build);
    for (const [name, { from }] of Object.entries(rooms)) {
      const entry = wanted.get(name);
      if (entry && roomReady(entry.room, from)) takeSnapshot(entry);
    }
    publishAll();
  },
  reset({ room }) {
    const entry = wanted.get(room);
    if (!entry || !roomIsCounted(room)) return;
    roomReset(entry.room);
    publish(entry);
    takeSnapshot(entry);
  },
  // With a room: that one may not be read, the others go on. Without: something was taken away, and the connection
  // ends; a new one tells what still may be seen, and whether one is still signed in. It does not name the ended rooms:
  // those are asked for.
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
  end({ room }) {
    const entry = wanted.get(room);
    if (entry) entry.room.ended = true;
  },
};

async function mayReopen() {
  try {
    await apiGet('/auth/me');
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

function urlOf() {
  if (ws === null) return null;
  const rooms = [...wanted.values()].map((entry) => entry.room).filter((room) => room.state !== 'gone' && !room.ended);
  if (rooms.length === 0) return null;
  const named = rooms.slice(0, maxRooms);
  const query = new URLSearchParams(named.map((room) => ['room', room.name]));
  if (named.some((room) => room.seq !== null)) query.set('lastEventId', named.map((room) => room.seq ?? '-').join('.'));
  return `/api/workspaces/${ws}/events?${query}`;
}

const events = createEvents({
  names: eventNames,
  urlOf,
  on: {
    event: (type, data) => (control[type] ? control[type](data) : receive(type, data)),
    status(status) {
      connection.value = status;
      noteAway(status);
      if (status === 'live') return;
      wanted.forEach((entry) => roomLost(entry.room));
      publishAll();
    },
    closed: mayReopen,
    probe: restAnswers,
  },
});

export function syncStart(workspaceId) {
  if (ws === workspaceId) return;
  ws = workspaceId;
  events.reopen();
}

export function syncStop() {
  ws = null;
  wanted.clear();
  events.close();
}

// An id in the address may be anything; what cannot be a room is not asked for, so that the others stay live.
function begin(entry, name) {
  entry.room = roomNew(name);
  if (roomIsNamed(name)) return problems.drop(name);
  roomGone(entry.room);
  problems.set(name, new ApiError(404, { code: 'not_found' }));
}

// Wants a room until the returned function is called. `options` go to the room's loader.
export function syncRoom(name, options = {}) {
  let entry = wanted.get(name);
  if (!entry) {
    entry = { room: null, users: 0, options, token: null };
    begin(entry, name);
    wanted.set(name, entry);
    publish(entry);
    events.reopen();
  }
  entry.users += 1;
  entry.options = options;
  // Push may be away while REST answers: then what is stored is shown, and `ready` decides later whether it was new
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

// Something was asked of a room that is gone: try once more (a permission may have come).
export function syncRetry(name) {
  const entry = wanted.get(name);
  if (!entry) return;
  begin(entry, name);
  publish(entry);
  events.reopen();
}

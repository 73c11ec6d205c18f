// SPDX-License-Identifier: Apache-2.0
// One room's position: which events are applied, which wait for the snapshot, and when a new snapshot is needed. Pure.
// The states are connecting → buffering → live → stale → gone. While a room is live, everything up to `seq` has been
// applied and the subscription stands from `seq` on. A snapshot may make a room live only if it is not older than the
// position where the stream starts.

/** @param {string} name @returns {Room} */
export function roomNew(name) {
  return { name, state: 'connecting', seq: null, from: null, queue: [], ended: false };
}

// The kinds of rooms by the words of their names: the prefix of their ids, whether their events are numbered, and what
// stands in place of an id. wire/room_name.c has the same table; tests/lint/rooms.sh compares the two.
/** @type {Record<string, { prefix: string, isCounted: boolean, publicId: string | null }>} */
const kinds = {
  session: { prefix: 'ses', isCounted: true, publicId: null },
  stream: { prefix: 'str', isCounted: true, publicId: null },
  workspace: { prefix: 'ws', isCounted: false, publicId: null },
  user: { prefix: 'usr', isCounted: false, publicId: 'me' },
  persona: { prefix: 'per', isCounted: false, publicId: null },
};

/** @param {string} name */
function kindOf(name) {
  const word = name.slice(0, Math.max(0, name.indexOf(':')));
  return Object.hasOwn(kinds, word) ? kinds[word] : undefined;
}

// Whether a room has a counter. The others are ephemeral and carry their own snapshots.
/** @param {string} name */
export function roomIsCounted(name) {
  return kindOf(name)?.isCounted === true;
}

// False for a name that no room can have. The server would refuse the whole subscription because of it.
/** @param {string} name */
export function roomIsNamed(name) {
  const kind = kindOf(name);
  if (!kind) return false;
  const id = name.slice(name.indexOf(':') + 1);
  if (kind.publicId !== null) return id === kind.publicId;
  return id.startsWith(`${kind.prefix}_`) && /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id.slice(kind.prefix.length + 1));
}

// The subscription stands and starts after `from`. Returns true if a snapshot is needed.
/** @param {Room} room @param {number} from */
export function roomReady(room, from) {
  if (!roomIsCounted(room.name)) {
    room.state = 'live';
    return false;
  }
  const last = room.queue.length > 0 ? room.queue[room.queue.length - 1].seq : room.from;
  const continues = room.state === 'buffering' && last !== null && from <= last;
  if (room.seq !== null && from <= room.seq && room.state !== 'buffering') {
    room.from = from;
    room.state = 'live';
    return false;
  }
  if (!continues) {
    room.queue = [];
    room.from = from;
  }
  room.state = 'buffering';
  return true;
}

// A durable event arrived. Returns 'apply' (the counter is raised), 'drop', 'queue', or 'hole' (it is queued and a
// snapshot is needed).
/** @param {Room} room @param {QueuedEvent} event */
export function roomEvent(room, event) {
  if (room.state === 'gone') return 'drop';
  if (room.seq !== null && event.seq <= room.seq && room.state !== 'buffering') return 'drop';
  if (room.state === 'buffering' || room.seq === null) {
    room.queue.push(event);
    return 'queue';
  }
  if (event.seq === (room.seq ?? 0) + 1) {
    room.seq = event.seq;
    return 'apply';
  }
  room.state = 'buffering';
  room.queue = [event];
  return 'hole';
}

// Takes a snapshot that shows the room as of `lastSeq`. Returns {again} if it is too old or events are missing between
// it and the queue, else {events}, to be applied on top of it in order.
/** @param {Room} room @param {number} lastSeq */
export function roomSnapshot(room, lastSeq) {
  if (room.from !== null && lastSeq < room.from) return { events: [], again: true };
  let seq = lastSeq;
  room.seq = seq;
  const events = [];
  const queue = [...room.queue].sort((a, b) => a.seq - b.seq);
  for (const event of queue) {
    if (event.seq <= seq) continue;
    if (event.seq !== seq + 1) {
      room.queue = queue.filter((queued) => queued.seq > seq);
      return { events, again: true };
    }
    seq = event.seq;
    room.seq = seq;
    events.push(event);
  }
  room.queue = [];
  if (room.state === 'buffering') room.state = 'live';
  return { events, again: false };
}

// The connection is gone. What is shown stays.
/** @param {Room} room */
export function roomLost(room) {
  if (room.state === 'live') room.state = 'stale';
}

// The server cannot resume from our counter. What is shown stays until the next snapshot.
/** @param {Room} room */
export function roomReset(room) {
  room.state = 'buffering';
  room.from = null;
  room.queue = [];
}

/** @param {Room} room */
export function roomGone(room) {
  room.state = 'gone';
  room.queue = [];
}

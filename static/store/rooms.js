// One room's position: which events are applied, which wait for the snapshot, and when a new snapshot is needed. Pure.
//
// States: connecting → buffering → live → stale → gone. Invariant of `live`: everything up to `seq` is applied, and
// the subscription stands from `seq` on. A snapshot may make a room live only if it is not older than where the
// stream starts.

export function roomNew(name) {
  return { name, state: 'connecting', seq: null, from: null, queue: [], ended: false };
}

// The rooms that have a counter; the others are ephemeral and carry their own snapshots.
export function roomIsCounted(name) {
  return name.startsWith('stream:') || name.startsWith('session:');
}

// False for a name that no room can have: the server would refuse the whole subscription for it.
export function roomIsNamed(name) {
  return /^(user:me|(session:ses|stream:str|workspace:ws)_[0-7][0-9A-HJKMNP-TV-Z]{25})$/.test(name);
}

// The subscription stands, starting after `from`. Returns true if a snapshot is needed.
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

// A durable event arrived: 'apply' (the counter is raised), 'drop', 'queue', or 'hole' (queued; a snapshot is needed).
export function roomEvent(room, event) {
  if (room.state === 'gone') return 'drop';
  if (room.seq !== null && event.seq <= room.seq && room.state !== 'buffering') return 'drop';
  if (room.state === 'buffering' || room.seq === null) {
    room.queue.push(event);
    return 'queue';
  }
  if (event.seq === room.seq + 1) {
    room.seq = event.seq;
    return 'apply';
  }
  room.state = 'buffering';
  room.queue = [event];
  return 'hole';
}

// A snapshot that shows the room as of `lastSeq`. Returns {again} if it is too old or events are missing between it and
// the queue, else {events} to apply on top of it, in order.
export function roomSnapshot(room, lastSeq) {
  if (room.from !== null && lastSeq < room.from) return { events: [], again: true };
  room.seq = lastSeq;
  const events = [];
  const queue = [...room.queue].sort((a, b) => a.seq - b.seq);
  for (const event of queue) {
    if (event.seq <= room.seq) continue;
    if (event.seq !== room.seq + 1) {
      room.queue = queue.filter((queued) => queued.seq > room.seq);
      return { events, again: true };
    }
    room.seq = event.seq;
    events.push(event);
  }
  room.queue = [];
  if (room.state === 'buffering') room.state = 'live';
  return { events, again: false };
}

// The connection is gone: what is shown stays.
export function roomLost(room) {
  if (room.state === 'live') room.state = 'stale';
}

// The server cannot resume from our counter: what is shown stays until the next snapshot.
export function roomReset(room) {
  room.state = 'buffering';
  room.from = null;
  room.queue = [];
}

export function roomGone(room) {
  room.state = 'gone';
  room.queue = [];
}

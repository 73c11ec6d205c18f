// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  roomEvent,
  roomIsNamed,
  roomLost,
  roomNew,
  roomReady,
  roomReset,
  roomSnapshot,
} from '../../../static/store/rooms.js';

const event = (seq) => ({ seq });
const seqs = (list) => list.map((one) => one.seq);

function liveRoom(seq) {
  const room = roomNew('session:s');
  roomReady(room, seq);
  roomSnapshot(room, seq);
  return room;
}

test('subscribe, then bootstrap: queued events above the snapshot follow it, in order', () => {
  const room = roomNew('stream:s');
  assert.equal(roomReady(room, 10), true);
  for (const seq of [12, 11, 13]) assert.equal(roomEvent(room, event(seq)), 'queue');
  const { events, again } = roomSnapshot(room, 11);
  assert.deepEqual(seqs(events), [12, 13]);
  assert.equal(again, false);
  assert.deepEqual([room.state, room.seq], ['live', 13]);
});

test('a snapshot older than where the stream starts does not count', () => {
  const room = roomNew('stream:s');
  roomReady(room, 10);
  assert.equal(roomSnapshot(room, 9).again, true);
  assert.equal(room.state, 'buffering');
  assert.equal(roomSnapshot(room, 10).again, false);
  assert.equal(room.state, 'live');
});

test('live: next is applied, lower dropped, a hole asks for a snapshot', () => {
  const room = liveRoom(5);
  assert.equal(roomEvent(room, event(5)), 'drop');
  assert.equal(roomEvent(room, event(6)), 'apply');
  assert.equal(roomEvent(room, event(6)), 'drop');
  assert.equal(roomEvent(room, event(8)), 'hole');
  assert.equal(room.state, 'buffering');
  assert.equal(roomEvent(room, event(9)), 'queue');
  const { events } = roomSnapshot(room, 7);
  assert.deepEqual(seqs(events), [8, 9]);
});

test('resumed at our counter, or below: nothing is fetched', () => {
  const room = liveRoom(5);
  roomLost(room);
  assert.equal(room.state, 'stale');
  assert.equal(roomReady(room, 5), false);
  assert.equal(room.state, 'live');
  roomEvent(room, event(6));
  assert.equal(roomReady(room, 5), false);
  assert.equal(roomEvent(room, event(6)), 'drop');
  assert.equal(roomEvent(room, event(7)), 'apply');
});

test('resumed above our counter, or reset: a snapshot', () => {
  const room = liveRoom(5);
  roomLost(room);
  assert.equal(roomReady(room, 9), true);
  const other = liveRoom(5);
  roomReset(other);
  assert.equal(roomEvent(other, event(41)), 'queue');
  assert.deepEqual(seqs(roomSnapshot(other, 40).events), [41]);
  assert.equal(other.state, 'live');
});

test('a reconnect while buffering keeps the queue only if it continues', () => {
  const room = roomNew('session:s');
  roomReady(room, 3);
  roomEvent(room, event(4));
  assert.equal(roomReady(room, 4), true);
  roomEvent(room, event(5));
  assert.deepEqual(seqs(roomSnapshot(room, 3).events), [4, 5]);
  const other = roomNew('session:s');
  roomReady(other, 3);
  roomEvent(other, event(4));
  roomReady(other, 9);
  assert.equal(roomSnapshot(other, 8).again, true);
  assert.deepEqual(seqs(roomSnapshot(other, 9).events), []);
});

test('a hole between snapshot and queue: again', () => {
  const room = roomNew('session:s');
  roomReady(room, 3);
  roomEvent(room, event(4));
  roomEvent(room, event(7));
  const first = roomSnapshot(room, 3);
  assert.deepEqual([seqs(first.events), first.again], [[4], true]);
  assert.deepEqual(seqs(roomSnapshot(room, 6).events), [7]);
});

test('what no room can be called is known', () => {
  const ulid = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  for (const name of [`stream:str_${ulid}`, `session:ses_${ulid}`, `workspace:ws_${ulid}`, 'user:me'])
    assert.ok(roomIsNamed(name), name);
  for (const name of [
    'stream:str_nope',
    `stream:ses_${ulid}`,
    `session:ses_${ulid}x`,
    `session:ses_8${ulid.slice(1)}`,
    'user:',
    '',
  ])
    assert.ok(!roomIsNamed(name), name);
});

test('ephemeral rooms are live at once', () => {
  const room = roomNew('workspace:w');
  assert.equal(roomReady(room, null), false);
  assert.equal(room.state, 'live');
});

// SPDX-License-Identifier: Apache-2.0
// What is fetched, and what has changed while it was under way.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as store from '../../../static/store.js';
import { loadOlder, loadStepAgain, loadTowards, loadWholeStep } from '../../../static/load.js';

const [ws, stream] = ['ws_1', 'str_1'];
const message = (seq) => ({
  id: `msg_${seq}`,
  streamId: stream,
  seq,
  version: 1,
  createdAt: '2026-01-02T10:00:00.000Z',
});
const event = (seq) => ({ type: 'message:created', seq, createdAt: '2026-01-02T10:00:00.000Z', message: message(seq) });
const answer = (body) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
const seqs = () => store.timelines.peek(stream).entries.map((entry) => entry.seq);

test('an older page goes in front of the timeline that it was asked for, of no other', async () => {
  globalThis.fetch = async () => answer({ events: [event(7), event(8)] });
  store.replaceTimeline(stream, [event(9), event(10)], true);
  const [fits, late] = [await loadOlder(ws, stream), await loadOlder(ws, stream)];
  fits();
  assert.deepEqual(seqs(), [7, 8, 9, 10]);
  store.replaceTimeline(stream, [event(50), event(51)], true);
  late();
  assert.deepEqual(seqs(), [50, 51]);
  assert.equal(store.timelines.peek(stream).oldest, 50);
});

test('the way back to a message: page by page, to what is there; and what is not there', async () => {
  store.replaceTimeline(stream, [event(50)], true);
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url.replace(/.*\/(events|messages)/, '$1'));
    if (url.includes('msg_elsewhere'))
      return answer({ message: { ...message(3), id: 'msg_elsewhere', streamId: 'str_2' } });
    return url.includes('/messages/') ? answer({ message: message(20) }) : answer({ events: [event(20), event(30)] });
  };
  assert.equal(await loadTowards(ws, stream, 'msg_50'), undefined);
  (await loadTowards(ws, stream, 'msg_20'))();
  assert.deepEqual(seqs(), [20, 30, 50]);
  assert.equal(await loadTowards(ws, stream, 'msg_20'), undefined);
  await assert.rejects(loadTowards(ws, stream, 'msg_elsewhere'), { status: 404 });
  assert.deepEqual(asked, ['messages/msg_20', 'events?before=50&limit=500', 'messages/msg_elsewhere']);
});

test('many steps that are asked for again are so a few at a time, each once, and nobody else waits for them', async () => {
  const heard = () => new Promise((resolve) => setImmediate(resolve));
  const open = [];
  let asked = 0;
  globalThis.fetch = (url) =>
    new Promise((resolve) => {
      const id = url.split('/').at(-1);
      asked += 1;
      open.push(() => resolve(answer({ step: { id } })));
    });
  const ids = Array.from({ length: 12 }, (_, i) => `stp_${i}`);
  const all = [...ids, 'stp_11'].map((id) => loadStepAgain(ws, 'ses_1', id));
  await heard();
  assert.equal(open.length, 4);
  const opened = loadWholeStep(ws, 'ses_1', 'stp_opened');
  await heard();
  assert.equal(open.length, 5);
  open.pop()();
  assert.equal((await opened).id, 'stp_opened');
  while (open.length > 0) {
    open.shift()();
    await heard();
    assert.ok(open.length <= 4);
  }
  assert.deepEqual(
    (await Promise.all(all)).map(({ id }) => id),
    [...ids, 'stp_11'],
  );
  assert.equal(asked, ids.length + 1);
});

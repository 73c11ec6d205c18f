// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  timelineAdd,
  timelineNew,
  timelinePrepend,
  timelineReplace,
  timelineRows,
} from '../../../static/store/timeline.js';
import { outlineMetas, traceMerge, traceNew } from '../../../static/store/trace.js';

const said = (seq, id = `m${seq}`) => ({
  seq,
  type: 'message:created',
  createdAt: '2026-01-02T10:00:00.000Z',
  message: { id },
});
const card = (seq, type, id = 's') => ({
  seq,
  type: `agent_session:${type}`,
  createdAt: '2026-01-02T10:00:00.000Z',
  session: { id },
});
const ids = (timeline) => timeline.entries.map((entry) => entry.id);

test('one card a session, at its first event', () => {
  let timeline = timelineReplace([said(3), card(5, 'started'), said(6), card(7, 'completed')], true);
  assert.deepEqual(ids(timeline), ['m3', 's', 'm6']);
  timeline = timelinePrepend(timeline, [said(1), card(2, 'requested')], false);
  assert.deepEqual(ids(timeline), ['m1', 's', 'm3', 'm6']);
  assert.equal(timeline.hasBefore, false);
});

test('live events append, repetitions change nothing, a late one finds its place', () => {
  let timeline = timelineAdd(timelineNew(), said(2));
  assert.equal(timelineAdd(timeline, said(2)), timeline);
  assert.equal(timelineAdd(timeline, { seq: 3, type: 'message:updated', message: { id: 'old' } }), timeline);
  timeline = timelineAdd(timelineAdd(timeline, said(4)), said(3));
  assert.deepEqual(ids(timeline), ['m2', 'm3', 'm4']);
});

test('rows: day breaks and runs of one author', () => {
  const messages = {
    a: { id: 'a', author: { id: 'u' }, createdAt: '2026-01-02T10:00:00Z' },
    b: { id: 'b', author: { id: 'u' }, createdAt: '2026-01-02T10:01:00Z' },
    c: { id: 'c', author: { id: 'v' }, createdAt: '2026-01-02T10:02:00Z' },
    d: { id: 'd', author: { id: 'v' }, createdAt: '2026-01-03T10:02:00Z' },
  };
  const entries = Object.values(messages).map((one, seq) => ({ kind: 'message', id: one.id, seq, at: one.createdAt }));
  const rows = timelineRows(
    entries,
    (id) => messages[id],
    (at) => at.slice(0, 10),
  );
  assert.deepEqual(
    rows.map((row) => row.kind + (row.continues ? '+' : '')),
    ['day', 'message', 'message+', 'message', 'day', 'message'],
  );
});

test('the outline and the steps make one order', () => {
  const columns = [
    'id',
    'number',
    'type',
    'status',
    'startedMs',
    'durationMs',
    'messageId',
    'seq',
    'parentId',
    'startedUs',
  ];
  const steps = [
    ['p1', 1, 'thinking', 'completed', 1000, 500, null, 3, null, 1_000_000],
    ['p2', 2, 'tool_call', 'running', 1600, null, null, 4, 'p1', 1_600_000],
  ];
  const metas = outlineMetas({ columns, steps });
  assert.equal(metas[1].parentId, 'p1');
  assert.equal(metas[1].startedAt, 1600);
  let trace = traceMerge(traceNew(), metas, { complete: true });
  trace = traceMerge(trace, [
    { id: 'p2', number: 2, startedUs: 1_600_000, status: 'completed', durationMs: 9, seq: 5 },
  ]);
  trace = traceMerge(trace, [{ id: 'p3', number: 3, startedUs: 1_700_000, status: 'running', seq: 6 }]);
  trace = traceMerge(trace, [{ id: 'p2', number: 2, startedUs: 1_600_000, status: 'running', seq: 4 }]);
  assert.deepEqual(
    trace.metas.map((meta) => [meta.id, meta.status]),
    [
      ['p1', 'completed'],
      ['p2', 'completed'],
      ['p3', 'running'],
    ],
  );
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { barsHit, barsLayout } from '../../../static/trace/bars.js';
import { maxLag, paceCut, paceFinish, paceFrame, paceGrow, paceNew, paceStep } from '../../../static/trace/pace.js';
import {
  failureText,
  interruptedText,
  isInterrupted,
  personaTrouble,
  phaseText,
  quietText,
} from '../../../static/trace/phase.js';
import {
  heightsIndexAt,
  heightsNew,
  heightsRows,
  heightsSet,
  heightsTotal,
  windowCompensate,
  windowRows,
} from '../../../static/trace/window.js';

test('pacing is even, and never more than a second and a half behind', () => {
  const pace = paceNew();
  let longest = 0;
  const arrivals = [];
  let length = 0;
  for (let now = 0; now < 20000; now += paceFrame) {
    if (now % 200 === 0 && now < 10000) {
      length += now % 2000 === 0 ? 5000 : 40;
      paceGrow(pace, length, now);
      arrivals.push({ at: now, length });
    }
    const shown = paceStep(pace, now);
    const waiting = arrivals.find((arrival) => arrival.length > shown);
    if (waiting) longest = Math.max(longest, now - waiting.at);
  }
  assert.equal(pace.shown, length);
  assert.ok(longest < maxLag + paceFrame, `waited ${longest}`);
});

test('pacing: done is at once, a shorter text starts anew, no half characters', () => {
  const pace = paceNew();
  paceGrow(pace, 1000, 0);
  paceStep(pace, 0);
  assert.ok(pace.shown < 200);
  assert.equal(paceFinish(pace), 1000);
  paceGrow(pace, 10, 5);
  assert.equal(pace.shown, 10);
  assert.equal(paceCut('a😀', 2), 'a');
  assert.equal(paceCut('a😀', 3), 'a😀');
});

test('windowing: rows around the viewport, pinned rows always', () => {
  const heights = heightsNew(50);
  heightsRows(
    heights,
    Array.from({ length: 10000 }, (_, index) => `p${index}`),
  );
  assert.equal(heightsTotal(heights), 500000);
  const rows = windowRows(heights, 100000, 600, [3, 2000]);
  assert.equal(rows[0], 3);
  assert.equal(rows[1], heightsIndexAt(heights, 100000 - 1200));
  assert.ok(rows.length < 70);
  heightsSet(heights, 'p0', 150);
  assert.equal(heightsTotal(heights), 500100);
  assert.equal(windowCompensate(heights, { id: 'p2000', offset: 0 }, 100000), 100);
});

test('bars: parallel ones are stacked, silences compressed, errors hit first', () => {
  const meta = (id, startedAt, durationMs, status = 'completed') => ({
    id,
    startedAt,
    durationMs,
    status,
    type: 'tool_call',
  });
  const metas = [
    meta('a', 0, 1000),
    meta('b', 500, 1000),
    meta('c', 60000, 1000, 'failed'),
    meta('d', 60000, undefined, 'running'),
  ];
  const layout = barsLayout(metas, 62000);
  assert.deepEqual(
    layout.bars.map((bar) => bar.lane),
    [0, 1, 0, 1],
  );
  assert.equal(layout.bars[2].x, 2500);
  assert.equal(layout.bars[3].width, 2000);
  assert.equal(layout.total, 4500);
  assert.equal(barsHit(layout, 2600, null).id, 'c');
  assert.equal(barsHit(layout, 100, null).id, 'a');
});

test('phases say what is happening', () => {
  const base = { status: 'running', stepCount: 2, createdAt: new Date(0).toISOString(), persona: { name: 'Ariadne' } };
  const phase = (more) =>
    phaseText({ session: base, openStep: null, activity: 'thinking', now: 5000, lastOutputAt: 4000, ...more });
  assert.equal(phase({ session: { ...base, status: 'pending' } }), 'waiting for Ariadne');
  assert.match(phase({ session: { ...base, status: 'pending' }, now: 11000 }), /is not connected/);
  for (const [persona, trouble] of [
    [undefined, ''],
    [{ connected: true, modelStatus: 'reachable' }, ''],
    [{ connected: true, modelStatus: 'unreachable' }, 'model unreachable'],
    [{ connected: true, modelStatus: 'unknown' }, 'model unknown'],
    [{ connected: true, modelStatus: 'refused' }, 'key refused'],
    [{ connected: false, modelStatus: 'unknown' }, 'not connected'],
  ])
    assert.equal(personaTrouble(persona), trouble);
  assert.equal(phase({ session: { ...base, stepCount: 0 } }), 'getting ready');
  assert.equal(phase({ openStep: {} }), 'thinking');
  assert.equal(phase({}), 'deciding what to do next');
  assert.equal(phase({ openStep: {}, now: 28500 }), 'no output for 24 s');
});

test('a session without heartbeats is quiet for so long, one with heartbeats never is', () => {
  const session = { status: 'running', heartbeat: 'none', stepCount: 2, createdAt: new Date(0).toISOString() };
  assert.equal(quietText(session, 41_900, 1_000), 'quiet for 40 s');
  assert.equal(phaseText({ session, openStep: {}, now: 41_900, lastOutputAt: 1_000 }), 'quiet for 40 s');
  assert.equal(quietText(session, 20_900, 1_000), '');
  assert.equal(quietText(session, 41_900, NaN), '');
  assert.equal(quietText({ ...session, heartbeat: undefined }, 41_900, 1_000), '');
  assert.equal(quietText({ ...session, status: 'failed' }, 41_900, 1_000), '');
});

test('each way to fail has its sentence', () => {
  const codes = [
    'heartbeat_lost',
    'not_picked_up',
    'model_error',
    'tool_limit',
    'agent_crashed',
    'agent_stopped',
    'context_error',
    'send_failed',
  ];
  const sentences = codes.map((code) => failureText({ code }));
  assert.equal(sentences[0], 'stopped responding');
  const went = (code) => ({
    error: { code },
    stepCount: 3,
    heartbeatAt: new Date(2026, 0, 1, 14, 2, 11).toISOString(),
  });
  assert.deepEqual(
    codes.filter((code) => isInterrupted(went(code))),
    ['heartbeat_lost', 'agent_crashed'],
  );
  assert.match(interruptedText(went('heartbeat_lost')), /^Stopped responding at .*02:11.*, 3 steps saved$/);
  assert.match(interruptedText(went('agent_crashed')), /^Crashed at .*02:11.*, 3 steps saved$/);
  assert.equal(new Set([...sentences, failureText({ code: 'of a stranger' }), failureText()]).size, codes.length + 1);
});

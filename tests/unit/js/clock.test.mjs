// SPDX-License-Identifier: Apache-2.0
// What ticks, and what days are called.
import assert from 'node:assert/strict';
import test from 'node:test';
import { show } from './lib/screen.mjs';
import { clockSample, formatDay, serverNow, tickerNow, tickerUse } from '../../../static/time.js';
import { axisNew } from '../../../static/trace/axis.js';
import { TreeRow } from '../../../static/trace/tree-row.js';

test('the slow clock goes on while rows come faster than it ticks', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_767_348_000_000 });
  const releases = [tickerUse('slow')];
  const began = tickerNow('slow');
  for (let i = 0; i < 40; i += 1) {
    releases.push(tickerUse('fast'));
    releases.pop()();
    t.mock.timers.tick(50);
  }
  assert.ok(tickerNow('slow') - began >= 1000, `${tickerNow('slow') - began} ms in 2 s`);
  releases.forEach((release) => release());
});

test('a running row of the tree shows the time up to the end of the axis, whatever else ticks', () => {
  tickerUse('fast')(); // It stands still since then.
  const startedAt = tickerNow('fast') - 1000;
  const meta = { id: 'stp_1', type: 'tool_call', name: 'dig', status: 'running', startedAt, seq: 1 };
  const row = { meta, depth: 0, children: 0, isFolded: false, size: 1, place: 1 };
  const shown = (end) => {
    const axis = axisNew([meta], end, false);
    const state = { axis, view: { from: 0, to: axis.total } };
    const session = { id: 'ses_1', status: 'running' };
    const { root } = show(TreeRow, { row, session, axis: state, top: 0, id: 'row', onFold() {}, onSelect() {} });
    return root.textContent;
  };
  assert.match(shown(startedAt + 5000), /5\.0 s/);
  assert.match(shown(startedAt + 65_000), /1 m 5 s/);
});

test('yesterday is the day before, also where the clocks were changed', () => {
  const zone = process.env.TZ;
  process.env.TZ = 'Europe/Berlin';
  const at = (...parts) => new Date(...parts).getTime();
  assert.equal(formatDay(at(2025, 2, 30, 12), at(2025, 2, 31, 0, 30)), 'Yesterday');
  assert.equal(formatDay(at(2025, 2, 29, 23, 45), at(2025, 2, 31, 0, 30)), 'Saturday 29 March');
  assert.equal(formatDay(at(2025, 9, 25, 12), at(2025, 9, 26, 23, 30)), 'Yesterday');
  assert.equal(formatDay(at(2025, 9, 26, 12), at(2025, 9, 26, 23, 30)), 'Today');
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test('a sample during which the clock was set back or the machine slept moves nothing', () => {
  const now = Date.now();
  clockSample(now, now, now);
  const ahead = () => serverNow() - Date.now();
  clockSample(now, now + 50, now);
  assert.ok(Math.abs(ahead()) < 5, `${ahead()}`);
  // Answered at once, and read an hour later.
  clockSample(now, now, now + 3_600_000);
  assert.ok(Math.abs(ahead()) < 50, `${ahead()}`);
  clockSample(now + 60_000, now, now);
  assert.ok(Math.abs(ahead() - 60_000) < 5, 'a clock that is wrong is followed');
});

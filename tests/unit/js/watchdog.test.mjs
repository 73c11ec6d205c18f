// SPDX-License-Identifier: Apache-2.0
// How long the page waits for a silent connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWatchdog } from '../../../static/watchdog.js';

// How long it takes until the silence is told of, in milliseconds.
function silence(watchdog, told) {
  const began = performance.now();
  return new Promise((resolve) => {
    told.now = () => resolve(performance.now() - began);
    watchdog.awaken();
  });
}

test('each silence in a row is waited for longer, up to a bound, and a ping ends the row', async () => {
  const told = {};
  const watchdog = createWatchdog({ quietMs: 40, mostMs: 100, onSilence: () => told.now() });
  const at = [];
  for (let i = 0; i < 3; i++) at.push(await silence(watchdog, told));
  watchdog.calm();
  const calm = silence(watchdog, told);
  const first = await Promise.race([calm.then(() => 'the watchdog'), new Promise((r) => setTimeout(r, 95, 'a timer'))]);
  assert.equal(first, 'the watchdog', 'no longer than at first');
  // Timers may fire a millisecond early.
  for (const [i, least] of [39, 79, 99].entries()) assert.ok(at[i] >= least, `${at[i]} is at least ${least}`);
});

test('what comes puts the silence off, and a stopped watchdog says nothing', (t) => {
  // A busy machine may be silent itself for longer than any silence that a test waits for.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let silences = 0;
  const watchdog = createWatchdog({ quietMs: 30, mostMs: 100, onSilence: () => (silences += 1) });
  for (let i = 0; i < 4; i++) {
    watchdog.awaken();
    t.mock.timers.tick(29);
  }
  assert.equal(silences, 0);
  watchdog.stop();
  t.mock.timers.tick(1000);
  assert.equal(silences, 0);
  watchdog.awaken();
  t.mock.timers.tick(30);
  assert.equal(silences, 1);
});

// SPDX-License-Identifier: Apache-2.0
// How long tests wait. No test fails because the machine is busy: a wait names the time that it takes at most on an idle
// machine, is reported as slow beyond it, and is given up only after several times as long. `check` counts the reports.
import { setTimeout as sleep } from 'node:timers/promises';

// How many times longer everything takes where programs are slow on purpose, as in valgrind.
export const patience = Number(process.env.TRACE_TEST_PATIENCE ?? 1);

const GIVE_UP_FACTOR = 4;
const POLL_MS = 10;

// After how many milliseconds to give up what should take `ms`.
export const giveUpAfter = (ms) => ms * patience * GIVE_UP_FACTOR;

// Reports what took longer than it should. For speeds, which depend on what else the machine does.
export function reportIfSlow(what, tookMs, mostMs) {
  if (tookMs > mostMs * patience) console.log(`slow: ${Math.round(tookMs)} ms, not ${mostMs}, for ${what}`);
}

// Polls until `look` returns something true, and returns that; throws when it is given up.
export async function until(look, what, ms = 10_000) {
  const began = performance.now();
  for (;;) {
    const found = await look();
    const took = performance.now() - began;
    if (found) {
      reportIfSlow(what, took, ms);
      return found;
    }
    if (took > giveUpAfter(ms)) throw new Error(`waited ${Math.round(took)} ms for ${what}`);
    await sleep(POLL_MS);
  }
}

// For what must not happen: polls that `look` stays true for `ms`. Only time can show that nothing comes.
export async function stays(look, what, ms) {
  const end = performance.now() + ms * patience;
  while (performance.now() < end) {
    if (!(await look())) throw new Error(`it ceased to hold: ${what}`);
    await sleep(POLL_MS);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Chooses the faults of a round of the soak, and runs several of them as one.
import { setTimeout as sleep } from 'node:timers/promises';
import { faults } from './faults.mjs';
import { randomFrom } from './random.mjs';

const SINGLE_SHARE = 0.5; // of the rounds
const APART_MS = 500;

// Consecutive numbers bring every fault; some rounds have a second one.
export function chooseFaults(seed) {
  const random = randomFrom(seed ^ 0x5eed);
  const one = faults[seed % faults.length];
  const other = random.pick(faults);
  return random.next() < SINGLE_SHARE || other === one ? [one] : [one, other];
}

// Side by side where all of them allow it, else one after the other. What the faults have to undo is undone from the last to
// the first, even if some of them fail.
export function joinFaults(list) {
  const beside = !list.some((fault) => fault.isAlone);
  const undo = [];
  const undoAll = async () => {
    if (undo.length === 0) return;
    try {
      await undo.pop()?.();
    } finally {
      await undoAll();
    }
  };
  return {
    name: list.map(({ name }) => name).join(beside ? ' + ' : ', then '),
    spares: list.every((fault) => fault.spares),
    async act(world, round, random) {
      const run = async (fault) => undo.push(await fault.act(world, round, random.fork()));
      try {
        const running = [];
        for (const fault of list) {
          const one = run(fault);
          one.catch(() => {}); // awaited below
          running.push(one);
          if (beside) await sleep(random.between(0, APART_MS));
          else await running.at(-1);
        }
        await Promise.all(running);
      } catch (error) {
        await undoAll();
        throw error;
      }
      return undoAll;
    },
  };
}

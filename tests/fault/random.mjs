// SPDX-License-Identifier: Apache-2.0
// Random numbers from a seed: a failing run is repeated by its number. Faults pause for random times so that they meet the
// writers at any moment; what they wait for is never a time. (mulberry32: 32 bits of state are enough for a schedule.)
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (n) => Math.floor(next() * n),
    between: (low, high) => low + next() * (high - low),
    pick: (list) => list[Math.floor(next() * list.length)],
    // An independent stream of numbers, so that one actor's pace does not change another's choices.
    fork: () => randomFrom(Math.floor(next() * 4294967296)),
  };
}

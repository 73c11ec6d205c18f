// SPDX-License-Identifier: Apache-2.0
// The table of faults. Each has a name and `act(world, round, random)`, which does it while the round's writers and readers
// are at work; with `spares` it may cut off no reader, with `isAlone` it wants no other beside it.
import clock from './faults/clock.mjs';
import descriptors from './faults/descriptors.mjs';
import disk from './faults/disk.mjs';
import hints from './faults/hints.mjs';
import kill from './faults/kill.mjs';
import nginx from './faults/nginx.mjs';
import postgres from './faults/postgres.mjs';
import readers from './faults/readers.mjs';
import stop from './faults/stop.mjs';

const none = { name: 'none: readers come and go', spares: true, act: async () => {} };

export const faults = [
  none,
  ...kill,
  ...stop,
  ...postgres,
  ...nginx,
  ...hints,
  ...readers,
  ...descriptors,
  ...disk,
  ...clock,
];

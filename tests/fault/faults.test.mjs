// SPDX-License-Identifier: Apache-2.0
// Each fault once, while agents write and readers come and go: nothing acknowledged is lost, and no reader misses an event
// or sees one twice.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { faults } from './faults.mjs';
import { runRound } from './round.mjs';
import { World } from './world.mjs';

const FIRST_SEED = 20261;
let world;
before(async () => (world = await World.open()));
after(() => world?.close());

for (const [i, fault] of faults.entries()) {
  const seed = Number(process.env.TRACE_FAULT_SEED ?? FIRST_SEED + i);
  test(`${fault.name} (seed ${seed})`, async (t) => {
    const result = await runRound(world, seed, fault);
    assert.ok(result.compared > 100, `${result.compared} events compared`);
    t.diagnostic(JSON.stringify(result));
  });
}

test('sessions fell silent and ran again meanwhile', () => {
  assert.ok(world.fell > 0);
});

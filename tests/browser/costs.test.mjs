// SPDX-License-Identifier: Apache-2.0
// What a run cost: in the head of its trace, in the tree with what is below a branch, and beside the step; a cost that
// was computed is marked, and says so to everybody.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { personOf } from '../lib/rest.mjs';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let run;
const ids = {};

before(async () => {
  const person = await personOf(instance);
  (await person.put('prices', { model: 'labyrinth-1', inputUsd: 1000, outputUsd: 5000 })).expect(200);
  run = await Recorder.start(instance, { title: 'What does it cost?' });
  const agent = await run.step('agent', { name: 'researcher' });
  ids.agent = agent.id;
  const usage = { model: 'labyrinth-1', inputTokens: 1000, outputTokens: 100 };
  const whole = async (more) => (await run.whole('generation', 'a thought', { parentStepId: agent.id, ...more })).id;
  ids.computed = await whole({ usage });
  ids.said = await whole({ usage: { ...usage, costUsd: 0.25 } });
  // It repeats what the two above count.
  await run.complete(agent, { usage: { ...usage, inputTokens: 2000, costUsd: 1.75, isSum: true } });
  await run.end();
});

const words = async (locator) => (await locator.textContent()).replace(/\s+/g, ' ').trim();
const rowCost = (page, id) => page.locator(`[data-node="${id}"] .tree-cost`);

test('a computed cost is marked in head, tree and panel; a branch has the sum of its steps once', async () => {
  const visitor = await (await Visitor.open(browser, instance, { viewport: { width: 1600, height: 1000 } })).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}/${ids.computed}`));
  await page.waitForSelector('.panel .cost');
  assert.equal(await words(rowCost(page, ids.computed)), '≈ $1.50 (computed)');
  assert.equal(await words(rowCost(page, ids.said)), '$0.250');
  assert.equal(await words(rowCost(page, ids.agent)), '≈ $1.75 (computed)');
  const head = page.locator('.trace-sub .cost');
  assert.equal(await words(head), '≈ $1.75 (computed)');
  assert.match(await head.getAttribute('title'), /Computed from the prices of models/);
  assert.equal(await words(page.locator('.panel .facts .cost')), '≈ $1.50 (computed)');
  await visitor.shot('costs');
  await page.click(`[data-node="${ids.said}"]`);
  await page.waitForSelector('.panel .facts .cost:not(.is-computed)');
  assert.deepEqual(await findObstacles(page, 'costs'), []);
  await visitor.close();
});

test('a narrow screen has the cost beside the step and in the head', async () => {
  const visitor = await (await Visitor.open(browser, instance, { viewport: { width: 375, height: 740 } })).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}`));
  await page.waitForSelector('.tree-row');
  assert.equal(await rowCost(page, ids.computed).isVisible(), false);
  await page.click(`[data-node="${ids.computed}"]`);
  await page.waitForSelector('.panel .facts .cost');
  await visitor.shot('costs-narrow');
  await visitor.close();
});

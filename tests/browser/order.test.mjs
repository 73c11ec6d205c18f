// SPDX-License-Identifier: Apache-2.0
// Steps that come late take their place among the others, in the list and in the tree, and what the reader looks at stays
// where it is.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newId } from '../lib/ids.mjs';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { rest, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

const views = {
  list: {
    path: (id, step) => `/sessions?trace=${id}&highlight=${step}`,
    scroller: '.trace-scroll',
    row: (id) => `[data-row="${id}"]`,
  },
  tree: {
    path: (id, step) => `/trace/${id}/${step}`,
    scroller: '.tree-scroll',
    row: (id) => `[data-node="${id}"]`,
  },
};

// Records two batches of steps, a moment apart; returns the times of both, and the steps of the second.
async function recordTwice(run, n) {
  const batch = () => run.batch(n, (i) => ({ stepType: 'tool_call', content: `step ${i}\n${'line\n'.repeat(i % 5)}` }));
  await batch();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await batch();
  const { steps } = (await run.client.get(`agent-sessions/${run.id}/outline`)).expect(200).body;
  return { first: steps[0].at(-1), second: steps[n].at(-1), ids: steps.slice(n).map(([id]) => id) };
}

for (const [kind, n] of [
  ['list', 40],
  ['list', 200],
  ['tree', 200],
])
  test(`${kind} of ${2 * n} steps: late ones come above the view, and nothing in it moves`, async () => {
    const view = views[kind];
    const run = await Recorder.start(instance, { title: 'Late' });
    const { first, second, ids } = await recordTwice(run, n);
    const anchor = ids[n >> 1];
    const visitor = await (await Visitor.open(browser, instance)).signIn();
    const { page } = visitor;
    await visitor.go(visitor.path(view.path(run.id, anchor)));
    await page.waitForSelector(view.row(anchor));
    const topOf = () => page.locator(view.row(anchor)).evaluate((row) => row.getBoundingClientRect().top);
    await rest(page, view.row(anchor));
    // The reader's own scrolling ends what brought the step into view.
    await page.hover(view.scroller);
    await page.mouse.wheel(0, -40);
    await rest(page, view.row(anchor));
    const before = await topOf();
    const startedAt = new Date((first + second) / 2000).toISOString();
    const late = [];
    for (let i = 0; i < 3; i += 1) {
      late.push(newId('stp'));
      const body = { stepType: 'thinking', content: `late ${i}`, completed: true, startedAt };
      (await run.client.put(`agent-sessions/${run.id}/steps/${late[i]}`, body)).expect(201);
    }
    if (kind === 'list') await page.waitForSelector(`${view.row(anchor)}[aria-setsize="${2 * n + 3}"]`);
    else await page.waitForSelector(`${view.row(anchor)}[aria-posinset="${n + 3 + (n >> 1) + 1}"]`);
    await rest(page, view.row(anchor));
    assert.ok(Math.abs((await topOf()) - before) < 2, `moved by ${(await topOf()) - before} px`);
    // They stand between the two batches.
    const { steps } = (await run.client.get(`agent-sessions/${run.id}/outline`)).expect(200).body;
    assert.deepEqual(
      steps.slice(n, n + 3).map(([id]) => id),
      late,
    );
    await page.locator(view.scroller).evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
    await page.waitForSelector(view.row(late[0]));
    const tops = [];
    for (const id of [...late, ids[0]])
      tops.push(await page.locator(view.row(id)).evaluate((row) => row.getBoundingClientRect().top));
    assert.deepEqual(
      [...tops].sort((a, b) => a - b),
      tops,
    );
    await run.end();
    await visitor.close();
  });

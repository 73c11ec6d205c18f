// SPDX-License-Identifier: Apache-2.0
// A trace of no step, one, sixty nested ones, 3,000, and with TRACE_TEST_LONG=1 50,000, live and ended, in four sizes and
// two themes: axe-core finds nothing, nothing is wider than the screen, and the pictures are kept, to be looked at.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { start } from '../lib/instance.mjs';
import { newId } from '../lib/ids.mjs';
import { personOf } from '../lib/rest.mjs';
import { Recorder } from './lib/recorder.mjs';
import { findObstacles, openBrowser, Visitor } from './lib/visitor.mjs';
import { workOf } from './lib/work.mjs';

const sizes = [
  [1600, 1000],
  [1280, 800],
  [768, 1024],
  [375, 740],
];
let instance;
let browser;
let ada;

before(async () => {
  instance = await start();
  browser = await openBrowser();
  ada = await personOf(instance);
});
after(async () => {
  await browser?.close();
  await instance?.stop();
});

// Sixty, each in the one before.
function nestOf(began) {
  let parent;
  return (i) => {
    const id = newId('stp');
    const line = {
      id,
      stepType: i % 3 === 2 ? 'tool_call' : 'agent',
      ...(parent && { parentStepId: parent }),
      content:
        i % 3 === 2
          ? { tool: 'delegate', args: { to: `auditor ${i}` }, result: 'done' }
          : { name: `auditor ${i}`, task: 'look closer' },
      startedAt: new Date(began + i * 100).toISOString(),
      completedAt: new Date(began + 60_000 - i * 400).toISOString(),
    };
    parent = id;
    return line;
  };
}

async function record({ name, steps, isNested, isLive }) {
  const began = Date.now() - Math.max(60_000, steps * 400);
  const title = `Find out why crane 2 was booked twice (${name})`;
  const run = await Recorder.start(instance, { title, startedAt: new Date(began).toISOString(), heartbeat: 'none' });
  await run.batch(steps, (isNested ? nestOf : workOf)(began));
  if (isLive && steps > 0) {
    const step = await run.step('thinking', '');
    await run.write(step, 'The second booking came **before** the first was committed, so');
  }
  if (!isLive) await run.end('complete');
  return run;
}

async function look(visitor, what) {
  const { page } = visitor;
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await findObstacles(page, `${what}, ${colorScheme}`), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, `${what}, ${colorScheme}: wider than the screen`);
    await visitor.shot(`${what}-${colorScheme}`);
  }
}

// A title that its tools cover, or leave no room.
const titleIsCovered = () => {
  const title = document.querySelector('.panel-title bdi').getBoundingClientRect();
  const tools = document.querySelector('.panel-tools').getBoundingClientRect();
  const isBeside = title.right <= tools.left || title.bottom <= tools.top;
  return title.width < 8 || !isBeside;
};
const cutCount = (buttons) => buttons.filter((one) => one.scrollWidth > one.clientWidth).length;
const thinnestBar = (bars) => Math.min(...bars.map((bar) => bar.getBoundingClientRect().height));

const kinds = [
  ['0', 0],
  ['1', 1],
  ['60', 60, { isNested: true }],
  ['3000', 3000],
  ...(process.env.TRACE_TEST_LONG === '1' ? [['50000', 50_000]] : []),
];
for (const [name, steps, more] of kinds)
  for (const isLive of [false, true]) {
    const kind = `${name}-${isLive ? 'live' : 'ended'}`;
    test(`a trace of ${steps} steps, ${isLive ? 'live' : 'ended'}, in every size and theme`, async () => {
      const run = await record({ name: kind, steps, isLive, ...more });
      for (const [width, height] of sizes) {
        const isSmall = width < 1000;
        const options = { viewport: { width, height }, hasTouch: isSmall, isMobile: isSmall };
        const visitor = await (await Visitor.open(browser, instance, options)).enter(ada);
        const { page } = visitor;
        await visitor.go(visitor.path(`/trace/${run.id}`));
        await page.waitForSelector(steps > 0 ? '.tree-row' : '.trace-page');
        assert.ok((await page.locator('.tree-row').count()) < 80);
        assert.equal(await page.$$eval('.trace-tools .button', cutCount), 0, `buttons at ${width}`);
        await look(visitor, `trace-${kind}-${width}`);
        if (steps > 0) {
          assert.ok((await page.$$eval('.tree-bar', thinnestBar)) >= 3, `bars at ${width}`);
          // The step that fails or thinks, beside the tree or over it.
          await page
            .locator('.tree-row')
            .nth(Math.min(3, steps - 1))
            .click();
          await page.waitForSelector('.panel-content');
          assert.ok(!(await page.evaluate(titleIsCovered)), `the title of a step at ${width}`);
          await look(visitor, `trace-${kind}-${width}-step`);
        }
        await visitor.close();
      }
      if (isLive) await run.end();
    });
  }

// SPDX-License-Identifier: Apache-2.0
// The viewer: the tree with its bars, the panel of a step, the page of a trace; at every size, by keyboard too.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { recordFamily } from './lib/family.mjs';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let family;

before(async () => {
  family = await recordFamily(instance);
  await family.run.end('fail', { error: { code: 'model_error', message: 'The model answered 500 at last.' } });
});

const pagePath = (id, step = '') => `/trace/${id}${step && `/${step}`}`;
const row = (id) => `[data-node="${id}"]`;

async function openPage(step = '', options = {}) {
  const visitor = await (await Visitor.open(browser, instance, options)).signIn();
  await visitor.go(visitor.path(pagePath(family.run.id, step)));
  await visitor.page.waitForSelector('.tree-row');
  return { visitor, page: visitor.page };
}

const depths = (page) =>
  page.locator('.tree-row').evaluateAll((rows) =>
    rows
      .map((one) => [one.getBoundingClientRect().top, Number(one.getAttribute('aria-level'))])
      .sort((a, b) => a[0] - b[0])
      .map(([, level]) => level),
  );

test('the tree nests at any depth, says what each step did, and a branch tells what is below it', async () => {
  const { visitor, page } = await openPage();
  assert.deepEqual(await depths(page), [1, 1, 2, 2, 3, 3, 2, 1, 1, 1, 1]);
  const text = (id) => page.locator(row(id)).innerText();
  assert.match(await text(family.ids.exact), /bill/);
  assert.match(await text(family.ids.output), /bash make test/);
  assert.match(await text(family.ids.plan), /First the bookings/);
  assert.match(await text(family.ids.agent), /1 error/);
  assert.match(await text(family.ids.agent), /1,290/);
  const bars = await page
    .locator('.tree-bar')
    .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width));
  assert.ok(bars.every((width) => width >= 2));
  await page.locator(`${row(family.ids.agent)} .tree-arrow`).click();
  assert.deepEqual(await depths(page), [1, 1, 1, 1, 1, 1]);
  await page.click('button:has-text("Collapse all")');
  await page.selectOption('.tree-depth select', '2');
  assert.deepEqual(await depths(page), [1, 1, 2, 2, 2, 1, 1, 1, 1]);
  await visitor.close();
});

test('the address names the step, opens its ancestors, and the quick look shows the same', async () => {
  const { visitor, page } = await openPage(family.ids.broken);
  await page.waitForSelector(`${row(family.ids.broken)}.is-selected`);
  await page.waitForSelector('.panel .step-error:has-text("The database did not answer.")');
  assert.deepEqual(await page.locator('.crumbs li').allInnerTexts(), ['researcher', 'delegate auditor']);
  await page.click('.crumbs li:last-child button');
  await page.waitForSelector(`${row(family.ids.inner)}.is-selected`);
  assert.equal(new URL(page.url()).pathname, visitor.path(pagePath(family.run.id, family.ids.inner)));
  assert.match(await page.title(), /^✗ Ariadne: Repair the booking of crane 2/);
  await visitor.go(visitor.path(`/sessions?trace=${family.run.id}`));
  await page.waitForSelector('dialog .step');
  await page.click('dialog button[aria-label="Tree and waterfall"]');
  await page.waitForSelector('dialog .tree-row');
  await page.click(`dialog ${row(family.ids.exact)}`);
  assert.equal(new URL(page.url()).searchParams.get('highlight'), family.ids.exact);
  await page.click('dialog a[aria-label="Open as a page"]');
  await page.waitForSelector(`.trace-page ${row(family.ids.exact)}.is-selected`);
  await visitor.close();
});

test('the tree works by keyboard: it moves, folds, opens the panel and never loses focus', async () => {
  const { visitor, page } = await openPage();
  const selected = () => page.locator('.tree-row.is-selected').getAttribute('data-node');
  await page.focus('.tree');
  await page.keyboard.press('ArrowDown');
  assert.equal(await selected(), family.ids.context);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator(row(family.ids.agent)).getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await selected(), family.ids.plan);
  await page.keyboard.press('ArrowLeft');
  assert.equal(await selected(), family.ids.agent);
  await page.keyboard.press('End');
  assert.equal(await selected(), family.ids.answer);
  await page.keyboard.press('n');
  assert.equal(await selected(), family.ids.broken);
  const active = await page.locator('.tree').getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`#${active}`).getAttribute('data-node'), family.ids.broken);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'panel-title');
  await visitor.close();
});

test('the axis zooms into a dragged span and shows everything again', async () => {
  const { visitor, page } = await openPage();
  const axis = await page.locator('.axis').boundingBox();
  const width = () =>
    page.locator(`${row(family.ids.agent)} .tree-bar`).evaluate((bar) => bar.getBoundingClientRect().width);
  const before = await width();
  await page.mouse.move(axis.x + axis.width * 0.1, axis.y + 10);
  await page.mouse.down();
  await page.mouse.move(axis.x + axis.width * 0.4, axis.y + 10, { steps: 4 });
  await page.mouse.up();
  await page.waitForSelector('button:has-text("Whole run")');
  assert.notEqual(await width(), before);
  await page.click('button:has-text("Whole run")');
  assert.ok(Math.abs((await width()) - before) < 1);
  await visitor.close();
});

for (const colorScheme of ['light', 'dark'])
  for (const [width, height] of [
    [1600, 1000],
    [1280, 800],
    [768, 1024],
    [375, 740],
  ])
    test(`the page of a trace, ${colorScheme}, ${width} wide: axe finds nothing`, async () => {
      const touch = width < 1000 ? { hasTouch: true } : {};
      const { visitor, page } = await openPage('', { viewport: { width, height }, colorScheme, ...touch });
      const found = [];
      await visitor.shot(`viewer-${colorScheme}-${width}`);
      found.push(...(await findObstacles(page, 'tree')));
      for (const name of ['output', 'exact', 'edit', 'picture', 'broken']) {
        await visitor.go(visitor.path(pagePath(family.run.id, family.ids[name])));
        await page.waitForSelector('.panel .step-body');
        await page.waitForTimeout(150);
        await visitor.shot(`viewer-${name}-${colorScheme}-${width}`);
        found.push(...(await findObstacles(page, name)));
      }
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      assert.deepEqual(found, []);
      await visitor.close();
    });

test('3,000 steps in branches: few rows are mounted, a deep link lands, the live end is followed', async () => {
  const run = await Recorder.start(instance, { title: 'Long and nested' });
  const parents = [];
  for (let i = 0; i < 10; i += 1) parents.push((await run.step('agent', { name: `agent ${i}` })).id);
  await run.batch(3000, (i) => ({
    stepType: 'tool_call',
    content: { tool: 'read', args: { path: `file${i}.txt` } },
    parentStepId: parents[i % 10],
  }));
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const { steps } = (await run.client.get(`agent-sessions/${run.id}?around=1500&limit=1`)).expect(200).body;
  await visitor.go(visitor.path(pagePath(run.id, steps[0].id)));
  await page.waitForSelector(`${row(steps[0].id)}.is-selected`);
  await page.waitForFunction((selector) => {
    const box = document.querySelector(selector).getBoundingClientRect();
    const frame = document.querySelector('.tree-scroll').getBoundingClientRect();
    return box.top >= frame.top && box.bottom <= frame.bottom;
  }, row(steps[0].id));
  assert.ok((await page.locator('.tree-row').count()) < 80);
  await page.click('button[aria-label^="Follow"]');
  const last = await run.step('thinking', undefined, { parentStepId: parents[4] });
  await page.waitForSelector(`${row(last.id)}.is-running`);
  await run.end();
  await visitor.close();
});

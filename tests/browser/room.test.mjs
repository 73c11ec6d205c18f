// SPDX-License-Identifier: Apache-2.0
// What usual windows have room for: names that tell rows apart, facts that are not broken within, and every column.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { openBrowser, Visitor } from './lib/visitor.mjs';

let instance, browser, run, ids;

before(async () => {
  instance = await start();
  browser = await openBrowser();
  const channel = await makeChannel(instance, 'engineering');
  run = await Recorder.start(instance, {
    streamId: channel.id,
    title: 'Find out why crane 2 was booked twice on Friday',
  });
  const usage = { model: 'a-model-with-hyphens-7.2', inputTokens: 648_000, outputTokens: 21_600, costUsd: 0.00073 };
  const thought = await run.whole('thinking', 'Which bookings overlap?', { usage });
  const args = { path: 'src/berths/schedule.ts' };
  const call = await run.whole('tool_call', { tool: 'search_files', args, result: 'one\ntwo' });
  const failed = await run.whole('tool_call', 'no form of its own', { error: { code: 'x', message: 'It broke.' } });
  const borrowed = await run.whole('tool_call', { tool: 'lookup', server: 'maps', args, result: 'found' });
  ids = { thought: thought.id, call: call.id, failed: failed.id, borrowed: borrowed.id };
  await run.end();
});

after(async () => {
  await browser?.close();
  await instance?.stop();
});

async function open(path, options = {}) {
  const visitor = await Visitor.open(browser, instance, options);
  await visitor.enter(await personOf(instance));
  await visitor.go(visitor.path(path));
  return { visitor, page: visitor.page };
}

const isWhole = (element) => element.scrollWidth <= element.clientWidth;

test('a row of the tree says which call it is, whole or by its tooltip, and its kind to whoever cannot see the icon', async () => {
  const { visitor, page } = await open(`/trace/${run.id}`);
  const row = page.locator(`[data-node="${ids.call}"]`);
  await row.waitFor();
  assert.ok(await row.locator('.tree-title').evaluate(isWhole), 'the name of a file in a row');
  assert.equal(await row.locator('.tree-name').getAttribute('title'), 'Tool Call: search_files src/berths/schedule.ts');
  assert.match(await row.textContent(), /Tool Call/);
  assert.equal(await row.locator('.tree-kind').count(), 0);
  assert.equal(await page.locator(`[data-node="${ids.thought}"] .tree-kind`).innerText(), 'Thinking');
  await visitor.close();
});

test('the tool stands once in its panel, in the title, unless it is of a server', async () => {
  const { visitor, page } = await open(`/trace/${run.id}/${ids.call}`);
  await page.waitForSelector('.panel-title:has-text("search_files")');
  await page.waitForSelector('.panel-content [aria-label="Result"]');
  assert.doesNotMatch(await page.locator('.panel-content').innerText(), /search_files/);
  await visitor.go(visitor.path(`/trace/${run.id}/${ids.borrowed}`));
  await page.waitForSelector('.panel-content p:has-text("lookup of maps")');
  await visitor.close();
});

test('the head breaks between facts, never within one, at every width', async () => {
  const { visitor, page } = await open(`/trace/${run.id}`);
  await page.waitForSelector('.trace-sub bdi:text-is("a-model-with-hyphens-7.2")');
  for (let width = 700; width <= 1300; width += 50) {
    await page.setViewportSize({ width, height: 800 });
    const broken = await page.$$eval('.trace-sub :is(bdi, time, .cost, .head-counts)', (parts) =>
      parts
        .filter((part) => new Set([...part.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
        .map((part) => part.textContent),
    );
    assert.deepEqual(broken, [], `at ${width}`);
  }
  await visitor.close();
});

test('the table of sessions fits beside the sidebar', async () => {
  for (const width of [1280, 1366, 1440, 1600]) {
    const { visitor, page } = await open('/sessions', { viewport: { width, height: 800 } });
    const row = page.locator(`[data-session="${run.id}"]`);
    await row.waitFor();
    const [room, table] = await page.evaluate(() => [
      document.querySelector('.session-frame').clientWidth,
      document.querySelector('.session-table').scrollWidth,
    ]);
    assert.ok(table <= room, `${table} of ${room} px at ${width}`);
    await row.locator('.col-cost:text-is("$0.00073")').waitFor();
    await visitor.close();
  }
});

test('the tools of a trace are one row on a tablet', async () => {
  const broken = await Recorder.start(instance, { streamId: run.session.streamId, title: 'All of them' });
  await broken.batch(12, () => ({ stepType: 'tool_call', content: 'x', error: { code: 'x', message: 'It broke.' } }));
  await broken.end('fail', { error: { code: 'x', message: 'It broke.' } });
  const { visitor, page } = await open(`/trace/${broken.id}`, {
    viewport: { width: 768, height: 1024 },
    hasTouch: true,
    isMobile: true,
  });
  await page.waitForSelector('.trace-tools button[aria-label="Export"]');
  const middles = await page.$$eval('.trace-tools :is(button, a)', (tools) =>
    tools.map((tool) => tool.getBoundingClientRect()).map(({ top, height }) => Math.round(top + height / 2)),
  );
  assert.ok(middles.length > 10);
  assert.ok(Math.max(...middles) - Math.min(...middles) <= 4, `${middles}`);
  // The last one is reached by moving the row.
  const last = page.locator('.trace-tools [data-size]');
  await last.scrollIntoViewIfNeeded();
  assert.ok((await last.boundingBox()).x + 44 <= 768 + 1);
  await visitor.close();
});

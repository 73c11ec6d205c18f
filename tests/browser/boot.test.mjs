// SPDX-License-Identifier: Apache-2.0
// A page of which a part did not come, as when the network changes while it is being loaded: it says so and comes again.
import assert from 'node:assert/strict';
import test from 'node:test';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const FIRST_MS = 1000;
const PATIENCE_MS = 20_000;

const { instance, browser } = await stage();

// A page that goes without what matches, and is loaded again after its first wait when the test says so.
async function withoutPart(pattern) {
  const visitor = await Visitor.open(browser, instance);
  visitor.expect(/ERR_INTERNET_DISCONNECTED/, /status of 401/);
  await visitor.page.route(pattern, (route) => route.abort('internetdisconnected'));
  await visitor.hold(FIRST_MS);
  await visitor.go('/login');
  await visitor.page.waitForSelector('text=A part of this page could not be loaded.');
  return visitor;
}

const waitOf = (page) => page.evaluate(() => Number(sessionStorage.getItem('agent-trace-boot')));

for (const [what, pattern] of [
  ['the first module', '**/main.js'],
  ['a module that others need', '**/store/table.js'],
  ['a style sheet', '**/css/layout.css'],
])
  test(`${what} is missing: the page says so, and is loaded again by itself`, async () => {
    const visitor = await withoutPart(pattern);
    const { page } = visitor;
    assert.equal(await waitOf(page), FIRST_MS);
    await page.unroute(pattern);
    await Promise.all([page.waitForEvent('load'), visitor.elapse()]);
    await page.waitForSelector('input[name=email]');
    assert.equal(await page.locator('text=A part of this page').count(), 0);
    assert.equal(await waitOf(page), 0);
    await visitor.close();
  });

test('a module that neither comes nor fails: the page says so, and is loaded again by itself', async () => {
  const visitor = await Visitor.open(browser, instance);
  visitor.expect(/status of 401/);
  const { page } = visitor;
  let isHeld = true;
  await page.route('**/store/table.js', (route) => (isHeld ? undefined : route.continue()));
  await visitor.hold(PATIENCE_MS, FIRST_MS);
  await page.goto(visitor.url('/login'), { waitUntil: 'commit' });
  await page.waitForFunction(() => document.getElementById('app'));
  await visitor.elapse();
  await page.waitForSelector('text=A part of this page could not be loaded.');
  isHeld = false;
  await Promise.all([page.waitForEvent('load'), visitor.elapse()]);
  await page.waitForSelector('input[name=email]');
  assert.equal(await page.locator('text=A part of this page').count(), 0);
  await visitor.close();
});

test('what goes on missing is tried later each time, and at once where a person asks for it', async () => {
  const visitor = await withoutPart('**/main.js');
  const { page } = visitor;
  await visitor.shot('boot');
  await visitor.hold(2 * FIRST_MS);
  await Promise.all([page.waitForEvent('load'), page.click('text=Try now')]);
  await page.waitForSelector('text=A part of this page could not be loaded.');
  assert.equal(await waitOf(page), 2 * FIRST_MS);
  await page.unroute('**/main.js');
  await page.click('text=Try now');
  await page.waitForSelector('input[name=email]');
  await visitor.close();
});

test('a page that has come whole is not loaded again', async () => {
  const visitor = await Visitor.open(browser, instance);
  visitor.expect(/status of 401/);
  await visitor.go('/login');
  await visitor.page.waitForSelector('input[name=email]');
  assert.equal(await visitor.page.locator('[role=alert]:has-text("could not be loaded")').count(), 0);
  assert.equal(await visitor.page.evaluate(() => sessionStorage.getItem('agent-trace-boot')), null);
  await visitor.close();
});

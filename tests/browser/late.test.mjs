// SPDX-License-Identifier: Apache-2.0
// Answers that come when the reader has gone on: they change nothing any more.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { start } from '../lib/instance.mjs';
import { addWorkspace } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel } from './lib/recorder.mjs';
import { openBrowser, Visitor } from './lib/visitor.mjs';

let instance;
let browser;
let person;
let crete;

before(async () => {
  instance = await start();
  browser = await openBrowser();
  person = await personOf(instance);
  crete = await addWorkspace(instance, 'Crete');
  await instance.psql(`INSERT INTO workspace_members (workspace_id, user_id, slug, role)
    SELECT '${crete}', user_id, slug, role FROM workspace_members LIMIT 1`);
  (await person.with({ workspace: crete }).post('streams', { type: 'channel', name: 'palace' })).expect(201);
});

after(async () => {
  await browser?.close();
  await instance?.stop();
});

// Holds the answers to what matches from now on, at most that many. `come()`: they arrive, and what follows from them is done.
async function hold(page, pattern, most = Infinity) {
  const routes = [];
  let isHeld = true;
  let noted = () => {};
  const asked = new Promise((resolve) => (noted = resolve));
  await page.route(pattern, (route) => {
    if (!isHeld || routes.length === most) return route.continue();
    routes.push(route);
    return noted();
  });
  return {
    asked,
    async come() {
      isHeld = false;
      for (const route of routes) {
        // The page may give up what it does not want any more while it comes.
        const ended = new Promise((done) => {
          const look = (request) => request === route.request() && done();
          page.on('requestfinished', look);
          page.on('requestfailed', look);
        });
        await route.continue();
        await ended;
      }
      await page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)))));
    },
  };
}

async function visit(path) {
  const visitor = await Visitor.open(browser, instance);
  await visitor.signIn();
  await visitor.go(path);
  await visitor.page.waitForSelector('.side-link.is-here');
  return visitor;
}

const choose = async (page, name) => {
  await page.click('button[aria-label="Other workspaces"]');
  await page.click(`[role=menuitem]:has-text("${name}")`);
};

test('a workspace that was left before it came does not take the place of the one that is open', async () => {
  const visitor = await visit(`/w/${crete}`);
  const { page } = visitor;
  const home = instance.env.TRACE_WORKSPACE;
  const { name } = (await person.get(`/api/workspaces/${home}`)).expect(200).body.workspace;
  const held = await hold(page, `**/api/workspaces/${home}`);
  await choose(page, name);
  await held.asked;
  await page.goBack();
  await page.waitForSelector('.side-link.is-here:has-text("palace")');
  await held.come();
  await page.waitForSelector('.side-link.is-here:has-text("palace")');
  assert.equal(await page.locator('.side-link:has-text("general")').count(), 0);
  assert.equal(await page.locator('.alone').count(), 0);
  await visitor.close();
});

test('a stream that comes after its workspace was left is not listed in the next one', async () => {
  const visitor = await visit(`/w/${instance.env.TRACE_WORKSPACE}`);
  const { page } = visitor;
  const channel = await makeChannel(instance);
  await page.waitForSelector(`.side-link:has-text("${channel.name}")`);
  const held = await hold(page, `**/streams/${channel.id}/bootstrap`);
  await page.click(`.side-link:has-text("${channel.name}")`);
  await held.asked;
  await choose(page, 'Crete');
  await page.waitForSelector('.side-link.is-here:has-text("palace")');
  await held.come();
  assert.equal(await page.locator(`.side-link:has-text("${channel.name}")`).count(), 0);
  await page.waitForSelector('.side-link.is-here:has-text("palace")');
  await visitor.close();
});

test('a stream that stands still before it is ready is given up for another one', async () => {
  const visitor = await visit(`/w/${instance.env.TRACE_WORKSPACE}`);
  visitor.expect(/ERR_/);
  const { page } = visitor;
  const channel = await makeChannel(instance);
  await page.waitForSelector(`.side-link:has-text("${channel.name}")`);
  await hold(page, (url) => url.pathname.endsWith('/events') && url.search.includes(channel.id), 1);
  await page.click(`.side-link:has-text("${channel.name}")`);
  await page.waitForSelector('.timeline-start');
  (await person.post(`streams/${channel.id}/messages`, { content: 'heard by the second' })).expect(201);
  await page.waitForSelector('.message:has-text("heard by the second")');
  await page.waitForSelector('.bar', { state: 'detached' });
  await visitor.close();
});

test('a panel that is closed twice before it is gone goes back once', async () => {
  const visitor = await visit(`/w/${instance.env.TRACE_WORKSPACE}`);
  const { page } = visitor;
  const channel = await makeChannel(instance);
  const root = (await person.post(`streams/${channel.id}/messages`, { content: 'a root' })).expect(201).body.message;
  const thread = (await person.post(`messages/${root.id}/thread`)).expect(200, 201).body.stream;
  (await person.post(`streams/${thread.id}/messages`, { content: 'a reply' })).expect(201);
  await page.click(`.side-link:has-text("${channel.name}")`);
  await page.click('.replies');
  await page.waitForSelector('.thread-panel .message:has-text("a reply")');
  await page.evaluate(() => {
    const button = document.querySelector('.thread-panel [aria-label^="Close"]');
    // Before the page has shown what it goes back to.
    addEventListener('popstate', () => button.click(), { capture: true, once: true });
    button.click();
    button.click();
  });
  await page.waitForSelector('.thread-panel', { state: 'detached' });
  await page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)))));
  assert.equal(new URL(page.url()).pathname, `/w/${instance.env.TRACE_WORKSPACE}/s/${channel.id}`);
  await visitor.close();
});

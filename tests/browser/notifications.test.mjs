// SPDX-License-Identifier: Apache-2.0
// What a person is told without looking: in the page while it is visible, by the browser while all windows are hidden, once,
// and only what they have chosen.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { until } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let person, grace, slug;

before(async () => {
  person = await personOf(instance);
  grace = await addPerson(instance, 'Grace');
  const { body } = (await person.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(200);
  const me = (await person.get('/api/auth/me')).expect(200).body.user;
  slug = body.members.find(({ id }) => id === me.id).slug;
});

// A window may be looked at or not, and what it hands to the browser and listens to is counted.
function pretend() {
  let hidden = false;
  Object.defineProperty(Document.prototype, 'hidden', { get: () => hidden });
  window.look = (visible) => {
    hidden = !visible;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  window.shown = [];
  const RealNotification = window.Notification;
  window.Notification = class extends RealNotification {
    constructor(title, options) {
      super(title, options);
      window.shown.push(this);
    }
  };
  const Real = window.EventSource;
  window.streams = [];
  window.EventSource = class extends Real {
    constructor(...args) {
      super(...args);
      window.streams.push(this);
    }
  };
  window.openStreams = () => window.streams.filter((stream) => stream.readyState !== Real.CLOSED).length;
}

async function visit(options) {
  const visitor = await Visitor.open(browser, instance, options);
  await visitor.hold(12_000); // a notice
  await visitor.context.addInitScript(pretend);
  await visitor.signIn();
  await visitor.page.waitForFunction(() => window.openStreams() === 1);
  return visitor;
}

// A session that somebody asked for in a channel.
async function asked(channel, who, content) {
  (await who.post(`streams/${channel.id}/messages`, { content: `@ariadne ${content}` })).expect(201);
  return Recorder.claim(instance);
}

const fail = (run) => run.end('fail', { error: { code: 'x', message: 'The crane is stuck.' } });

test('the page tells what I asked for has failed, and what needs my decision, and nothing of what others asked', async () => {
  const channel = await makeChannel(instance);
  const visitor = await visit();
  const { page } = visitor;
  await fail(await asked(channel, grace, 'who moves it?'));
  await fail(await asked(channel, person, 'what is stuck?'));
  await page.waitForSelector('.notification.is-failed:has-text("Ariadne failed: The crane is stuck")');
  assert.equal(await page.locator('.notification').count(), 1);
  assert.deepEqual(await findObstacles(page, 'a notice'), []);
  await visitor.shot('notice');
  await page.click('.notification-link');
  await page.waitForSelector('.trace-page');
  await page.waitForSelector('.notification', { state: 'detached' });
  const run = await asked(channel, grace, 'may you?');
  const step = await run.step('approval', { question: 'May I lift it?' });
  await page.waitForSelector('.notification.is-decision:has-text("May I lift it?")');
  await page.click('.notification button[aria-label=Dismiss]');
  await page.waitForSelector('.notification', { state: 'detached' });
  (await person.post(`agent-sessions/${run.id}/steps/${step.id}/decision`, { option: 'approve' })).expect(200);
  const other = (await grace.post(`streams/${channel.id}/messages`, { content: `@${slug} look at it` })).expect(201);
  assert.ok(other.body.message.id);
  await page.waitForSelector('.notification.is-mention:has-text("You were mentioned")');
  await run.end();
  await visitor.close();
});

test('what is chosen in the settings is told, and remembered', async () => {
  const channel = await makeChannel(instance);
  const visitor = await visit();
  const { page } = visitor;
  await page.click('.side-foot button[aria-label=Settings]');
  await page.waitForSelector('.setting:has-text("Notify me when")');
  assert.deepEqual(await findObstacles(page, 'settings'), []);
  await visitor.shot('notification-settings');
  await page.uncheck('label:has-text("What I asked for has failed") input');
  await page.check('label:has-text("What I asked for is finished") input');
  await page.reload();
  await page.waitForFunction(() => window.openStreams() === 1);
  await fail(await asked(channel, person, 'what fails?'));
  await (await asked(channel, person, 'what ends?')).end();
  await page.waitForSelector('.notification.is-finished:has-text("Ariadne has finished")');
  assert.equal(await page.locator('.notification').count(), 1);
  await visitor.close();
});

test('of the hidden windows one keeps watch and notifies, once; a visible one is told in the page', async () => {
  const channel = await makeChannel(instance);
  const visitor = await visit({ permissions: ['notifications'] });
  const { page } = visitor;
  await page.click('.side-foot button[aria-label=Settings]');
  await page.click('button:has-text("Also when I look elsewhere")');
  await page.waitForSelector('button:has-text("Only in this page")');
  await page.keyboard.press('Escape');
  const tabs = [page, await visitor.tab(), await visitor.tab()];
  for (const tab of tabs.slice(1)) {
    await visitor.go(visitor.stream(channel.id), tab);
    await tab.waitForFunction(() => window.openStreams() === 1);
  }
  for (const tab of tabs) await tab.evaluate(() => window.look(false));
  const open = async () => (await Promise.all(tabs.map((tab) => tab.evaluate(() => window.openStreams())))).join('');
  const only = await until(async () => /^0*10*$/.exec(await open())?.[0], 'one of the windows to keep watch', 20_000);
  const watcher = only.indexOf('1');
  await tabs[watcher].waitForFunction(() => window.streams.at(-1).readyState === EventSource.OPEN);
  const rooms = await tabs[watcher].evaluate(() => new URL(window.streams.at(-1).url).searchParams.getAll('room'));
  assert.deepEqual(rooms.map((room) => room.split(':')[0]).sort(), ['user', 'workspace']);
  await fail(await asked(channel, person, 'who watches?'));
  await tabs[watcher].waitForFunction(() => window.shown.length === 1);
  await tabs[watcher].waitForFunction(() => document.title.startsWith('(1) '));
  const shown = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.shown.map(({ title }) => title))));
  assert.deepEqual(shown.flat(), ['Ariadne failed: The crane is stuck']);
  // Another one goes on when the watcher is gone, and is silent while a window is looked at.
  await tabs[watcher].close();
  const left = tabs.filter((_, i) => i !== watcher);
  const second = await Promise.race(
    left.map((tab, i) => tab.waitForFunction(() => window.openStreams() === 1).then(() => i)),
  );
  const other = left[1 - second];
  await other.evaluate(() => window.look(true));
  await other.waitForFunction(() => window.openStreams() === 1);
  await fail(await asked(channel, person, 'who is looked at?'));
  await other.waitForSelector('.notification.is-failed');
  await left[second].waitForFunction(() => document.title.startsWith('(1) '));
  assert.equal(await left[second].evaluate(() => window.shown.length), 0);
  await visitor.close();
});

test('a window that was looked at for a moment only does not say that it is looked at', async () => {
  const visitor = await visit();
  const { page } = visitor;
  const held = () =>
    page.evaluate(async () => {
      // A request that comes behind all others has been answered: whatever stands before it has been, too.
      const other = { mode: 'shared', ifAvailable: true };
      await navigator.locks.request('agent-trace:visible', other, () => {});
      const { held, pending } = await navigator.locks.query();
      return [...held, ...pending].filter(({ name }) => name === 'agent-trace:visible').length;
    });
  const look = (...seen) => page.evaluate((all) => all.forEach((visible) => window.look(visible)), seen);
  assert.equal(await held(), 1);
  await look(false, true, false);
  assert.equal(await held(), 0);
  await look(true, true, false, true);
  assert.equal(await held(), 1);
  await look(false);
  assert.equal(await held(), 0);
  await visitor.close();
});

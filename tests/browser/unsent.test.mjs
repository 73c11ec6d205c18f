// SPDX-License-Identifier: Apache-2.0
// Messages that the server did not take: this browser keeps them until they are sent or discarded, and nobody else sees them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

async function visit() {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const channel = await makeChannel(instance);
  await visitor.go(visitor.stream(channel.id));
  await visitor.page.waitForSelector('.composer textarea');
  return { visitor, page: visitor.page, channel };
}

async function write(page, text) {
  await page.fill('.composer textarea', text);
  await page.press('.composer textarea', 'Enter');
}

const nothingKept = (page) =>
  page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.includes(':unsent:')));
const stored = async (channel) => {
  const { events } = (await (await personOf(instance)).get(`streams/${channel.id}/events`)).expect(200).body;
  return events.filter(({ type }) => type === 'message:created').map(({ message }) => message.content);
};

test('a message that could not be sent survives a reload, shows in every window, and is sent once', async () => {
  const { visitor, page, channel } = await visit();
  visitor.expect(/ERR_FAILED/, /ERR_ABORTED/);
  await page.route('**/messages', (route) => route.abort());
  for (const text of ['lost on the way', 'not worth it']) await write(page, text);
  await page.waitForSelector('.is-failed >> nth=1');
  await page.unroute('**/messages');
  await page.reload();
  const other = await visitor.tab();
  await visitor.go(visitor.stream(channel.id), other);
  for (const tab of [page, other])
    await tab.waitForSelector('.is-failed:has-text("lost on the way"):has-text("Not sent.")');
  await other.click('.is-failed:has-text("not worth it") button:has-text("Delete")');
  await page.waitForSelector('.is-failed:has-text("not worth it")', { state: 'detached' });
  await page.click('.is-failed button:has-text("Retry")');
  for (const tab of [page, other]) {
    await tab.waitForSelector('.message[data-message]:has-text("lost on the way")');
    await tab.waitForSelector('.is-failed', { state: 'detached' });
  }
  await page.reload();
  await page.waitForSelector('.message[data-message]');
  assert.equal(await page.locator('.message').count(), 1);
  assert.deepEqual(await stored(channel), ['lost on the way']);
  await nothingKept(page);
  await visitor.close();
});

test('a message that arrived although its reply was lost is not marked as unsent', async () => {
  const { visitor, page, channel } = await visit();
  visitor.expect(/ERR_FAILED/, /ERR_ABORTED/);
  await page.route('**/messages', async (route) => {
    await route.fetch();
    await page.evaluate(() => window.stop());
  });
  await write(page, 'arrived after all');
  await page.waitForSelector('.message[data-message]:has-text("arrived after all")');
  await page.unroute('**/messages');
  await page.reload();
  await page.waitForSelector('.message[data-message]:has-text("arrived after all")');
  await nothingKept(page);
  assert.equal(await page.locator('.message').count(), 1);
  assert.deepEqual(await stored(channel), ['arrived after all']);
  await visitor.close();
});

test('a message written after the sign-in had ended is there after signing in again, for its author alone', async () => {
  const { visitor, page, channel } = await visit();
  visitor.expect(/status of 401/);
  await visitor.context.clearCookies();
  await write(page, 'written too late');
  await page.waitForSelector('.sign-in');
  const grace = await addPerson(instance, 'Grace');
  await visitor.enter(grace);
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.timeline-start');
  await page.waitForTimeout(300);
  assert.equal(await page.locator('.is-failed').count(), 0);
  await visitor.context.clearCookies();
  await write(page, 'in the name of Grace');
  await page.waitForSelector('.sign-in');
  await page.fill('input[name=email]', instance.env.TRACE_EMAIL);
  await page.fill('input[name=password]', instance.env.TRACE_PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('.is-failed:has-text("written too late")');
  assert.equal(await page.locator('.message').count(), 1);
  await page.click('.is-failed button:has-text("Retry")');
  await page.waitForSelector('.message[data-message]:has-text("written too late")');
  assert.deepEqual(await stored(channel), ['written too late']);
  await visitor.close();
});

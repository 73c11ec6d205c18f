// How far one reads: history that is no message, what is unread and what is read, the way back to an old message.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { start, until } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel } from './lib/recorder.mjs';
import { openBrowser, Visitor } from './lib/visitor.mjs';

let instance;
let browser;
let person;

before(async () => {
  instance = await start();
  browser = await openBrowser();
  person = await personOf(instance);
});

after(async () => {
  await browser?.close();
  await instance?.stop();
});

const say = async (stream, content, who = person) =>
  (await who.post(`streams/${stream.id}/messages`, { content })).expect(201).body.message;
const threadOf = async (message) => (await person.post(`messages/${message.id}/thread`)).expect(200, 201).body.stream;

test('a channel where people only answer in a thread shows its messages, from the first one on', async () => {
  const channel = await makeChannel(instance);
  for (let i = 1; i <= 40; i += 1) await say(channel, `line ${i}`);
  const thread = await threadOf(await say(channel, 'the root of it'));
  for (let i = 1; i <= 230; i += 1) await say(thread, `reply ${i}`);
  const visitor = await (await Visitor.open(browser, instance)).enter(person);
  const { page } = visitor;
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.message:has-text("the root of it") .replies:has-text("230 replies")');
  await page.waitForSelector('.timeline-start');
  assert.equal(await page.locator('.main .message').count(), 41);
  const { toEnd, height } = await page.locator('.main .timeline').evaluate((element) => ({
    toEnd: element.scrollHeight - element.scrollTop - element.clientHeight,
    height: element.scrollHeight - element.clientHeight,
  }));
  assert.ok(toEnd <= 2 && height > 400, 'it stands at its end');
  await visitor.close();
});

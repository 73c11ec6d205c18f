// SPDX-License-Identifier: Apache-2.0
// How far a person has read: history without messages, unread and read, the way back to an old message.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { until } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let person;

before(async () => {
  person = await personOf(instance);
});

const say = async (stream, content, who = person) =>
  (await who.post(`streams/${stream.id}/messages`, { content })).expect(201).body.message;
const threadOf = async (message) => (await person.post(`messages/${message.id}/thread`)).expect(200, 201).body.stream;

test('a channel where people only answer in threads shows its messages from the first one on', async () => {
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

test('a link to an old message requests each page on the way once', async () => {
  const channel = await makeChannel(instance);
  const old = await say(channel, 'the first line');
  for (let i = 2; i <= 380; i += 1) await say(channel, `line ${i}`);
  const visitor = await (await Visitor.open(browser, instance)).enter(person);
  const { page } = visitor;
  const asked = [];
  // The pages are small, so that there are several.
  await page.route('**/events?before=*', (route) => {
    const url = route.request().url();
    asked.push(new URL(url).searchParams.get('before'));
    return route.continue({ url: url.replace('limit=500', 'limit=60') });
  });
  await visitor.go(visitor.stream(channel.id, `?m=${old.id}`));
  await page.waitForFunction((id) => document.activeElement.dataset.message === id, old.id);
  await page.waitForSelector('.timeline-start');
  await page.waitForTimeout(500);
  assert.deepEqual(asked, [...new Set(asked)]);
  assert.ok(asked.length <= 6, `${asked.length} requests`);
  assert.equal(await page.locator('.message').count(), 380);
  await visitor.close();
});

test('a link to a message that is not in its conversation says so, once', async () => {
  const [channel, other] = [await makeChannel(instance), await makeChannel(instance)];
  await say(channel, 'here');
  const elsewhere = await say(other, 'elsewhere');
  const visitor = await (await Visitor.open(browser, instance)).enter(person);
  const { page } = visitor;
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith(`/messages/${elsewhere.id}`) ? 1 : 0));
  await visitor.go(visitor.stream(channel.id, `?m=${elsewhere.id}`));
  await page.waitForSelector('.toast:has-text("The message of this link does not exist")');
  await say(channel, 'and more');
  await page.waitForSelector('.message:has-text("and more")');
  assert.equal(asked, 1);
  await visitor.close();
});

test('what was read is no longer unread, in a thread and in a channel that the person never joined', async () => {
  const [mine, theirs] = [await makeChannel(instance), await makeChannel(instance)];
  const grace = await addPerson(instance, 'Grace');
  (await person.post(`streams/${mine.id}/members`, { userId: grace.id })).expect(200, 201, 204);
  const thread = await threadOf(await say(mine, 'the root of it'));
  await say(theirs, 'the first word');
  const visitor = await (await Visitor.open(browser, instance)).enter(grace);
  const { page } = visitor;
  const link = ({ name }) => page.locator('.side-link', { hasText: name });
  const isUnread = async (stream) => /is-unread/.test(await link(stream).getAttribute('class'));
  await visitor.go(visitor.path('/sessions'));
  await page.waitForFunction(() => document.querySelector('#sessions-title'));
  for (const [stream, word] of [
    [mine, () => say(thread, 'an answer')],
    [theirs, () => say(theirs, 'another word')],
  ]) {
    await page.waitForTimeout(500);
    await word();
    await until(() => isUnread(stream), `${stream.name} to be unread`);
    await link(stream).click();
    await page.waitForSelector('.main .message');
    await page.waitForTimeout(1500);
    await link({ name: 'Sessions' }).click();
    await page.waitForSelector('#sessions-title');
    assert.equal(await isUnread(stream), false);
    // The same happens while it is on the screen.
    await link(stream).click();
    await page.waitForSelector('.main .message');
    await word();
    await page.waitForTimeout(1500);
    await link({ name: 'Sessions' }).click();
    await page.waitForSelector('#sessions-title');
    assert.equal(await isUnread(stream), false);
  }
  const { streams } = (await grace.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(200).body;
  const seen = ({ id }) => streams.find((stream) => stream.id === id);
  assert.equal(seen(mine).readSeq, seen(mine).lastSeq);
  assert.deepEqual([seen(theirs).unreadCount, seen(theirs).me.member], [0, false]);
  await visitor.close();
});

test('a mention in a channel that the person never joined is counted until it is read', async () => {
  const channel = await makeChannel(instance);
  const rosalind = await addPerson(instance, 'Rosalind');
  await say(channel, 'before @rosalind looks');
  const visitor = await (await Visitor.open(browser, instance)).enter(rosalind);
  const { page } = visitor;
  const link = (name) => page.locator('.side-link', { hasText: name });
  const count = link(channel.name).locator('.count-gold');
  const counted = async () => (await rosalind.get(`streams/${channel.id}`)).expect(200).body.stream.mentionCount;
  await visitor.go(visitor.path('/sessions'));
  await count.waitFor();
  assert.equal(await counted(), 1);
  await link(channel.name).click();
  await page.waitForSelector('.main .message');
  await until(async () => (await counted()) === 0, 'the mention to be read');
  await say(channel, 'and while @rosalind looks');
  await page.locator('.main .message', { hasText: 'while' }).waitFor();
  await until(async () => (await counted()) === 0, 'the other mention to be read');
  await link('Sessions').click();
  await page.waitForSelector('#sessions-title');
  assert.equal(await count.count(), 0);
  await visitor.go(visitor.path('/sessions'));
  await link(channel.name).waitFor();
  assert.equal(await count.count(), 0);
  assert.equal((await rosalind.get(`streams/${channel.id}`)).body.stream.me.member, false);
  await visitor.close();
});

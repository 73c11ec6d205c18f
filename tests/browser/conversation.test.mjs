// SPDX-License-Identifier: Apache-2.0
// From a mention to its answer and back to its trace; stopping, retrying, a silent agent; writing, editing, sending.
import assert from 'node:assert/strict';
import test from 'node:test';
import { personOf } from '../lib/rest.mjs';
import { endSilent } from '../lib/silence.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { focusIs, seen, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

async function visit() {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const channel = await makeChannel(instance);
  await visitor.go(visitor.stream(channel.id));
  await visitor.page.waitForSelector('.composer textarea');
  return { visitor, page: visitor.page, channel };
}

async function write(page, text, panel = '.main') {
  await page.fill(`${panel} .composer textarea`, text);
  await page.press(`${panel} .composer textarea`, 'Enter');
}

const query = (page) => new URL(page.url()).searchParams;

test('a mention leads through activity, thread, card and trace to an answer, which leads back to its trace', async () => {
  const { visitor, page } = await visit();
  await page.click('.composer textarea');
  await page.keyboard.type('Hello @ari');
  await page.waitForSelector('.mention-offer.is-chosen:has-text("Ariadne")');
  await page.keyboard.press('Enter');
  await page.keyboard.type('where is the key?');
  assert.equal(await page.inputValue('.composer textarea'), 'Hello @ariadne where is the key?');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.message .mention:has-text("@ariadne")');
  await page.waitForSelector('.activity:has-text("Ariadne was called")');

  const run = await Recorder.claim(instance);
  const thought = await run.step('thinking');
  await page.waitForSelector('.activity:has-text("Ariadne is thinking…")');
  await page.waitForSelector('.side-link.is-here .dot-gold');
  await page.reload();
  await page.waitForSelector('.activity:has-text("Ariadne is thinking…")');

  await page.click('.replies:has-text("Thread")');
  await page.waitForSelector('.thread-panel .card-running:has-text("Ariadne is working…")');
  await page.waitForSelector('.thread-panel .card-line:has-text("1 step")');
  await page.click('.thread-panel .card-link');
  await page.waitForSelector('dialog.trace[open] .step.is-running');
  assert.equal(query(page).get('trace'), run.id);
  await run.write(thought, 'It hangs **on the hook**');
  await page.waitForSelector('dialog .is-growing strong');
  await run.complete(thought, { content: 'It hangs **on the hook**' });
  const sources = [{ type: 'web', title: 'Hooks', url: 'https://example.org/hooks' }];
  const answer = await run.step('message_sent');
  const message = await run.say('On the **hook**.', { sources });
  await run.complete(answer, { content: { text: 'On the **hook**.' }, messageId: message.id, sources });
  await run.end('complete', { responseMessageId: message.id });
  await page.waitForSelector('dialog .state-success');
  await page.waitForSelector('dialog .trace-counts:has-text("2 steps • 1 message sent")');

  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.equal(query(page).get('trace'), null);
  await page.waitForSelector('.thread-panel .card-completed:has-text("Session complete")');
  await page.waitForSelector('.main .message .replies:has-text("1 reply • Ariadne")');
  await page.waitForSelector('.activity', { state: 'detached' });

  const toResponse = () => page.click('.thread-panel .is-ai .message-body p');
  await seen(page, 'dialog .step.is-flashing:has-text("Response")', toResponse);
  assert.equal(query(page).get('highlight'), message.id);
  await page.goBack();
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.goForward();
  await page.waitForSelector('dialog.trace[open]');
  await page.click('dialog a:has-text("Show in the conversation")');
  await page.waitForSelector('.message.is-target');
  await visitor.close();
});

test('the link in the head of an answer opens its trace, and selecting text does not', async () => {
  const { visitor, page, channel } = await visit();
  const run = await Recorder.start(instance, { streamId: channel.id });
  const message = await run.say('An answer to select.');
  await run.whole('message_sent', { text: 'An answer to select.' }, { messageId: message.id });
  await run.end();
  const link = page.locator('.is-ai .message-time');
  await link.waitFor();
  assert.match(await link.getAttribute('href'), new RegExp(`trace=${run.id}&highlight=${message.id}`));
  await page.locator('.is-ai .message-body p').selectText();
  await page.dispatchEvent('.is-ai .message-body p', 'click');
  assert.equal(await page.locator('dialog').count(), 0);
  await page.hover('.is-ai');
  await page.click('.is-ai .message-tools button');
  const entries = await page.locator('[role=menuitem]').allTextContents();
  assert.deepEqual(entries, ['Show trace and sources', 'Copy message', 'Reply in thread', 'Copy link']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog.trace[open]');
  await visitor.close();
});

test('a person stops a session and retries it', async () => {
  const { visitor, page } = await visit();
  await write(page, '@ariadne please count');
  await page.waitForSelector('.activity');
  const run = await Recorder.claim(instance);
  await run.step('thinking', 'one, two');
  await page.click('.activity');
  await page.waitForSelector('dialog .step.is-running');
  await page.click('dialog [data-stop]');
  await page.waitForSelector('dialog .state:has-text("Stopped by")');
  await page.waitForSelector('dialog .step.is-interrupted');
  assert.equal((await run.client.post(`agent-sessions/${run.id}/heartbeat`)).code, 'session_ended');
  await page.click('dialog button:has-text("Retry")');
  await page.waitForFunction((id) => new URL(location.href).searchParams.get('trace') !== id, run.id);
  await page.waitForSelector('dialog .state:has-text("waiting for Ariadne"), dialog .state:has-text("not connected")');
  const second = await Recorder.claim(instance);
  await second.whole('thinking', 'three');
  await second.end();
  await page.waitForSelector('dialog .state-success');
  const attempts = await page.locator('dialog .attempts option').allTextContents();
  assert.deepEqual(attempts, ['Attempt 1 (stopped)', 'Attempt 2 (complete)']);
  await page.selectOption('dialog .attempts select', run.id);
  await page.waitForSelector('dialog .step.is-interrupted');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.message .replies, .message-line a');
  await visitor.close();
});

test('a card that was retried says so, also after a reload', async () => {
  const { visitor, page, channel } = await visit();
  const run = await Recorder.start(instance, { streamId: channel.id });
  await run.end('fail', { error: { code: 'model_error', message: 'No.' } });
  const card = page.locator(`.card[data-session="${run.id}"]`);
  await card.locator('button:has-text("Retry")').click();
  await card.locator('a:has-text("Retried → attempt 2")').waitFor();
  await page.waitForSelector('.card-pending:has-text("attempt 2")');
  await page.reload();
  await card.locator('a:has-text("Retried → attempt 2")').click();
  await page.waitForSelector('dialog .state:has-text("waiting for Ariadne"), dialog .state:has-text("not connected")');
  await page.selectOption('dialog .attempts select', run.id);
  await page.waitForSelector('dialog a:has-text("Attempt 2")');
  await (await Recorder.claim(instance)).end();
  await visitor.close();
});

test('an agent that falls silent is shown as interrupted, in amber and in words', async () => {
  const { visitor, page, channel } = await visit();
  const run = await Recorder.start(instance, { streamId: channel.id });
  const thought = await run.step('thinking');
  await run.checkpoint(thought, 'So far I know');
  await page.waitForSelector('.card-running');
  await page.click('.card-running .card-link');
  await page.waitForSelector('dialog .is-growing:has-text("So far I know")');
  await endSilent(instance, run.client, run.id);
  await page.waitForSelector('dialog .step.is-interrupted:has-text("So far I know")');
  await page.waitForSelector('dialog .state-warning:has-text("Stopped responding at")');
  await page.waitForSelector('dialog .state-warning:has-text("1 step saved")');
  await visitor.shot('interrupted-light-1280');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.card-failed:has-text("stopped responding")');
  await page.waitForSelector('.card-failed button:has-text("Retry")');
  await visitor.close();
});

test('when an agent dies before storing anything, the text stays on the screen and is marked as unsaved', async () => {
  const { visitor, page, channel } = await visit();
  const run = await Recorder.start(instance, { streamId: channel.id });
  const kept = await run.step('thinking');
  await page.waitForSelector('.card-running');
  await page.click('.card-running .card-link');
  await run.checkpoint(kept, 'The beginning');
  await run.write(kept, ', and the rest');
  const lost = await run.step('reconsidering');
  await run.write(lost, `Seen by one person. ${'And more of it. '.repeat(40)}`);
  await page.waitForSelector('dialog .is-growing:has-text("Seen by one person.")');
  await page.waitForSelector('dialog .is-growing:has-text("and the rest")');
  await endSilent(instance, run.client, run.id);
  await page.waitForSelector('dialog .state-warning');
  const [first, second] = [0, 1].map((at) => page.locator('dialog .step.is-interrupted').nth(at));
  await second.locator('.unsaved:has-text("This text was not saved.")').waitFor();
  await first.locator('.unsaved:has-text("Only the beginning of this text was saved.")').waitFor();
  assert.match(await first.textContent(), /The beginning, and the rest/);
  assert.equal((await second.locator('.md').textContent()).match(/And more of it\./g).length, 40);
  await visitor.shot('unsaved-light-1280');
  await page.emulateMedia({ colorScheme: 'dark' });
  await visitor.shot('unsaved-dark-1280');
  await page.setViewportSize({ width: 375, height: 740 });
  await visitor.shot('unsaved-dark-375');
  await page.emulateMedia({ colorScheme: 'light' });
  await visitor.shot('unsaved-light-375');
  await page.reload();
  await page.waitForSelector('dialog .step.is-interrupted:has-text("No text was kept.")');
  assert.equal(await page.locator('.unsaved').count(), 0);
  await visitor.close();
});

test('drafts survive, edits and deletions show, and an unsent message says so', async () => {
  const { visitor, page, channel } = await visit();
  await page.fill('.composer textarea', 'a draft');
  await page.reload();
  await page.waitForSelector('.composer textarea');
  assert.equal(await page.inputValue('.composer textarea'), 'a draft');
  await page.press('.composer textarea', 'Enter');
  await page.waitForSelector('.message[data-message]:has-text("a draft")');
  assert.equal(await page.inputValue('.composer textarea'), '');
  assert.equal(await page.locator('.message').count(), 1);

  await page.hover('.message');
  await page.click('.message .message-tools button');
  await page.click('[role=menuitem]:has-text("Edit")');
  await page.fill('.edit textarea', 'edited text');
  await page.press('.edit textarea', 'Enter');
  await page.waitForSelector('.message:has-text("edited text"):has-text("edited")');

  visitor.expect(/ERR_FAILED/, /ERR_ABORTED/);
  await page.route('**/messages', (route) => route.abort());
  await write(page, 'lost on the way');
  await page.waitForSelector('.message.is-failed:has-text("Not sent.")');
  await page.unroute('**/messages');
  await page.click('.is-failed button:has-text("Retry")');
  await page.waitForSelector('.message[data-message]:has-text("lost on the way")');
  assert.equal(await page.locator('.message:has-text("lost on the way")').count(), 1);

  const person = await personOf(instance);
  const { events } = (await person.get(`streams/${channel.id}/events`)).expect(200).body;
  await person.delete(`messages/${events[0].message.id}`);
  await page.waitForSelector('.message-deleted');
  await visitor.close();
});

test('a long conversation loads older pages upwards, and a link leads to an old message', async () => {
  const { visitor, page, channel } = await visit();
  const person = await personOf(instance);
  const ids = [];
  for (let i = 1; i <= 130; i += 1)
    ids.push(
      (await person.post(`streams/${channel.id}/messages`, { content: `line ${i}` })).expect(201).body.message.id,
    );
  await page.waitForSelector('.message:has-text("line 130")');
  await page.reload();
  await page.waitForSelector('.message:has-text("line 130")');
  await page.waitForFunction(() => document.querySelectorAll('.message').length >= 50);
  const isBelow = (px) => page.waitForFunction((top) => document.querySelector('.timeline').scrollTop > top, px);
  await isBelow(100);
  await page.evaluate(() => document.querySelector('.timeline').scrollTo(0, 300));
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 130);
  await isBelow(600); // what was on the screen stays there
  await visitor.go(visitor.stream(channel.id, `?m=${ids[4]}`));
  await page.waitForSelector(`.message.is-target[data-message="${ids[4]}"]`);
  await focusIs(page, `[data-message="${ids[4]}"]`);
  await visitor.close();
});

test('a message of a mebibyte is folded and shown as far as the reader asks', async () => {
  const { visitor, page, channel } = await visit();
  const person = await personOf(instance);
  const line = 'A line of a **long** paste that somebody sent.\n\n';
  const post = async (content) => (await person.post(`streams/${channel.id}/messages`, { content })).expect(201);
  await post(line.repeat(200) + 'The end of it.');
  await post(line.repeat(22000).slice(0, 1 << 20));
  await post('And a short one.');
  await page.waitForSelector('.message:has-text("And a short one.")');
  await page.reload();
  await page.waitForSelector('.message:has-text("And a short one.")');
  const [medium, huge] = [0, 1].map((at) => page.locator('.message').nth(at));
  const length = async (message) => (await message.locator('.message-body').textContent()).length;
  assert.ok((await length(medium)) < 5000 && (await length(huge)) < 5000);
  assert.ok((await medium.locator('strong').count()) > 50);
  await medium.locator('button:has-text("Show all (9,614 characters)")').scrollIntoViewIfNeeded();
  await visitor.shot('long-message-1280');
  await medium.locator('button:has-text("Show all")').click();
  await medium.locator('text=The end of it.').waitFor();
  await medium.locator('button:has-text("Show less")').click();
  await medium.locator('text=The end of it.').waitFor({ state: 'detached' });
  await visitor.shot('cut-message-1280');
  await huge.locator('button:has-text("Show whole message")').click();
  await huge.locator('button:has-text("Show more (98"):has-text("characters left)")').waitFor();
  assert.ok((await length(huge)) > 50000);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 375, height: 740 });
  await page.waitForTimeout(400);
  await huge.locator('.unfold').scrollIntoViewIfNeeded();
  await visitor.shot('long-message-dark-375');
  await visitor.close();
});

test('a message of which a list has the beginning is edited whole', async () => {
  const { visitor, page, channel } = await visit();
  const person = await personOf(instance);
  const content = `${'A line of it.\n'.repeat(2000)}The end of it.`;
  (await person.post(`streams/${channel.id}/messages`, { content })).expect(201);
  await page.waitForSelector('.message:has-text("A line of it.")');
  await page.reload();
  await page.waitForSelector('.message button:has-text("Show whole message")');
  await page.hover('.message');
  await page.click('.message .message-tools button');
  await page.click('[role=menuitem]:has-text("Edit")');
  await page.waitForSelector('.edit textarea');
  assert.equal(await page.inputValue('.edit textarea'), content);
  await visitor.close();
});

test('search marks what it found and opens a thread beside its stream', async () => {
  const { visitor, page, channel } = await visit();
  const person = await personOf(instance);
  const root = (await person.post(`streams/${channel.id}/messages`, { content: 'about the lantern' })).expect(201).body
    .message;
  const thread = (await person.post(`messages/${root.id}/thread`)).expect(200, 201).body.stream;
  const content = '😀 näher: the zeppelin lands';
  const reply = (await person.post(`streams/${thread.id}/messages`, { content })).expect(201).body.message;
  await visitor.go(visitor.path('/search'));
  await page.fill('.search-wide input', 'zeppelin');
  await page.waitForSelector('.hit mark');
  assert.deepEqual(await page.locator('.hit mark').allTextContents(), ['zeppelin']);
  assert.equal(new URL(page.url()).searchParams.get('q'), 'zeppelin');
  await page.click('.hit');
  await page.waitForSelector(`.thread-panel .message.is-target[data-message="${reply.id}"]`);
  await page.waitForSelector('.thread-panel .thread-root:has-text("about the lantern")');
  await page.waitForSelector('.main .pane-title:has-text("room-")');
  assert.equal(query(page).get('thread'), thread.id);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.thread-panel', { state: 'detached' });
  await visitor.close();
});

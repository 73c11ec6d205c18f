// SPDX-License-Identifier: Apache-2.0
// An agent asks a person: the card in the conversation and the trace show the question with its buttons, and what was
// decided, live in every window.
import assert from 'node:assert/strict';
import test from 'node:test';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

const question = {
  question: 'May I read https://crane.example/bookings?week=48 ?\nIt was named by a page, not by you.',
  options: [
    { id: 'read', label: 'Read it' },
    { id: 'never', label: 'Do not', danger: true },
  ],
};

async function asked(content = question) {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'Find the double booking' });
  const step = await run.step('approval', content);
  return { channel, run, step };
}

test('the card asks, a person decides with a note, and another window sees it at once', async () => {
  const { channel, run, step } = await asked();
  const one = await (await Visitor.open(browser, instance)).signIn();
  await one.go(one.stream(channel.id));
  await one.page.waitForSelector('.approval .approval-question:has-text("bookings?week=48")');
  const two = await one.tab();
  await one.go(one.path(`/trace/${run.id}/${step.id}`), two);
  await two.waitForSelector('.panel .approval [data-option="read"]');
  assert.match(await two.locator('.panel .approval .faint').innerText(), /^[1-9] m \d{1,2} s left$/);
  for (const [name, page] of [
    ['card', one.page],
    ['trace', two],
  ])
    for (const theme of ['light', 'dark'])
      for (const [width, height] of [
        [1280, 800],
        [375, 740],
      ]) {
        await page.bringToFront();
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height });
        assert.deepEqual(await findObstacles(page, `${name} ${theme} ${width}`), []);
        await one.shot(`approval-${name}-${theme}-${width}`, page);
      }
  await one.page.bringToFront();
  await one.page.fill('.approval input', 'Only this page.');
  await one.page.click('.approval [data-option="read"]');
  await one.page.waitForSelector('.approval', { state: 'detached' });
  assert.doesNotMatch(await one.page.locator('.card-running').innerText(), /waiting for a decision/);
  await two.bringToFront();
  await two.waitForSelector('.panel .approval-state:has-text("Read it, decided by Ada")');
  assert.equal(await two.locator('.approval-said').innerText(), 'Only this page.');
  const { content } = (await run.client.get(`agent-sessions/${run.id}/steps/${step.id}`)).expect(200).body.step;
  assert.deepEqual([content.decision.option, content.decision.note], ['read', 'Only this page.']);
  await run.end();
  await one.close();
});

test('a question that is withdrawn or past its time has no buttons any more', async () => {
  const soon = { ...question, expiresAt: new Date(Date.now() + 6000).toISOString() };
  const { channel, run, step } = await asked(soon);
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}/${step.id}`));
  await page.waitForSelector('.panel .approval-state:has-text("Expired: nobody decided in time.")');
  assert.equal(await page.locator('.panel .approval button').count(), 0);
  await run.complete(step);
  await page.waitForSelector('.panel .approval-state:has-text("Nobody decided.")');
  await visitor.go(visitor.stream(channel.id));
  const next = await run.step('approval', question);
  await page.waitForSelector('.approval [data-option="read"]');
  await run.complete(next);
  await page.waitForSelector('.approval', { state: 'detached' });
  await run.end();
  await visitor.close();
});

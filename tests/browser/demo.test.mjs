// SPDX-License-Identifier: Apache-2.0
// The whole product with its own agent and the demo model: a question in a channel, as a first-time visitor sees it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage({ demo: true });

test('a mention is answered with sources, and the answer leads back to its trace', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.stream());
  await page.waitForSelector('.composer textarea');
  await page.waitForTimeout(1000);
  await page.fill('.composer textarea', '@ariadne when is the launch?');
  const asked = performance.now();
  await page.press('.composer textarea', 'Enter');
  await page.waitForSelector('.message:last-of-type .activity');
  console.log(`# activity after ${Math.round(performance.now() - asked)} ms`);
  await page.click('.activity');
  await page.waitForSelector('dialog .step');
  // On a busy machine the run may be over before the page has shown its text growing.
  await page.waitForSelector('dialog .is-growing:not(:empty), dialog .state-success', { timeout: 60000 });
  console.log(`# streamed text, the trace opened by hand, after ${Math.round(performance.now() - asked)} ms`);
  await visitor.shot('demo-running');
  await page.waitForSelector('dialog .state-success', { timeout: 60000 });
  await visitor.shot('demo-complete');
  const labels = await page.locator('dialog .badge-label').allTextContents();
  assert.equal(labels[0], 'Context');
  assert.ok(
    labels.includes('Thinking') && labels.includes('Workspace Search') && labels.includes('Response'),
    String(labels),
  );
  await page.keyboard.press('Escape');
  await page.click('.main .message:has(.replies:has-text("Ariadne")) .replies >> nth=-1');
  await page.waitForSelector('.thread-panel .is-ai .tag:has-text("demo model")');
  await page.waitForSelector('.thread-panel .card-completed');
  await visitor.shot('demo-thread');
  // Another agent may have the same avatar; its answers are not the demo model's.
  const stranger = await Recorder.start(instance, { streamId: new URL(page.url()).searchParams.get('thread') });
  await stranger.whole('thinking', 'I am another one.', { usage: { model: 'other', inputTokens: 3 } });
  await stranger.say('From another model');
  await stranger.end();
  const foreign = page.locator('.thread-panel .is-ai:has-text("From another model")');
  await foreign.waitFor();
  assert.equal(await foreign.locator('.tag:has-text("demo model")').count(), 0);
  assert.equal(await page.locator('.thread-panel .is-ai .tag:has-text("demo model")').count(), 1);
  await page.reload();
  await page.waitForSelector('.thread-panel .is-ai .tag:has-text("demo model")');
  assert.equal(await foreign.locator('.tag:has-text("demo model")').count(), 0);
  await visitor.shot('demo-labels');
  await page.locator('.thread-panel .is-ai:has(.tag:has-text("demo model")) .message-time').click();
  await page.waitForSelector('dialog .step.is-flashing:has-text("Response") .sources-head');
  await visitor.close();
});

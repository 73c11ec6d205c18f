// SPDX-License-Identifier: Apache-2.0
// An ended trace is replayed on its own time: played, paused, scrubbed, stepped through, by keyboard too.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { start } from '../lib/instance.mjs';
import { newId } from '../lib/ids.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { findObstacles, openBrowser, Visitor } from './lib/visitor.mjs';

let instance, browser;

before(async () => {
  instance = await start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await instance?.stop();
});

// Steps at these seconds of the trace, of one second each.
async function recorded(seconds) {
  const channel = await makeChannel(instance);
  const began = Date.now() - 10 * 60_000;
  const startedAt = new Date(began).toISOString();
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'Find the double booking', startedAt });
  for (const [i, at] of seconds.entries()) {
    const body = {
      stepType: 'thinking',
      content: `thought ${i + 1}`,
      startedAt: new Date(began + at * 1000).toISOString(),
      completedAt: new Date(began + at * 1000 + 1000).toISOString(),
      completed: true,
    };
    (await run.client.put(`agent-sessions/${run.id}/steps/${newId('stp')}`, body)).expect(201);
  }
  await run.end();
  return run;
}

test('a trace is played, scrubbed, stepped through, and left', async () => {
  const run = await recorded([0, 100, 101, 300]);
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}`));
  await page.waitForSelector('.tree-row >> text=thought 4');
  await page.click('.trace-tools [aria-label="Replay"]');
  await page.waitForSelector('.replay [data-play]');
  await page.click('.replay [aria-label="To the next step"]');
  await page.waitForSelector('.replay [data-play][aria-label="Play"]');
  const place = page.locator('.replay-place');
  await place.focus();
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.querySelectorAll('.tree-row').length === 1);
  assert.match(await place.getAttribute('aria-valuetext'), /^0 ms of 5 m 1 s, 1 of 4 steps$/);
  await page.click('.replay [aria-label="To the next step"]');
  await page.waitForFunction(() => document.querySelectorAll('.tree-row').length === 2);
  for (const theme of ['light', 'dark'])
    for (const [width, height] of [
      [1600, 1000],
      [1280, 800],
      [375, 740],
    ]) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      assert.deepEqual(await findObstacles(page, `replay ${theme} ${width}`), []);
      await visitor.shot(`replay-${theme}-${width}`);
    }
  await page.setViewportSize({ width: 1280, height: 800 });

  // Five minutes, of which four seconds are busy: they are over at once at this speed.
  await page.selectOption('.replay-speed select', '60');
  await page.focus('.replay [data-play]');
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelectorAll('.tree-row').length === 4);
  await page.waitForSelector('.replay [data-play][aria-label="Play"]');
  assert.match(await place.getAttribute('aria-valuetext'), /^5 m 1 s of 5 m 1 s, 4 of 4 steps$/);
  await page.click('.replay [aria-label="End the replay"]');
  await page.waitForSelector('.replay', { state: 'detached' });
  assert.equal(await page.locator('.tree-row').count(), 4);
  await visitor.close();
});

test('while a trace runs there is nothing to replay', async () => {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'Still at it' });
  await run.whole('thinking', 'one');
  await run.whole('thinking', 'two');
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  await visitor.go(visitor.path(`/trace/${run.id}`));
  await visitor.page.waitForSelector('.tree-row >> text=two');
  assert.equal(await visitor.page.locator('.trace-tools [aria-label="Replay"]').count(), 0);
  await run.end();
  await visitor.page.waitForSelector('.trace-tools [aria-label="Replay"]');
  await visitor.close();
});

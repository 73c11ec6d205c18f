// SPDX-License-Identifier: Apache-2.0
// An ended trace is replayed on its own time: played, paused, scrubbed, stepped through, by keyboard too.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newId } from '../lib/ids.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

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

test('before the end of a step the panel and the story show what was known then, by the clock of the replay', async () => {
  const channel = await makeChannel(instance);
  const began = Date.now() - 10 * 60_000;
  const at = (seconds) => new Date(began + seconds * 1000).toISOString();
  const run = await Recorder.start(instance, { streamId: channel.id, startedAt: at(0) });
  const put = async (from, to, body) => {
    const id = newId('stp');
    const whole = { ...body, startedAt: at(from), completedAt: at(to), completed: true };
    (await run.client.put(`agent-sessions/${run.id}/steps/${id}`, whole)).expect(201);
    return id;
  };
  const call = await put(0, 100, {
    stepType: 'tool_call',
    content: { tool: 'bash', args: { command: 'make all' }, result: 'it was built' },
    usage: { model: 'm', inputTokens: 4711, outputTokens: 1 },
  });
  await put(50, 60, { stepType: 'thinking', content: 'a thought in between' });
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}/${call}`));
  await page.waitForSelector('.panel-content:has-text("it was built")');
  await page.click('.trace-tools [aria-label="Replay"]');
  await page.click('.replay [aria-label="Pause"]');
  const place = page.locator('.replay-place');
  await place.focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowRight');
  await page.waitForSelector('.panel-status .tag:text-is("running")');
  await page.waitForSelector('.panel-status .elapsed:text-is("40.0 s")');
  await page.waitForSelector('.panel-content:has-text("make all")');
  const panel = () => page.locator('.panel').innerText();
  assert.doesNotMatch(await panel(), /it was built|4,711/);
  assert.equal(await page.locator(`[data-node="${call}"] .tree-facts`).innerText(), '40.0 s');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('.panel-status .elapsed:text-is("41.0 s")');
  await page.click('#panel-tab-raw');
  await page.waitForSelector('.panel-content [aria-label="The step as it was known then"]');
  assert.doesNotMatch(await panel(), /it was built|4,711/);
  await page.click('#panel-tab-content');

  // The thought that begins is selected where the replay plays; of one that is under way nothing was kept.
  await place.focus();
  for (let i = 0; i < 14; i++) await page.keyboard.press('ArrowRight');
  await page.click('.tree-row:has-text("Thinking")');
  await page.waitForSelector('.panel-content:has-text("What it had written by then was not kept")');
  assert.equal(await page.locator('.trace-view >> text=a thought in between').count(), 0);
  await page.click(`[data-node="${call}"]`);
  await place.focus();
  await page.keyboard.press('End');
  await page.waitForSelector('.panel-content:has-text("it was built")');
  await page.waitForSelector('.panel .facts:has-text("4,711")');

  // The same as a story.
  await page.click('.trace-tools [aria-label="Read as a story"]');
  await place.focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowRight');
  await page.waitForSelector('.step-facts .elapsed:text-is("40.0 s")');
  await page.waitForSelector('.step-body:has-text("make all")');
  assert.equal(await page.locator('.step-body:has-text("it was built")').count(), 0);
  await page.keyboard.press('End');
  await page.waitForSelector('.step-body:has-text("it was built")');
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

// SPDX-License-Identifier: Apache-2.0
// A session and its steps are rated and tagged in the trace: thumbs with their counts, notes that others read, live in
// their windows, and shown on the card.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

async function recorded() {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'Find the double booking' });
  const step = await run.whole('thinking', 'Two bookings overlap on Tuesday.');
  await run.end();
  return { channel, run, step };
}

test('a thumb and a note are kept, told to others live, changed and taken back', async () => {
  const { channel, run, step } = await recorded();
  const bob = await addPerson(instance, 'Bob');
  const one = await (await Visitor.open(browser, instance)).signIn();
  const two = await (await Visitor.open(browser, instance)).enter(bob);
  await one.go(one.path(`/trace/${run.id}`));
  await two.go(two.path(`/trace/${run.id}`));
  const head = '.trace-tools .rating';
  await one.page.click(`${head} [data-thumb="up"]`);
  await one.page.waitForSelector(`${head} [data-thumb="up"][aria-pressed="true"][data-count="1"]`);
  await two.page.waitForSelector(`${head} [data-thumb="up"][aria-pressed="false"][data-count="1"]`);
  await two.page.click(`${head} [data-thumb="down"]`);
  await one.page.waitForSelector(`${head} [data-thumb="down"][data-count="1"]`);

  await one.page.click(`${head} .rating-note`);
  await one.page.fill('.rating-notes textarea', 'It found the overlap, not who made it.');
  await one.page.click('.rating-notes button[type="submit"]');
  await two.page.waitForSelector(`${head} [aria-label="Notes on the session (1)"]`);
  for (const theme of ['light', 'dark'])
    for (const [width, height] of [
      [1600, 1000],
      [1280, 800],
      [375, 740],
    ]) {
      await two.page.emulateMedia({ colorScheme: theme });
      await two.page.setViewportSize({ width, height });
      await two.page.click(`${head} .rating-note`);
      await two.page.waitForSelector('.rating-list >> text=It found the overlap, not who made it.');
      assert.deepEqual(await findObstacles(two.page, `notes ${theme} ${width}`), []);
      await two.shot(`rating-notes-${theme}-${width}`);
      await two.page.keyboard.press('Escape');
    }
  await two.page.setViewportSize({ width: 1280, height: 800 });

  await one.page.click(`.tree-row >> text=Two bookings`);
  await one.page.focus('.panel .rating [data-thumb="down"]');
  await one.page.keyboard.press('Enter');
  await one.page.waitForSelector('.panel .rating [data-thumb="down"][aria-pressed="true"]');
  await one.shot('rating-step');
  await one.page.keyboard.press('Enter');
  await one.page.waitForSelector('.panel .rating [data-thumb="down"][aria-pressed="false"][data-count="0"]');
  await until(async () => {
    const { ratings } = (await bob.get(`agent-sessions/${run.id}/ratings?target=${step.id}`)).expect(200).body;
    return ratings.length === 0;
  }, 'the rating to be taken back');

  await one.go(one.stream(channel.id));
  await one.page.waitForSelector('.card .card-rating >> text=1 thumb up, 1 thumb down');
  assert.deepEqual(await findObstacles(one.page, 'card'), []);
  await one.shot('rating-card');
  await one.close();
  await two.close();
});

test('tags are added and removed in the head, and others see them', async () => {
  const { run } = await recorded();
  const one = await (await Visitor.open(browser, instance)).signIn();
  await one.go(one.path(`/trace/${run.id}`));
  await one.page.click('.trace-tools [aria-label="Tags"]');
  for (const tag of ['regression', 'week 48']) {
    await one.page.fill('.tags-form input', tag);
    await one.page.keyboard.press('Enter');
    await one.page.waitForSelector(`.head-tags >> text=${tag}`);
  }
  for (const [theme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['dark', 375],
  ]) {
    await one.page.emulateMedia({ colorScheme: theme });
    await one.page.keyboard.press('Escape');
    await one.page.setViewportSize({ width, height: 800 });
    await one.page.click('.trace-tools [aria-label="Tags"]');
    assert.deepEqual(await findObstacles(one.page, `tags ${theme} ${width}`), []);
    await one.shot(`tags-${theme}-${width}`);
  }
  await one.page.click('.tags-list [aria-label="Remove the tag regression"]');
  await one.page.waitForSelector('.head-tags >> text=regression', { state: 'detached' });
  await until(async () => {
    const { session } = (await run.client.get(`agent-sessions/${run.id}`)).expect(200).body;
    return String(session.tags) === 'week 48';
  }, 'the tag to be removed');
  await one.close();
});

// SPDX-License-Identifier: Apache-2.0
// Ctrl+K: to a conversation, a session, a message, an action, by the keyboard alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, focusIs, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

test('typing a part of a name goes there, and Esc goes back to where focus was', async () => {
  const channel = await makeChannel(instance, 'café records');
  const run = await Recorder.start(instance, { title: 'Count the lanterns' });
  await run.end();
  const person = await personOf(instance);
  (await person.post(`streams/${channel.id}/messages`, { content: 'the periwinkle is moored' })).expect(201);
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await page.waitForSelector('.composer textarea');
  await page.focus('.composer textarea');
  const ask = async (text, expected) => {
    await page.keyboard.press('Control+k');
    await page.waitForSelector('dialog.palette[open]');
    await page.keyboard.type(text);
    await page.waitForSelector(`.palette-item:has-text("${expected}")`);
    while (!(await page.locator('.palette-item.is-chosen').innerText()).includes(expected))
      await page.keyboard.press('ArrowDown');
  };
  await ask('cafe', 'café records');
  assert.deepEqual(await findObstacles(page, 'palette'), []);
  await visitor.shot('palette');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.palette', { state: 'detached' });
  await focusIs(page, '.composer textarea');
  await ask('cafe', 'café records');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.main .pane-title:has-text("café records")');
  await ask('lanterns', 'Count the lanterns');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.trace-page h1:has-text("Count the lanterns")');
  await ask('periwinkle', 'the periwinkle is moored');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.message.is-target:has-text("periwinkle")');
  await ask('dark theme', 'Dark theme');
  await page.keyboard.press('Enter');
  await page.waitForSelector('html[data-theme=dark]', { state: 'attached' });
  await page.click('button:has-text("Go to…")');
  await page.waitForSelector('dialog.palette[open]');
  await visitor.close();
});

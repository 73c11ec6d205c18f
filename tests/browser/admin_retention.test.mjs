// SPDX-License-Identifier: Apache-2.0
// How long steps are kept, in the administration of the page: each rule is made, changed and taken back, which is seen by REST,
// too, and what deletes is asked about.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addPerson } from '../lib/people.mjs';
import { administration, focusName, selectors, undo } from './lib/administration.mjs';
import { makeChannel } from './lib/recorder.mjs';
import { findObstacles } from './lib/visitor.mjs';

const desk = administration();
const { open, get } = desk;

test('how long steps are kept: deleting is asked about, and each change can be taken back', async () => {
  const channel = await makeChannel(desk.instance, 'archive');
  const visitor = await open('retention');
  const { page } = visitor;
  const whole = page.locator(selectors.retention);
  await whole.locator('input[name=days]').fill('90');
  await whole.locator('button').click();
  // Escape changes nothing.
  await page.waitForSelector('dialog h2:has-text("Delete what is older?")');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.deepEqual((await get('retention')).workspace, { days: null, held: false });
  await whole.locator('button').click();
  await page.click('dialog button:has-text("Delete older steps")');
  await page.waitForSelector('.admin-undo:has-text("The workspace keeps steps 90 days.")');
  assert.deepEqual((await get('retention')).workspace, { days: 90, held: false });

  const added = page.locator('form[aria-label="A rule for one conversation"]');
  await added.locator('select').selectOption({ label: 'archive' });
  await added.locator('input[name=days]').fill('365');
  await added.locator('input[name=held]').check();
  await added.locator('button').click();
  const row = page.locator(`tr[data-rule="${channel.id}"]`);
  // More is kept by it: there is no question.
  await row.locator(':text("365 days")').waitFor();
  await row.locator('.tag:has-text("held")').waitFor();
  const rule = { streamId: channel.id, name: 'archive', days: 365, held: true };
  assert.deepEqual((await get('retention')).streams, [rule]);
  await visitor.shot('admin-retention');
  assert.deepEqual(await findObstacles(page, 'retention with a rule'), []);

  await row.locator('button:has-text("Change")').click();
  await page.fill('dialog input[name=days]', '30');
  await page.uncheck('dialog input[name=held]');
  await page.click('dialog button:has-text("Save")');
  // The second question comes in the place of the first.
  await page.click('dialog button:has-text("Delete older steps")');
  await row.locator(':text("30 days")').waitFor();
  await undo(page);
  await row.locator(':text("365 days")').waitFor();
  await page.waitForSelector('.admin-undo:has-text("It is as it was before.")');
  assert.equal(await focusName(page), 'admin-undo');
  assert.deepEqual((await get('retention')).streams, [rule]);

  await row.locator('button:has-text("Follow the workspace")').click();
  await page.click('dialog button:has-text("Delete older steps")');
  await row.waitFor({ state: 'detached' });
  assert.notEqual(await focusName(page), '', 'focus has gone to something');
  assert.deepEqual((await get('retention')).streams, []);
  await undo(page);
  await row.locator(':text("365 days")').waitFor();
  assert.deepEqual((await get('retention')).streams, [rule]);

  // A scratchpad of one's own may have a rule, too.
  const padOf = { type: 'scratchpad', name: 'Ariadne' };
  const pad = (await desk.ada.post('streams', padOf)).expect(200, 201).body.stream;
  await page.reload();
  await added.locator('select').selectOption({ label: 'Scratchpad with Ariadne' });
  await added.locator('input[name=days]').fill('7');
  await added.locator('button').click();
  await page.click('dialog button:has-text("Delete older steps")');
  await page.waitForSelector(`tr[data-rule="${pad.id}"] :text("7 days")`);
  assert.deepEqual((await get('retention')).streams.at(0), {
    ...rule,
    streamId: pad.id,
    name: pad.name,
    days: 7,
    held: false,
  });
  await undo(page);
  await page.waitForSelector(`tr[data-rule="${pad.id}"]`, { state: 'detached' });

  // What cannot be is refused before it is sent.
  await whole.locator('input[name=days]').fill('0');
  await whole.locator('button').click();
  assert.equal(await whole.locator('input:invalid').count(), 1);
  // A rule that has gone with its channel is not made again unseen.
  await row.locator('button:has-text("Change")').click();
  await page.fill('dialog input[name=days]', '400');
  await desk.ada.request('DELETE', `streams/${channel.id}/retention`);
  await desk.instance.psql(`DELETE FROM stream_members WHERE stream_id = '${channel.id}';
    UPDATE streams SET private = true WHERE id = '${channel.id}'`);
  await page.click('dialog button:has-text("Save")');
  await page.waitForSelector('.toast:has-text("The rule was not kept: Somebody else has changed the rules meanwhile")');
  await row.waitFor({ state: 'detached' });
  await page.waitForSelector('dialog', { state: 'detached' });
  await visitor.close();
});

test('what deletes is asked about by the rules that there are now, also when it is an undoing', async () => {
  const ivy = await addPerson(desk.instance, 'Ivy', { role: 'admin' });
  const put = async (rule) => (await desk.ada.put('retention', rule)).expect(200);
  await put({ days: 90, held: false });
  const visitor = await open('retention');
  const { page } = visitor;
  const whole = page.locator(selectors.retention);
  const save = async (days) => {
    await whole.locator('input[name=days]').fill(days);
    await whole.locator('button').click();
  };
  const question = 'dialog h2:has-text("Delete what is older?")';
  const answer = (label) => page.click(`dialog button:has-text("${label}")`);
  // More is kept, so there is no question; taking it back deletes.
  await save('365');
  await page.waitForSelector('.admin-undo:has-text("The workspace keeps steps 365 days.")');
  await undo(page);
  await page.waitForSelector(question);
  await answer('Cancel');
  assert.equal((await get('retention')).workspace.days, 365);
  await undo(page);
  await answer('Delete older steps');
  await page.waitForSelector('.admin-undo:has-text("It is as it was before.")');
  assert.equal((await get('retention')).workspace.days, 90);
  await page.waitForSelector('[data-undo]', { state: 'detached' });

  // Somebody else keeps everything since this page was loaded: nothing is replaced that was not seen. Seen, what was more is
  // less, and what there was comes back.
  await put({ days: null, held: false });
  await save('500');
  await page.waitForSelector('.toast:has-text("The rule was not kept: Somebody else has changed the rules meanwhile")');
  await page.waitForFunction((form) => document.querySelector(form).elements.days.value === '', selectors.retention);
  assert.equal((await get('retention')).workspace.days, null);
  await save('500');
  await answer('Delete older steps');
  await page.waitForSelector('.admin-undo:has-text("The workspace keeps steps 500 days.")');
  await undo(page);
  await page.waitForSelector('.admin-undo:has-text("It is as it was before.")');
  assert.equal((await get('retention')).workspace.days, null);

  // Behind the hold there is a rule of a channel that she does not see.
  const { stream } = (await ivy.post('streams', { type: 'channel', name: 'cellar', private: true })).expect(201).body;
  (await ivy.put(`streams/${stream.id}/retention`, { days: 7 })).expect(200);
  await put({ days: null, held: true });
  await page.click('.tab:has-text("Prices")');
  await page.click('.tab:has-text("Retention")');
  await whole.locator('input[name=held]:checked').waitFor();
  await whole.locator('input[name=days]').fill('');
  await whole.locator('input[name=held]').uncheck();
  await whole.locator('button').click();
  await page.waitForSelector(question);
  await answer('Cancel');
  assert.equal((await get('retention')).workspace.held, true);

  // What somebody else has changed since is not taken back, either.
  await put({ days: 30, held: false });
  await page.click('.tab:has-text("Prices")');
  await page.click('.tab:has-text("Retention")');
  await save('60');
  await page.waitForSelector('.admin-undo:has-text("The workspace keeps steps 60 days.")');
  await put({ days: 70, held: false });
  await undo(page);
  await page.waitForSelector('.toast:has-text("It was not undone: Somebody else has changed the rules meanwhile")');
  await page.waitForFunction((form) => document.querySelector(form).elements.days.value === '70', selectors.retention);
  assert.equal((await get('retention')).workspace.days, 70);
  await put({ days: null, held: false });
  await visitor.close();
});

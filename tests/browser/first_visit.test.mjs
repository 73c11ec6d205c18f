// SPDX-License-Identifier: Apache-2.0
// What a person finds who opens the demo for the first time: sessions of every kind, and questions to click.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const sizes = [
  { width: 1600, height: 1000 },
  { width: 1280, height: 800 },
  { width: 375, height: 740 },
];
const themes = ['light', 'dark'];
const examples = {
  'Which wishes do customers name most?': 'completed',
  "Export last week's bookings for Velo Nord": 'failed',
  'Is Pannier 2.0 ready for go or no-go?': 'completed',
  'Watch over this server': 'running',
};

const { instance, browser } = await stage({ demo: true });
let person;

before(async () => {
  person = await personOf(instance);
});

const visit = async (options) => (await Visitor.open(browser, instance, options)).signIn();
const listed = async () => (await person.get('agent-sessions?tag=example')).expect(200).body.sessions;
const named = async (title) => (await listed()).find((session) => session.title === title);

test('the table of sessions has a finished, a failed, a nested and a running one', async () => {
  await until(() => named('Watch over this server'), 'the running session');
  const statuses = Object.fromEntries((await listed()).map(({ title, status }) => [title, status]));
  assert.deepEqual(statuses, examples);
  const visitor = await visit();
  for (const viewport of sizes)
    for (const colorScheme of themes) {
      await visitor.page.setViewportSize(viewport);
      await visitor.page.emulateMedia({ colorScheme });
      await visitor.go(visitor.path('/sessions'));
      for (const title of Object.keys(examples))
        await visitor.page.locator('.session-table .row-link', { hasText: title }).waitFor();
      await visitor.shot(`first-sessions-${viewport.width}-${colorScheme}`);
    }
  await visitor.close();
});

test('the failed one says why, and the nested one has agents side by side, with tokens and cost', async () => {
  const failed = await named("Export last week's bookings for Velo Nord");
  assert.equal(failed.error.code, 'tool_failed');
  const nested = await named('Is Pannier 2.0 ready for go or no-go?');
  const { steps } = (await person.get(`agent-sessions/${nested.id}`)).expect(200).body;
  const group = steps.find((step) => step.stepType === 'group');
  const [quality, delivery] = steps.filter((step) => step.parentStepId === group.id);
  assert.ok(quality.startedAt < delivery.completedAt && delivery.startedAt < quality.completedAt, 'they overlap');
  assert.equal(nested.usage.inputTokens, 7780);
  assert.equal(nested.usage.costUsd, 0.0211);
  const visitor = await visit();
  for (const [name, id, shown] of [
    ['failed', failed.id, 'The reporting database did not answer'],
    ['nested', nested.id, 'verdict on delivery'],
  ]) {
    await visitor.go(visitor.path(`/trace/${id}`));
    await visitor.page.getByText(shown).first().waitFor();
    await visitor.shot(`first-${name}`);
  }
  await visitor.close();
});

test('the running one shows what it sees while the demo runs', async () => {
  const running = await named('Watch over this server');
  const visitor = await visit();
  await visitor.go(visitor.path(`/trace/${running.id}`));
  await visitor.page.getByText('The server is healthy.').first().waitFor();
  await visitor.shot('first-running');
  await visitor.close();
});

test('three questions stand over the composer, in every size and theme', async () => {
  const visitor = await visit();
  const { page } = visitor;
  for (const viewport of sizes)
    for (const colorScheme of themes) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await visitor.go(visitor.stream());
      await page.locator('.questions button').nth(2).waitFor();
      assert.equal(await page.locator('.questions button').count(), 3);
      await visitor.shot(`first-questions-${viewport.width}-${colorScheme}`);
      assert.deepEqual(await findObstacles(page, `questions ${viewport.width} ${colorScheme}`), []);
    }
  await visitor.close();
});

test('no other channel and no other workspace has them', async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.stream());
  await page.locator('.questions').waitFor();
  for (const name of ['launch', 'pricing']) {
    await page.locator('.side-link', { hasText: name }).first().click();
    await page.locator(`.pane[aria-label="Conversation ${name}"] .message`).last().waitFor();
    assert.equal(await page.locator('.questions').count(), 0, name);
  }
  await visitor.close();
  const bare = await start();
  try {
    const stranger = await (await Visitor.open(browser, bare)).signIn();
    await stranger.go(stranger.stream());
    await stranger.page.getByText('This is where the conversation starts.').waitFor();
    assert.equal(await stranger.page.locator('.questions').count(), 0);
    await stranger.close();
  } finally {
    await bare.stop();
  }
});

test('a question is asked by the keyboard, answered, and the questions are gone', async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.stream());
  const question = page.locator('.questions button').nth(1);
  const text = await question.innerText();
  await page.focus('.composer textarea');
  for (let press = 0; press < 2; press++) await page.keyboard.press('Shift+Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), text);
  await page.keyboard.press('Enter');
  await page.locator('.questions').waitFor({ state: 'detached' });
  assert.ok(await page.evaluate(() => document.activeElement.closest('.pane') !== null), 'the focus is kept');
  await page
    .locator('.message', { hasText: text })
    .locator('.replies', { hasText: 'Ariadne' })
    .click({ timeout: 60_000 });
  await page.locator('.thread-panel .is-ai').first().waitFor();
  await visitor.shot('first-answered');
  await page.reload();
  await page.locator('.message', { hasText: text }).first().waitFor();
  assert.equal(await page.locator('.questions').count(), 0);
  await visitor.close();
});

// SPDX-License-Identifier: Apache-2.0
// Two sessions side by side: reached from a trace, other attempts first; figures with their differences, steps beside
// each other, and what their texts say differently.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { personOf } from '../lib/rest.mjs';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let first;
let second;
let other;

async function record(run, { tokens, answer, more }) {
  await run.whole('thinking', 'First look at the crane.', {
    usage: { model: 'tiny-1', inputTokens: tokens, outputTokens: 10, costUsd: tokens / 1000 },
  });
  await run.whole('tool_call', { tool: 'read', args: { path: 'crane.md' }, result: 'line one\nline two\n' });
  for (const content of more) await run.whole('tool_call', content);
  await run.whole('message_sent', { text: answer });
}

before(async () => {
  first = await Recorder.start(instance, { title: 'Repair crane 2', streamId: instance.env.TRACE_STREAM });
  await record(first, { tokens: 1000, answer: 'It is broken.', more: [] });
  await first.end('fail', { error: { code: 'model_error', message: 'The model is away.' } });
  const person = await personOf(instance);
  const { session } = (await person.post(`agent-sessions/${first.id}/retry`)).expect(201).body;
  (await first.client.post(`agent-sessions/${session.id}/claim`, { workerId: 'w' })).expect(200);
  second = new Recorder(first.client, session);
  await record(second, {
    tokens: 1500,
    answer: 'It is repaired.',
    more: [{ tool: 'deploy', args: {}, result: 'done' }],
  });
  await second.end();
  other = await Recorder.start(instance, { title: 'Another crane' });
  await other.end();
});

const words = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ').trim();

test('a trace is compared with its other attempt, which is offered first', async () => {
  const visitor = await (await Visitor.open(browser, instance, { viewport: { width: 1600, height: 1000 } })).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${first.id}`));
  await page.click('button[aria-label="Compare with another session"]');
  await page.waitForSelector('.compare-menu li:has-text("Another crane")');
  assert.deepEqual(await page.locator('.compare-menu h3').allInnerTexts(), [
    'Other attempts',
    'Other sessions of Ariadne',
  ]);
  await visitor.shot('compare-menu');
  await page.click('.compare-menu li:has-text("Attempt 2")');
  await page.waitForSelector('.compare-row');
  assert.equal(new URL(page.url()).pathname, visitor.path(`/compare/${first.id}/${second.id}`));
  const fact = (name) => words(page.locator(`.compare-facts tr:has(th:text-is("${name}"))`));
  assert.equal(await fact('Status'), 'Status failed complete');
  assert.equal(await fact('Tokens in'), 'Tokens in 1,000 1,500 +500 (+50 %)');
  assert.match(await fact('Steps'), /3 4 \+1/);
  const rows = await page.locator('.compare-row .compare-word').allInnerTexts();
  assert.deepEqual(rows, ['the same', 'the same', 'only in the second', 'different']);
  await page.click('.compare-row:last-child .compare-line');
  await page.waitForSelector('.compare-row:last-child .text-block.is-diff :text("It is repaired.")');
  assert.match(await words(page.locator('.compare-row:last-child .block-lines')), /It is broken\..*It is repaired\./);
  await page.click('.compare-row:first-child .compare-line');
  await page.waitForSelector('.compare-row:first-child :text("Both say the same.")');
  await visitor.shot('compare');
  assert.deepEqual(await findObstacles(page, 'compare'), []);
  await page.click('label:has-text("Differences only")');
  assert.equal(await page.locator('.compare-row').count(), 2);
  await page.click('a:text-is("Swap")');
  await page.waitForFunction((path) => location.pathname === path, visitor.path(`/compare/${second.id}/${first.id}`));
  await page.waitForSelector('.compare-row .compare-word:text-is("only in the first")');
  await visitor.close();
});

test('it works by keyboard, on narrow screens and in the dark', async () => {
  for (const [name, options] of [
    ['narrow', { viewport: { width: 375, height: 740 } }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
  ]) {
    const visitor = await (await Visitor.open(browser, instance, options)).signIn();
    const { page } = visitor;
    await visitor.go(visitor.path(`/compare/${first.id}/${second.id}`));
    await page.focus('.compare-row:last-child .compare-line');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.compare-row:last-child .text-block.is-diff');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    assert.deepEqual(await findObstacles(page, name), []);
    await visitor.shot(`compare-${name}`);
    await visitor.close();
  }
});

test('a session that is not there, or not for the reader, says so', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  visitor.expect(/status of 404/);
  await visitor.go(visitor.path(`/compare/${first.id}/${first.id.slice(0, -3)}000`));
  await visitor.page.waitForSelector('.nothing:has-text("This does not exist")');
  await visitor.close();
});

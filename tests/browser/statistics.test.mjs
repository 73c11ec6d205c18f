// SPDX-License-Identifier: Apache-2.0
// The page of statistics: figures, charts and tables of the chosen time, each of which leads to the sessions behind it;
// by keyboard and for screen readers too, in both themes and at every size.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, until } from '../lib/instance.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { findObstacles, openBrowser, Visitor } from './lib/visitor.mjs';

let instance;
let browser;
let agent;
const made = [];
const day = 86400e3;

// Sessions of the last six days, more and slower from day to day; each fifth one has failed.
async function record(index) {
  const began = Date.now() - (5 - (index % 6)) * day - (index + 2) * 2e3;
  const iso = (/** @type {number} */ after) => new Date(began + after).toISOString();
  const streamId = index % 2 ? instance.env.TRACE_STREAM : undefined;
  const { session } = (
    await agent.post('agent-sessions', { title: `Run ${index}`, streamId, startedAt: iso(0), heartbeat: 'none' })
  ).expect(201).body;
  const took = 1000 * (index + 1);
  const usage = { model: index % 3 ? 'labyrinth-1' : 'minotaur-2', inputTokens: 1000 * index, outputTokens: 100 };
  const lines = [
    { stepType: 'generation', usage, startedAt: iso(200), completedAt: iso(900) },
    { stepType: 'tool_call', name: index % 2 ? 'read' : 'deploy', startedAt: iso(900), completedAt: iso(900 + took) },
    ...(index % 5 === 0
      ? [
          {
            stepType: 'tool_call',
            name: 'deploy',
            error: { message: `Port ${index} is taken` },
            startedAt: iso(950),
            completedAt: iso(960),
          },
        ]
      : []),
  ];
  const body = lines.map((line) => JSON.stringify({ op: 'record', ...line })).join('\n');
  (await agent.post(`agent-sessions/${session.id}/batch`, body)).expect(200);
  const error = { code: 'model_error', message: 'The model is away.' };
  const end = { completedAt: iso(took + 1000) };
  const how = index % 5 === 0 ? 'fail' : 'complete';
  (await agent.post(`agent-sessions/${session.id}/${how}`, how === 'fail' ? { error, ...end } : end)).expect(200);
  made.push(session.id);
}

// The sessions of a day are to lie in it, and no day is to begin while they are looked at.
async function awayFromMidnight() {
  const [ahead, behind] = [300e3, 80e3];
  const left = new Date().setHours(24, 0, 0, 0) - Date.now();
  if (left < ahead) await sleep(left + behind);
  else if (day - left < behind) await sleep(behind - (day - left));
}

before(async () => {
  await awayFromMidnight();
  instance = await start();
  browser = await openBrowser();
  agent = agentOf(instance);
  const person = await personOf(instance);
  (await person.put('prices', { model: 'labyrinth-1', inputUsd: 2, outputUsd: 10 })).expect(200);
  for (let i = 0; i < 30; i++) await record(i);
  await until(async () => {
    const { totals } = (await person.get('statistics')).expect(200).body;
    return totals.completed + totals.failed === 30;
  }, 'the sessions to be counted');
});

after(async () => {
  await browser?.close();
  await instance?.stop();
});

async function openStatistics(options = {}, query = '') {
  const visitor = await (await Visitor.open(browser, instance, options)).signIn();
  await visitor.go(visitor.path(`/statistics${query}`));
  await visitor.page.waitForSelector('.chart canvas');
  return { visitor, page: visitor.page };
}
const figure = (page, name) => page.locator(`.figure:has(dt:text-is("${name}")) dd`).innerText();
const cells = (page, title, first) =>
  page.locator(`.breakdown:has(h2:text-is("${title}")) tr:has(bdi:text-is("${first}")) td`).allInnerTexts();

test('figures, charts and tables tell of the time that is chosen', async () => {
  const { visitor, page } = await openStatistics({ viewport: { width: 1600, height: 1000 } });
  assert.match(await figure(page, 'Sessions'), /^30/);
  assert.match(await figure(page, 'Failed'), /^20\.0 %\s+6 of 30$/);
  assert.match(await figure(page, 'Tokens'), /438\.0k/);
  assert.match(await figure(page, 'Cost'), /^≈ \$/);
  assert.deepEqual(await page.locator('.chart-title').allInnerTexts(), [
    'Sessions',
    'Duration',
    'Time to first step',
    'Tokens',
    'Cost',
  ]);
  const [calls, failed, , , longest] = await cells(page, 'Slowest tools', 'deploy');
  assert.deepEqual([calls, failed], ['21', '6']);
  assert.match(longest, /^29\.0 s/);
  assert.deepEqual((await cells(page, 'Most frequent errors', 'Port # is taken')).slice(0, 2), ['steps', '6']);
  assert.deepEqual((await cells(page, 'Most frequent errors', 'model_error')).slice(0, 2), ['sessions', '6']);
  assert.match((await cells(page, 'By model', 'minotaur-2'))[0], /^10/);
  assert.match((await cells(page, 'By channel', 'general'))[0], /^15/);
  await visitor.shot('statistics');
  await page.click('.tab:has-text("24 hours")');
  await page.waitForFunction(() => document.querySelector('.figure dd strong').textContent !== '30');
  assert.equal(new URL(page.url()).searchParams.get('span'), '24h');
  await until(async () => parseInt(await figure(page, 'Sessions')) >= 5, 'the sessions of a day');
  await visitor.close();
});

test('a bar, a figure of a table and an example lead to the sessions behind them', async () => {
  const { visitor, page } = await openStatistics({}, '?persona=' + instance.env.TRACE_PERSONA);
  const bars = page.locator('.chart:has(.chart-title:text-is("Sessions")) .u-over');
  const box = await bars.boundingBox();
  await page.mouse.move(box.x + box.width * 0.93, box.y + box.height / 2);
  await page.waitForSelector('.chart-read:has-text("Today")');
  await page.mouse.click(box.x + box.width * 0.93, box.y + box.height / 2);
  await page.waitForSelector('#sessions-title');
  const here = new URL(page.url()).searchParams;
  assert.equal(here.get('persona'), instance.env.TRACE_PERSONA);
  assert.equal(Date.parse(here.get('to')) - Date.parse(here.get('from')), day);
  await page.goBack();
  await page.waitForSelector('.chart canvas');
  await page.click('.breakdown:has(h2:text-is("By model")) tr:has(bdi:text-is("labyrinth-1")) td:nth-of-type(2) a');
  await page.waitForSelector('#sessions-title');
  const failed = new URL(page.url()).searchParams;
  assert.deepEqual([failed.get('model'), failed.get('status')], ['labyrinth-1', 'failed']);
  await page.goBack();
  await page.waitForSelector('.chart canvas');
  await page.click('.breakdown:has(h2:text-is("Slowest tools")) tr:has(bdi:text-is("read")) a');
  await page.waitForSelector('.panel-title:has-text("read")');
  assert.ok(page.url().includes(made[29]));
  await visitor.close();
});

test('everything of the charts stands in a table, which is reached by keyboard', async () => {
  const { visitor, page } = await openStatistics();
  assert.equal(await page.locator('.chart:not([aria-hidden=true])').count(), 0);
  await page.focus('.chart-table summary');
  await page.keyboard.press('Enter');
  const rows = page.locator('.chart-table tbody tr');
  assert.equal(await rows.count(), 6);
  assert.match(await rows.last().innerText(), /^Today\s+5\s+sessions/);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.chart-table') !== null), true);
  assert.deepEqual(await findObstacles(page, 'statistics'), []);
  await visitor.close();
});

test('it stands on narrow screens and in the dark', async () => {
  for (const [name, options] of [
    ['narrow', { viewport: { width: 375, height: 740 } }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['dark-narrow', { viewport: { width: 375, height: 740 }, colorScheme: 'dark' }],
  ]) {
    const { visitor, page } = await openStatistics(options);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
    assert.deepEqual(await findObstacles(page, name), []);
    await visitor.shot(`statistics-${name}`);
    await page.locator('.breakdown').first().scrollIntoViewIfNeeded();
    await visitor.shot(`statistics-${name}-tables`);
    await visitor.close();
  }
});

test('a time without sessions says so, and an answer that fails can be asked for again', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path('/statistics?model=nobody'));
  await page.waitForSelector('.nothing:has-text("No sessions then")');
  visitor.expect(/status of 503/);
  await page.route('**/statistics?*', (route) => route.fulfill({ status: 503, body: '{}' }));
  await page.selectOption('select:has(option:text-is("All models"))', '');
  await page.waitForSelector('button:has-text("Try now")');
  await page.unroute('**/statistics?*');
  await page.click('button:has-text("Try now")');
  await page.waitForSelector('.chart canvas');
  await visitor.close();
});

// SPDX-License-Identifier: Apache-2.0
// What steps hold, shown in the panel: exact numbers, values that fold, output with its colours, diffs, code, pictures,
// long results, keys that nobody foresaw; and what is copied and downloaded of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { before } from 'node:test';
import { reportIfSlow } from '../lib/patience.mjs';
import { exactArguments, recordFamily } from './lib/family.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, focusIs, seen, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let family;
let longId;
let wideId;
const long = Array.from({ length: 20_000 }, (_, i) => `line ${i + 1} of the log, which goes on for a while`).join('\n');

before(async () => {
  family = await recordFamily(instance);
  const call = { tool: 'bash', args: { command: 'cat log' }, result: long };
  longId = (await family.run.whole('tool_call', call)).id;
  const list = Array.from({ length: 900 }, (_, i) => ({ name: `item ${i}`, at: [i] }));
  wideId = (await family.run.whole('tool_call', { tool: 'index', args: { list: [...list, { name: 'the needle' }] } }))
    .id;
  await family.run.end();
});

async function open(step) {
  const visitor = await Visitor.open(browser, instance, { permissions: ['clipboard-read', 'clipboard-write'] });
  await visitor.signIn();
  await visitor.go(visitor.path(`/trace/${family.run.id}/${step}`));
  await visitor.page.waitForSelector('.panel .step-body');
  return { visitor, page: visitor.page };
}

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test('numbers are shown, copied and downloaded as they were written', async () => {
  const { visitor, page } = await open(family.ids.exact);
  await page.waitForSelector('.json-number:text-is("9007199254740993")');
  await page.waitForSelector('.json-number:text-is("1234567890123456789")');
  const copy = () => page.click('[aria-label="Arguments"] button[aria-label="Copy: Arguments"]');
  await seen(page, '[aria-label="Arguments"] .copied:has-text("Copied")', copy);
  assert.equal((await clipboard(page)).replace(/\s/g, ''), exactArguments);
  await page.click('.json-key:has-text("account")');
  await page.waitForSelector('.json-chosen code:text-is("$.account")');
  await page.click('button[aria-label="Copy the value"]');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === '1234567890123456789');
  const downloading = page.waitForEvent('download');
  await page.click('.trace-tools button[aria-label="Export"]');
  await page.click('[role=menuitem]:has(:text-is("JSON"))');
  const text = readFileSync(await (await downloading).path(), 'utf8');
  assert.match(text, /"id":9007199254740993,/);
  assert.match(text, /"account":1234567890123456789/);
  await page.click('[role=tab]:has-text("Raw")');
  await page.waitForSelector('.panel-content .json-key:has-text("startedAt")');
  await visitor.close();
});

test('a value is searched, and what is found is opened', async () => {
  const { visitor, page } = await open(family.ids.exact);
  await page.click('[role=tab]:has-text("Raw")');
  const field = page.locator('.json-search input').first();
  await field.fill('1234567890123456789');
  await page.waitForSelector('.json-key.is-selected:has-text("account")');
  await page.waitForSelector('.json-search .faint:has-text("1 of 1")');
  await visitor.close();
});

test('output keeps its colours, names what would hide, folds by lines and shows keys nobody foresaw', async () => {
  const { visitor, page } = await open(family.ids.output);
  const result = page.locator('.text-block[aria-label="Result"]');
  assert.equal(await result.locator('.ansi-1.ansi-bold').innerText(), 'FAILED');
  assert.deepEqual(await result.locator('.control').allInnerTexts(), ['BEL', 'RLO']);
  assert.equal(await result.locator('.line').count(), 16);
  await result.locator('button:has-text("Show all (301 lines")').click();
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Result"] .line').length === 301);
  await result.locator('button:has-text("Show less")').click();
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Result"] .line').length === 16);
  await page.waitForSelector('.value[aria-label="More"] .json-key:has-text("exit_code")');
  await visitor.close();
});

test('a replaced text is a diff, a file is code, a picture is a picture', async () => {
  const { visitor, page } = await open(family.ids.edit);
  const lines = (kind) => page.locator(`.is-diff .line.${kind} .line-text`).allInnerTexts();
  await page.waitForSelector('.is-diff .line.is-in');
  assert.deepEqual(await lines('is-out'), ['b = 2']);
  assert.deepEqual(await lines('is-in'), ['b = 20']);
  await visitor.go(visitor.path(`/trace/${family.run.id}/${family.ids.read}`));
  await page.waitForSelector('.code-keyword:has-text("return")');
  assert.equal(await page.locator('.text-block[aria-label="Result"] .line').count(), 2);
  await visitor.go(visitor.path(`/trace/${family.run.id}/${family.ids.picture}`));
  await page.waitForFunction(() => document.querySelector('.picture img')?.naturalWidth === 1);
  await page.waitForSelector('.picture figcaption:has-text("PNG, 1 × 1")');
  await visitor.close();
});

test('a result of a megabyte is fetched whole, its first lines are there at once, and all of it on demand', async () => {
  const { visitor, page } = await open(longId);
  await page.waitForSelector('.text-block[aria-label="Result"] .line');
  await page.evaluate(() => {
    window.began = performance.now();
    [...document.querySelectorAll('.block-fold button')].at(-1).click();
  });
  const first = await page.waitForFunction(() => {
    const hasSome = document.querySelectorAll('[aria-label="Result"] .line').length >= 100;
    return hasSome && performance.now() - window.began;
  });
  reportIfSlow('the first lines of 1 MB', await first.jsonValue(), 1500);
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Result"] .line').length === 20000);
  await page.click('.text-block[aria-label="Result"] button[aria-label="Copy: Result"]');
  await page.waitForFunction(
    (length) => navigator.clipboard.readText().then((text) => text.length === length),
    long.length,
  );
  await visitor.close();
});

test('what the model was told first is asked for when it is unfolded', async () => {
  await instance.psql(`UPDATE agent_sessions SET system_prompt = 'Answer **briefly**.', tools = '[{"function":{"name":"lookup"}}]'
    WHERE id = '${family.run.id}'`);
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const asked = [];
  page.on('request', (request) => request.url().endsWith('/instructions') && asked.push(request.url()));
  await visitor.go(visitor.path(`/trace/${family.run.id}`));
  await page.waitForSelector('.panel-summary summary:has-text("System prompt")');
  assert.equal(asked.length, 0);
  await page.click('.panel-summary summary:has-text("System prompt")');
  await page.waitForSelector('.panel-summary details strong:has-text("briefly")');
  await page.click('.panel-summary summary:has-text("Tools")');
  await page.waitForSelector('.panel-summary details .faint:has-text("lookup")');
  assert.equal(asked.length, 1);
  assert.deepEqual(await findObstacles(page, 'instructions'), []);
  await visitor.shot('instructions');
  await visitor.close();
});

test('a line has an address, which opens a text far down', async () => {
  const { visitor, page } = await open(longId);
  const line = (n) => page.locator(`[role=group][aria-label="Result"] .line[data-n="${n}"]`);
  await line(3).click({ position: { x: 8, y: 8 } });
  assert.equal(new URL(page.url()).hash, '#L3');
  await page.waitForSelector('.line.is-marked[data-n="3"]');
  assert.deepEqual(await findObstacles(page, 'a marked line'), []);
  // The text itself is for selecting.
  await line(5).locator('.line-text').click();
  assert.equal(new URL(page.url()).hash, '#L3');
  await page.click('button[aria-label="Copy a link to the step"]');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).endsWith('#L3'));

  await page.goto('about:blank');
  await visitor.go(visitor.path(`/trace/${family.run.id}/${longId}#L15000`));
  await page.waitForSelector('.line.is-marked[data-n="15000"]');
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('.line.is-marked').getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.match(await line(15000).innerText(), /line 15000 of the log/);
  // Another step is another address.
  await page.keyboard.press('k');
  await page.waitForFunction(() => location.hash === '');
  await visitor.close();
});

test('the lines of a text are one tab stop: arrows name them, Enter links to one, with Shift up to one', async () => {
  const { visitor, page } = await open(longId);
  const block = page.locator('.panel-content [role=group][aria-label="Result"]').first();
  const stop = block.locator('[role=spinbutton]');
  await stop.waitFor();
  assert.equal(await stop.count(), 1);
  // The lines stand: a link to one of them makes nothing anew, and takes neither focus nor selection.
  await page.evaluate(() => {
    for (const line of document.querySelectorAll('[aria-label="Result"] .line')) line.isFirstMade = true;
    getSelection().selectAllChildren(document.querySelector('[aria-label="Result"] [data-n="2"] .line-text'));
  });
  await block.locator('button:has-text("Copy")').focus();
  await page.keyboard.press('Tab');
  await focusIs(page, '[aria-label="Result"] [role=spinbutton]');
  await page.waitForSelector('.line.is-current[data-n="1"]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector('.line.is-current[data-n="3"]');
  assert.equal(await stop.getAttribute('aria-valuenow'), '3');
  assert.match(await stop.getAttribute('aria-valuetext'), /^Line 3: line 3 of the log/);
  assert.deepEqual(await findObstacles(page, 'a line under the keys'), []);
  await page.keyboard.press('Enter');
  assert.equal(new URL(page.url()).hash, '#L3');
  await page.waitForSelector('[role=status]:has-text("The address names line 3")');
  await page.keyboard.press('PageDown');
  await page.waitForSelector('.line.is-current[data-n="23"]');
  await page.keyboard.press('Shift+Enter');
  assert.equal(new URL(page.url()).hash, '#L3-L23');
  await page.waitForFunction(() => document.querySelectorAll('.line.is-marked').length === 21);
  const stood = await page.evaluate(() => ({
    lines: [...document.querySelectorAll('[aria-label="Result"] .line')].slice(0, 16).every((line) => line.isFirstMade),
    selection: String(getSelection()).slice(0, 17),
    isFocused: document.activeElement.matches('[data-line-stop]'),
  }));
  assert.deepEqual(stood, { lines: true, selection: 'line 2 of the log', isFocused: true });
  // The last line is mounted when the keys reach it.
  await page.keyboard.press('End');
  await page.waitForSelector('.line.is-current[data-n="20000"]');
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('.line.is-current').getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  // The mouse, too, reaches from one line to another one.
  await visitor.go(visitor.path(`/trace/${family.run.id}/${longId}#L5-L7`));
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.line.is-marked').length === 3);
  await block.locator('.line[data-n="2"]').click({ position: { x: 8, y: 8 }, modifiers: ['Shift'] });
  assert.equal(new URL(page.url()).hash, '#L2-L5');
  await visitor.close();
});

test('a link to a line leads whoever has to sign in first to that line', async () => {
  const visitor = await Visitor.open(browser, instance);
  visitor.expect(/status of 401/);
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${family.run.id}/${longId}#L15000`));
  await page.fill('input[name=email]', instance.env.TRACE_EMAIL);
  await page.fill('input[name=password]', instance.env.TRACE_PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('.line.is-marked[data-n="15000"]');
  await visitor.close();
});

test('a search in a value shows what it finds beyond the entries that are shown at first, and copies it', async () => {
  const { visitor, page } = await open(wideId);
  const value = page.locator('[role=group][aria-label="Arguments"]');
  await value.locator('input[type=search]').fill('needle');
  await page.waitForSelector('.json-chosen code:text-is("$.list[900].name")');
  await value.locator('[data-path="$.list[900].name"] .json-key.is-selected').waitFor();
  await page.click('button[aria-label="Copy the path"]');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === '$.list[900].name');
  await page.click('button[aria-label="Copy the value"]');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === 'the needle');
  await visitor.close();
});

// SPDX-License-Identifier: Apache-2.0
// The table of sessions: sorted by pressing headings, filtered from the address, page by page, live without moving what one
// reads, and back as one left it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { before } from 'node:test';
import { addPersona } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
const titles = [];

// The dearest has the fewest tokens, and the longest has neither.
async function record(title, fields, usage, seconds) {
  const run = await Recorder.start(instance, { title, ...fields });
  if (usage) await run.whole('thinking', 'so it is', { usage });
  await run.end(fields.fails ? 'fail' : 'complete', fields.fails ? { error: { code: 'x', message: 'It broke.' } } : {});
  await instance.psql(`UPDATE agent_sessions x SET (completed_at, settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =
    (SELECT t.at, k.* FROM (SELECT x.started_at + interval '${seconds} s' AS at) t, session_settled(x, t.at) k) WHERE id = '${run.id}'`);
  titles.unshift(title);
  return run;
}

before(async () => {
  await record('dear', { tags: ['nightly'] }, { model: 'large-1', inputTokens: 10, outputTokens: 5, costUsd: 2.5 }, 20);
  await record('long', {}, undefined, 4000);
  await record(
    'cheap',
    { fails: true },
    { model: 'tiny-1', inputTokens: 90000, outputTokens: 20000, costUsd: 0.01 },
    3,
  );
  await record('plain', {}, { model: 'tiny-1', inputTokens: 700, outputTokens: 20 }, 7);
});

const visit = async (options) => (await Visitor.open(browser, instance, options)).signIn();
const shown = (page) => page.locator('.session-table .row-link').allInnerTexts();
const waitForRows = (page, expected) =>
  page.waitForFunction(
    (wanted) => JSON.stringify([...document.querySelectorAll('.row-link')].map((link) => link.innerText)) === wanted,
    JSON.stringify(expected),
  );

test('a pressed heading sorts, says so, and stands in the address', async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await waitForRows(page, titles);
  const sorts = () =>
    page
      .locator('.session-table th[aria-sort]')
      .evaluateAll((all) =>
        Object.fromEntries(all.map((one) => [one.innerText.trim(), one.getAttribute('aria-sort')])),
      );
  assert.deepEqual(await sorts(), { Started: 'descending', Duration: 'none', Tokens: 'none', Cost: 'none' });
  const cases = [
    ['Tokens', '?sort=tokens', ['cheap', 'plain', 'dear', 'long']],
    ['Tokens', '?sort=tokens&order=asc', ['dear', 'plain', 'cheap', 'long']],
    ['Cost', '?sort=cost', ['dear', 'cheap', 'plain', 'long']],
    ['Duration', '?sort=duration', ['long', 'dear', 'plain', 'cheap']],
    ['Started', '', titles],
    ['Started', '?order=asc', [...titles].reverse()],
  ];
  for (const [heading, search, rows] of cases) {
    await page.click(`.session-table th:has-text("${heading}") button`);
    // Of those without a cost, the order is by their ids.
    const wanted =
      heading === 'Cost'
        ? [...rows.slice(0, 2), ...(await shown(page)).filter((one) => !['dear', 'cheap'].includes(one))]
        : rows;
    if (heading === 'Cost') await page.waitForFunction(() => document.querySelector('.row-link')?.innerText === 'dear');
    else await waitForRows(page, wanted);
    assert.equal(new URL(page.url()).search, search);
  }
  assert.deepEqual(await sorts(), { Started: 'ascending', Duration: 'none', Tokens: 'none', Cost: 'none' });
  await page.fill('input[type=search]', 'pl');
  await waitForRows(page, ['plain']);
  assert.equal(await page.locator('.session-table th:has-text("Cost") button').getAttribute('aria-disabled'), 'true');
  await visitor.close();
});

test('filters stand in the address, are told in words, and can be taken away', async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await waitForRows(page, titles);
  await page.click('button:has-text("Filter")');
  await page.waitForSelector('.popover label:has-text("Model")');
  await page.fill('.popover label:has-text("Model") input', 'tiny-1');
  await page.press('.popover label:has-text("Model") input', 'Enter');
  await waitForRows(page, ['plain', 'cheap']);
  await page.selectOption('.popover label:has-text("Begun") select', '24h');
  await page.waitForSelector('.chip:has-text("Begun: the last 24 hours")');
  assert.deepEqual(await findObstacles(page, 'filters'), []);
  await visitor.shot('sessions-filters');
  await page.keyboard.press('Escape');
  assert.equal(new URL(page.url()).search, '?model=tiny-1&within=24h');
  await page.click('.tab:has-text("Failed")');
  await waitForRows(page, ['cheap']);
  await page.waitForSelector('.pane-note:has-text("1 session")');
  await page.click('.tab:has-text("Stopped")');
  await page.waitForSelector('.nothing:has-text("No session fits")');
  assert.deepEqual(await findObstacles(page, 'no session fits'), []);
  await page.click('.nothing button');
  await waitForRows(page, titles);
  await page.waitForSelector('.pane-note:has-text("4 sessions")');
  const persona = await addPersona(instance, 'Daedalus');
  await visitor.go(visitor.path(`/sessions?tag=nightly&persona=${instance.env.TRACE_PERSONA}&from=2026-01-01`));
  await waitForRows(page, ['dear']);
  await page.click('.chip:has-text("Tag: nightly")');
  await waitForRows(page, titles);
  await visitor.go(visitor.path(`/sessions?persona=${persona.id}`));
  await page.waitForSelector('.chip:has-text("Agent: Daedalus")');
  visitor.expect(/status of 400/);
  await visitor.go(visitor.path('/sessions?from=yesterday'));
  await page.waitForSelector('.nothing:has-text("from: ")');
  await page.click('.nothing button');
  await waitForRows(page, titles);
  await visitor.close();
});

test('ratings have a column and a filter', async () => {
  const [{ id: session }] = await instance.psql("SELECT id FROM agent_sessions WHERE title = 'plain'");
  const person = await personOf(instance);
  (await person.post(`agent-sessions/${session}/ratings`, { thumb: 'down', note: 'It asked twice.' })).expect(201);
  await instance.psql(
    `UPDATE agent_sessions SET (thumbs_up, scores) = (3, '{"exactness":0.8125,"helpfulness":0.5,"tone":1}') WHERE title = 'dear'`,
  );
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await waitForRows(page, titles);
  const cell = page.locator('tr:has-text("plain") .col-rating');
  assert.match(await cell.innerText(), /^\s*1\s+1 note$/);
  assert.equal(await cell.locator('[title=Bad]').count(), 1);
  await visitor.shot('sessions-rated');
  await page.click('button:has-text("Filter")');
  await page.selectOption('.popover label:has-text("Rating") select', 'down');
  await waitForRows(page, ['plain']);
  await page.waitForSelector('.chip:has-text("Rating: bad")');
  assert.equal(new URL(page.url()).search, '?rating=down');
  await page.selectOption('.popover label:has-text("Rating") select', 'up');
  await waitForRows(page, ['dear']);
  await visitor.close();
});

test('what begins is announced and moves no row; what runs is drawn where it stands', async () => {
  const visitor = await visit();
  const { page } = visitor;
  const running = await Recorder.start(instance, { title: 'at work' });
  await visitor.go(visitor.path('/sessions'));
  await waitForRows(page, ['at work', ...titles]);
  await page.waitForFunction(() => document.querySelector('.row-running .elapsed'));
  const late = await Recorder.start(instance, { title: 'late' });
  await page.waitForSelector('.fresh:has-text("1 new session")');
  assert.deepEqual(await shown(page), ['at work', ...titles]);
  assert.deepEqual(await findObstacles(page, 'new sessions'), []);
  await visitor.shot('sessions-fresh');
  await running.whole('thinking', 'x', { usage: { model: 'tiny-1', inputTokens: 4200 } });
  await running.end();
  await page.waitForSelector('.row-completed:has-text("at work"):has-text("4,200")');
  await late.end();
  assert.deepEqual(await shown(page), ['at work', ...titles]);
  await page.click('.fresh');
  await waitForRows(page, ['late', 'at work', ...titles]);
  assert.equal(await page.locator('.fresh').count(), 0);
  titles.unshift('late', 'at work');
  await visitor.close();
});

test('arrow keys go from row to row, Enter opens, and back is where one was', async () => {
  for (let i = 0; i < 70; i += 1) await record(`many ${i}`, {}, undefined, 1);
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector('.row-link >> nth=49');
  await page.click('button:has-text("Older sessions")');
  await waitForRows(page, titles);
  const top = await page.locator('.pane-scroll').evaluate((pane) => (pane.scrollTop = 900));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const isFocused = (title) => page.waitForFunction((text) => document.activeElement?.innerText === text, title);
  await page.locator('.row-link').nth(30).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await isFocused(titles[31]);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`dialog:has-text("${titles[31]}")`);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await isFocused(titles[31]);
  const scrolled = await page.locator('.pane-scroll').evaluate((pane) => pane.scrollTop);
  assert.ok(Math.abs(scrolled - top) < 300, `${scrolled}`);
  await page.click('a:has-text("Search")');
  await page.waitForSelector('#search-title');
  await page.goBack();
  await waitForRows(page, titles);
  await page.waitForFunction((top) => document.querySelector('.pane-scroll').scrollTop === top, scrolled);
  await visitor.close();
});

test('a text that is rare is looked for further back when that is asked for', async () => {
  await instance.psql(`INSERT INTO agent_sessions (id, chain_id, workspace_id, persona_id, title, status, created_at, started_at, completed_at)
    SELECT id, id, '${instance.env.TRACE_WORKSPACE}', '${instance.env.TRACE_PERSONA}', CASE WHEN n = 1 THEN 'needle' ELSE 'hay' END, 'completed', at, at, at
    FROM generate_series(1, 21000) n, concat('ses_01JZZZ', lpad(n::text, 20, '0')) id, LATERAL (SELECT now() - interval '1 day' - (21000 - n) * interval '1 s' AS at) t`);
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions?q=needle'));
  await page.waitForSelector('.nothing:has-text("Not found in the newest sessions")');
  await page.click('button:has-text("Look further back")');
  await waitForRows(page, ['needle']);
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector('.pane-note:has-text("1,000+ sessions")');
  await visitor.close();
});

test('the columns are remembered, and the download has the rows of the filters', async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions?model=tiny-1&sort=tokens'));
  await waitForRows(page, ['cheap', 'at work', 'plain']);
  await page.click('button[aria-label=Columns]');
  await page.uncheck('.popover label:has-text("Model") input');
  await page.keyboard.press('Escape');
  await page.reload();
  await waitForRows(page, ['cheap', 'at work', 'plain']);
  assert.equal(await page.locator('.session-table th:has-text("Model")').count(), 0);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('button[aria-label="Download as CSV"]')]);
  assert.equal(file.suggestedFilename(), 'sessions.csv');
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  assert.deepEqual(
    lines.map((line) => line.split(',')[2]),
    ['title', 'cheap', 'at work', 'plain'],
  );
  await visitor.close();
});

for (const colorScheme of ['light', 'dark'])
  for (const [width, height] of [
    [1600, 1000],
    [1280, 800],
    [375, 740],
  ])
    test(`it is whole and without obstacles, ${colorScheme}, ${width} wide`, async () => {
      const visitor = await visit({
        viewport: { width, height },
        colorScheme,
        reducedMotion: 'reduce',
        hasTouch: width < 400,
      });
      const { page } = visitor;
      await visitor.go(visitor.path('/sessions?sort=cost&within=30d'));
      await page.waitForSelector('.session-table tbody tr >> nth=2');
      assert.deepEqual(await findObstacles(page, 'sessions'), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      await visitor.shot(`sessions-${colorScheme}-${width}`);
      await visitor.close();
    });

// SPDX-License-Identifier: Apache-2.0
// One trace, whatever it holds: ten thousand steps, a mebibyte, nested steps, hostile text; links, keys, search.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { findPrefix, until } from '../lib/instance.mjs';
import { reportIfSlow } from '../lib/patience.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { rest, seen, Visitor } from './lib/visitor.mjs';

const execFileAsync = promisify(execFile);
const { instance, browser } = await stage();

async function open(run, query = '') {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  await visitor.go(visitor.path(`/sessions?trace=${run.id}${query}`));
  await visitor.page.waitForSelector('dialog .step');
  return { visitor, page: visitor.page };
}

const isInView = (element) => {
  const box = element.getBoundingClientRect();
  const frame = document.querySelector('.trace-scroll').getBoundingClientRect();
  return box.bottom > frame.top && box.top < frame.bottom;
};
const comesIntoView = (page, selector) =>
  until(() => page.locator(selector).evaluate(isInView), `${selector} to come into view`);

test('10,000 steps open quickly and scroll, and a link leads to any of them', async () => {
  const run = await Recorder.start(instance, { title: 'Long' });
  await run.batch(10000, (i) => ({
    stepType: i % 3 ? 'tool_call' : 'thinking',
    content: `step number ${i + 1}`,
    ...(i === 7776 && { error: { code: 'x', message: 'broken' } }),
  }));
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector(`[data-session="${run.id}"]`);
  await page.evaluate((id) => {
    window.began = performance.now();
    document.querySelector(`[data-session="${id}"] .row-link`).click();
  }, run.id);
  const opened = await page.waitForFunction(
    () => document.querySelector('dialog .steps.is-windowed .step-body') && performance.now() - window.began,
  );
  reportIfSlow('10,000 steps to open', await opened.jsonValue(), 2000);
  assert.ok((await page.locator('.step-item').count()) < 100);
  assert.equal(await page.locator('.step-item').first().getAttribute('aria-setsize'), '10000');
  await page.locator('.trace-scroll').evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  await page.waitForFunction(() => {
    const positions = [...document.querySelectorAll('.step-item')].map((item) =>
      Number(item.getAttribute('aria-posinset')),
    );
    return positions.some((position) => position > 3000) && !document.querySelector('.step.is-waiting');
  });
  const positions = await page
    .locator('.step-item')
    .evaluateAll((items) => items.map((item) => Number(item.getAttribute('aria-posinset'))));
  assert.ok(
    positions.some((position) => position > 3000 && position < 7000),
    String(positions),
  );
  await page.click('button:has-text("1 error")');
  await page.waitForSelector('.step.is-failed.is-selected:has-text("step number 7777")');
  await comesIntoView(page, '.step.is-failed');
  await page.keyboard.press('/');
  await page.keyboard.type('step number 123');
  await page.waitForSelector('.trace-search .faint:has-text("of")');
  await page.waitForSelector('.step.is-selected:has-text("step number 123")');
  const { id: wanted } = (await run.client.get(`agent-sessions/${run.id}?around=9000&limit=1`)).expect(200).body
    .steps[0];
  const link = visitor.path(`/sessions?trace=${run.id}&highlight=${wanted}`);
  await seen(page, '.step.is-flashing:has-text("step number 9000")', () => visitor.go(link));
  await comesIntoView(page, '.step.is-selected:has-text("step number 9000")');
  await visitor.close();
});

test('a long trace that still grows is followed until the reader scrolls up', async () => {
  const run = await Recorder.start(instance);
  await run.batch(300, (i) => ({ stepType: 'tool_call', content: `old ${i}` }));
  const { visitor, page } = await open(run);
  await page.waitForSelector('.step:has-text("old 299")');
  await run.whole('tool_call', 'newest');
  await page.waitForSelector('.step:has-text("newest")');
  await comesIntoView(page, '.step:has-text("newest")');
  await page.hover('.trace-scroll');
  await page.mouse.wheel(0, -2000);
  await page.waitForSelector('.jump');
  await rest(page, '.trace-scroll');
  const before = await page.locator('.trace-scroll').evaluate((element) => element.scrollTop);
  await run.whole('tool_call', 'unseen');
  await page.waitForSelector('.trace-counts:has-text("302 steps")');
  assert.equal(await page.locator('.trace-scroll').evaluate((element) => element.scrollTop), before);
  await page.click('.jump');
  await page.waitForSelector('.step:has-text("unseen")');
  await run.end();
  await visitor.close();
});

test('scrolling up in a long running trace, the rows in view stay while the rows above them load', async () => {
  const run = await Recorder.start(instance);
  await run.batch(300, (i) => ({ stepType: 'tool_call', content: `row ${i}\n${'line\n'.repeat(i % 17)}` }));
  const { visitor, page } = await open(run);
  await page.waitForSelector('.step:has-text("row 299")');
  await page.hover('.trace-scroll');
  // The first row in view, and how far it is from its place after the wheel has moved it.
  const jumps = [];
  for (let turn = 0; turn < 12; turn += 1) {
    const [id, before] = await page.evaluate(() => {
      const frame = document.querySelector('.trace-scroll').getBoundingClientRect();
      const item = [...document.querySelectorAll('.step-item')].find(
        (row) => row.getBoundingClientRect().bottom > frame.top + 1,
      );
      return [item.dataset.row, item.getBoundingClientRect().top];
    });
    await page.mouse.wheel(0, -700);
    await rest(page, '.trace-scroll');
    const after = await page.evaluate(
      (row) => document.querySelector(`[data-row="${row}"]`)?.getBoundingClientRect().top ?? Infinity,
      id,
    );
    jumps.push(Math.round(after - before - 700));
  }
  assert.ok(
    jumps.every((jump) => Math.abs(jump) <= 3),
    jumps.join(' '),
  );
  await run.end();
  await visitor.close();
});

test('a step of one mebibyte is folded, then shown in pieces', async () => {
  const run = await Recorder.start(instance);
  const text = '0123456789abcde\n'.repeat(65000);
  await run.whole('tool_call', text);
  await run.end();
  const { visitor, page } = await open(run);
  await page.click(`button:has-text("Show full result (${text.length.toLocaleString('en-US')} characters)")`);
  await page.waitForSelector('button:has-text("Show more")');
  assert.equal((await page.textContent('.step .plain')).length, 65536);
  await page.click('button:has-text("Show more")');
  await page.waitForFunction(() => document.querySelector('.step .plain').textContent.length === 131072);
  await page.click('button:has-text("Show less")');
  await visitor.close();
});

test('a long step that was watched is whole, or says that there is more of it', async () => {
  const run = await Recorder.start(instance);
  await run.whole('tool_call', 'first');
  const { visitor, page } = await open(run);
  const [written, silent] = ['Ariadne’s **thread**. \n\n'.repeat(2000), '0123456789abcde\n'.repeat(2560)];

  const thought = await run.step('reconsidering');
  for (let at = 0; at < written.length; at += 9000) await run.write(thought, written.slice(at, at + 9000));
  await page.waitForFunction(() => document.querySelectorAll('.is-growing strong').length === 2000);
  await run.complete(thought, { content: written });
  await page.waitForSelector(`.step.is-completed [data-step="${thought.id}"]`);
  assert.equal(await page.locator('.step.is-completed strong').count(), 2000);
  assert.equal(await page.locator('button:has-text("Show full result")').count(), 0);

  const call = await run.step('tool_call', { tool: 'read' });
  await page.waitForSelector(`.step.is-running [data-step="${call.id}"]`);
  await run.complete(call, { content: silent });
  await page.click(`.step:has([data-step="${call.id}"]) button:has-text("Show full result (40,960 characters)")`);
  await page.waitForFunction(
    (length) => [...document.querySelectorAll('.step .plain')].at(-1).textContent.length === length,
    silent.length,
  );
  await page.click(`.step:has([data-step="${call.id}"]) button:has-text("Show less")`);
  await run.end();
  await visitor.close();
});

test('a numbered list begins where it says, a table keeps its columns', async () => {
  const run = await Recorder.start(instance);
  await run.whole('thinking', '3. three\n4. four\n\n| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |');
  await run.end();
  const { visitor, page } = await open(run);
  assert.equal(await page.locator('.step ol').evaluate((list) => list.start), 3);
  for (const cells of ['th', 'td']) {
    const alignments = await page
      .locator(`.step ${cells}`)
      .evaluateAll((all) => all.map((cell) => getComputedStyle(cell).textAlign));
    assert.match(alignments.join(' '), /^(left|start) (-webkit-)?center (-webkit-)?right$/);
  }
  await visitor.close();
});

test('nested steps say where they belong, and they fold', async () => {
  const run = await Recorder.start(instance);
  const outer = await run.whole('tool_call', { tool: 'plan' });
  await run.whole('tool_call', { tool: 'inner' }, { parentStepId: outer.id });
  await run.end();
  const { visitor, page } = await open(run);
  await page.waitForSelector('.step.is-nested .step-parent:has-text("part of step 1")');
  await page.click('button:has-text("1 nested step")');
  await page.waitForSelector('.step.is-nested', { state: 'detached' });
  await visitor.close();
});

const hostile = [
  '<script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 1">',
  '<svg onload="window.pwned = 1"><a xlink:href="javascript:window.pwned=1">x</a></svg>',
  '[link](javascript:window.pwned=1)',
  '[link](JaVaScRiPt:window.pwned=1)',
  '[link](data:text/html,<script>window.pwned=1</script>)',
  '[link](//evil.example/x)',
  '![image](https://evil.example/pixel.png)',
  '<a href="https://evil.example" onclick="window.pwned=1">x</a>',
  '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
  '<style>body { display: none }</style>',
  '<form action="https://evil.example"><input name=a></form>',
  '```html\n</code></pre><script>window.pwned=1</script>\n```',
  '<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>',
  '[x](https://ok.example "onmouseover=window.pwned=1")',
  '**bold <b onmouseover=window.pwned=1>x</b>**',
  '| a |\n|---|\n| <img src=x onerror=window.pwned=1> |',
  '&lt;script&gt;window.pwned=1&lt;/script&gt; &#106;avascript:alert(1)',
  '<http://evil.example/"onmouseover="window.pwned=1>',
];

test('hostile content stays text: it makes no element, no handler and no request', async () => {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id });
  const shapes = {
    thinking: (text) => text,
    context_received: (text) => ({
      messages: [{ messageId: 'x', authorName: text, authorType: 'user', createdAt: text, text }],
    }),
    tool_call: (text) => ({ tool: text, args: text, result: { [text]: text } }),
    visit_page: (text) => ({ url: "https://example.org/?'onmouseover='window.pwned=1", title: text }),
    web_search: (text) => ({ query: text, resultCount: 3 }),
    message_sent: (text) => ({ text }),
    strange_type: (text) => ({ [text]: [null, text] }),
  };
  const lines = hostile.flatMap((text) =>
    Object.entries(shapes).map(([stepType, shape]) => ({ stepType, content: shape(text), name: text.slice(0, 60) })),
  );
  lines.push(
    { stepType: 'context_received', content: { messages: [null, 5, {}] } },
    { stepType: 'reconsidering', content: { newMessages: 'no', draft: 7 } },
  );
  await run.batch(lines.length, (i) => lines[i]);
  for (const text of hostile) await run.say(text);
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const foreign = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(instance.url)) foreign.push(request.url());
  });
  await visitor.go(visitor.stream(channel.id, `?trace=${run.id}`));
  await page.waitForSelector('dialog .step');
  await page.waitForFunction((count) => document.querySelectorAll('.step').length === count, lines.length);
  await page.waitForFunction((count) => document.querySelectorAll('.message').length === count, hostile.length);
  const found = await page.evaluate(() => {
    const bad = [];
    for (const element of document.querySelectorAll('.md *, .step *')) {
      if (['SCRIPT', 'IMG', 'IFRAME', 'STYLE', 'FORM', 'INPUT', 'OBJECT', 'EMBED', 'MATH'].includes(element.tagName))
        bad.push(element.outerHTML);
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on') && element.closest('.md')) bad.push(element.outerHTML);
        if (['href', 'src'].includes(name) && !/^(https?:|mailto:|\/(?!\/))/i.test(value)) bad.push(element.outerHTML);
      }
      if (element.target === '_blank' && element.rel !== 'noopener noreferrer nofollow') bad.push(element.outerHTML);
    }
    return { bad, pwned: window.pwned };
  });
  assert.deepEqual(found.bad, []);
  assert.equal(found.pwned, undefined);
  assert.deepEqual(foreign, []);
  await visitor.close();
});

test('the trace works with the keyboard alone', async () => {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id });
  await run.whole('thinking', 'first');
  await run.whole(
    'web_search',
    { query: 'second' },
    { sources: [{ type: 'web', title: 'S', url: 'https://example.org/' }] },
  );
  await run.whole('tool_error', { message: 'third' });
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.card-running');
  await page.focus('.composer textarea');
  await page.keyboard.press('Shift+Tab');
  for (let i = 0; i < 20 && !(await page.evaluate(() => document.activeElement.matches('.card-link'))); i += 1)
    await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .step >> nth=2');
  const focused = () =>
    page.evaluate(
      () =>
        document.activeElement.closest('.step')?.querySelector('.badge-label')?.textContent ??
        document.activeElement.textContent,
    );
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement.dataset.step);
  assert.equal(await focused(), 'Thinking');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement.textContent.includes('Web'));
  await page.keyboard.press('s');
  await page.waitForSelector('.sources-head[aria-expanded=false]');
  await page.keyboard.press('n');
  await page.waitForFunction(() => document.activeElement.textContent.includes('Error'));
  await page.keyboard.press('k');
  await page.waitForFunction(() => document.activeElement.textContent.includes('Web'));
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help', { state: 'detached' });
  assert.equal(await page.locator('dialog.trace[open]').count(), 1);
  await page.keyboard.press('.');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .state:has-text("Stopped by")');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.waitForFunction(() => document.activeElement.matches('.card-link'));
  await visitor.close();
});

test('a trace whose steps are no longer kept says so, also when a link names one of them', async () => {
  const run = await Recorder.start(instance);
  const step = await run.whole('thinking', 'long ago');
  await run.end();
  await instance.psql(`UPDATE agent_sessions SET completed_at = now() - interval '100 days' WHERE id = '${run.id}'`);
  await execFileAsync(join(await findPrefix(), 'bin', 'trace-admin'), ['prune', '--older-than', '90d'], {
    env: { ...process.env, TRACE_DATABASE_URL: instance.env.DATABASE_URL },
  });
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/sessions?trace=${run.id}&highlight=${step.id}`));
  await page.waitForSelector('dialog .empty:has-text("The steps of this session are no longer kept.")');
  await page.waitForSelector('dialog .state-success');
  await page.waitForSelector('dialog .trace-counts:has-text("1 step")');
  assert.equal(await page.locator('dialog .notice').count(), 0);
  await visitor.close();
});

test('a button shows the hidden waterfall again', async () => {
  const run = await Recorder.start(instance, {});
  await run.whole('thinking', 'one');
  await run.whole('thinking', 'two');
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/sessions?trace=${run.id}`));
  await page.waitForSelector('dialog .waterfall');
  await page.keyboard.press('t');
  await page.waitForSelector('dialog .waterfall', { state: 'detached' });
  await page.reload();
  await page.waitForSelector('dialog .step');
  assert.equal(await page.locator('dialog .waterfall').count(), 0);
  await visitor.shot('waterfall-hidden-1280');
  await page.click('dialog button[aria-label="Waterfall"][aria-pressed=false]');
  await page.waitForSelector('dialog .waterfall');
  await page.waitForSelector('dialog button[aria-label="Waterfall"][aria-pressed=true]');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(400);
  await visitor.shot('waterfall-dark-1280');
  await page.setViewportSize({ width: 375, height: 740 });
  assert.ok(!(await page.locator('dialog button[aria-label="Waterfall"]').isVisible()));
  await visitor.shot('waterfall-dark-375');
  await visitor.close();
});

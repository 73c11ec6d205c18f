// SPDX-License-Identifier: Apache-2.0
// Steps and streamed text as they happen. After a reload, a killed pusher or a restarted server the screen equals a fresh load.
import assert from 'node:assert/strict';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../lib/instance.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

const begin = async (fields) => Recorder.start(instance, { streamId: (await makeChannel(instance)).id, ...fields });
const labels = (page) => page.locator('.step .badge-label').allTextContents();

// Everything that a reader sees of the trace, except what ticks.
const shown = (page) =>
  page
    .locator('.step')
    .evaluateAll((steps) =>
      steps.map((step) => [
        step.className.replace(/ is-(selected|flashing)/g, ''),
        step.querySelector('.step-body')?.textContent,
      ]),
    );

// Both, once what is on its way has come.
async function assertSame(page, other) {
  const [one, two] = [page, other].map((each) => () => shown(each));
  await until(async () => isDeepStrictEqual(await one(), await two()), 'both to show the same').catch(() => {});
  assert.deepEqual(await one(), await two());
}

async function assertLikeFresh(visitor, page) {
  const other = await visitor.tab();
  await other.goto(page.url());
  await other.waitForSelector('.step');
  await other.waitForFunction(
    (count) => document.querySelectorAll('.step').length === count,
    await page.locator('.step').count(),
  );
  await assertSame(page, other);
  await other.close();
}

test('a trace appears step by step, with its text as it is written', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const run = await begin({ title: 'Live' });
  await visitor.go(visitor.stream(run.session.streamId, `?trace=${run.id}`));
  await page.waitForSelector('dialog.trace[open]');
  const thought = await run.step('thinking');
  await page.waitForSelector('.step.is-running');
  await run.write(thought, 'The **answer** is ');
  await page.waitForSelector('.is-growing strong:text("answer")');
  await run.write(thought, 'forty-two.');
  await page.waitForSelector('.is-growing:has-text("forty-two.")');
  await run.complete(thought, { content: 'The **answer** is forty-two.', usage: { inputTokens: 10, outputTokens: 5 } });
  await page.waitForSelector('.step.is-completed:has-text("15 tokens")');
  const search = await run.step('workspace_search', { query: 'question' });
  await page.waitForSelector('.step.is-running:has-text("question")');
  await run.complete(search, {
    content: { query: 'question', resultCount: 1 },
    sources: [{ type: 'web', title: 'A guide', url: 'https://example.org/guide', snippet: 'Do not panic.' }],
  });
  await page.waitForSelector('.sources-head:has-text("Sources 1")');
  await run.end();
  await page.waitForSelector('.state-success');
  await page.waitForSelector('.trace-counts:has-text("2 steps")');
  assert.deepEqual(await labels(page), ['Thinking', 'Workspace Search']);
  await page.waitForFunction(() => document.title.startsWith('✓ Ariadne: Live'));
  await visitor.close();
});

test('a reader who opens late or reloads in the middle has the text so far', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const run = await begin();
  const thought = await run.step('thinking');
  await run.write(thought, 'Once upon a time ');
  await visitor.go(visitor.stream(run.session.streamId, `?trace=${run.id}`));
  await page.waitForSelector('.is-growing:has-text("Once upon a time")');
  await run.write(thought, 'there was a thread.');
  await page.waitForSelector('.is-growing:has-text("Once upon a time there was a thread.")');
  await page.reload();
  await page.waitForSelector('.is-growing:has-text("Once upon a time there was a thread.")');
  await run.write(thought, ' The end.');
  await page.waitForSelector('.is-growing:has-text("there was a thread. The end.")');
  await run.end();
  await visitor.close();
});

test('when programs are killed in the middle, nothing is missing and nothing is doubled', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  visitor.expect(
    /status of 50[234]/,
    /ERR_INCOMPLETE_CHUNKED_ENCODING/,
    /ERR_CONNECTION/,
    /ERR_EMPTY_RESPONSE/,
    /EventSource/,
  );
  const { page } = visitor;
  const run = await begin();
  await visitor.go(visitor.stream(run.session.streamId, `?trace=${run.id}`));
  await run.whole('thinking', 'before');
  await page.waitForSelector('.step:has-text("before")');
  for (const program of ['trace-pusher', 'workspace-api', 'nginx']) {
    instance.kill(program);
    await instance.waitRestart(program);
    await instance.waitHealthy();
    await run.whole('thinking', `after ${program}`);
    await page.waitForSelector(`.step:has-text("after ${program}")`);
  }
  // Finished thinking folds for a reader who follows; this text does not.
  const thought = await run.step('reconsidering');
  await run.checkpoint(thought, 'kept over a restart');
  instance.kill('trace-pusher');
  await instance.waitRestart('trace-pusher');
  await instance.waitHealthy();
  await page.waitForSelector('.is-growing:has-text("kept over a restart")');
  await run.complete(thought, { content: 'kept over a restart, and done' });
  await page.waitForSelector('.step:has-text("and done")');
  assert.equal(await page.locator('.step').count(), 5);
  await assertLikeFresh(visitor, page);
  await run.end();
  await page.waitForSelector('.state-success');
  await visitor.close();
});

test('two tabs show the same', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const second = await visitor.tab();
  const run = await begin();
  const path = visitor.stream(run.session.streamId, `?trace=${run.id}`);
  await visitor.go(path);
  await visitor.go(path, second);
  await run.whole('thinking', 'for both');
  for (const page of [visitor.page, second]) await page.waitForSelector('.step:has-text("for both")');
  await assertSame(visitor.page, second);
  await run.end();
  for (const page of [visitor.page, second]) await page.waitForSelector('.state-success');
  await visitor.close();
});

test('after lost and doubled deltas the text is whole at the next checkpoint and at the end', async () => {
  const visitor = await Visitor.open(browser, instance);
  await visitor.context.addInitScript(() => {
    const listen = EventSource.prototype.addEventListener;
    let count = 0;
    EventSource.prototype.addEventListener = function add(type, listener) {
      if (type !== 'agent_session:step:progress') return listen.call(this, type, listener);
      return listen.call(this, type, (event) => {
        count += 1;
        if (!event.data.includes('"content"') && count % 3 === 0) return;
        listener(event);
        if (count % 2 === 0) listener(event);
      });
    };
  });
  await visitor.signIn();
  const { page } = visitor;
  const run = await begin();
  const thought = await run.step('reconsidering');
  await visitor.go(visitor.stream(run.session.streamId, `?trace=${run.id}`));
  await page.waitForSelector('.step.is-running');
  let text = '';
  for (let i = 1; i <= 30; i += 1) {
    text += `word${i} `;
    if (i % 10 === 0) await run.checkpoint(thought, text);
    else await run.write(thought, `word${i} `);
    if (i % 10 === 0) {
      await page.waitForSelector(`.is-growing:has-text("word${i}")`);
      assert.equal((await page.textContent('.is-growing')).trim(), text.trim());
    }
  }
  await run.complete(thought, { content: text });
  await run.end();
  await page.waitForSelector('.state-success');
  assert.equal((await page.textContent('.step .md')).trim(), text.trim());
  await visitor.close();
});

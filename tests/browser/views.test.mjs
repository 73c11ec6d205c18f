// SPDX-License-Identifier: Apache-2.0
// Every view in both themes, wide and narrow: axe-core finds nothing, nothing scrolls sideways, and the screenshots are kept.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
const at = {};

const sources = [
  {
    type: 'web',
    title: 'Inspection of lifting appliances',
    url: 'https://example.org/lifting',
    snippet: 'A thorough examination is required every twelve months, or after a repair that affects safe use.',
  },
  { type: 'web', title: 'Intervals', url: 'https://example.com/intervals' },
];

async function recordFinished(channel) {
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'Crane 2' });
  const asked = {
    messageId: 'm1',
    authorName: 'Ada',
    authorType: 'user',
    createdAt: new Date().toISOString(),
    text: 'When is crane 2 back?',
    trigger: true,
  };
  await run.whole('context_received', {
    messages: [asked, { ...asked, trigger: undefined, change: 'edited', text: 'The inspection moved.' }],
  });
  await run.whole('thinking', 'I should look at the **schedule** first.\n\n- the plan\n- the wiki', {
    usage: { inputTokens: 1200, outputTokens: 90 },
  });
  const search = await run.whole('web_search', { query: 'crane inspection', resultCount: 2 }, { sources });
  await run.whole(
    'tool_call',
    { tool: 'calendar', args: { day: 'Thursday' }, result: { entries: ['inspection '.repeat(30)] } },
    { parentStepId: search.id },
  );
  await run.whole('visit_page', { url: 'https://example.org/lifting', title: 'Lifting' });
  await run.whole('reconsidering', {
    newMessages: [{ ...asked, trigger: undefined, change: 'new', text: 'It is at nine.' }],
    draft: 'On **Thursday**.',
    decision: 'rewritten',
    reason: 'The hour is known.',
  });
  await run.whole('tool_error', { tool: 'calendar', message: 'It answered 503', details: 'stack' });
  await run.whole('deploy_preview', { anything: [1, 2, 3] });
  const message = await run.say(
    'Crane 2 is inspected on **Thursday at nine**, see the [rules](https://example.org/lifting).\n\n> It is at nine.',
    { sources },
  );
  await run.whole('message_sent', { text: message.content }, { messageId: message.id, sources });
  await run.end('complete', { responseMessageId: message.id });
  return { run, message };
}

before(async () => {
  const person = await personOf(instance);
  const channel = await makeChannel(instance, 'harbour');
  const post = async (content, stream = channel.id) =>
    (await person.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
  await post(
    'Good morning. The **new berth plan** is in the wiki:\n\n| berth | ship |\n|---|---|\n| 4 | Alma |\n\n```c\nint berth = find_berth(ship);\n```',
  );
  at.finished = await recordFinished(channel);
  const failed = await Recorder.start(instance, { streamId: channel.id });
  await failed.step('thinking', 'Half a thought');
  await failed.end('fail', { error: { code: 'model_error', message: 'The model answered 500.' } });
  at.failed = failed;
  await post('@ariadne when is crane 2 back?');
  at.running = await Recorder.claim(instance);
  const thought = await at.running.step('thinking');
  await at.running.write(thought, 'The question is about the **crane**.\n\nI will look ');
  at.thread = at.running.session.streamId;
  at.channel = channel.id;
});

const views = {
  channel: { path: () => `/s/${at.channel}`, ready: '.activity' },
  thread: { path: () => `/s/${at.channel}?thread=${at.thread}`, ready: '.thread-panel .card' },
  trace: { path: () => `/s/${at.channel}?trace=${at.finished.run.id}`, ready: 'dialog .step >> nth=7' },
  running: { path: () => `/s/${at.channel}?trace=${at.running.id}`, ready: 'dialog .is-growing' },
  failed: { path: () => `/s/${at.channel}?trace=${at.failed.id}`, ready: 'dialog .session-error' },
  sessions: { path: () => '/sessions', ready: '.session-table tbody tr >> nth=2' },
  'no-sessions': { path: () => '/sessions?q=nothingatall', ready: '.nothing' },
  search: { path: () => '/search?q=crane', ready: '.hit' },
  connect: { path: () => '/connect?with=c', ready: '.connect-code' },
  list: { path: () => '?list', ready: '.side-link' },
  missing: { path: () => '/s/str_01ARZ3NDEKTSV4RRFFQ69G5FAV', ready: '.nothing' },
};

for (const colorScheme of ['light', 'dark'])
  for (const width of [1280, 375])
    test(`every view, ${colorScheme}, ${width} wide`, async () => {
      const visitor = await Visitor.open(browser, instance, {
        viewport: { width, height: 800 },
        colorScheme,
        reducedMotion: 'reduce',
      });
      visitor.expect(/status of 40[14]/);
      const { page } = visitor;
      const found = [];
      await visitor.go('/login');
      await page.waitForSelector('.sign-in');
      found.push(...(await findObstacles(page, 'sign-in')));
      await visitor.shot(`sign-in-${colorScheme}-${width}`);
      await visitor.signIn();
      for (const [name, { path, ready }] of Object.entries(views)) {
        await visitor.go(visitor.path(path()));
        await page.waitForSelector(ready, { state: 'attached' });
        await page.waitForTimeout(150);
        await visitor.shot(`${name}-${colorScheme}-${width}`);
        found.push(...(await findObstacles(page, name)));
        assert.equal(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
          0,
          `${name} scrolls sideways`,
        );
      }
      await visitor.go(visitor.path('/sessions'));
      if (width === 1280) {
        await page.click('.side-foot button[aria-label=Settings]');
        await page.waitForSelector('.setting');
        found.push(...(await findObstacles(page, 'settings')));
        await visitor.shot(`settings-${colorScheme}-${width}`);
        await page.click('button:has-text("Keyboard help")');
        await page.waitForSelector('dialog.help[open]');
        found.push(...(await findObstacles(page, 'help')));
        await visitor.shot(`help-${colorScheme}-${width}`);
      }
      assert.deepEqual(found, []);
      await visitor.close();
    });

test('on a narrow screen with large text and forced colours everything is still reachable', async () => {
  const visitor = await Visitor.open(browser, instance, {
    viewport: { width: 320, height: 640 },
    forcedColors: 'active',
  });
  await visitor.signIn();
  const { page } = visitor;
  for (const large of [false, true]) {
    for (const name of ['channel', 'thread', 'trace', 'running', 'failed', 'sessions', 'search']) {
      await visitor.go(visitor.path(views[name].path()));
      if (large) await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      await page.waitForSelector(views[name].ready, { state: 'attached' });
      await page.waitForTimeout(100);
      await visitor.shot(`${name}-forced-320${large ? '-large' : ''}`);
      assert.ok(
        (await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0,
        `${name} scrolls sideways`,
      );
    }
  }
  await visitor.close();
});

test('settings keep the theme and show a headline instead of streamed text', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(views.running.path()));
  await page.waitForSelector('dialog .is-growing');
  await page.click('dialog button[aria-label=Settings]');
  await page.click('dialog label:has-text("Headline only")');
  await page.waitForSelector('dialog .headline:has-text("I will look")');
  await page.click('dialog label:has-text("Dark")');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  await page.reload();
  await page.waitForSelector('dialog .headline');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  await visitor.close();
});

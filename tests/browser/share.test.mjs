// SPDX-License-Identifier: Apache-2.0
// A session is shared by a link: made in the trace's head, opened by somebody who is not signed in, live, read only, and
// over once it is revoked.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, focusIs, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

async function recorded() {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'Find the double booking' });
  await run.whole('context_received', { messages: [{ authorName: 'Ada', text: 'kept inside' }] });
  await run.whole('thinking', 'Two bookings overlap on Tuesday.');
  await run.whole(
    'web_search',
    { query: 'crane bookings' },
    { sources: [{ type: 'web', title: 'Bookings', url: 'https://crane.example/' }] },
  );
  return { channel, run };
}

async function makeLink(page) {
  await page.click('.trace-tools [aria-label="Share"]');
  await page.waitForSelector('.share-dialog >> text=There are no links yet.');
  await page.click('.share-dialog >> text=Make a link');
  return page.inputValue('.share-made input');
}

const sizes = [
  [1600, 1000],
  [1280, 800],
  [375, 740],
];

test('a link is made, opened by a stranger, follows the run, and shows nothing once it is revoked', async () => {
  const { run } = await recorded();
  const owner = await (await Visitor.open(browser, instance)).signIn();
  await owner.go(owner.path(`/trace/${run.id}`));
  const link = await makeLink(owner.page);
  assert.match(link, /\/share\/shr_\w{26}#[\w-]{43}$/);
  for (const theme of ['light', 'dark'])
    for (const [width, height] of sizes) {
      await owner.page.emulateMedia({ colorScheme: theme });
      await owner.page.setViewportSize({ width, height });
      assert.deepEqual(await findObstacles(owner.page, `dialog ${theme} ${width}`), []);
      await owner.shot(`share-dialog-${theme}-${width}`);
    }

  const stranger = await Visitor.open(browser, instance);
  const { page } = stranger;
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(link);
  await page.waitForSelector('.share-bar:has-text("read only")');
  await page.waitForSelector('.tree-row >> text=Two bookings overlap');
  assert.equal(await page.locator('text=kept inside').count(), 0);
  for (const url of asked) {
    assert.ok(!url.includes(link.split('#')[1]), `the secret is in ${url}`);
    assert.doesNotMatch(url, /\/api\/(workspaces|auth)/);
  }
  const labels = await page
    .locator('.trace-tools button')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  for (const label of ['Share', 'Export', 'Stop', 'Open as a page']) assert.ok(!labels.includes(label), label);
  assert.equal(await page.locator('[data-stop]').count(), 0);
  for (const theme of ['light', 'dark'])
    for (const [width, height] of sizes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      assert.deepEqual(await findObstacles(page, `shared ${theme} ${width}`), []);
      await stranger.shot(`shared-${theme}-${width}`);
    }
  await page.setViewportSize({ width: 1280, height: 800 });

  await run.whole('tool_call', { tool: 'calendar', args: { week: 48 } }, { name: 'calendar' });
  await page.waitForSelector('.tree-row >> text=calendar');
  await page.click('.tree-row >> text=calendar');
  await page.waitForURL(/\/share\/shr_\w{26}\/stp_\w{26}#/);
  await page.reload();
  await page.waitForSelector('.panel-title >> text=calendar');
  await run.end();
  await page.waitForSelector('.trace-foot >> text=Complete');
  await page.waitForFunction(() => document.title.startsWith('Find the double booking · '));

  // Its readers learn of the link's end with their next question, which a stream that was still open asks at once.
  stranger.expect(/status of (401|404)/);
  await owner.page.click('.share-dialog >> text=Revoke');
  await owner.page.waitForSelector('.share-dialog >> text=There are no links yet.');
  await page.reload();
  await page.waitForSelector('text=This link shows nothing.');
  assert.deepEqual(await findObstacles(page, 'gone'), []);
  await stranger.shot('share-gone');
  await stranger.close();
  await owner.close();
});

test('a link that is revoked while its session runs is empty at once', async () => {
  const { run } = await recorded();
  const owner = await (await Visitor.open(browser, instance)).signIn();
  await owner.go(owner.path(`/trace/${run.id}`));
  const link = await makeLink(owner.page);
  const stranger = await Visitor.open(browser, instance);
  stranger.expect(/status of (401|404)/);
  await stranger.page.goto(link);
  await stranger.page.waitForSelector('.tree-row >> text=Two bookings overlap');
  await run.whole('thinking', 'This comes live.');
  await stranger.page.waitForSelector('.tree-row >> text=This comes live.');
  await owner.page.click('.share-dialog >> text=Revoke');
  await stranger.page.waitForSelector('text=This link shows nothing.');
  assert.equal(await stranger.page.locator('.tree-row').count(), 0);
  await run.end();
  await stranger.close();
  await owner.close();
});

test('a line of a shared session has an address, in which the secret stays', async () => {
  const { run } = await recorded();
  await run.whole('tool_call', { tool: 'bash', args: { command: 'cat log' }, result: 'one\ntwo\nthree' });
  await run.end();
  const owner = await (await Visitor.open(browser, instance)).signIn();
  await owner.go(owner.path(`/trace/${run.id}`));
  const link = await makeLink(owner.page);
  const secret = new URL(link).hash;
  const stranger = await Visitor.open(browser, instance, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = stranger;
  const hash = () => new URL(page.url()).hash;
  await page.goto(link);
  await page.click('.tree-row >> text=bash');
  const line = '.panel-content [aria-label="Result"] .line';
  await page.click(`${line}[data-n="2"]`, { position: { x: 8, y: 8 } });
  assert.equal(hash(), `${secret}&L2`);
  await page.waitForSelector(`${line}.is-marked[data-n="2"]`);
  await page.click('button[aria-label="Copy a link to the step"]');
  const copied = page.url();
  await page.waitForFunction(async (url) => (await navigator.clipboard.readText()) === url, copied);
  await page.focus('.panel-content [aria-label="Result"] [role=spinbutton]');
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+Enter');
  assert.equal(hash(), `${secret}&L2-L3`);
  // Another step is another address, with the secret alone.
  await page.click('.tree-row >> nth=0');
  await page.waitForFunction((whole) => location.hash === whole, secret);
  // The link opens at its line.
  await page.goto('about:blank');
  await page.goto(copied);
  await page.waitForSelector(`${line}.is-marked[data-n="2"]`);
  await stranger.close();
  await owner.close();
});

// A session that was asked for by a message, which its first step quotes, on the page of its share.
async function sharedQuestion() {
  const channel = await makeChannel(instance);
  const person = await personOf(instance);
  const said = { content: '@ariadne where is the vault key?' };
  const asked = (await person.post(`streams/${channel.id}/messages`, said)).expect(201).body.message;
  const run = await Recorder.claim(instance);
  const quote = { messageId: asked.id, authorName: 'Ada', authorType: 'user', text: asked.content, trigger: true };
  await run.whole('context_received', { messages: [quote] });
  const { share, secret } = (await person.post(`agent-sessions/${run.id}/shares`, {})).expect(201).body;
  const stranger = await Visitor.open(browser, instance);
  await stranger.go(`/share/${share.id}#${secret}`);
  await stranger.page.click('.tree-row >> text=vault key');
  await stranger.page.waitForSelector('.panel >> text=where is the vault key?');
  const remove = async () => (await person.delete(`messages/${asked.id}`)).expect(200);
  return { run, share, stranger, page: stranger.page, remove };
}

const isGone = (page) => page.waitForFunction(() => !document.body.innerText.includes('where is the vault key?'));

// Listens from now on, and keeps whether the page's share has told of a deletion.
async function listen(page, share, session) {
  await page.evaluate(
    ([id, room]) => {
      const stream = new EventSource(`/api/shares/${id}/events?room=session:${room}`);
      stream.addEventListener('ready', () => (window.isListening = true));
      stream.addEventListener('share:changed', (event) => (window.wasTold ||= JSON.parse(event.data).again));
    },
    [share.id, session],
  );
  await page.waitForFunction(() => window.isListening);
}

test('a deletion that comes while something else is being asked for takes the text from the page', async () => {
  const { run, share, stranger, page, remove } = await sharedQuestion();
  await listen(page, share, run.id);
  let release;
  // Awaited: a question that came before the route stands would go by, and no other would follow it.
  await page.route(
    '**/*sinceSeq=*',
    (route) => {
      release = () => route.continue();
    },
    { times: 1 },
  );
  await run.whole('thinking', 'This comes live.');
  await until(() => release, 'the page to ask');
  await remove();
  await page.waitForFunction(() => window.wasTold);
  await run.whole('thinking', 'This comes behind it.');
  release();
  await page.waitForSelector('.tree-row >> text=This comes behind it.');
  await isGone(page);
  await run.end();
  await stranger.close();
});

// A page that hears nothing while something happens.
async function asleep(page, happens) {
  await page.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await happens();
  await page.evaluate(() => window.dispatchEvent(new Event('pageshow')));
}

test('a deletion while a page hears nothing is seen when it hears again, on the page of a share and in the workspace', async () => {
  const { run, stranger, page, remove } = await sharedQuestion();
  const owner = await (await Visitor.open(browser, instance)).signIn();
  await owner.go(owner.path(`/trace/${run.id}`));
  await owner.page.click('.tree-row >> text=vault key');
  await owner.page.waitForSelector('.panel >> text=where is the vault key?');
  await asleep(page, () => asleep(owner.page, remove));
  await Promise.all([isGone(page), isGone(owner.page)]);
  await run.end();
  await stranger.close();
  await owner.close();
});

test("the dialog is a keyboard's, and gives the focus back", async () => {
  const { run } = await recorded();
  const owner = await (await Visitor.open(browser, instance)).signIn();
  const { page } = owner;
  await owner.go(owner.path(`/trace/${run.id}`));
  await page.focus('.trace-tools [aria-label="Share"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.share-dialog >> text=There are no links yet.');
  await page.focus('.share-dialog >> text=Make a link');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.share-made input');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.share-dialog', { state: 'detached' });
  await focusIs(page, '[aria-label="Share"]');
  await run.end();
  await owner.close();
});

test('a workspace that shares nothing says so', async () => {
  const { run } = await recorded();
  const owner = await (await Visitor.open(browser, instance)).signIn();
  await owner.go(owner.path(`/trace/${run.id}`));
  const enable = (enabled) =>
    owner.page.evaluate(
      ([ws, value]) =>
        fetch(`/api/workspaces/${ws}/shares`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ enabled: value }),
        }).then(({ status }) => status),
      [instance.env.TRACE_WORKSPACE, enabled],
    );
  assert.equal(await enable(false), 200);
  await owner.page.click('.trace-tools [aria-label="Share"]');
  await owner.page.waitForSelector('.share-dialog >> text=This workspace does not share sessions.');
  assert.equal(await enable(true), 200);
  await run.end();
  await owner.close();
});

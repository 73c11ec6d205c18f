// SPDX-License-Identifier: Apache-2.0
// The parts of a workspace in the page: new channels, scratchpads, filters by agent, another workspace, a new version.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { addPersona, addToken, addWorkspace } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let person;

before(async () => {
  person = await personOf(instance);
});

const signedIn = async (setUp = async () => {}) => {
  const visitor = await Visitor.open(browser, instance);
  await setUp(visitor);
  return visitor.signIn();
};
const here = (page) => page.waitForSelector('.side-link.is-here');

test('the sidebar creates public and private channels, and refuses a taken name in words', async () => {
  const visitor = await signedIn();
  visitor.expect(/status of 409/);
  const { page } = visitor;
  await page.click('button[aria-label="New channel"]');
  await page.fill('.popover input[type=text]', 'harbour office');
  await page.press('.popover input[type=text]', 'Enter');
  await page.waitForSelector('.main .pane-title:has-text("harbour")');
  await page.waitForSelector('.side-link.is-here:has-text("harbour")');
  await page.waitForSelector('.timeline-start');
  await page.click('button[aria-label="New channel"]');
  await page.fill('.popover input[type=text]', 'treasury');
  await page.click('.popover label:has-text("Private")');
  await page.click('.popover button:has-text("Create")');
  await page.waitForSelector('.main .pane-title:has-text("treasury")');
  const { streams } = (await person.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(200).body;
  assert.deepEqual(
    streams
      .filter(({ name }) => /harbour|treasury/.test(name))
      .map((stream) => stream.private)
      .sort(),
    [false, true],
  );
  await page.click('button[aria-label="New channel"]');
  await page.fill('.popover input[type=text]', 'treasury');
  await page.press('.popover input[type=text]', 'Enter');
  await page.waitForSelector('.toast:has-text("The channel could not be created: ")');
  await visitor.close();
});

test('the arrow keys walk the links of the sidebar, except while a field or a choice has focus', async () => {
  const visitor = await signedIn();
  const { page } = visitor;
  await here(page);
  await page.focus('.side-views .side-link');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Statistics');
  await page.click('button[aria-label="New channel"]');
  await page.focus('.popover input[type=text]');
  await page.keyboard.press('ArrowDown');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.popover input[type=text]')));
  await page.keyboard.press('Escape');
  await page.click('button[aria-label="Settings"]');
  await page.focus('input[name=setting-theme] >> nth=0');
  await page.keyboard.press('ArrowDown');
  assert.ok(
    await page
      .locator('label:has-text("Light") input[name=setting-theme]')
      .evaluate((radio) => radio.checked && radio === document.activeElement),
  );
  await visitor.close();
});

test('a person who could not be signed out is told so and goes on', async () => {
  const visitor = await signedIn();
  visitor.expect(/status of 503/);
  const { page } = visitor;
  await here(page);
  await page.route('**/api/auth/logout', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 });
  await page.click('button[aria-label="Sign out"]');
  await page.waitForSelector('.toast:has-text("You are still signed in: ")');
  assert.equal(await page.locator('.sign-in').count(), 0);
  await page.click('button[aria-label="Sign out"]');
  await page.waitForSelector('.sign-in');
  await visitor.close();
});

test('older sessions that are requested twice at once appear once', async () => {
  for (let i = 0; i < 60; i += 1) await (await Recorder.start(instance, { title: `errand ${i}` })).end();
  const visitor = await signedIn();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector('.session-table tr:has-text("errand 59")');
  await page.locator('button:has-text("Older sessions")').evaluate((button) => {
    button.click();
    button.click();
  });
  await page.waitForSelector('.session-table tr:has-text("errand 0")');
  await page.waitForTimeout(500);
  const ids = await page
    .locator('.session-table tbody tr')
    .evaluateAll((rows) => rows.map((row) => row.dataset.session));
  assert.equal(ids.length, new Set(ids).size);
  await visitor.close();
});

test('a scratchpad opens once, and a message in it calls its agent', async () => {
  const visitor = await signedIn();
  const { page } = visitor;
  await page.click('button:has-text("Talk to Ariadne")');
  await page.waitForSelector('.main .pane-title:has-text("Ariadne")');
  await page.waitForSelector('button:has-text("Talk to Ariadne")', { state: 'detached' });
  await page.fill('.composer textarea', 'where is the key?');
  await page.press('.composer textarea', 'Enter');
  await page.waitForSelector('.card-pending:has-text("Ariadne was called")');
  await page.waitForSelector('.card-pending:has-text("Ariadne is not connected. Your request is kept.")');
  const run = await Recorder.claim(instance);
  await page.waitForSelector('.card-running');
  await run.end();
  await page.waitForSelector('.card-completed');
  await visitor.close();
});

test('the list of sessions is filtered by agent', async () => {
  const theseus = await addPersona(instance, 'Theseus');
  const client = await addToken(instance, theseus.id, ['read', 'sessions:write', 'messages:write']);
  (await client.post('agent-sessions', { title: 'Into the labyrinth' })).expect(201);
  await Recorder.start(instance, { title: 'The thread' });
  const visitor = await signedIn();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector('.session-table tr:has-text("Into the labyrinth")');
  await page.waitForSelector('.session-table tr:has-text("The thread")');
  await page.click('button:has-text("Filter")');
  await page.selectOption('.popover label:has-text("Agent") select', theseus.id);
  await page.waitForSelector('.session-table tr:has-text("The thread")', { state: 'detached' });
  await page.waitForSelector('.session-table tr:has-text("Into the labyrinth")');
  assert.equal(new URL(page.url()).searchParams.get('persona'), theseus.id);
  await page.reload();
  await page.waitForSelector('.session-table tr:has-text("Into the labyrinth")');
  assert.equal(await page.locator('.session-table tbody tr').count(), 1);
  await visitor.close();
});

test('each state has its filter, a thread names its channel, and an excerpt shows where it was cut', async () => {
  const channel = await makeChannel(instance);
  const root = (await person.post(`streams/${channel.id}/messages`, { content: 'asked here' })).expect(201).body
    .message;
  const thread = (await person.post(`messages/${root.id}/thread`)).expect(200, 201).body.stream;
  for (const [title, how, body] of [
    ['one that failed', 'fail', { error: { code: 'model_error', message: 'No.' } }],
    ['one that was stopped', 'cancel'],
  ]) {
    const run = await Recorder.start(instance, { title, streamId: thread.id });
    await run.end(how, body);
  }
  const words = Array.from({ length: 120 }, (_, i) => `word${i}`);
  words[60] = 'halcyon';
  await person.post(`streams/${thread.id}/messages`, { content: words.join(' ') });
  await person.post(`streams/${channel.id}/messages`, { content: 'a halcyon <b>whole</b>' });

  const visitor = await signedIn();
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  const [failed, stopped] = ['one that failed', 'one that was stopped'].map((title) =>
    page.locator(`.session-table tr:has-text("${title}")`),
  );
  await failed.waitFor();
  assert.match(await failed.locator('.col-stream').textContent(), new RegExp(`a thread of #${channel.name}`));
  await page.click('.tab:has-text("Failed")');
  await stopped.waitFor({ state: 'detached' });
  await failed.waitFor();
  await page.click('.tab:has-text("Stopped")');
  await failed.waitFor({ state: 'detached' });
  await stopped.waitFor();
  await visitor.shot('sessions-stopped-1280');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(400);
  await visitor.shot('sessions-stopped-dark-320');

  await visitor.go(visitor.path('/search?q=halcyon'));
  const cut = page.locator('.hit:has-text("word61")');
  await cut.waitFor();
  assert.match(await cut.locator('.hit-text').textContent(), /^… .* …$/);
  assert.match(await cut.locator('.hit-head').textContent(), new RegExp(`in a thread of #${channel.name}`));
  assert.match(await page.locator('.hit:has-text("whole") .hit-text').textContent(), /^a halcyon\s+whole\s*$/);
  await visitor.shot('search-cut-dark-320');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
  await visitor.shot('search-cut-1280');
  await visitor.close();
});

test('another workspace has streams, agents and sessions of its own, live', async () => {
  const id = await addWorkspace(instance, 'Crete');
  await instance.psql(`INSERT INTO workspace_members (workspace_id, user_id, slug, role)
    SELECT '${id}', user_id, slug, role FROM workspace_members LIMIT 1`);
  const minos = await addPersona(instance, 'Minos', { workspace: id });
  const client = await addToken(instance, minos.id, ['read', 'sessions:write', 'messages:write'], { workspace: id });
  const there = person.with({ workspace: id });
  const channel = (await there.post('streams', { type: 'channel', name: 'palace' })).expect(201).body.stream;
  await Recorder.start(instance, { title: 'At home' });
  const visitor = await signedIn();
  const { page } = visitor;
  await here(page);
  await page.click('button[aria-label="Other workspaces"]');
  await page.click('[role=menuitem]:has-text("Crete")');
  await page.waitForSelector('.side-link.is-here:has-text("palace")');
  await page.waitForSelector('button:has-text("Talk to Minos")');
  assert.equal(await page.locator('.sidebar:has-text("Ariadne"), .sidebar:has-text("general")').count(), 0);
  (await there.post(`streams/${channel.id}/messages`, { content: 'bulls ahead' })).expect(201);
  await page.waitForSelector('.message:has-text("bulls ahead")');
  await page.click('.side-link:has-text("Sessions")');
  await page.waitForSelector('.nothing:has-text("No sessions yet")');
  (await client.post('agent-sessions', { title: 'In Crete' })).expect(201);
  await page.click('.fresh:has-text("1 new session")');
  await page.waitForSelector('.session-table tr:has-text("In Crete")');
  assert.equal(await page.locator('.session-table tbody tr').count(), 1);
  await page.goBack();
  await page.goBack();
  await page.waitForSelector('.side-link:has-text("general")');
  await visitor.close();
});

test('a new version is announced and loaded on request', async () => {
  const visitor = await signedIn(({ context }) =>
    context.addInitScript(() => {
      const listen = EventSource.prototype.addEventListener;
      EventSource.prototype.addEventListener = function add(type, listener) {
        if (type !== 'ready') return listen.call(this, type, listener);
        return listen.call(this, type, ({ data }) =>
          listener({
            data: window.installed ? JSON.stringify({ ...JSON.parse(data), build: window.installed }) : data,
          }),
        );
      };
    }),
  );
  const { page } = visitor;
  await here(page);
  await page.waitForTimeout(500);
  assert.equal(await page.locator('.bar').count(), 0);
  await page.evaluate(() => (window.installed = 'another'));
  await page.click('.side-link:has-text("Sessions")');
  await page.waitForSelector('.bar:has-text("A new version is here.")');
  await page.click('.bar button:has-text("Reload")');
  await page.waitForSelector('.bar', { state: 'detached' });
  await page.waitForSelector('#sessions-title');
  await visitor.close();
});

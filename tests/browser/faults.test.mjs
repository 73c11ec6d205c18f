// SPDX-License-Identifier: Apache-2.0
// Faults that a page survives: push that stands still, hidden tabs, many tabs, a laptop that slept.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { openBrowser, rest, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let person;

before(async () => {
  person = await personOf(instance);
});

// Lets a test decide whether a tab is visible, and count its streams.
function pretend() {
  let hidden = sessionStorage.getItem('hidden') === 'yes';
  Object.defineProperty(Document.prototype, 'hidden', { get: () => hidden });
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  window.look = (visible) => {
    hidden = !visible;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  const Real = window.EventSource;
  window.streams = [];
  window.EventSource = class extends Real {
    constructor(...args) {
      super(...args);
      window.streams.push(this);
    }
  };
  window.openStreams = () => window.streams.filter((stream) => stream.readyState !== Real.CLOSED).length;
}

async function visit() {
  const visitor = await Visitor.open(browser, instance);
  await visitor.context.addInitScript(pretend);
  await visitor.signIn();
  return visitor;
}

test('a snapshot that breaks off is requested again', async () => {
  const visitor = await visit();
  const { page } = visitor;
  const channel = await makeChannel(instance);
  (await person.post(`streams/${channel.id}/messages`, { content: 'said before' })).expect(201);
  await page.route(
    '**/bootstrap',
    (route) => route.fulfill({ body: '{"stream": {', contentType: 'application/json' }),
    { times: 1 },
  );
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.message:has-text("said before")');
  (await person.post(`streams/${channel.id}/messages`, { content: 'said since' })).expect(201);
  await page.waitForSelector('.message:has-text("said since")');
  await visitor.close();
});

test('when push stands still for a minute, the page says so and catches up', async () => {
  const visitor = await visit();
  visitor.expect(/status of 50[234]/, /ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_CONNECTION/, /ERR_EMPTY_RESPONSE/);
  const { page } = visitor;
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id });
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.card-running');
  const pid = instance.pid('trace-pusher');
  process.kill(pid, 'SIGSTOP');
  try {
    await run.whole('thinking', 'unheard');
    await run.say('said into the silence');
    await page.waitForSelector('.bar:has-text("Not live")');
    const late = await visitor.tab();
    await visitor.go(visitor.stream(channel.id), late);
    await late.waitForSelector('.message:has-text("said into the silence")');
    await late.close();
    await sleep(5000);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await page.waitForSelector('.message:has-text("said into the silence")');
  await page.waitForSelector('.bar', { state: 'detached' });
  (await person.post(`streams/${channel.id}/messages`, { content: 'and live again' })).expect(201);
  await page.waitForSelector('.message:has-text("and live again")');
  assert.equal(await page.locator('.message').count(), 2);
  await run.end();
  await page.waitForSelector('.card-completed');
  await visitor.close();
});

test('a hidden tab drops its connection and is current when it becomes visible again', async () => {
  const visitor = await visit();
  const { page } = visitor;
  const channel = await makeChannel(instance);
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.composer textarea');
  await page.waitForFunction(() => window.openStreams() === 1);
  await page.evaluate(() => window.look(false));
  await page.waitForFunction(() => window.openStreams() === 0);
  for (let i = 1; i <= 60; i += 1)
    (await person.post(`streams/${channel.id}/messages`, { content: `while away ${i}` })).expect(201);
  const run = await Recorder.start(instance, { streamId: channel.id });
  await run.end();
  await page.evaluate(() => window.look(true));
  await page.waitForSelector('.message:has-text("while away 60")');
  await page.waitForSelector('.card-completed');
  assert.equal(await page.locator('.message').count(), 60);
  const bootstraps = await page.evaluate(
    () => performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('/bootstrap')).length,
  );
  assert.equal(bootstraps, 1, 'what was missed came as events');
  await visitor.close();
});

test('the lists of a tab that was hidden know what ended and who was called meanwhile', async () => {
  const visitor = await visit();
  const { page } = visitor;
  const [channel, other] = [await makeChannel(instance), await makeChannel(instance)];
  const me = (await person.get('/api/auth/me')).expect(200).body;
  const mention = `@${(await person.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).body.members.find(({ id }) => id === me.user.id).slug}`;
  const grace = await addPerson(instance, 'Grace');
  const root = (await grace.post(`streams/${other.id}/messages`, { content: 'a root' })).expect(201).body.message;
  const thread = (await grace.post(`messages/${root.id}/thread`)).expect(200, 201).body.stream;
  const runs = [];
  for (const fields of [{ streamId: channel.id }, { streamId: thread.id }, {}])
    runs.push(await Recorder.start(instance, { ...fields, title: 'to be ended' }));
  const requests = () =>
    page.evaluate(
      (ws) => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(`/workspaces/${ws}`)).length,
      instance.env.TRACE_WORKSPACE,
    );
  await visitor.go(visitor.path('/sessions'));
  await page.waitForFunction(() => window.openStreams() === 1);
  await page.waitForSelector('.row-running:has-text("to be ended") >> nth=2');
  await page.waitForFunction(() => document.querySelectorAll('.dot-gold').length === 2);
  await page.evaluate(() => window.look(false));
  await page.waitForFunction(() => window.openStreams() === 0);
  for (const run of runs) await run.end();
  (await grace.post(`streams/${thread.id}/messages`, { content: `${mention} look` })).expect(201);
  // This is so long ago that the pusher no longer tells it.
  await instance.psql(
    "UPDATE agent_sessions SET completed_at = completed_at - interval '1 hour', started_at = started_at - interval '1 hour'",
  );
  const before = await requests();
  await page.evaluate(() => window.look(true));
  await page.waitForSelector('.row-completed:has-text("to be ended") >> nth=2');
  await page.waitForFunction(() => document.querySelectorAll('.row-running, .dot-gold').length === 0);
  await page.waitForSelector(`.side-link:has-text("${other.name}") .count-gold:has-text("1")`);
  await until(async () => (await requests()) > before, 'the lists to be requested');
  assert.equal(await requests(), before + 1);
  // Where nothing was missed, nothing is requested: at the start of a page, and in another conversation.
  await visitor.go(visitor.stream(channel.id));
  await page.waitForFunction(() => window.openStreams() === 1);
  await page.click(`.side-link:has-text("${other.name}")`);
  await page.waitForSelector('.message:has-text("a root")');
  await page.waitForTimeout(1000);
  assert.equal(await requests(), 1);
  await visitor.close();
});

test('of ten tabs five are live, requests get through in all, and a sixth visible one waits for its turn', async () => {
  const visitor = await visit();
  const channel = await makeChannel(instance);
  await visitor.page.close();
  const tabs = [];
  for (let i = 0; i < 10; i += 1) {
    const tab = await visitor.tab();
    if (i >= 5) await tab.addInitScript(() => sessionStorage.setItem('hidden', 'yes'));
    if (i >= 5) await tab.addInitScript(pretend);
    tabs.push(tab);
    await visitor.go(visitor.stream(channel.id), tab);
  }
  const [first, second] = tabs;
  const late = tabs[9];
  for (const tab of tabs) await tab.waitForSelector('.composer textarea');
  (await person.post(`streams/${channel.id}/messages`, { content: 'to all tabs' })).expect(201);
  for (const tab of tabs.slice(0, 5)) await tab.waitForSelector('.message:has-text("to all tabs")');
  for (const tab of tabs.slice(5)) assert.equal(await tab.evaluate(() => window.streams.length), 0);
  await late.evaluate(() => window.look(true));
  await late.waitForSelector('.bar:has-text("Too many windows of this page are open")');
  for (const tab of [first, late]) {
    await tab.fill('.composer textarea', 'from one of them');
    await tab.press('.composer textarea', 'Enter');
    await tab.waitForSelector('.message[data-message]:has-text("from one of them")');
  }
  await second.close();
  await late.waitForSelector('.bar', { state: 'detached' });
  (await person.post(`streams/${channel.id}/messages`, { content: 'to the sixth too' })).expect(201);
  await late.waitForSelector('.message:has-text("to the sixth too")');
  assert.equal(await late.locator('.message').count(), 4);
  await visitor.close();
});

test('without locks (plain http from another machine) a page is live and says once how many windows it can bear', async () => {
  const name = 'trace.example';
  const far = await openBrowser(
    `--host-resolver-rules=MAP ${name} 127.0.0.1`,
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
  );
  try {
    const there = Object.create(instance, { url: { value: `http://${name}:${instance.port}` } });
    const visitor = await (await Visitor.open(far, there)).signIn();
    const { page } = visitor;
    const channel = await makeChannel(instance);
    assert.deepEqual(await page.evaluate(() => [isSecureContext, typeof navigator.locks]), [false, 'undefined']);
    await visitor.go(visitor.stream(channel.id));
    await page.waitForSelector('.bar:has-text("keep at most 5 open")');
    await visitor.shot('no-locks');
    await page.click('.bar button:has-text("Got it")');
    await page.waitForSelector('.bar', { state: 'detached' });
    const tabs = [page];
    while (tabs.length < 5) {
      tabs.push(await visitor.tab());
      await visitor.go(visitor.stream(channel.id), tabs.at(-1));
    }
    for (const [at, tab] of tabs.entries()) {
      await tab.fill('.composer textarea', `from window ${at}`);
      await tab.press('.composer textarea', 'Enter');
    }
    for (const tab of tabs) {
      for (const at of tabs.keys()) await tab.waitForSelector(`.message[data-message]:has-text("from window ${at}")`);
      assert.equal(await tab.locator('.bar').count(), 0);
    }
    await visitor.close();
  } finally {
    await far.close();
  }
});

test('after sleep and being offline the screen equals a fresh load, and scroll and open rows are kept', async () => {
  const visitor = await visit();
  visitor.expect(/ERR_INTERNET_DISCONNECTED/, /ERR_NETWORK/);
  const { page } = visitor;
  const run = await Recorder.start(instance, {});
  await run.batch(40, (i) => ({ stepType: 'tool_call', content: `${'long '.repeat(150)} ${i}` }));
  await visitor.go(visitor.path(`/sessions?trace=${run.id}`));
  await page.waitForSelector('.step >> nth=39');
  await page.locator('.trace-scroll').hover();
  await page.mouse.wheel(0, -3000);
  await page.waitForSelector('.jump');
  await page.locator('.unfold button[aria-expanded=false]').nth(20).click();
  const scroll = () => page.locator('.trace-scroll').evaluate((element) => element.scrollTop);
  await rest(page, '.trace-scroll');
  const before = await scroll();
  await visitor.context.setOffline(true);
  await run.whole('tool_call', 'written meanwhile');
  await run.end();
  await sleep(1500);
  await visitor.context.setOffline(false);
  await page.waitForSelector('.state-success');
  await page.waitForFunction(() => document.querySelectorAll('.step').length === 41);
  await rest(page, '.trace-scroll');
  assert.equal(await page.locator('.unfold button[aria-expanded=true]').count(), 1);
  assert.ok(Math.abs((await scroll()) - before) <= 1);
  await visitor.close();
});

// SPDX-License-Identifier: Apache-2.0
// Who may see what in the page: signing in and out, what a person may not see, what is taken away while it is on the screen.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let admin;

before(async () => {
  admin = await personOf(instance);
});

test('a wrong password is refused in words, and signing in leads back to the wanted page', async () => {
  const visitor = await Visitor.open(browser, instance);
  visitor.expect(/status of 401/);
  const { page } = visitor;
  const wanted = visitor.path('/sessions?status=failed');
  await visitor.go(wanted);
  await page.waitForSelector('.sign-in');
  await page.fill('input[name=email]', instance.env.TRACE_EMAIL);
  await page.fill('input[name=password]', 'not the password');
  await page.click('button[type=submit]');
  await page.waitForSelector('[role=alert]:has-text("wrong")');
  await page.fill('input[name=password]', instance.env.TRACE_PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('#sessions-title');
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, wanted);
  await page.click('button[aria-label="Sign out"]');
  await page.waitForSelector('.sign-in');
  await visitor.go(wanted);
  await page.waitForSelector('.sign-in');
  await visitor.close();
});

test('a page that does not exist says so and offers a way on', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  visitor.expect(/status of 404/);
  const { page } = visitor;
  const nobody = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const sentence = 'This does not exist, or you may not see it.';
  // A malformed id must not take the other rooms' stream with it: a 400 would be an error in the console.
  for (const path of [
    visitor.stream(`str_${nobody}`),
    visitor.stream('str_nope'),
    `/w/ws_${nobody}`,
    visitor.path('/elsewhere'),
  ]) {
    await visitor.go(path);
    await page.waitForSelector(`.nothing:has-text("${sentence}") a`);
  }
  await visitor.go(visitor.stream(undefined, `?trace=ses_${nobody}`));
  await page.waitForSelector(`dialog .nothing:has-text("${sentence}")`);
  await page.click('dialog .nothing button');
  await page.waitForSelector('dialog', { state: 'detached' });
  await visitor.go(visitor.stream(undefined, `?thread=str_${nobody}`));
  await page.waitForSelector(`.thread-panel .nothing:has-text("${sentence}")`);
  await visitor.close();
});

test('a private channel and its traces are visible to its members only, and only as long as they are members', async () => {
  const channel = (await admin.post('streams', { type: 'channel', name: 'vault', private: true })).expect(201).body
    .stream;
  const person = await addPerson(instance, 'Grace');
  const visitor = await (await Visitor.open(browser, instance)).enter(person);
  visitor.expect(/status of 404/);
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector('.side-link');
  assert.equal(await page.locator('.side-link:has-text("vault")').count(), 0);
  await visitor.go(visitor.stream(channel.id));
  await page.waitForSelector('.nothing');

  (await admin.post(`streams/${channel.id}/members`, { userId: person.id })).expect(200, 201, 204);
  await page.waitForSelector('.side-link:has-text("vault")');
  await page.click('.side-link:has-text("vault")');
  await page.waitForSelector('.composer textarea');
  (await admin.post(`streams/${channel.id}/messages`, { content: 'a secret' })).expect(201);
  await page.waitForSelector('.message:has-text("a secret")');

  (await admin.delete(`streams/${channel.id}/members`, { userId: person.id })).expect(200, 204);
  await page.waitForSelector('.main .nothing');
  await page.waitForSelector('.side-link:has-text("vault")', { state: 'detached' });
  await page.click('a:has-text("To your conversations")');
  await page.waitForSelector('.main .pane-title:has-text("general")');
  // What the person may still see goes on.
  const open = await makeChannel(instance);
  await visitor.go(visitor.stream(open.id));
  await page.waitForSelector('.composer textarea');
  (await admin.post(`streams/${open.id}/messages`, { content: 'for all' })).expect(201);
  await page.waitForSelector('.message:has-text("for all")');
  await visitor.close();
});

test('when one of three rooms is taken away, the others stay live', async () => {
  const closed = (await admin.post('streams', { type: 'channel', name: 'closed', private: true })).expect(201).body
    .stream;
  const person = await addPerson(instance, 'Edith');
  (await admin.post(`streams/${closed.id}/members`, { userId: person.id })).expect(200, 201, 204);
  const visitor = await (await Visitor.open(browser, instance)).enter(person);
  visitor.expect(/status of 404/);
  const { page } = visitor;
  const run = await Recorder.start(instance, {});
  await visitor.go(visitor.stream(closed.id, `?trace=${run.id}`));
  await page.waitForSelector('dialog.trace[open]');
  await run.whole('thinking', 'before');
  await page.waitForSelector('.step:has-text("before")');
  (await admin.delete(`streams/${closed.id}/members`, { userId: person.id })).expect(200, 204);
  await page.waitForSelector('.main .nothing', { state: 'attached' });
  await run.whole('thinking', 'after');
  await page.waitForSelector('.step:has-text("after")');
  await run.end();
  await page.waitForSelector('.state-success');
  await visitor.close();
});

for (const [kind, endings] of [
  ['running', []],
  ['finished', ['complete']],
]) {
  test(`the ${kind} trace of a channel that is taken away disappears and stays away`, async () => {
    const channel = (await admin.post('streams', { type: 'channel', name: `${kind} vault`, private: true })).expect(201)
      .body.stream;
    const person = await addPerson(instance, `Mary ${kind}`);
    (await admin.post(`streams/${channel.id}/members`, { userId: person.id })).expect(200, 201, 204);
    (await admin.post(`streams/${channel.id}/members`, { personaId: instance.env.TRACE_PERSONA })).expect(
      200,
      201,
      204,
    );
    const run = await Recorder.start(instance, { streamId: channel.id });
    await run.whole('thinking', 'between us');
    for (const ending of endings) await run.end(ending);
    const visitor = await (await Visitor.open(browser, instance)).enter(person);
    visitor.expect(/status of 404/);
    const { page } = visitor;
    await visitor.go(visitor.path('/sessions'));
    await page.click(`[data-session="${run.id}"] .row-link`);
    await page.waitForSelector('dialog .step:has-text("between us")');

    (await admin.delete(`streams/${channel.id}/members`, { userId: person.id })).expect(200, 204);
    await page.waitForSelector('dialog .nothing');
    assert.equal(await page.locator('dialog .step').count(), 0);
    await page.waitForFunction(() => document.title === 'Sessions · Agent Trace');
    await page.click('dialog .nothing button');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.goForward();
    await page.waitForSelector('dialog .nothing');
    await visitor.close();
  });
}

test('a person who was signed out elsewhere is asked to sign in and is led back', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  visitor.expect(/status of 40[14]/);
  const { page } = visitor;
  await visitor.go(visitor.path('/sessions'));
  await page.waitForSelector('#sessions-title');
  await page.waitForTimeout(1000);
  const { cookies } = await visitor.context.storageState();
  const cookie = cookies.find(({ name }) => name === 'trace_login');
  (await admin.with({ cookie: `trace_login=${cookie.value}` }).post('/api/auth/logout')).expect(200, 204);
  await page.waitForSelector('.sign-in');
  assert.match(page.url(), /next=.*sessions/);
  await visitor.close();
});

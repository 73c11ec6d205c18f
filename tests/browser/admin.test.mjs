// SPDX-License-Identifier: Apache-2.0
// Administration in the page: an admin invites, changes and removes, and who is no admin does not see it.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { until } from '../lib/patience.mjs';
import { addPerson } from '../lib/people.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { findObstacles, focusIs, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let ada;

before(async () => {
  ada = await personOf(instance);
});

async function open(section, options) {
  const visitor = await (await Visitor.open(browser, instance, options)).enter(ada);
  await visitor.go(visitor.path(`/admin/${section}`));
  await visitor.page.waitForSelector('#admin-title');
  return visitor;
}

const row = (page, id) => page.locator(`tr[data-person="${id}"]`);

test('links to sessions are listed, revoked one by one, and forbidden altogether', async () => {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id, title: 'To be shared' });
  const share = async () => (await ada.post(`agent-sessions/${run.id}/shares`, {})).expect(201).body.share;
  const [first, second] = [await share(), await share()];
  const visitor = await open('shares');
  const { page } = visitor;
  await page.waitForSelector(`tr[data-share="${second.id}"] a[href$="/trace/${run.id}"]`);
  assert.deepEqual(await findObstacles(page, 'shares'), []);
  await visitor.shot('admin-shares');
  await page.click(`tr[data-share="${first.id}"] button`);
  await page.click('dialog.ask button:has-text("Revoke it")');
  await page.waitForSelector(`tr[data-share="${first.id}"]`, { state: 'detached' });
  assert.equal(await page.locator('tr[data-share]').count(), 1);
  const may = page.locator('label:has-text("Sessions can be shared by links") input');
  await may.click();
  await page.click('dialog.ask button:has-text("Cancel")');
  await page.waitForSelector('label:has-text("Sessions can be shared by links") input:checked');
  await may.click();
  await page.click('dialog.ask button:has-text("End all links")');
  await page.waitForSelector('.admin >> text=There are no links yet.');
  await page.waitForSelector('label:has-text("Sessions can be shared by links") input:not(:checked)');
  assert.equal((await ada.post(`agent-sessions/${run.id}/shares`, {})).expect(409).code, 'sharing_off');
  await may.click();
  await page.waitForSelector('label:has-text("Sessions can be shared by links") input:checked');
  await share();
  await run.end();
  await visitor.close();
});

test('a person is invited by a link, chooses a name and a password, and is in', async () => {
  const visitor = await open('people');
  const { page } = visitor;
  await page.fill('input[name=email]', 'nora@example.com');
  await page.click('button:has-text("Make a link")');
  const link = await page.textContent('.admin-secret code');
  assert.match(link, /\/invite\/inv_[0-9A-Z]{26}#[\w-]{43}$/);
  await page.waitForSelector('td:has-text("Ada")');
  await visitor.shot('admin-invited');

  const guest = await Visitor.open(browser, instance);
  await guest.page.goto(link);
  await guest.page.waitForSelector('h1:has-text("Join Demo")');
  assert.equal(new URL(guest.page.url()).hash, '', 'the secret has left the address');
  assert.deepEqual(await findObstacles(guest.page, 'the invitation'), []);
  await guest.shot('admin-invitation');
  await guest.page.fill('input[name=name]', 'Nora');
  await guest.page.fill('input[name=password]', 'a good password');
  await guest.page.click('button:has-text("Come in")');
  await guest.page.waitForSelector('.side-foot:has-text("Nora")');
  // A member sees neither the link to the administration nor what is behind it.
  assert.equal(await guest.page.locator('.side-link:has-text("Administration")').count(), 0);
  await guest.go(guest.path('/admin/people'));
  await guest.page.waitForSelector('.nothing:has-text("Admins of the workspace see this") a');
  assert.equal(await guest.page.locator('.admin-table').count(), 0);
  await guest.close();

  const late = await Visitor.open(browser, instance);
  late.expect(/status of 404/);
  await late.page.goto(link);
  await late.page.waitForSelector('[role=alert]:has-text("good for nothing any more")');
  await late.close();
  await page.reload();
  await page.waitForSelector('tr:has-text("nora@example.com") >> text=Member');
  await visitor.close();
});

test('somebody with an account comes in with its password', async () => {
  const { invite, secret } = (await ada.post('invites', { email: 'olaf@example.com' })).expect(201).body;
  const nobody = ada.with({ cookie: undefined });
  const body = { secret, name: 'Olaf', password: 'a good password' };
  (await nobody.post(`/api/invites/${invite.id}/accept`, body)).expect(201);
  await instance.psql(
    `DELETE FROM workspace_members WHERE user_id = (SELECT id FROM users WHERE email = 'olaf@example.com')`,
  );
  const again = (await ada.post('invites', { email: 'olaf@example.com' })).expect(201).body;
  const guest = await Visitor.open(browser, instance);
  guest.expect(/status of 401/);
  const { page } = guest;
  await guest.go(`/invite/${again.invite.id}#${again.secret}`);
  await page.fill('input[name=password]', 'not this one');
  assert.equal(await page.locator('input[name=name]').count(), 0);
  await page.click('button:has-text("Come in")');
  await page.waitForSelector('[role=alert]:has-text("The password is wrong")');
  await page.fill('input[name=password]', 'a good password');
  await page.click('button:has-text("Come in")');
  await page.waitForSelector('.side-foot:has-text("Olaf")');
  await guest.close();
});

test('a person is renamed, made an admin, and deactivated, each after a question that names them', async () => {
  const bob = await addPerson(instance, 'Bob');
  const visitor = await open('people');
  const { page } = visitor;
  const choose = async (name, item) => {
    await page.click(`button[aria-label="Change ${name}"]`);
    await page.click(`[role=menuitem]:has-text("${item}")`);
  };
  await choose('Bob', 'Rename');
  await page.fill('dialog input[name=name]', 'Robert');
  await page.keyboard.press('Enter');
  await row(page, bob.id).locator(':text("Robert")').waitFor();
  await choose('Robert', 'Make an admin');
  await page.click('dialog button:has-text("Make Robert an admin")');
  await row(page, bob.id).locator('td:has-text("Admin")').waitFor();
  await choose('Robert', 'Deactivate');
  // Escape changes nothing, and gives the focus back.
  await page.waitForSelector('dialog h2:has-text("Deactivate Robert?")');
  await visitor.shot('admin-question');
  assert.deepEqual(await findObstacles(page, 'the question'), []);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await focusIs(page, '[aria-label="Change Robert"]');
  await choose('Robert', 'Deactivate');
  await page.click('dialog button:has-text("Deactivate Robert")');
  await row(page, bob.id).locator('.tag-danger:has-text("deactivated")').waitFor();
  (await bob.get('/api/auth/me')).expect(401);
  // What the server refuses is said in words.
  visitor.expect(/status of 409/);
  await choose('Ada', 'Make a member');
  await page.click('dialog button:has-text("Make Ada a member")');
  await page.waitForSelector('.toast:has-text("nobody could administer the workspace")');
  await visitor.close();
});

test('an agent is made and described, and a token of it made, replaced and revoked', async () => {
  const visitor = await open('agents');
  const { page } = visitor;
  await page.fill('input[name=name]', 'Daedalus');
  await page.click('button:has-text("Make it")');
  await page.click('button[aria-label="Change Daedalus"]');
  await page.fill('dialog textarea', 'Builds what others get lost in.');
  await page.click('dialog button:has-text("Save")');
  await page.waitForSelector('tr:has-text("Builds what others get lost in.")');
  await visitor.shot('admin-agents');
  await page.click('.tab:has-text("Tokens")');
  await page.selectOption('select[name=persona]', { label: 'Daedalus' });
  await page.fill('input[name=label]', 'the night shift');
  await page.selectOption('select[name=days]', '30');
  await page.click('button:has-text("Make a token")');
  const secret = await page.textContent('.admin-secret code');
  assert.match(secret, /^atk_/);
  const agent = ada.with({ cookie: undefined, token: secret });
  assert.deepEqual((await agent.get('/api/auth/me')).expect(200).body.scopes, [
    'read',
    'sessions:write',
    'messages:write',
  ]);
  await until(
    async () =>
      (await ada.get('tokens')).body.tokens.find(({ label, lastUsedAt }) => label === 'the night shift' && lastUsedAt),
    'its use to be noted',
  );
  await page.click('button[aria-label="Replace the night shift"]');
  await page.click('dialog button:has-text("Make the new one")');
  await page.waitForFunction((old) => document.querySelector('.admin-secret code')?.textContent !== old, secret);
  await page.waitForFunction(() => document.querySelectorAll('tr[data-token]').length >= 2);
  const shift = 'tr:has-text("the night shift")';
  await page.locator(shift, { hasText: 'never used' }).waitFor();
  await page.locator(shift, { hasNotText: 'never used' }).waitFor();
  await visitor.shot('admin-tokens');
  await page.click('tr:has-text("the night shift") >> nth=1 >> button:has-text("Revoke")');
  await page.click('dialog button:has-text("Revoke it")');
  await page.waitForSelector('tr.is-over:has-text("revoked")');
  (await agent.get('/api/auth/me')).expect(401);
  await visitor.close();
});

test('the members of a private channel are seen and changed by whoever is in it, and by no other admin', async () => {
  const hal = await addPerson(instance, 'Hal');
  const ivy = await addPerson(instance, 'Ivy');
  const { stream } = (await hal.post('streams', { type: 'channel', name: 'vault', private: true })).expect(201).body;
  const admin = await open('channels');
  await admin.page.waitForSelector('text=There is one private channel that');
  assert.equal(await admin.page.locator('text=vault').count(), 0);
  await admin.shot('admin-channels');
  await admin.close();

  const visitor = await (await Visitor.open(browser, instance)).enter(hal);
  const { page } = visitor;
  await visitor.go(visitor.stream(stream.id));
  await page.click('button:has-text("Members 1")');
  await page.waitForSelector('dialog li:has-text("Hal") .tag:has-text("owner")');
  await page.fill('dialog input[type=search]', 'Iv');
  await page.click('button[aria-label="Add Ivy"]');
  await page.waitForSelector('dialog button[aria-label="Remove Ivy…"]');
  assert.deepEqual(await findObstacles(page, 'the members'), []);
  await visitor.shot('admin-members');
  (await ivy.get(`streams/${stream.id}`)).expect(200);
  await page.click('button[aria-label="Remove Ivy…"]');
  await page.click('dialog button:has-text("Remove Ivy"):not([aria-label])');
  await page.waitForSelector('button[aria-label="Add Ivy"]');
  (await ivy.get(`streams/${stream.id}`)).expect(404);
  await page.keyboard.press('Escape');
  await page.waitForSelector('button:has-text("Members 1")');
  await visitor.close();
});

test('the audit log says who did what, by person and by kind', async () => {
  const visitor = await open('audit');
  const { page } = visitor;
  await page.waitForSelector('tr:has-text("deactivated") strong:has-text("Robert")');
  await page.selectOption('.admin-row select >> nth=1', 'create-persona');
  await page.waitForSelector('tr:has-text("made the agent") strong:has-text("Daedalus")');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  assert.equal(new URL(page.url()).searchParams.get('action'), 'create-persona');
  await visitor.shot('admin-audit');
  await visitor.close();
});

test('each section is without obstacles, in both themes and on a phone', async () => {
  for (const [name, options] of [
    ['light', { viewport: { width: 1600, height: 1000 }, colorScheme: 'light' }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['phone', { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }],
  ])
    for (const section of ['people', 'agents', 'tokens', 'channels', 'shares', 'audit']) {
      const visitor = await open(section, options);
      await visitor.page.waitForSelector('.admin-table');
      assert.deepEqual(await findObstacles(visitor.page, `${section}, ${name}`), []);
      const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, `${section}, ${name}: wider than the screen`);
      await visitor.shot(`admin-${section}-${name}`);
      await visitor.close();
    }
});

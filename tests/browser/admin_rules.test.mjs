// SPDX-License-Identifier: Apache-2.0
// The rules of a workspace in the page: redaction, prices and webhooks. Each is made, changed, removed and taken back, which is
// seen by REST, too; and what is refused is said in words.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addPerson } from '../lib/people.mjs';
import { administration, undo } from './lib/administration.mjs';
import { findObstacles } from './lib/visitor.mjs';

const desk = administration();
const { open, get } = desk;

test('redaction rules are tried, made, replaced, changed and removed', async () => {
  const visitor = await open('redaction');
  const { page } = visitor;
  const make = async (name, pattern) => {
    await page.fill('form[aria-label="A new rule"] input[name=name]', name);
    await page.fill('form[aria-label="A new rule"] input[name=pattern]', pattern);
    await page.click('button:has-text("Add the rule")');
  };
  const has = (pattern) => page.locator('tr[data-rule=card] code').getByText(pattern, { exact: true }).waitFor();
  const patterns = async () => (await get('redaction')).rules.map(({ name, pattern }) => `${name} ${pattern}`);
  visitor.expect(/status of 400/);
  await make('card', '(');
  await page.waitForSelector('.toast:has-text("The rule was not kept:")');
  assert.deepEqual(await patterns(), []);
  assert.equal(
    await page.inputValue('form[aria-label="A new rule"] input[name=pattern]'),
    '(',
    'what was entered stays',
  );
  await make('card', '\\d{4}-\\d{4}');
  await page.waitForSelector('tr[data-rule=card] code');
  assert.deepEqual(await patterns(), ['card \\d{4}-\\d{4}']);

  const trial = page.locator('form[aria-label="Try it"]');
  await trial.locator('textarea').fill('pay with 1234-5678, please');
  await trial.locator('button').click();
  await page.waitForSelector('.admin-left:text-is("pay with [redacted:card], please")');
  await trial.locator('input[name=pattern]').fill('pl\\w+');
  await trial.locator('button').click();
  await page.waitForSelector('.admin-left:text-is("pay with 1234-5678, [redacted:try]")');
  await visitor.shot('admin-redaction');
  assert.deepEqual(await findObstacles(page, 'redaction with a rule'), []);

  // The same name again asks first; a bad pattern is refused in the dialog, which stays.
  await make('card', '\\d+');
  await page.click('dialog button:has-text("Replace it")');
  await has('\\d+');
  await undo(page);
  await has('\\d{4}-\\d{4}');
  await page.click('button[aria-label="Change card"]');
  await page.fill('dialog input[name=pattern]', '[');
  await page.click('dialog button:has-text("Save")');
  await page.waitForSelector('dialog [role=alert]:has-text("The rule was not kept:")');
  await page.fill('dialog input[name=pattern]', '\\d{4}');
  await page.keyboard.press('Enter');
  await has('\\d{4}');
  await page.click('button[aria-label="Remove card"]');
  await page.click('dialog button:has-text("Remove it")');
  await page.waitForSelector('tr[data-rule=card]', { state: 'detached' });
  assert.deepEqual(await patterns(), []);
  await undo(page);
  await has('\\d{4}');
  assert.deepEqual(await patterns(), ['card \\d{4}']);

  // A conflict: somebody else has filled the list.
  for (let i = 2; i <= 32; i++) (await desk.ada.put('redaction', { name: `r${i}`, pattern: `x${i}y` })).expect(201);
  visitor.expect(/status of 409/);
  await make('one-more', 'abc');
  await page.waitForSelector('.toast:has-text("at most 32 redaction rules")');
  for (let i = 2; i <= 32; i++) await desk.ada.request('DELETE', 'redaction', { name: `r${i}` });
  await visitor.close();
});

test('a price of the workspace is entered in the place of a shared one, and taken back', async () => {
  const shared = (await get('prices')).prices.find(({ own, cacheReadUsd }) => !own && cacheReadUsd !== undefined);
  const { model } = shared;
  const own = async () => (await get('prices')).prices.filter((price) => price.own);
  const visitor = await open('prices');
  const { page } = visitor;
  await page.fill('input[type=search]', model.toUpperCase());
  const row = page.locator(`tr[data-price="${model}"]`);
  await row.locator('.tag:has-text("shared")').waitFor();
  await row.locator('button:has-text("Change")').click();
  assert.equal(await page.inputValue('dialog input[name=inputUsd]'), String(shared.inputUsd));
  await page.fill('dialog input[name=inputUsd]', '1.25');
  await page.fill('dialog input[name=cacheReadUsd]', '');
  await page.keyboard.press('Enter');
  await row.locator('.tag:has-text("your own")').waitFor();
  await row.locator('td:text-is("$1.25")').waitFor();
  const [kept] = await own();
  assert.deepEqual([kept.model, kept.inputUsd, kept.cacheReadUsd], [model, 1.25, undefined]);
  await visitor.shot('admin-prices');
  assert.deepEqual(await findObstacles(page, 'prices with one of its own'), []);
  await undo(page);
  await row.locator('.tag:has-text("shared")').waitFor();
  assert.deepEqual(await own(), []);

  await page.fill('input[type=search]', '');
  const form = page.locator('form[aria-label="A price of your own"]');
  await form.locator('input[name=model]').fill('Our-Own-7B');
  await form.locator('input[name=inputUsd]').fill('-1');
  await form.locator('input[name=outputUsd]').fill('0');
  await form.locator('button').click();
  assert.equal(await form.locator('input:invalid').count(), 1);
  await form.locator('input[name=inputUsd]').fill('0.000001');
  await form.locator('button').click();
  const ours = page.locator('tr[data-price="our-own-7b"]');
  await ours.waitFor();
  assert.equal((await own())[0].inputUsd, 0.000001);
  // One's own come first.
  assert.equal(await page.locator('tbody tr').first().getAttribute('data-price'), 'our-own-7b');
  await ours.locator('button:has-text("Remove")').click();
  await page.click('dialog button:has-text("Remove it")');
  await ours.waitFor({ state: 'detached' });
  assert.deepEqual(await own(), []);
  await undo(page);
  await ours.waitFor();
  assert.equal((await own())[0].inputUsd, 0.000001);
  await visitor.close();
});

// What another admin does is not on this page until it is loaded again.
test('a rule and a price that somebody else has made meanwhile are not replaced unseen, and not taken back', async () => {
  const visitor = await open('redaction');
  const { page } = visitor;
  visitor.expect(/status of 409/);
  const form = page.locator('form[aria-label="A new rule"]');
  const make = async (pattern) => {
    await form.locator('input[name=name]').fill('plate');
    await form.locator('input[name=pattern]').fill(pattern);
    await form.locator('button').click();
  };
  const plate = async () => (await get('redaction')).rules.find(({ name }) => name === 'plate')?.pattern;
  const put = (pattern) => desk.ada.put('redaction', { name: 'plate', pattern });
  (await put('theirs')).expect(201);
  await make('mine');
  await page.waitForSelector('.toast:has-text("The rule was not kept: Somebody else has changed it meanwhile")');
  await page.waitForSelector('tr[data-rule=plate] code:text-is("theirs")');
  assert.equal(await plate(), 'theirs');
  // What was entered stays, and is asked about now that it is seen.
  await form.locator('button').click();
  await page.waitForSelector('dialog:has-text("Its pattern is theirs")');
  await page.click('dialog button:has-text("Replace it")');
  await page.waitForSelector('tr[data-rule=plate] code:text-is("mine")');
  (await put('theirs again')).expect(200);
  await undo(page);
  await page.waitForSelector('.toast:has-text("It was not undone: Somebody else has changed it meanwhile")');
  await page.waitForSelector('tr[data-rule=plate] code:text-is("theirs again")');
  assert.equal(await plate(), 'theirs again');
  // In a dialog, which closes, since what it shows is not what there is.
  (await put('a third one')).expect(200);
  await page.click('button[aria-label="Change plate"]');
  await page.fill('dialog input[name=pattern]', 'mine');
  await page.click('dialog button:has-text("Save")');
  await page.waitForSelector('tr[data-rule=plate] code:text-is("a third one")');
  await page.waitForSelector('dialog', { state: 'detached' });
  (await desk.ada.request('DELETE', 'redaction', { name: 'plate' })).expect(204);

  await page.click('.tab:has-text("Prices")');
  const price = { model: 'shared-desk-1', inputUsd: 1, outputUsd: 2 };
  const own = async () => (await get('prices')).prices.find(({ model }) => model === price.model);
  const entry = page.locator('form[aria-label="A price of your own"]');
  await entry.locator('input[name=model]').fill(price.model);
  await entry.locator('input[name=inputUsd]').fill('3');
  await entry.locator('input[name=outputUsd]').fill('4');
  (await desk.ada.put('prices', price)).expect(200);
  await entry.locator('button').click();
  await page.waitForSelector('.toast:has-text("The price was not kept: Somebody else has changed it meanwhile")');
  await page.waitForSelector(`tr[data-price="${price.model}"] td:text-is("$1.00")`);
  assert.equal((await own()).inputUsd, 1);
  await entry.locator('button').click();
  await page.waitForSelector(`tr[data-price="${price.model}"] td:text-is("$3.00")`);
  await undo(page);
  await page.waitForSelector(`tr[data-price="${price.model}"] td:text-is("$1.00")`);
  assert.deepEqual([(await own()).inputUsd, (await own()).outputUsd], [1, 2]);
  (await desk.ada.request('DELETE', 'prices', { model: price.model })).expect(204);
  await visitor.close();
});

test('a press on Undo and another one ask once, and a question goes with the section that asks it', async () => {
  const visitor = await open('redaction');
  const { page } = visitor;
  const form = page.locator('form[aria-label="A new rule"]');
  await form.locator('input[name=name]').fill('twice');
  await form.locator('input[name=pattern]').fill('once');
  await form.locator('button').dblclick();
  await page.waitForSelector('tr[data-rule=twice]');
  const sent = [];
  await page.route('**/redaction', async (route) => {
    sent.push(route.request().method());
    await route.continue();
  });
  await page.locator('[data-undo]').dblclick();
  await page.waitForSelector('.admin-undo:has-text("It is as it was before.")');
  await page.waitForSelector('tr[data-rule=twice]', { state: 'detached' });
  assert.equal(sent.filter((method) => method === 'DELETE').length, 1);

  (await desk.ada.put('redaction', { name: 'asked', pattern: 'x' })).expect(201);
  await page.goto(visitor.url(visitor.path('/sessions')));
  await page.click('.side-link:has-text("Administration")');
  await page.click('.tab:has-text("Redaction")');
  await page.click('button[aria-label="Remove asked"]');
  await page.waitForSelector('dialog.ask');
  await page.goBack();
  await page.waitForSelector('.admin', { state: 'detached' });
  await page.waitForSelector('dialog.ask', { state: 'detached' });
  await page.goForward();
  await page.waitForSelector('tr[data-rule=asked]');
  assert.equal(await page.locator('dialog.ask').count(), 0);
  (await desk.ada.request('DELETE', 'redaction', { name: 'asked' })).expect(204);
  await visitor.close();
});

test('a webhook is made, its secret shown once, and removed; without a connection that is said', async () => {
  const visitor = await open('webhooks');
  const { page } = visitor;
  const form = page.locator('form[aria-label="A new webhook"]');
  visitor.expect(/status of 400/);
  await form.locator('input[name=url]').fill('ftp://example.com/');
  await form.locator('button').click();
  await page.waitForSelector('.toast:has-text("must be an http or https address")');
  await form.locator('input[name=url]').fill('https://example.com/told?of=traces');
  await form.locator('input[value="session.completed"]').uncheck();
  await form.locator('button').click();
  const secret = await page.textContent('.admin-secret code');
  assert.match(secret, /^whsec_/);
  const [webhook] = (await get('webhooks')).webhooks;
  assert.equal(webhook.url, 'https://example.com/told?of=traces');
  assert.deepEqual(webhook.events, ['session.failed', 'session.decision_needed']);
  const row = page.locator(`tr[data-webhook="${webhook.id}"]`);
  await row.locator(':text("nothing delivered yet")').waitFor();
  await row.locator(':text("Ada")').waitFor();
  await visitor.shot('admin-webhooks');
  assert.deepEqual(await findObstacles(page, 'webhooks with one'), []);
  await desk.instance.psql(`UPDATE webhooks SET stopped_at = now(), last_error = 'the address answered 410'`);

  // Another section and back again shows what is now; the secret does not come again.
  await page.click('.tab:has-text("Prices")');
  await page.waitForSelector('.admin-find');
  await page.click('.tab:has-text("Webhooks")');
  await row.locator('.tag-danger:has-text("stopped")').waitFor();
  await row.locator(':text("the address answered 410")').waitFor();
  assert.equal(await page.locator('.admin-secret').count(), 0);

  visitor.expect(/ERR_INTERNET_DISCONNECTED/, /ERR_NETWORK_CHANGED/);
  await visitor.context.setOffline(true);
  await row.locator('button').click();
  await page.click('dialog button:has-text("Remove it")');
  await page.waitForSelector('.toast:has-text("The webhook was not removed: The server cannot be reached")');
  assert.equal((await get('webhooks')).webhooks.length, 1);
  await page.click('.tab:has-text("Redaction")');
  await page.waitForSelector('.nothing:has-text("The server cannot be reached. Trying again")');
  await visitor.context.setOffline(false);
  await page.waitForSelector('form[aria-label="A new rule"]');
  await page.click('.tab:has-text("Webhooks")');
  await row.locator('button').click();
  await page.click('dialog button:has-text("Remove it")');
  await row.waitFor({ state: 'detached' });
  assert.deepEqual((await get('webhooks')).webhooks, []);

  // One that somebody else has removed meanwhile goes from the list, too.
  const body = { url: 'https://example.com/gone', events: ['session.failed'] };
  const { id } = (await desk.ada.post('webhooks', body)).expect(201).body.webhook;
  await page.click('.tab:has-text("Prices")');
  await page.click('.tab:has-text("Webhooks")');
  const gone = page.locator(`tr[data-webhook="${id}"]`);
  await gone.locator('button').click();
  (await desk.ada.delete(`webhooks/${id}`)).expect(204);
  visitor.expect(/status of 404/);
  await page.click('dialog button:has-text("Remove it")');
  await page.waitForSelector('.toast:has-text("The webhook was not removed")');
  await gone.waitFor({ state: 'detached' });
  await visitor.close();
});

test('who is made a member is told so by the next change, and sees what members see', async () => {
  const eve = await addPerson(desk.instance, 'Eve', { role: 'admin' });
  for (const [section, act] of [
    ['retention', (page) => page.click('form[aria-label="The whole workspace"] button')],
    ['prices', (page) => page.click('.tab:has-text("Webhooks")')],
  ]) {
    await desk.instance.psql(`UPDATE workspace_members SET role = 'admin' WHERE user_id = '${eve.id}'`);
    const visitor = await open(section, {}, eve);
    visitor.expect(/status of 403/);
    await desk.instance.psql(`UPDATE workspace_members SET role = 'member' WHERE user_id = '${eve.id}'`);
    await act(visitor.page);
    await visitor.page.waitForSelector('.nothing:has-text("Admins of the workspace see this") a');
    if (section === 'retention')
      await visitor.page.waitForSelector('.toast:has-text("Only an admin of the workspace")');
    assert.equal(await visitor.page.locator('.side-link:has-text("Administration")').count(), 0);
    await visitor.close();
  }
});

test('the audit log tells of the rules, and names no private channel to who is not in it', async () => {
  const hal = await addPerson(desk.instance, 'Hal', { role: 'admin' });
  const { stream } = (await hal.post('streams', { type: 'channel', name: 'vault', private: true })).expect(201).body;
  (await hal.put(`streams/${stream.id}/retention`, { days: 7 })).expect(200);
  (await desk.ada.put('redaction', { name: 'badge', pattern: 'B-\\d{6}' })).expect(201);
  (await desk.ada.put('retention', { days: 1000 })).expect(200);
  const told = async (who) =>
    (await who.get('audit?action=set-retention')).expect(200).body.entries.map(({ subject }) => subject.name);
  assert.ok((await told(hal)).includes('vault'));
  assert.ok(!(await told(desk.ada)).includes('vault'));
  const visitor = await open('redaction');
  const { page } = visitor;
  await page.click('.tab:has-text("Audit log")');
  await page.selectOption('.admin-row select >> nth=1', 'set-redaction');
  await page.waitForSelector('tr:has-text("set the redaction rule") strong:has-text("badge")');
  await page.selectOption('.admin-row select >> nth=1', 'set-retention');
  await page.waitForSelector(
    'tr:has-text("changed how long steps are kept in"):has-text("days: 1000"):has-text("before: (days:")',
  );
  await visitor.close();
});

test('each of the sections is without obstacles in every size and theme, and never wider than the screen', async () => {
  for (const [width, height] of [
    [1600, 1000],
    [1280, 800],
    [768, 1024],
    [375, 740],
  ]) {
    const isSmall = width < 1000;
    const visitor = await open('retention', { viewport: { width, height }, hasTouch: isSmall, isMobile: isSmall });
    const { page } = visitor;
    for (const section of ['Retention', 'Redaction', 'Prices', 'Webhooks']) {
      await page.click(`.tab:has-text("${section}")`);
      await page.waitForSelector(`.tab[aria-current]:has-text("${section}")`);
      await page.waitForSelector('.admin .skeleton', { state: 'detached' });
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        const what = `admin-${section.toLowerCase()}-${width}-${colorScheme}`;
        assert.deepEqual(await findObstacles(page, what), []);
        assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), `${what}: wide`);
        await visitor.shot(what);
      }
      // No name of a section runs into the next, and the one that is open is in view.
      const cut = await page.$$eval('.tab', (tabs) => tabs.filter((tab) => tab.scrollWidth > tab.clientWidth).length);
      assert.equal(cut, 0, `${section} at ${width}`);
      assert.ok(
        await page.locator('.tab[aria-current]').evaluate((tab) => tab.getBoundingClientRect().right <= innerWidth),
      );
    }
    await visitor.close();
  }
});

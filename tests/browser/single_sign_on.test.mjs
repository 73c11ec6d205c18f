// SPDX-License-Identifier: Apache-2.0
// Signing in by an identity provider, in the page: the way there and back, a cancelled one, a provider that is away, and a
// sign-in page without passwords.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { CLIENT, IdentityProvider, makeKey } from '../lib/identity.mjs';
import { freePort, start } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { findObstacles, openBrowser, Visitor } from './lib/visitor.mjs';

let instance, browser, provider, key, secondPort;

const LABEL = 'Continue with Example Inc.';
const button = (page) => page.getByRole('button', { name: LABEL });

const startAt = (port, env) =>
  start({
    port,
    env: {
      TRACE_PUBLIC_URL: `http://127.0.0.1:${port}`,
      TRACE_OIDC_ISSUER: provider.issuer,
      TRACE_OIDC_CLIENT_ID: CLIENT.id,
      TRACE_OIDC_CLIENT_SECRET: CLIENT.secret,
      TRACE_OIDC_LABEL: 'Example Inc.',
      TRACE_OIDC_DOMAINS: 'new.example',
      ...env,
    },
  });

// Through the provider's own pages.
async function signInThere(page, name) {
  await page.fill('input[name=login]', name);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  await page.waitForSelector('form input[name=prompt][value=consent]', { state: 'attached' });
  await page.click('button[type=submit]');
}

before(async () => {
  const port = await freePort();
  key = await makeKey('first');
  secondPort = await freePort();
  const returns = [port, secondPort].map((one) => `http://127.0.0.1:${one}/login/callback`);
  provider = new IdentityProvider(await freePort(), returns);
  provider.people.set('nia', { email: 'nia@new.example', email_verified: true, name: 'Nia New' });
  provider.people.set('sue', { email: 'sue@elsewhere.example', email_verified: true, name: 'Sue' });
  await provider.start([key]);
  instance = await startAt(port);
  browser = await openBrowser();
});

// The provider's pages want fonts from elsewhere, and tests ask nobody outside.
async function visit(at = instance) {
  const visitor = await Visitor.open(browser, at);
  const noFonts = { contentType: 'text/css', body: '' };
  await visitor.context.route('https://fonts.googleapis.com/**', (route) => route.fulfill(noFonts));
  return visitor;
}

after(async () => {
  await browser?.close();
  await instance?.stop();
  await provider?.stop();
});

test('the provider leads back to the wanted page, and what proved it stays neither in the address nor in the history', async () => {
  const visitor = await visit();
  visitor.expect(/status of 401/);
  const { page } = visitor;
  const wanted = visitor.path('/sessions?status=failed');
  await visitor.go(wanted);
  await button(page).waitFor();
  assert.deepEqual(await findObstacles(page, 'sign-in'), []);
  await visitor.shot('single-sign-on');
  await page.setViewportSize({ width: 375, height: 740 });
  await visitor.shot('single-sign-on-narrow');
  await page.setViewportSize({ width: 1280, height: 800 });
  await button(page).click();
  await signInThere(page, 'nia');
  await page.waitForSelector('#sessions-title');
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, wanted);
  const addresses = await page.evaluate(
    () => performance.getEntriesByType('navigation').length && [location.href, document.referrer],
  );
  assert.ok(!addresses.join(' ').includes('code='), addresses.join(' '));
  await page.click('button[aria-label="Sign out"]');
  await button(page).waitFor();
  await visitor.close();
});

test('who may not come in is told why, and a cancelled sign-in is no accident', async () => {
  const visitor = await visit();
  visitor.expect(/status of 40[13]/);
  const { page } = visitor;
  await visitor.go('/login');
  await button(page).click();
  await signInThere(page, 'sue');
  await page.waitForSelector('[role=alert]:has-text("no account for this address")');
  await visitor.go('/login/callback?error=access_denied&state=x');
  await page.waitForSelector('[role=alert]:has-text("cancelled")');
  await visitor.go('/login/callback?code=x&state=y');
  await page.waitForSelector('[role=alert]:has-text("not begun in this browser")');
  await visitor.close();
});

test('while the provider is away the page says so, and a password still opens', async () => {
  await provider.stop();
  await instance.psql('DELETE FROM oidc_providers');
  const visitor = await visit();
  visitor.expect(/status of (401|503)/);
  const { page } = visitor;
  await visitor.go('/login');
  await button(page).click();
  await page.waitForSelector('[role=alert]:has-text("cannot be reached")');
  await page.fill('input[name=email]', instance.env.TRACE_EMAIL);
  await page.fill('input[name=password]', instance.env.TRACE_PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForSelector('.sidebar');
  await visitor.close();
  await provider.start([key]);
});

// The link shows the provider, who says that this is whom it was sent to.
async function comesByInvitation(at) {
  const ida = await addPerson(at, 'Ida', { role: 'admin' });
  provider.people.set('ian', { email: 'ian@invited.example', email_verified: true, name: 'Ian Invited' });
  const invited = await ida.post('invites', { email: 'ian@invited.example' }, { origin: at.url });
  const { invite, secret } = invited.expect(201).body;
  const visitor = await visit(at);
  visitor.expect(/status of 401/);
  await visitor.go(`/invite/${invite.id}#${secret}`);
  await button(visitor.page).waitFor();
  await visitor.page.waitForFunction(() => !document.querySelector('input:not([type=hidden])'));
  assert.deepEqual(await findObstacles(visitor.page, 'invited'), []);
  await visitor.shot('invited-without-password');
  await button(visitor.page).click();
  await signInThere(visitor.page, 'ian');
  await visitor.page.waitForSelector('.sidebar');
  await visitor.close();
}

test('without passwords the page offers the provider alone', async () => {
  const other = await startAt(secondPort, { TRACE_PASSWORDS: '0' });
  try {
    const visitor = await visit(other);
    visitor.expect(/status of 401/);
    await visitor.go('/login');
    await button(visitor.page).waitFor();
    await visitor.page.waitForFunction(() => !document.querySelector('input[type=password]'));
    assert.deepEqual(await findObstacles(visitor.page, 'without passwords'), []);
    await visitor.close();
    await comesByInvitation(other);
  } finally {
    await other.stop();
  }
});

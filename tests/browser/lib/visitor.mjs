// Somebody at a browser: one window with its own cookies, watched for everything that must not happen there: an error in the console or
// in the page, a violation of the policy. What a test expects to fail, it says beforehand.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const artefacts = fileURLToPath(new URL('../../artefacts/browser', import.meta.url));
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(...more) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...flags, ...more] });
}

function watchPolicy() {
  document.addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
  );
}

export class Visitor {
  #browser;
  #wrong = [];
  #expected = [];

  constructor(browser, instance) {
    this.#browser = browser;
    this.instance = instance;
  }

  static async open(browser, instance, options = {}) {
    const visitor = new Visitor(browser, instance);
    visitor.context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    await visitor.context.addInitScript(watchPolicy);
    visitor.page = await visitor.tab();
    return visitor;
  }

  // Another tab with the same cookies.
  async tab() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(15000);
    page.on('console', (message) => {
      if (message.type() === 'error') this.#note(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.#note(`page: ${error.stack}`));
    return page;
  }

  #note(what) {
    if (!this.#expected.some((pattern) => pattern.test(what))) this.#wrong.push(what);
  }

  // Messages that match are not held against the page.
  expect(...patterns) {
    this.#expected.push(...patterns);
    return this;
  }

  url(path) {
    return this.instance.url + path;
  }

  path(rest = '') {
    return `/w/${this.instance.env.TRACE_WORKSPACE}${rest}`;
  }

  stream(id = this.instance.env.TRACE_STREAM, query = '') {
    return this.path(`/s/${id}${query}`);
  }

  go(path, page = this.page) {
    return page.goto(this.url(path));
  }

  // Comes as somebody who is signed in already: a client with a cookie.
  async enter(client) {
    const [name, value] = client.cookie.split('=');
    await this.context.addCookies([{ name, value, url: this.instance.url }]);
    return this;
  }

  async signIn() {
    const { TRACE_EMAIL, TRACE_PASSWORD } = this.instance.env;
    this.expect(/status of 401/);
    await this.go('/login');
    await this.page.fill('input[name=email]', TRACE_EMAIL);
    await this.page.fill('input[name=password]', TRACE_PASSWORD);
    await this.page.click('button[type=submit]');
    await this.page.waitForSelector('.sidebar', { state: 'attached' });
    return this;
  }

  // The whole page is kept as an artefact, to be looked at.
  async shot(name, page = this.page) {
    mkdirSync(artefacts, { recursive: true });
    await page.screenshot({ path: join(artefacts, `${name}.png`) });
  }

  // Nothing went wrong, and the window is closed.
  async close() {
    await this.context.close();
    assert.deepEqual(this.#wrong, []);
  }
}

let axeSource;

// What axe-core finds. It is injected by evaluation: the page's policy refuses script elements.
export async function findObstacles(page, what) {
  axeSource ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
}

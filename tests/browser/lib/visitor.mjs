// SPDX-License-Identifier: Apache-2.0
// A person at a browser: one window with its own cookies, watched for everything that must not happen there (an error in
// the console or in the page, a violation of the policy). A test says beforehand which failures it expects.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { giveUpAfter } from '../../lib/patience.mjs';
import { watchRequests } from './witness.mjs';

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

function holdTimers(held) {
  const { setTimeout: set, clearTimeout: clear } = window;
  const waiting = new Map();
  window.setTimeout = (run, ms, ...rest) => {
    if (!held.includes(ms)) return set(run, ms, ...rest);
    const id = set(() => {}, 2 ** 31 - 1);
    waiting.set(id, run);
    return id;
  };
  window.clearTimeout = (id) => {
    waiting.delete(id);
    clear(id);
  };
  window.elapse = () => {
    if (waiting.size === 0) throw new Error(`no timer of ${held} ms is waiting`);
    const all = [...waiting.values()];
    waiting.clear();
    for (const run of all) run();
  };
}

// Begins to wait before `act`: for what is shown for a moment only.
export const seen = async (page, selector, act) => (await Promise.all([page.waitForSelector(selector), act()]))[0];

export class Visitor {
  #wrong = [];
  #expected = [];

  constructor(instance) {
    this.instance = instance;
  }

  static async open(browser, instance, options = {}) {
    const visitor = new Visitor(instance);
    visitor.context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    await visitor.context.addInitScript(watchPolicy);
    visitor.page = await visitor.tab();
    return visitor;
  }

  // Opens another tab with the same cookies.
  async tab() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(giveUpAfter(15_000));
    watchRequests(page);
    page.on('console', (message) => {
      if (message.type() === 'error') this.#note(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.#note(`page: ${error.stack}`));
    return page;
  }

  // The page's timers of those many milliseconds run only when elapse() says so: what it shows for a moment is not missed
  // by a test on a busy machine. Of the pages that are loaded from now on. An elapse() that runs none of them fails.
  async hold(...ms) {
    await this.context.addInitScript(holdTimers, ms);
  }

  elapse(page = this.page) {
    return page.evaluate(() => window.elapse());
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

  // Enters as a person who is signed in already, by the cookie of an API client.
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

  // Keeps a screenshot among the artefacts, to be looked at.
  async shot(name, page = this.page) {
    mkdirSync(artefacts, { recursive: true });
    await page.screenshot({ path: join(artefacts, `${name}.png`) });
  }

  // Closes the window and asserts that nothing went wrong in it.
  async close() {
    await this.context.close();
    assert.deepEqual(this.#wrong, []);
  }
}

// Waits until an element has neither moved nor scrolled for half a second of frames: a wheel turns on after its event.
export async function rest(page, selector) {
  await page.evaluate(() => delete window.resting);
  await page.waitForFunction((one) => {
    const element = document.querySelector(one);
    if (!element) throw new Error(`${one} is not there to come to rest`);
    const place = `${element.getBoundingClientRect().top} ${element.scrollTop}`;
    const frames = window.resting?.place === place ? window.resting.frames + 1 : 0;
    window.resting = { place, frames };
    return frames > 30;
  }, selector);
}

// Waits until the element that has the focus matches.
export const focusIs = (page, selector) =>
  page.waitForFunction((one) => document.activeElement?.matches(one), selector);

// Waits until no colour or place is on its way. One transition starts others, of what inherits the value, and a change
// of the theme is seen a frame later: two looks without any are the end.
function settle(page) {
  return page.evaluate(async () => {
    const pause = () => new Promise((done) => setTimeout(done, 40));
    for (let still = 0; still < 2; still++) {
      // What has an end: transitions, and the mark of a row that was jumped to. Pulses go on.
      const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
      if (moving.length > 0) still = -1;
      await Promise.allSettled(moving.map(({ finished }) => finished));
      await pause();
    }
  });
}

let axeSource;

// Returns what axe-core finds. It is injected by evaluation because the page's policy refuses script elements.
export async function findObstacles(page, what) {
  await settle(page);
  axeSource ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map(
    ({ id, nodes }) => `${what}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`,
  );
}

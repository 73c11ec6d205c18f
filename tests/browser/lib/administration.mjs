// SPDX-License-Identifier: Apache-2.0
// The administration of an instance's own workspace, opened by its admin, for a file of tests.
import { after, before } from 'node:test';
import { start } from '../../lib/instance.mjs';
import { personOf } from '../../lib/rest.mjs';
import { openBrowser, Visitor } from './visitor.mjs';

export const selectors = { retention: 'form[aria-label="The whole workspace"]', prices: '.admin-table' };

// Filled before the file's first test: `instance`, `browser`, and `ada`, who is the admin.
export function administration() {
  const desk = {
    async open(section, options, person = desk.ada) {
      const visitor = await (await Visitor.open(desk.browser, desk.instance, options)).enter(person);
      await visitor.go(visitor.path(`/admin/${section}`));
      await visitor.page.waitForSelector(selectors[section] ?? '.admin form');
      return visitor;
    },
    get: async (path) => (await desk.ada.get(path)).expect(200).body,
  };
  before(async () => {
    desk.instance = await start();
    desk.browser = await openBrowser();
    desk.ada = await personOf(desk.instance);
  });
  after(async () => {
    await desk.browser?.close();
    await desk.instance?.stop();
  });
  return desk;
}

export const undo = (page) => page.click('[data-undo]');
export const focusName = (page) =>
  page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.className);

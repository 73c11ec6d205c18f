// SPDX-License-Identifier: Apache-2.0
// What the tests of a file share: an instance of their own (its options as for start()) and a browser, both ended after
// the last of them.
import { after } from 'node:test';
import { start } from '../../lib/instance.mjs';
import { openBrowser } from './visitor.mjs';

export async function stage(options) {
  let instance, browser;
  const end = async () => {
    await browser?.close();
    await instance?.stop();
  };
  after(end);
  try {
    instance = await start(options);
    browser = await openBrowser();
  } catch (error) {
    await end();
    throw error;
  }
  return { instance, browser };
}

// SPDX-License-Identifier: Apache-2.0
// Components that are loaded when they are first shown, whenever their modules come.
import assert from 'node:assert/strict';
import test from 'node:test';
import { settle, show } from './lib/screen.mjs';
import { html } from '../../../static/html.js';
import { lazy } from '../../../static/ui/lazy.js';

const Panel = ({ word }) => html`<p>the panel of ${word}</p>`;

test('a module that comes before the effects of the first render run is shown', async () => {
  const View = lazy(async () => Panel, 'The panel');
  const { root, close } = show(View, { word: 'one' });
  await View.load();
  settle();
  await View.load();
  settle();
  assert.equal(root.textContent, 'the panel of one');
  close();
});

test('a module that is there already is shown at once, and one that comes late when it comes', async () => {
  let come;
  const View = lazy(() => new Promise((resolve) => (come = resolve)), 'The panel');
  const first = show(View, { word: 'two' });
  settle();
  assert.equal(first.root.textContent, 'Opening…');
  come(Panel);
  await View.load();
  settle();
  assert.equal(first.root.textContent, 'the panel of two');
  assert.equal(show(View, { word: 'three' }).root.textContent, 'the panel of three');
});

// Lets everything that is settled be heard of.
const heard = () => new Promise((resolve) => setImmediate(resolve));

test('a module that cannot be had is asked for once more, and then another document is offered', async () => {
  const reloads = [];
  globalThis.location = { reload: () => reloads.push('reloaded') };
  const View = lazy(() => Promise.reject(new Error('no such module')), 'The panel');
  const { root, close } = show(View);
  for (const text of ['Try again', 'Reload the page']) {
    settle();
    await heard();
    settle();
    assert.equal(root.find('button').textContent.trim(), text);
    root.find('button').click();
  }
  assert.deepEqual(reloads, ['reloaded']);
  close();
  delete globalThis.location;
});

test('what is asked for before it is shown may fail: it is told where it is shown', async () => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  void lazy(() => Promise.reject(new Error('no such module')), 'The panel').load();
  await heard();
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

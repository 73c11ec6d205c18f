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

// SPDX-License-Identifier: Apache-2.0
// What failed and may succeed is asked for again, without anything else happening.
import assert from 'node:assert/strict';
import test from 'node:test';
import { settle, show } from './lib/screen.mjs';
import { html } from '../../../static/html.js';
import { steps, workspace } from '../../../static/store.js';
import { useMissingPages } from '../../../static/trace/missing.js';
import { Unreachable, useRetry } from '../../../static/ui/notices.js';

const heard = () => new Promise((resolve) => setImmediate(resolve));
const refusal = () => new Response('{"code":"unavailable"}', { status: 503 });

test('a page of rows that did not come is asked for again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  workspace.value = { id: 'ws_1' };
  const meta = { id: 'stp_1', number: 1, seq: 1, type: 'tool_call', status: 'completed' };
  const step = { ...meta, sessionId: 'ses_1', stepType: 'tool_call', startedAt: '2026-01-02T10:00:00.000Z' };
  const answers = [
    refusal(),
    refusal(),
    Response.json({ session: { id: 'ses_1', status: 'completed' }, steps: [step] }),
  ];
  globalThis.fetch = async () => answers.shift();
  const List = () => {
    useMissingPages('ses_1', [meta]);
    return null;
  };
  const { close } = show(List);
  for (const left of [2, 1, 0]) {
    settle();
    t.mock.timers.tick(60);
    for (let i = 0; i < 5; i += 1) await heard();
    assert.equal(answers.length, left);
    t.mock.timers.tick(3000);
  }
  assert.equal(steps.peek('stp_1').id, 'stp_1');
  close();
});

test('where it says that it tries again it does, and for nothing that is refused for good', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let tries = 0;
  const View = ({ error }) => {
    useRetry(error, () => (tries += 1));
    return error && html`<${Unreachable} error=${error} />`;
  };
  const view = show(View, { error: { message: 'The server failed', isTemporary: true } });
  settle();
  assert.match(view.root.textContent, /Trying again/);
  t.mock.timers.tick(3000);
  assert.equal(tries, 1);
  view.again({ error: { message: 'You may not', isTemporary: false } });
  settle();
  t.mock.timers.tick(10_000);
  assert.equal(tries, 1);
  view.close();
});

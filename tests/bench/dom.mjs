// SPDX-License-Identifier: Apache-2.0
// From the request that starts a step to its row in the browser's DOM: an agent starts steps by REST at varied moments, and Chromium shows
// their trace. Both ends read the same clock, the machine's wall time in milliseconds. Goals: p50 under 30 ms, p99 under 150 ms.
//
//     node tests/bench/dom.mjs [steps]
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser, Visitor } from '../browser/lib/visitor.mjs';
import { Recorder } from '../browser/lib/recorder.mjs';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { machine, quantile } from './machine.mjs';

const [count = 200] = process.argv.slice(2).map(Number);
const [LEAST_MS, MOST_MS] = [20, 150];

// In the page: when the row of each step came.
function watchRows() {
  window.rows = {};
  const note = (element) => (window.rows[element.dataset.step] ??= Date.now());
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.nodeType === 1) node.querySelectorAll('[data-step]').forEach(note);
  }).observe(document, { childList: true, subtree: true });
}

async function openTrace(browser, instance, run) {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  await visitor.go(visitor.path(`/sessions?trace=${run.id}`));
  await visitor.page.waitForSelector('dialog .step');
  await visitor.page.evaluate(watchRows);
  return visitor.page;
}

// Each step is ended by the next one's turn, as tools are; the moments have nothing to do with frames or ticks.
async function record(run) {
  const asked = {};
  const answered = {};
  for (let i = 0; i < count; i++) {
    const id = newId('stp');
    asked[id] = Date.now();
    const step = await run.step('tool_call', { tool: 'search', args: { q: `question ${i}` } }, { id });
    answered[id] = Date.now();
    await sleep(LEAST_MS + Math.random() * (MOST_MS - LEAST_MS));
    await run.complete(step, { content: { tool: 'search', result: `answer ${i}` } });
  }
  return { asked, answered };
}

const show = (what, values) =>
  console.log(
    `${what.padEnd(40)} p50 ${quantile(values, 0.5)} ms   p99 ${quantile(values, 0.99)} ms   max ${quantile(values, 1)} ms`,
  );

const instance = await start();
const browser = await openBrowser();
try {
  const run = await Recorder.start(instance, { title: 'To the page' });
  await run.whole('thinking', 'what there was before');
  const page = await openTrace(browser, instance, run);
  const { asked, answered } = await record(run);
  await sleep(1000);
  const rows = await page.evaluate(() => window.rows);
  const seen = Object.keys(asked).filter((id) => rows[id]);
  console.log(`${count} steps started by REST at random moments, one trace page in Chromium; ${seen.length} rows came`);
  show(
    'request sent → row in the DOM',
    seen.map((id) => rows[id] - asked[id]),
  );
  show(
    'request sent → its answer',
    seen.map((id) => answered[id] - asked[id]),
  );
  console.log(machine());
  console.log('goal: p50 under 30 ms, p99 under 150 ms');
} finally {
  await browser.close();
  await instance.stop();
}

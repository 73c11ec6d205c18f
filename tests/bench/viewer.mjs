// SPDX-License-Identifier: Apache-2.0
// What the page costs in Chromium: the JavaScript of a first visit; a trace of 50,000 steps, how long until its tree is there,
// how many rows are mounted, how far frames lie apart while 100 steps arrive each second, and what processor the page takes then;
// and a step of 1 MiB until its first lines are there. Goals: 150 kB, 500 ms, under 80 rows, no frame over 16.7 ms, 100 ms.
//
//     node tests/bench/viewer.mjs [steps] [seconds in which steps arrive]
import { gzipSync } from 'node:zlib';
import { openBrowser, Visitor } from '../browser/lib/visitor.mjs';
import { Recorder } from '../browser/lib/recorder.mjs';
import { workOf } from '../browser/lib/work.mjs';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { machine, median, quantile } from './machine.mjs';
import { table } from './table.mjs';

const steps = Number(process.argv[2] ?? 50_000);
const seconds = Number(process.argv[3] ?? 10);
const RATE = 100;
const OPENED = 3;
const FRAME_MS = 1000 / 60;
const MIB = 2 ** 20;
const instance = await start();
const browser = await openBrowser();
const person = await personOf(instance);
const enter = async () => (await Visitor.open(browser, instance)).enter(person);
const rows = [['', 'median', 'most', 'goal']];
const note = (...row) => {
  rows.push(row);
  process.stderr.write(`${row.join('  ')}\n`);
};
const show = (what, values, goal) => note(what, median(values).toFixed(1), quantile(values, 1).toFixed(1), goal);

// In the page: when what `selector` names has been painted first, since the last press or, before any, since the navigation.
function noteFirst(selector) {
  window.pressed = 0;
  addEventListener('pointerdown', () => (window.pressed = performance.now()), { capture: true });
  const look = () => {
    if (window.firstMs !== undefined || !document.querySelector(selector)) return;
    window.firstMs = null;
    requestAnimationFrame(() => setTimeout(() => (window.firstMs = performance.now() - window.pressed)));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

const firstMs = async (page) => (await page.waitForFunction(() => window.firstMs, null, { polling: 20 })).jsonValue();

async function measureScripts() {
  const visitor = await enter();
  const bodies = [];
  visitor.page.on('response', (reply) => {
    if (reply.request().resourceType() === 'script') bodies.push(reply.body());
  });
  await visitor.go(visitor.stream());
  await visitor.page.waitForSelector('.composer textarea');
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
  await visitor.close();
  const kilobytes = sizes.reduce((sum, size) => sum + size, 0) / 1000;
  note(`JavaScript of a first visit, ${sizes.length} files, gzip, kB`, kilobytes.toFixed(1), '', '150');
}

// By its address, each time with nothing in memory.
async function measureOpening(run) {
  const took = [];
  const mounted = [];
  for (let i = 0; i < OPENED; i++) {
    const visitor = await enter();
    await visitor.page.addInitScript(noteFirst, '.tree-row');
    await visitor.go(visitor.path(`/trace/${run.id}`));
    took.push(await firstMs(visitor.page));
    mounted.push(await visitor.page.locator('.tree-row').count());
    await visitor.close();
  }
  show(`tree of ${steps} steps from its address, ms`, took, '500');
  show('rows mounted', mounted, 'under 80');
}

// Steps that are due together are sent together.
async function arrive(run, line) {
  const began = performance.now();
  for (let sent = 0; sent < seconds * RATE; ) {
    const due = Math.min(seconds * RATE, Math.ceil(((performance.now() - began) / 1000) * RATE));
    const from = sent;
    if (due > sent) await run.batch(due - sent, (i) => line(from + i));
    sent = Math.max(sent, due);
  }
}

// In the page: how far its frames lie apart.
function watchFrames() {
  window.gaps = [];
  let before = performance.now();
  const look = (now) => {
    window.gaps.push(now - before);
    before = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

// Seconds of processor time that the page's thread has spent on tasks.
async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}

async function measureArriving(run, line) {
  const visitor = await enter();
  const { page } = visitor;
  const session = await visitor.context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await visitor.go(visitor.path(`/trace/${run.id}`));
  await page.waitForSelector('.tree-row');
  await page.evaluate(watchFrames);
  const [began, before] = [performance.now(), await busy(session)];
  await arrive(run, line);
  const [took, spent] = [performance.now() - began, (await busy(session)) - before];
  note('rows mounted then', await page.locator('.tree-row').count(), '', 'under 80');
  const gaps = await page.evaluate(() => window.gaps);
  show(`from frame to frame while ${RATE} steps/s arrive, ms by the clock`, gaps, FRAME_MS.toFixed(1));
  note('processor of the page then, ms a second', ((spent * 1e6) / took).toFixed(0), '', '');
  await visitor.close();
}

async function measureMebibyte() {
  const run = await Recorder.start(instance, { title: 'Much was read' });
  const line = 'A line of what a tool has read, neither short nor long.\n';
  // With what is around it, and with two bytes for each end of a line, it is as much as a step may have.
  const result = line.repeat(Math.floor((MIB - 100) / (line.length + 1)));
  await run.whole('tool_call', { tool: 'read', args: { path: 'log' }, result });
  await run.whole('thinking', 'Done.');
  const took = [];
  for (let i = 0; i < OPENED; i++) {
    const visitor = await enter();
    await visitor.page.addInitScript(noteFirst, '.panel .block-lines .line:nth-child(16)');
    await visitor.go(visitor.path(`/trace/${run.id}`));
    await visitor.page.locator('.tree-row').first().click();
    took.push(await firstMs(visitor.page));
    await visitor.close();
  }
  show('a step of 1 MiB from the press to its first lines, ms', took, '100');
}

try {
  await measureScripts();
  await measureMebibyte();
  const began = Date.now() - steps * 400;
  const startedAt = new Date(began).toISOString();
  const line = workOf(began);
  const run = await Recorder.start(instance, { title: 'Long', startedAt, heartbeat: 'none' });
  await run.batch(steps, line);
  await measureOpening(run);
  await measureArriving(run, (i) => line(steps + i));
  console.log(table(rows));
  console.log(machine());
} finally {
  await browser.close();
  await instance.stop();
}

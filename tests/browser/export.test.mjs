// SPDX-License-Identifier: Apache-2.0
// What is carried out of a trace: the session as a file, and a step as a command.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { promisify } from 'node:util';
import { Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { seen, Visitor } from './lib/visitor.mjs';

const execFileAsync = promisify(execFile);
const { instance, browser } = await stage();

test('the whole trace is exported in each form, with a way to stop', async () => {
  const run = await Recorder.start(instance);
  await run.batch(700, (i) => ({ stepType: 'tool_call', content: `n ${i}` }));
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}`));
  const save = async (label) => {
    const downloading = page.waitForEvent('download');
    await page.click('.trace-tools button[aria-label="Export"]');
    await page.click(`[role=menuitem]:has-text("${label}")`);
    const download = await downloading;
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  };
  const json = await save('OpenTelemetry');
  assert.equal(json.name, `${run.id}.otlp.json`);
  assert.equal(JSON.parse(json.text).resourceSpans[0].scopeSpans[0].spans.length, 701);
  const markdown = await save('Markdown');
  assert.equal(markdown.name, `${run.id}.md`);
  assert.ok(markdown.text.includes('## 700. tool\\_call'));
  const ndjson = await save('NDJSON');
  assert.equal(ndjson.text.trim().split('\n').length, 700);
  for (const theme of ['light', 'dark'])
    for (const [width, height] of [
      [1280, 800],
      [375, 740],
    ]) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      await page.click('.trace-tools button[aria-label="Export"]');
      await page.waitForSelector('[role=menuitem]:has-text("Markdown")');
      await visitor.shot(`export-${theme}-${width}`);
      await page.keyboard.press('Escape');
    }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.route('**/export?format=json', () => {});
  await page.click('.trace-tools button[aria-label="Export"]');
  await page.click('[role=menuitem]:has(:text-is("JSON"))');
  await page.click('button[aria-label="Stop the export"]');
  await page.waitForSelector('.trace-tools button[aria-label="Export"]');
  await visitor.close();
});

test('a step is copied as a command that tells it', async () => {
  const run = await Recorder.start(instance);
  const step = await run.whole('thinking', 'to be told');
  const visitor = await Visitor.open(browser, instance, { permissions: ['clipboard-read', 'clipboard-write'] });
  await visitor.signIn();
  const { page } = visitor;
  await visitor.go(visitor.path(`/trace/${run.id}/${step.id}`));
  await seen(page, '.panel-tools .copied', () => page.click('button[aria-label="Copy the step as a curl command"]'));
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const { stdout } = await execFileAsync('sh', ['-c', `${command} -s`], {
    env: { ...process.env, TRACE_TOKEN: instance.env.TRACE_TOKEN },
  });
  assert.equal(JSON.parse(stdout).step.content, 'to be told');
  await run.end();
  await visitor.close();
});

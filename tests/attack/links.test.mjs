// SPDX-License-Identifier: Apache-2.0
// What a reader sees of a link is where it leads, whatever its text or its source says.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { makeChannel, Recorder } from '../browser/lib/recorder.mjs';
import { openBrowser, Visitor } from '../browser/lib/visitor.mjs';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';

let instance, browser, admin;
before(async () => {
  instance = await start();
  browser = await openBrowser();
  admin = await personOf(instance);
});
after(async () => {
  await browser?.close();
  await instance?.stop();
});

// Markdown, and what its link must show.
const links = [
  ['[the annual report](https://evil.example/x)', 'the annual report (evil.example)'],
  ['[https://bank.example/login](https://evil.example/x)', 'https://bank.example/login (evil.example)'],
  ['[bank.example](https://evil.example/x)', 'bank.example (evil.example)'],
  // The true host somewhere in the text does not make the text true.
  ['[bank.example, not evil.example](https://evil.example/x)', 'bank.example, not evil.example (evil.example)'],
  ['[bank.example](https://bank.example.evil.example/x)', 'bank.example (bank.example.evil.example)'],
  ['[https://bank.example@evil.example](https://evil.example/x)', 'https://bank.example@evil.example (evil.example)'],
  // Letters that only look like Latin ones: the host is shown as the browser sends it.
  ['[bаnk.example](https://bаnk.example/)', 'bаnk.example (xn--bnk-6cd.example)'],
  ['[\u202eelpmaxe.knab](https://evil.example/)', '\u202eelpmaxe.knab (evil.example)'],
  ['![a picture](https://evil.example/pixel.png)', 'a picture (evil.example)'],
  // Here the text is the address, and nothing is added.
  ['https://good.example/a?b=c', 'https://good.example/a?b=c'],
  ['[good.example](https://good.example/a)', 'good.example'],
  ['[www.good.example/a](https://good.example/a)', 'www.good.example/a'],
];

test('the host of a link is shown unless its text is that address', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const channel = await makeChannel(instance, 'links');
  for (const [content] of links) (await admin.post(`streams/${channel.id}/messages`, { content })).expect(201);
  await visitor.go(visitor.stream(channel.id));
  await page
    .locator('.md a')
    .nth(links.length - 1)
    .waitFor();
  const shown = await page.$$eval('.md a', (all) => all.map((link) => link.textContent));
  assert.deepEqual(
    shown,
    links.map(([, text]) => text),
  );
  await visitor.close();
});

test('a source shows the host of its address, not the domain that an agent claims', async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  const channel = await makeChannel(instance, 'sources');
  const run = await Recorder.start(instance, { title: 'Reading', streamId: channel.id });
  const source = { type: 'web', title: 'Your bank', url: 'https://evil.example/x', domain: 'bank.example' };
  await run.whole('web_search', { query: 'bank' }, { sources: [source] });
  await run.end();
  await visitor.go(`${visitor.stream(channel.id)}?trace=${run.id}`);
  await page.waitForSelector('.source-place');
  assert.deepEqual(
    await page.$$eval('.source-place', (all) => [...new Set(all.map((one) => one.textContent.trim()))]),
    ['evil.example'],
  );
  await visitor.close();
});

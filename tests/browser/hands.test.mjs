// SPDX-License-Identifier: Apache-2.0
// What hands do: a finger and a wheel scroll while text streams, every jump lands, focus and selections stay, a deleted
// message comes back, keys scroll at once, and the page is printed whole.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { makeChannel, Recorder } from './lib/recorder.mjs';
import { stage } from './lib/stage.mjs';
import { rest, Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();
let person;

before(async () => {
  person = await personOf(instance);
});

async function open(run, options = {}, query = '') {
  const visitor = await (await Visitor.open(browser, instance, options)).signIn();
  await visitor.go(visitor.path(`/sessions?trace=${run.id}${query}`));
  await visitor.page.waitForSelector('dialog .step');
  return { visitor, page: visitor.page };
}

// Writes into a step until it is told to stop.
function keepWriting(run, step) {
  let isOver = false;
  const writing = (async () => {
    for (let at = 0; !isOver; at += 1) {
      await run.write(step, `word${at} goes on, `);
      await sleep(40);
    }
  })();
  return async () => {
    isOver = true;
    await writing;
  };
}

// A hundred and twenty pixels, by small steps.
const scrollUp = {
  async touch(cdp, x, y) {
    const send = (type, ...touchPoints) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
    await send('touchStart', { x, y });
    for (let moved = 10; moved <= 140; moved += 10) {
      await send('touchMove', { x, y: y + moved });
      await sleep(15);
    }
    await send('touchEnd');
  },
  async mouse(cdp, x, y) {
    for (let moved = 0; moved < 120; moved += 10) {
      await cdp.send('Input.dispatchMouseEvent', { type: 'mouseWheel', x, y, deltaX: 0, deltaY: -10 });
      await sleep(15);
    }
  },
};

for (const kind of ['touch', 'mouse'])
  test(`${kind === 'touch' ? 'a finger' : 'a small wheel'} scrolls up while text streams, eight times of eight`, async () => {
    const run = await Recorder.start(instance);
    await run.batch(12, (i) => ({ stepType: 'tool_call', content: `old ${i}\n${'line\n'.repeat(12)}` }));
    const thought = await run.step('thinking');
    const { visitor, page } = await open(run, kind === 'touch' ? { hasTouch: true } : {});
    const stop = keepWriting(run, thought);
    await page.waitForSelector('dialog .is-growing');
    const cdp = await visitor.context.newCDPSession(page);
    const box = await page.locator('.trace-scroll').boundingBox();
    let went = 0;
    for (let turn = 0; turn < 8; turn += 1) {
      await page.locator('.trace-scroll').evaluate((element) => (element.scrollTop = element.scrollHeight));
      await page.waitForFunction(
        () => document.querySelector('dialog [aria-label^="Follow"]').getAttribute('aria-pressed') === 'true',
      );
      await page.waitForTimeout(100);
      await scrollUp[kind](cdp, box.x + box.width / 2, box.y + box.height / 2);
      const distance = () =>
        page.locator('.trace-scroll').evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);
      // The wheel turns on for a while after its last event.
      const first = await until(async () => {
        const px = await distance();
        return px > 60 && px;
      }, 'the view to leave its end');
      await page.waitForTimeout(250);
      const later = await distance();
      if (later >= first - 1) went += 1;
    }
    await stop();
    await run.end();
    assert.equal(went, 8);
    await visitor.close();
  });

test('every jump in a long live trace lands inside the view and is marked', async () => {
  const run = await Recorder.start(instance);
  const failed = new Set([40, 130, 222, 301, 377, 444, 512, 590]);
  await run.batch(600, (i) => ({
    stepType: 'tool_call',
    content: `step ${i}\n${'line\n'.repeat((i * 7) % 23)}`,
    ...(failed.has(i) && { error: { code: 'x', message: `broken ${i}` } }),
  }));
  const open1 = await run.step('thinking');
  const { visitor, page } = await open(run);
  const stop = keepWriting(run, open1);
  const isInside = () => {
    const box = document.querySelector('.step.is-selected').getBoundingClientRect();
    const frame = document.querySelector('.trace-scroll').getBoundingClientRect();
    return box.top >= frame.top - 1 && box.top + 40 <= frame.bottom;
  };
  for (const i of failed) {
    await page.click('dialog button:has-text("8 errors")');
    await page.waitForSelector(`.step.is-selected .step-error:has-text("broken ${i}")`);
    await page.waitForFunction(isInside);
    // It stays there while the rows around it are loaded and text streams.
    await page.waitForTimeout(400);
    assert.ok(await page.evaluate(isInside), `error ${i} is in view`);
  }
  await stop();
  await run.end();
  await visitor.close();
});

test('a key leads from the quick look to the page, and back', async () => {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id });
  const step = await run.whole('thinking', 'first');
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.stream(channel.id, `?trace=${run.id}`));
  await page.waitForSelector('dialog .step');
  const titled = (selector) => page.waitForSelector(`${selector} #trace-title:focus`);
  await titled('dialog');
  await page.keyboard.press('w');
  await titled('.trace-page');
  await page.waitForFunction((path) => location.pathname === path, visitor.path(`/trace/${run.id}`));
  await page.keyboard.press('j');
  await page.waitForSelector('.trace-page .tree-row.is-selected');
  await page.keyboard.press('w');
  await page.waitForSelector('dialog .step');
  assert.equal(page.url(), visitor.url(visitor.stream(channel.id, `?trace=${run.id}&highlight=${step.id}`)));
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help kbd:text-is("w")');
  await visitor.close();
});

test('the keys that scroll work as soon as a trace is open', async () => {
  const run = await Recorder.start(instance);
  await run.batch(120, (i) => ({ stepType: 'tool_call', content: `step ${i}\n${'line\n'.repeat(5)}` }));
  await run.end();
  const { visitor, page } = await open(run);
  const scrolls = async (selector) => {
    const top = () => page.locator(selector).evaluate((element) => element.scrollTop);
    for (const [key, moves] of [
      ['PageDown', (from, to) => to > from + 100],
      ['Space', (from, to) => to > from + 100],
      ['End', (from, to) => to > from + 100],
      ['Home', (from, to) => to === 0],
    ]) {
      const from = await top();
      await page.keyboard.press(key);
      await until(async () => moves(from, await top()), `${key} to scroll ${selector} from ${from}`);
      await rest(page, selector);
    }
  };
  await scrolls('.trace-scroll');
  await visitor.go(visitor.path(`/trace/${run.id}`));
  await page.waitForSelector('.tree-row');
  await scrolls('.tree-scroll');
  await visitor.close();
});

test('focus is never lost to the body, and a selection outlives what streams around it', async () => {
  const run = await Recorder.start(instance);
  const thought = await run.step('thinking');
  await run.write(thought, 'A first paragraph to select.\n\nA second one ');
  const { visitor, page } = await open(run);
  await page.waitForSelector('.is-growing p >> nth=1');
  await page
    .locator('.is-growing p')
    .first()
    .dblclick({ position: { x: 20, y: 8 } });
  const selected = () => page.evaluate(() => String(getSelection()).trim());
  const word = await selected();
  assert.notEqual(word, '');
  for (let at = 0; at < 10; at += 1) {
    await run.write(thought, `grows **${at}** and `);
    await page.waitForTimeout(60);
  }
  await page.waitForFunction(() => document.querySelector('.is-growing').textContent.includes('9'));
  assert.equal(await selected(), word);
  await page.focus('dialog [data-stop]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .state:has-text("Stopped by")');
  assert.ok(await page.evaluate(() => document.activeElement !== document.body));
  await visitor.close();
});

test('a double click selects a word of an answer, and one click opens its trace', async () => {
  const channel = await makeChannel(instance);
  const run = await Recorder.start(instance, { streamId: channel.id });
  await run.say('Everything is moored at the northern berth.');
  await run.end();
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.stream(channel.id));
  const body = page.locator('.message-body:has-text("northern berth")');
  await body.dblclick({ position: { x: 30, y: 10 } });
  assert.equal(await page.evaluate(() => String(getSelection()).trim()), 'Everything');
  await page.waitForTimeout(500);
  assert.equal(await page.locator('dialog').count(), 0);
  await page.evaluate(() => getSelection().removeAllRanges());
  await body.click({ position: { x: 30, y: 10 } });
  await page.waitForSelector('dialog.trace[open]');
  await visitor.close();
});

test('a deleted message can be taken back for five seconds, and is gone after them', async () => {
  const channel = await makeChannel(instance);
  const post = async (content) =>
    (await person.post(`streams/${channel.id}/messages`, { content })).expect(201).body.message;
  const stays = await post('this one stays');
  const gone = await post('this one goes');
  const isDeleted = async ({ id }) => (await person.get(`messages/${id}`)).body.message.deleted;
  const visitor = await Visitor.open(browser, instance);
  await visitor.hold(5000);
  await visitor.signIn();
  const { page } = visitor;
  await visitor.go(visitor.stream(channel.id));
  const remove = async (text) => {
    await page.hover(`.message:has-text("${text}")`);
    await page.click(`.message:has-text("${text}") .message-tools button`);
    await page.click('[role=menuitem]:has-text("Delete")');
  };
  await remove('this one stays');
  await page.click('[data-undo]');
  await page.waitForSelector('.message:has-text("this one stays")');
  await remove('this one goes');
  await page.waitForSelector('[data-undo]');
  assert.ok(!(await isDeleted(gone)));
  await visitor.elapse();
  await page.waitForSelector('.message-deleted:has-text("This message was deleted.")');
  await until(() => isDeleted(gone), 'it to be gone');
  assert.ok(!(await isDeleted(stays)));
  await remove('this one stays');
  await page.waitForSelector('[data-undo]');
  // Whoever leaves the page does not take it back any more.
  await page.goto('about:blank');
  await until(() => isDeleted(stays), 'the other one to be gone');
  await visitor.close();
});

test('nine pasted megabytes are refused in words, and what was written stays', async () => {
  const channel = await makeChannel(instance);
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  const { page } = visitor;
  await visitor.go(visitor.stream(channel.id));
  await page.fill('.composer textarea', 'a few words');
  const wasRefused = await page.locator('.composer textarea').evaluate((field) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'x'.repeat(9_000_000));
    return !field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  assert.ok(wasRefused);
  await page.waitForSelector('.toast:has-text("This is too long to paste: 9,000,000 bytes")');
  assert.equal(await page.locator('.composer textarea').inputValue(), 'a few words');
  await visitor.close();
});

test('dark stands before the first paint, and paper is white with every step on it', async () => {
  const run = await Recorder.start(instance, { title: 'For the files' });
  await run.batch(260, (i) => ({ stepType: 'tool_call', content: `step number ${i}` }));
  await run.end();
  const visitor = await Visitor.open(browser, instance, { colorScheme: 'dark' });
  const { page } = visitor;
  await visitor.context.addInitScript(() => {
    new MutationObserver(() => {
      if (document.body && window.first === undefined) window.first = document.documentElement.dataset.theme;
    }).observe(document, { childList: true, subtree: true });
  });
  await visitor.signIn();
  await visitor.go(visitor.path(`/trace/${run.id}`));
  await page.waitForSelector('.tree-row');
  assert.equal(await page.evaluate(() => window.first), 'dark');
  await page.evaluate(() => {
    dispatchEvent(new Event('beforeprint'));
  });
  await page.waitForFunction(() => document.querySelectorAll('.step-item').length === 260);
  await page.emulateMedia({ media: 'print' });
  const colours = await page.evaluate(() => {
    const style = getComputedStyle(document.querySelector('.step-item .step'));
    return [getComputedStyle(document.documentElement).backgroundColor, style.color];
  });
  assert.deepEqual(colours, ['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
  await visitor.close();
});

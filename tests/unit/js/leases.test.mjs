// Windows that share a few places without locks: never more holders than places once they have heard each other, and nobody waits for ever.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseTake } from '../../../static/leases.js';

globalThis.crypto ??= webcrypto;
const quick = { listen: 20, settle: 40, renew: 60, forget: 250 };

// A window: what it holds, and how often it lost it. Like the page, it asks again when it has lost its place.
class Window {
  holds = false;
  lost = 0;

  constructor(places) {
    const ask = () => {
      this.give = leaseTake(places, () => (this.holds = true), () => {
        this.holds = false;
        this.lost += 1;
        ask();
      }, quick);
    };
    ask();
  }

  close() {
    this.give();
    this.holds = false;
  }
}

const holders = (windows) => windows.filter((window) => window.holds).length;

async function reaches(windows, count, ms = 2000) {
  const end = performance.now() + ms;
  while (holders(windows) !== count && performance.now() < end) await sleep(10);
  assert.equal(holders(windows), count);
}

test('as many as there are places, whoever comes at once; who leaves makes room', async () => {
  const windows = Array.from({ length: 9 }, () => new Window(5));
  try {
    await reaches(windows, 5);
    await sleep(300);
    assert.equal(holders(windows), 5);
    assert.deepEqual(windows.map((window) => window.lost), Array(9).fill(0));
    for (const window of windows.filter((one) => one.holds).slice(0, 2)) window.close();
    await reaches(windows, 5);
  } finally {
    windows.forEach((window) => window.close());
  }
});

test('a newcomer disturbs nobody', async () => {
  const first = new Window(1);
  await reaches([first], 1);
  const second = new Window(1);
  await sleep(400);
  assert.ok(first.holds && !second.holds && first.lost === 0);
  first.close();
  await reaches([second], 1);
  second.close();
});

test('one that falls silent is forgotten, and gives way when it wakes', async () => {
  const silent = new BroadcastChannel('agent-trace:leases');
  const hold = { type: 'hold', id: '1', since: Date.now() + 60000, place: 0 };
  silent.postMessage(hold);
  const window = new Window(1);
  silent.postMessage(hold);
  await sleep(150);
  assert.ok(!window.holds, 'somebody holds it');
  await reaches([window], 1);
  const told = new Promise((resolve) => (silent.onmessage = ({ data }) => data.type === 'hold' && resolve(data)));
  silent.postMessage(hold);
  assert.equal((await told).place, 0);
  assert.ok(window.holds && window.lost === 0, 'it came later than the one that stayed');
  silent.postMessage({ ...hold, since: 0 });
  await sleep(50);
  assert.equal(window.lost, 1);
  window.close();
  silent.close();
});

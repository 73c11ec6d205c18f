// SPDX-License-Identifier: Apache-2.0
// What a page shows and waits for when its test fails: its address and text, the requests without an answer, those that
// failed, and a picture among the artefacts.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';

const artefacts = fileURLToPath(new URL('../../artefacts/browser', import.meta.url));
const mostMs = 10_000; // a page that hangs does not answer either
const mostText = 600;

/** @type {Map<import('playwright-core').Page, { open: Map<object, number>, failed: string[] }>} */
const watched = new Map();

export function watchRequests(page) {
  const open = new Map();
  const failed = [];
  const end = (request) => open.delete(request);
  page.on('request', (request) => open.set(request, Date.now()));
  page.on('requestfinished', end);
  page.on('requestfailed', (request) => {
    end(request);
    failed.push(`${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('close', () => watched.delete(page));
  watched.set(page, { open, failed });
}

function look() {
  const { readyState, hidden, title, body } = document;
  return { readyState, hidden, title, text: body.innerText, children: body.childElementCount };
}

const within = (promise) =>
  Promise.race([
    promise.catch((error) => String(error)),
    new Promise((done) => setTimeout(done, mostMs, 'no answer').unref()),
  ]);

async function describe(page, { open, failed }, picture) {
  const now = Date.now();
  const seen = await within(page.evaluate(look));
  if (typeof seen === 'object') seen.text = seen.text.slice(0, mostText);
  await within(page.screenshot({ path: picture, timeout: mostMs }));
  const waiting = [...open].map(([request, since]) => `${request.method()} ${request.url()} for ${now - since} ms`);
  return JSON.stringify({ url: page.url(), seen, waiting, failed: failed.slice(-20), picture }, null, 2);
}

// Says it once: what a failed test left open does not belong to the next one that fails.
afterEach(async (t) => {
  if (t.passed !== false) return;
  mkdirSync(artefacts, { recursive: true });
  const pages = [...watched];
  watched.clear();
  for (const [index, [page, requests]] of pages.entries()) {
    const picture = join(artefacts, `failed-${t.name.replace(/\W+/g, '-').slice(0, 80)}-${index}.png`);
    console.log(`the page when "${t.name}" failed: ${await describe(page, requests, picture)}`);
  }
});

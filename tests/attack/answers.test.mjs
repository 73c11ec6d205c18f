// SPDX-License-Identifier: Apache-2.0
// A channel full of the longest messages can be opened, read and searched: no cheap request has a dear answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const LONG = 1 << 20;
const BRIEF = 16_384;
const MESSAGES = 330;
// The bound, and the message with which it is passed.
const MOST = 4 * (1 << 20) + BRIEF + 65_536;

let instance, person, stream;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  stream = (await person.post('streams', { type: 'channel', name: 'long' })).expect(201).body.stream.id;
  for (let i = 0; i < MESSAGES; i++) {
    const content = `zanzibar ${i} `.padEnd(i < MESSAGES - 2 ? BRIEF + 1000 : LONG, 'x ');
    (await person.post(`streams/${stream}/messages`, { content })).expect(201);
  }
});
after(() => instance?.stop());

async function bounded(path) {
  const reply = (await person.get(path)).expect(200);
  assert.ok(Buffer.byteLength(reply.text) <= MOST, `${path}: ${Buffer.byteLength(reply.text)} bytes`);
  return reply.body;
}

const numbers = (events) => events.map(({ seq }) => seq);
const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

test('the snapshot ends in time, and says where to go on', async () => {
  const { events, lastSeq, nextBefore } = await bounded(`streams/${stream}/bootstrap`);
  assert.ok(events.length >= 2 && events.length < MESSAGES, `${events.length} events`);
  assert.equal(events.at(-1).seq, lastSeq);
  assert.equal(Number(nextBefore), events[0].seq);
});

test('pages in both directions end in time, and together have every event once', async () => {
  const { lastSeq } = await bounded(`streams/${stream}/bootstrap`);
  const backwards = [];
  for (let before = lastSeq + 1; before; ) {
    const page = await bounded(`streams/${stream}/events?limit=500&before=${before}`);
    backwards.unshift(...numbers(page.events));
    before = page.nextBefore && Number(page.nextBefore);
  }
  assert.deepEqual(backwards, upTo(lastSeq));
  const forwards = [];
  for (let after = 0; after !== undefined; ) {
    const page = await bounded(`streams/${stream}/events?limit=500&after=${after}`);
    forwards.push(...numbers(page.events));
    after = page.nextAfter && Number(page.nextAfter);
  }
  assert.deepEqual(forwards, upTo(lastSeq));
});

test('a page around an event has it, and something of both sides', async () => {
  const { events } = await bounded(`streams/${stream}/events?limit=500&around=12`);
  assert.ok(events.some(({ seq }) => seq === 12) && events.some(({ seq }) => seq === 11));
  assert.deepEqual(
    numbers(events),
    upTo(events.length).map((i) => events[0].seq + i - 1),
  );
});

test('a search ends in time, with the best hits', async () => {
  const { hits } = await bounded('search?q=zanzibar&limit=50');
  assert.equal(hits.length, 50);
  for (const { message } of hits) assert.ok(Buffer.byteLength(JSON.stringify(message.content)) - 2 <= BRIEF);
});

test('a list shows the beginning of a long message, says how long it is, and the message by its id is whole', async () => {
  const { events } = await bounded(`streams/${stream}/bootstrap`);
  const { hits } = await bounded('search?q=zanzibar&limit=1');
  for (const { id, content, contentLength, truncated } of [events.at(-1).message, hits[0].message]) {
    const { message } = (await person.get(`messages/${id}`)).expect(200).body;
    assert.equal(truncated, true);
    assert.equal(content, message.content.slice(0, BRIEF));
    assert.equal(contentLength, Buffer.byteLength(message.content));
    assert.deepEqual([message.truncated, message.contentLength], [undefined, undefined]);
  }
  assert.equal(events.at(-1).message.contentLength, LONG);
});

test('what is cut is measured as it is printed, at a character, and what just fits is whole', async () => {
  const quiet = (await person.post('streams', { type: 'channel', name: 'odd' })).expect(201).body.stream.id;
  const printed = (text) => Buffer.byteLength(JSON.stringify(text)) - 2;
  const texts = ['😀'.repeat(9000), '"'.repeat(9000), '\u0001'.repeat(4000), 'é\n'.repeat(6000), 'x'.repeat(BRIEF + 1)];
  const fits = ['x'.repeat(BRIEF), '"'.repeat(BRIEF / 2), '😀'.repeat(BRIEF / 4)];
  for (const content of [...texts, ...fits]) (await person.post(`streams/${quiet}/messages`, { content })).expect(201);
  const shown = (await person.get(`streams/${quiet}/bootstrap`)).expect(200).body.events.map(({ message }) => message);
  for (const [i, text] of texts.entries()) {
    assert.ok(text.startsWith(shown[i].content), `text ${i}`);
    assert.ok(
      printed(shown[i].content) <= BRIEF && printed(shown[i].content) > BRIEF - 64,
      `${printed(shown[i].content)}`,
    );
    assert.deepEqual([shown[i].truncated, shown[i].contentLength], [true, Buffer.byteLength(text)]);
  }
  for (const [i, text] of fits.entries()) {
    const { content, truncated } = shown[texts.length + i];
    assert.deepEqual([content, truncated], [text, undefined], `fits ${i}`);
  }
});

test('an event shows of a long message what a list shows, live and replayed', async () => {
  const place = (await person.post('streams', { type: 'channel', name: 'live' })).expect(201).body.stream.id;
  const live = await openEvents(person, [`stream:${place}`]);
  await live.wait('ready');
  const { id } = (await person.post(`streams/${place}/messages`, { content: 'x'.repeat(LONG) })).expect(201).body
    .message;
  const replayed = await openEvents(person, [`stream:${place}`], { lastEventId: '0' });
  const [listed] = (await person.get(`streams/${place}/bootstrap`)).expect(200).body.events;
  for (const stream of [live, replayed]) {
    const { data } = await stream.wait('message:created');
    assert.equal(data.message.id, id);
    assert.deepEqual(data.message, listed.message);
    stream.close();
  }
});

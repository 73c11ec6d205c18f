// SPDX-License-Identifier: Apache-2.0
// One round: writers, readers who come and go, and a fault beside them. Then everything is compared with the tables.
import assert from 'node:assert/strict';
import { until } from '../lib/patience.mjs';
import { Book } from './book.mjs';
import { checkRound, waitComplete } from './oracle.mjs';
import { randomFrom } from './random.mjs';
import { Reader } from './reader.mjs';
import { Writer } from './writer.mjs';

const CUT_EVERY_MS = 100;
const PLAIN = { act: async () => {} };
const SIZES = { writers: 6, steps: 10, readers: 10, steady: 4, followers: 2, haste: 0.25, pause: 10 };

class Round {
  book = new Book();
  readers = [];
  steady = []; // of them those whom nothing but a fault cuts off
  writers = [];
  #restless = [];
  #work = [];
  #busy = true;
  #timer;

  constructor(world, seed, sizes) {
    Object.assign(this, { world, seed, sizes, random: randomFrom(seed) });
    this.choices = this.random.fork();
  }

  async begin() {
    const { agent, person } = this.world;
    const names = Array.from({ length: this.sizes.writers }, (_, i) => `fault-${this.seed}-${Date.now() % 1e6}-${i}`);
    const replies = await Promise.all(names.map((name) => person.post('streams', { type: 'channel', name })));
    this.streams = replies.map((reply) => reply.expect(201).body.stream.id);
    for (let i = 0; i < this.sizes.readers; i++) {
      const rooms = [i, i + 1].map((n) => `stream:${this.streams[n % this.streams.length]}`);
      const reader = this.open(i % 2 ? agent : person, rooms, i >= this.sizes.steady);
      if (i < this.sizes.steady) this.steady.push(reader);
    }
    await until(
      () => this.steady.every((reader) => reader.last(reader.rooms[0]) >= 0),
      'the first readers to be let in',
    );
    this.#timer = setInterval(() => this.#cutOne(), CUT_EVERY_MS);
    for (const streamId of this.streams)
      this.write({ streamId, steps: this.sizes.steps, messages: true, pause: this.sizes.pause });
  }

  #cutOne() {
    if (this.#restless.length && this.choices.next() < 0.5) this.choices.pick(this.#restless).stream.cut();
  }

  // A reader of these rooms, until the round ends; a restless one is cut off now and then.
  open(client, rooms, isRestless = false) {
    const reader = new Reader(this.book, client, rooms, this.sizes.haste);
    this.readers.push(reader);
    if (isRestless) this.#restless.push(reader);
    return reader;
  }

  // A writer who goes on with sessions as long as the fault lasts; who reads them comes when they have begun.
  write(options, follow = (session) => this.#follow(options.streamId, session)) {
    const fallSilent = options.bulk ? undefined : (session) => this.world.fallSilent(session);
    const writer = new Writer(this.world.agent, this.random.fork(), { fallSilent, ...options });
    this.writers.push(writer);
    const noted = (session) => {
      if (writer.sources.has(session)) this.book.changing.add(`session:${session}`);
      follow(session);
    };
    const work = writer.run(() => this.#busy, noted);
    work.catch(() => {}); // awaited by end()
    this.#work.push(work);
    return writer;
  }

  #follow(stream, session) {
    this.open(this.world.agent, [`session:${session}`, `stream:${stream}`], true);
    for (let i = 1; i < this.sizes.followers; i++)
      this.open(i % 2 ? this.world.person : this.world.agent, [`session:${session}`], i % 4 === 0);
  }

  // The fault is over: the sessions in hand are ended, and everybody becomes complete.
  async end() {
    this.#busy = false;
    await Promise.all(this.#work);
    this.#restless = [];
    await waitComplete(this.world.instance, this.readers);
  }

  async close() {
    this.#busy = false;
    clearInterval(this.#timer);
    await Promise.allSettled(this.#work);
    for (const reader of this.readers) reader.close();
  }

  sum(of) {
    return [...this.readers, ...this.writers].reduce((total, one) => total + (one[of] ?? 0), 0);
  }
}

// `fault.act(world, round)` runs beside the writers, and may return what is to be done when everybody is complete.
// `fault.spares`: it may cut nobody off. Returns what was counted.
export async function runRound(world, seed, fault = PLAIN, sizes = {}) {
  const round = new Round(world, seed, { ...SIZES, ...sizes });
  let afterwards;
  try {
    await round.begin();
    afterwards = await fault.act(world, round, round.random.fork());
    await round.end();
  } finally {
    try {
      await afterwards?.();
    } finally {
      await round.close();
    }
  }
  await world.instance.waitHealthy(60_000);
  if (fault.spares)
    assert.deepEqual(
      round.steady.filter((reader) => reader.reconnects > 0).map((reader) => reader.rooms),
      [],
      'streams that were cut',
    );
  const distinct = await checkRound(world.instance, world.agent, round);
  return {
    compared: round.sum('compared'),
    distinct,
    retries: round.sum('retries'),
    reconnects: round.sum('reconnects'),
  };
}

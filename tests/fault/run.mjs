// One run: writers, readers who come and go, and a fault. Then everything is held against the tables.
import { agentOf, personOf } from '../lib/rest.mjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkSubscribers, checkTables, checkWriters, waitComplete } from './oracle.mjs';
import { randomFrom } from './random.mjs';
import { Subscriber } from './subscriber.mjs';
import { Writer } from './writer.mjs';

async function makeStreams(person, n, run) {
  const names = Array.from({ length: n }, (_, i) => `fault-${run}-${i}`);
  const replies = await Promise.all(names.map((name) => person.post('streams', { type: 'channel', name })));
  return replies.map((reply) => reply.expect(201).body.stream.id);
}

// `fault(instance, random)` runs beside the writers. Returns what was counted, for whoever prints it.
export async function runUnder(instance, seed, fault, { writers = 8, sessions = 2, steps = 40, readers = 8, cuts = true } = {}) {
  const random = randomFrom(seed);
  const agent = agentOf(instance);
  const person = await personOf(instance);
  const streams = await makeStreams(person, writers, `${seed}-${Date.now() % 100000}`);
  const crew = streams.map((streamId) => new Writer(agent, random.fork(), { streamId, steps, messages: true }));

  // Readers of the conversations from the start; of the traces as they appear.
  const subscribers = await Promise.all(Array.from({ length: readers }, (_, i) =>
    Subscriber.open(i % 2 ? agent : person, [`stream:${streams[i % streams.length]}`, `stream:${streams[(i + 1) % streams.length]}`], random.fork())));
  for (const subscriber of subscribers) subscriber.cuts = cuts;

  const work = crew.map(async (writer) => {
    for (let i = 0; i < sessions; i++) {
      const running = writer.runSession();
      await followSoon(writer, i, agent, random.fork(), subscribers, cuts);
      await running;
    }
  });
  try {
    await fault(instance, random.fork());
    await Promise.all(work);
    await instance.waitHealthy();
    for (const subscriber of subscribers) subscriber.cuts = false;
    await waitComplete(instance, subscribers);
  } finally {
    await Promise.allSettled(work);
    for (const subscriber of subscribers) subscriber.close();
  }
  await checkTables(instance);
  await checkWriters(agent, crew);
  const compared = await checkSubscribers(instance, agent, subscribers);
  return { seed, compared, retries: crew.reduce((sum, writer) => sum + writer.retries, 0),
    reconnects: subscribers.reduce((sum, subscriber) => sum + subscriber.stream.connections - 1, 0) };
}

async function followSoon(writer, i, agent, random, subscribers, cuts) {
  while (writer.sessions.length <= i) await sleep(5);
  const subscriber = await Subscriber.open(agent, [`session:${writer.sessions[i]}`, `stream:${writer.streamId}`], random);
  subscriber.cuts = cuts;
  subscribers.push(subscriber);
}

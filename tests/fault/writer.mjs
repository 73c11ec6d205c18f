// SPDX-License-Identifier: Apache-2.0
// An agent that records sessions, step after step, and repeats with the same id whatever was not answered. It keeps what
// was acknowledged: that must be there in the end. Some writes it gives up when they are not answered: of those each may
// be there whole, or not at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../lib/ids.mjs';

const GIVE_UP_MS = 90_000;
const SOURCE_SHARE = 0.3; // of the sessions
const LATER = new Set([429, 502, 503, 504]);

export class Writer {
  acknowledged = new Map(); // step id → the completed step as it was answered, or as it was started
  doubtful = []; // writes that were given up: {session, steps: [{id, content}]}, all of a write or none
  sessions = [];
  sources = new Set(); // sessions of a source: their steps are put, and change after they were told of
  reopened = new Set(); // of them those that had fallen silent
  retries = 0;

  // `streamId`: of the conversation it works in, if it does; `bulk`: bytes of text in each step; `pause`: ms between two steps, up to.
  // `fallSilent(session)`: makes the server end a session for its silence; without it there are no sessions of sources.
  constructor(client, random, { streamId, steps, messages = false, bulk = 0, pause = 0, fallSilent }) {
    Object.assign(this, { client, random, streamId, steps, messages, bulk, pause, fallSilent });
  }

  // Repeats until there is an answer that is one; undefined if it was given up. A status of 4xx is the test's mistake.
  async call(path, body, mayGiveUp = false, method = 'post') {
    const until = performance.now() + GIVE_UP_MS;
    for (;;) {
      const reply = await this.client[method](path, body).catch(() => undefined);
      if (reply && !LATER.has(reply.status)) return reply.expect(200, 201, 202, 204);
      if (mayGiveUp && this.random.next() < 0.3) return undefined;
      if (performance.now() > until)
        throw new Error(`no answer to ${path} for ${GIVE_UP_MS} ms: ${reply?.status} ${reply?.text}`);
      this.retries++;
      await sleep(this.random.between(10, 80));
    }
  }

  // Sessions as long as `isBusy`, at least one; each is told to `follow` when it has begun.
  async run(isBusy, follow) {
    do await (this.fallSilent && this.random.next() < SOURCE_SHARE ? this.runSource(follow) : this.runSession(follow));
    while (isBusy());
  }

  async put(session, id, body) {
    const reply = await this.call(`agent-sessions/${session}/steps/${id}`, body, false, 'put');
    const { input, ...step } = reply.body.step;
    // Lists and events have its size in bytes.
    this.acknowledged.set(id, { ...step, ...(input && { inputLength: JSON.stringify(input).length }) });
  }

  // A session as a source reports it: nobody heartbeats, steps are put in any order and filled later, it falls silent and
  // runs again, and some of it comes after its end.
  async runSource(follow) {
    const id = newId('ses');
    this.sources.add(id);
    await this.call('agent-sessions', { id, streamId: this.streamId, title: 'of a source', heartbeat: 'none' });
    this.sessions.push(id);
    follow(id);
    const late = [];
    const silentAt = this.random.below(this.steps);
    for (let n = 0; n < this.steps; n++) {
      const parts = this.partsOf(n);
      if (this.random.next() < 0.2) late.push(parts);
      else await this.putParts(id, parts);
      if (n === silentAt && (await this.fallSilent(id))) this.reopened.add(id);
      if (this.pause) await sleep(this.random.between(0, this.pause));
    }
    // What comes next lets it run again.
    await this.putParts(id, this.partsOf(this.steps));
    await this.call(`agent-sessions/${id}/complete`, {});
    for (const parts of late) await this.putParts(id, parts);
  }

  // What is said of one step: its start, its end and what fills it, in this or another order; some of it twice.
  partsOf(n) {
    const begun = Date.now() - this.random.between(100, 900);
    const time = (ms) => new Date(begun + ms).toISOString();
    const stepType = 'tool_call';
    const parts = [
      { stepType, startedAt: time(0) },
      { stepType, completed: true, completedAt: time(80), content: `put ${n}`, usage: { inputTokens: 1 } },
      { stepType, name: `name ${n}`, input: { n } },
    ];
    const shuffled = parts.sort(() => this.random.next() - 0.5);
    return { id: newId('stp'), parts: this.random.next() < 0.3 ? [...shuffled, shuffled[0]] : shuffled };
  }

  async putParts(session, { id, parts }) {
    for (const part of parts) await this.put(session, id, part);
  }

  async runSession(follow) {
    const id = newId('ses');
    await this.call('agent-sessions', { id, streamId: this.streamId, title: 'under fault' });
    this.sessions.push(id);
    follow(id);
    for (let n = 0; n < this.steps; n++) {
      await this.runStep(id, n);
      if (this.pause) await sleep(this.random.between(0, this.pause));
    }
    if (this.messages)
      await this.call(`streams/${this.streamId}/messages`, {
        content: `done: ${id}`,
        clientMessageId: id,
        sessionId: id,
      });
    await this.call(`agent-sessions/${id}/complete`, {});
  }

  runStep(session, n) {
    const kind = this.random.next();
    if (this.bulk || kind < 0.2) return this.recordStep(session, n);
    if (kind < 0.3) return this.sendBatch(session, n);
    return this.streamStep(session, n);
  }

  async recordStep(session, n) {
    const id = newId('stp');
    const content = { tool: 'clock', args: { n, ...(this.bulk && { text: 'b'.repeat(this.bulk) }) } };
    const whole = await this.call(
      `agent-sessions/${session}/steps`,
      { id, stepType: 'tool_call', content, completed: true },
      true,
    );
    if (whole) this.acknowledged.set(id, whole.body.step);
    else this.doubtful.push({ session, steps: [{ id, content }] });
  }

  async sendBatch(session, n) {
    const steps = [1, 2, 3].map((i) => ({ id: newId('stp'), content: `step ${n}.${i}` }));
    const lines = steps.map(({ id, content }) => JSON.stringify({ op: 'record', id, stepType: 'thinking', content }));
    const reply = await this.call(`agent-sessions/${session}/batch`, lines.join('\n'), true);
    if (!reply) this.doubtful.push({ session, steps });
    else for (const { step } of reply.body.results) this.acknowledged.set(step.id, step);
  }

  async streamStep(session, n) {
    const id = newId('stp');
    const path = `agent-sessions/${session}/steps`;
    const started = await this.call(path, { id, stepType: 'thinking' });
    this.acknowledged.set(id, started.body.step);
    let text = '';
    for (let i = this.random.below(4); i > 0; i--) {
      const delta = `thought ${n}.${i} “ü” `;
      const offset = Buffer.byteLength(text);
      text += delta;
      const body =
        this.random.next() < 0.5 ? { delta, offset } : { content: text, checkpoint: this.random.next() < 0.3 };
      await this.call(`${path}/${id}/progress`, body);
    }
    const done = await this.call(`${path}/${id}/complete`, { content: text || `step ${n}` });
    this.acknowledged.set(id, done.body.step);
  }
}

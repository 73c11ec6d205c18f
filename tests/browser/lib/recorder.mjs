// SPDX-License-Identifier: Apache-2.0
// An agent that does exactly what a test tells it, by REST.
import assert from 'node:assert/strict';
import { until } from '../../lib/instance.mjs';
import { agentOf, personOf } from '../../lib/rest.mjs';

let channels = 0;

// Makes a public channel for one test.
export async function makeChannel(instance, name = `room-${(channels += 1)}-${process.pid}`) {
  const person = await personOf(instance);
  return (await person.post('streams', { type: 'channel', name })).expect(201).body.stream;
}

export class Recorder {
  #path;
  #offsets = new Map();

  constructor(client, session) {
    this.client = client;
    this.session = session;
    this.#path = `agent-sessions/${session.id}`;
  }

  static async start(instance, fields = {}) {
    const client = agentOf(instance);
    const reply = (await client.post('agent-sessions', fields)).expect(201);
    return new Recorder(client, reply.body.session);
  }

  // Claims the session that a person's message asked for.
  static async claim(instance) {
    const client = agentOf(instance);
    const session = await until(async () => {
      const reply = (await client.get('agent-sessions?status=pending')).expect(200);
      return reply.body.sessions[0];
    }, 'a pending session');
    (await client.post(`agent-sessions/${session.id}/claim`, { workerId: 'recorder' })).expect(200);
    return new Recorder(client, session);
  }

  get id() {
    return this.session.id;
  }

  async step(stepType, content, more = {}) {
    const reply = (await this.client.post(`${this.#path}/steps`, { stepType, content, ...more })).expect(201);
    return reply.body.step;
  }

  async whole(stepType, content, more = {}) {
    return this.step(stepType, content, { completed: true, ...more });
  }

  async complete(step, fields = {}) {
    return (await this.client.post(`${this.#path}/steps/${step.id}/complete`, fields)).expect(200).body.step;
  }

  async write(step, delta) {
    const offset = this.#offsets.get(step.id) ?? 0;
    (await this.client.post(`${this.#path}/steps/${step.id}/progress`, { delta, offset })).expect(202);
    this.#offsets.set(step.id, offset + Buffer.byteLength(delta));
  }

  async checkpoint(step, content) {
    (await this.client.post(`${this.#path}/steps/${step.id}/progress`, { content, checkpoint: true })).expect(202);
    this.#offsets.set(step.id, Buffer.byteLength(content));
  }

  async say(content, more = {}) {
    const body = { content, sessionId: this.id, ...more };
    const stream = more.streamId ?? this.session.streamId;
    return (await this.client.post(`streams/${stream}/messages`, body)).expect(201).body.message;
  }

  async end(how = 'complete', body = {}) {
    return (await this.client.post(`${this.#path}/${how}`, body)).expect(200).body.session;
  }

  // Records many whole steps, a thousand per request.
  async batch(count, line) {
    for (let first = 0; first < count; first += 1000) {
      const lines = Array.from({ length: Math.min(1000, count - first) }, (_, i) =>
        JSON.stringify({ op: 'record', ...line(first + i) }),
      );
      const reply = await this.client.post(`${this.#path}/batch`, `${lines.join('\n')}\n`, {
        'content-type': 'application/x-ndjson',
      });
      assert.equal(reply.status, 200, reply.text.slice(0, 500));
    }
  }
}

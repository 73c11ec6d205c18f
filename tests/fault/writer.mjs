// An agent that records sessions, step after step, and repeats with the same id whatever was not answered. It keeps what was
// acknowledged: that must be there in the end. What was not acknowledged may be there whole, or not at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from './ids.mjs';

const GIVE_UP_MS = 60_000;
const LATER = new Set([429, 502, 503, 504]);

export class Writer {
  acknowledged = new Map(); // step id → the completed step as it was answered, or as it was started
  sessions = [];
  retries = 0;

  constructor(client, random, { streamId, steps, messages = false }) {
    Object.assign(this, { client, random, streamId, steps, messages });
  }

  // Repeats until there is an answer that is one. A status of 4xx is the test's mistake.
  async call(path, body) {
    const until = performance.now() + GIVE_UP_MS;
    for (;;) {
      const reply = await this.client.post(path, body).catch(() => undefined);
      if (reply && !LATER.has(reply.status)) return reply.expect(200, 201, 202, 204);
      if (performance.now() > until) throw new Error(`no answer to ${path} for a minute: ${reply?.status} ${reply?.text}`);
      this.retries++;
      await sleep(this.random.between(10, 80));
    }
  }

  async runSession() {
    const id = newId('ses');
    await this.call('agent-sessions', { id, streamId: this.streamId, title: 'under fault' });
    this.sessions.push(id);
    for (let n = 0; n < this.steps; n++) await this.runStep(id, n);
    if (this.messages) await this.post(id);
    await this.call(`agent-sessions/${id}/complete`, {});
    return id;
  }

  async runStep(session, n) {
    const id = newId('stp');
    const path = `agent-sessions/${session}/steps`;
    if (this.random.next() < 0.2) {
      const whole = await this.call(path, { id, stepType: 'tool_call', content: { tool: 'clock', args: { n } }, completed: true });
      this.acknowledged.set(id, whole.body.step);
      return;
    }
    const started = await this.call(path, { id, stepType: 'thinking' });
    this.acknowledged.set(id, started.body.step);
    let text = '';
    for (let i = this.random.below(4); i > 0; i--) {
      const delta = `thought ${n}.${i} “ü” `;
      const offset = Buffer.byteLength(text);
      text += delta;
      const body = this.random.next() < 0.5 ? { delta, offset } : { content: text, checkpoint: this.random.next() < 0.3 };
      await this.call(`${path}/${id}/progress`, body);
    }
    const done = await this.call(`${path}/${id}/complete`, { content: text || `step ${n}` });
    this.acknowledged.set(id, done.body.step);
  }

  post(sessionId) {
    return this.call(`streams/${this.streamId}/messages`, { content: `done: ${sessionId}`, clientMessageId: sessionId, sessionId });
  }
}

// SPDX-License-Identifier: Apache-2.0
// Readers of the dialects: the published clients of the AI SDK and of AG-UI, and what both are to have seen of a session.
import assert from 'node:assert/strict';
import { HttpAgent } from '@ag-ui/client';
import { DefaultChatTransport, readUIMessageStream } from 'ai';
import { giveUpAfter } from '../lib/patience.mjs';

const LONG_MS = 30_000;

// Resolves once `condition` holds, which is looked at now and by whoever goes through `waiting`.
function waitFor(waiting, done, condition, what) {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`waited in vain until ${what}`));
    const timer = setTimeout(giveUp, giveUpAfter(LONG_MS));
    const check = () => condition() && (clearTimeout(timer), resolve(), true);
    if (check()) return;
    waiting.push(check);
    const end = (error) => check() || (clearTimeout(timer), reject(error));
    done.then(() => end(new Error(`the stream ended before ${what}`)), end);
  });
}

// A session followed by the AI SDK, as a page does that was loaded anew. `message` is what there is of it so far.
export class AiReader {
  message = undefined;
  chunks = [];
  error = undefined;
  #waiting = [];

  constructor(client, session) {
    const transport = new DefaultChatTransport({ api: client.url('agent-sessions'), headers: client.credentials() });
    this.opened = transport.reconnectToStream({ chatId: session });
    this.done = this.#read();
    this.done.catch(() => {});
  }

  async #read() {
    const stream = await this.opened;
    if (!stream) return null;
    const seen = stream.pipeThrough(
      new TransformStream({
        transform: (chunk, controller) => {
          this.chunks.push(chunk);
          controller.enqueue(chunk);
        },
      }),
    );
    const onError = (error) => (this.error = error);
    for await (const message of readUIMessageStream({ stream: seen, onError })) {
      this.message = message;
      for (const wait of this.#waiting) wait();
    }
    return this.message;
  }

  // Resolves once the message satisfies the condition.
  until(condition, what) {
    return waitFor(this.#waiting, this.done, () => this.message && condition(this.message), what);
  }

  parts(type) {
    return this.message.parts.filter((part) => part.type === type);
  }

  get texts() {
    return this.message.parts.filter(({ type }) => type === 'reasoning' || type === 'text').map(({ text }) => text);
  }
}

// A session followed by AG-UI's agent, which checks the order of the events that it gets. `input` as for runAgent().
export class AgUiReader {
  events = [];
  error = undefined;
  #waiting = [];

  constructor(client, path, { messages = [] } = {}) {
    this.agent = new HttpAgent({ url: client.url(path), headers: client.credentials(), initialMessages: messages });
    const subscriber = {
      onEvent: ({ event }) => {
        this.events.push(event);
        setImmediate(() => this.#waiting.forEach((wait) => wait()));
      },
      onRunFailed: ({ error }) => void (this.error = error),
    };
    this.done = this.agent.runAgent({}, subscriber);
    this.done.catch((error) => (this.error = error));
  }

  get messages() {
    return this.agent.messages;
  }

  of(type) {
    return this.events.filter((event) => event.type === type);
  }

  until(condition, what) {
    return waitFor(this.#waiting, this.done, () => condition(this), what);
  }

  get texts() {
    return this.messages
      .filter(({ role, content }) => role === 'reasoning' || (role === 'assistant' && content))
      .map(({ content }) => content);
  }
}

// An agent at work on one session, by the API.
export class Work {
  constructor(agent, id) {
    Object.assign(this, { agent, id, path: `agent-sessions/${id}` });
  }

  static async begin(agent, body = {}) {
    return new Work(agent, (await agent.post('agent-sessions', body)).expect(201).body.session.id);
  }

  async start(stepType, more = {}) {
    return (await this.agent.post(`${this.path}/steps`, { stepType, ...more })).expect(201).body.step.id;
  }

  async write(step, text, offset) {
    const body = offset === undefined ? { content: text } : { delta: text, offset };
    (await this.agent.post(`${this.path}/steps/${step}/progress`, body)).expect(202);
  }

  async complete(step, body = {}) {
    (await this.agent.post(`${this.path}/steps/${step}/complete`, body)).expect(200);
  }

  async end(how = 'complete', body = {}) {
    (await this.agent.post(`${this.path}/${how}`, body)).expect(200);
  }

  // Thinks in pieces.
  async think(pieces, { whole = pieces.join(''), ...more } = {}) {
    const step = await this.start('thinking', more);
    let offset = 0;
    for (const piece of pieces) {
      await this.write(step, piece, offset);
      offset += Buffer.byteLength(piece);
    }
    await this.complete(step, { content: whole });
    return step;
  }

  async call(tool, args, result, more = {}) {
    const step = await this.start('tool_call', { content: { tool, args }, ...more });
    await this.complete(step, { content: { tool, args, result } });
    return step;
  }
}

// Two readers have seen the same: one from the beginning, one who came later.
export function isSame(one, other) {
  if (one instanceof AiReader) assert.deepEqual(other.message, one.message);
  else assert.deepEqual(plain(other.messages), plain(one.messages));
}

const plain = (messages) => JSON.parse(JSON.stringify(messages));

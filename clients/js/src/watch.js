// SPDX-License-Identifier: Apache-2.0
// The subscription to one session's endings, by which the program hears within a second that a person has stopped it. It
// only says *look*: a heartbeat, sent at once, asks what has happened, so that nothing depends on the stream.
import { judge, retryDelay } from './retry.js';
import { openStream } from './stream.js';

// A run of less than this is over before a subscription would be of use.
const AFTER_MS = 200;
// The server spreads its subscribers' return; it is believed up to this.
const BELIEVED_MS = 30_000;
// Lines after which the session is asked for; before `ready` something may have been missed.
const STIRRING = new Set([
  'event: ready',
  'event: end',
  'event: revoked',
  'event: agent_session:completed',
  'event: agent_session:failed',
  'event: agent_session:cancelled',
]);

// Lines after which whoever waits for a step looks at it (ask.js).
const NEWS = new Set(['event: ready', 'event: agent_session:step:completed']);

export class Watch {
  #lane;
  #timer;
  #close;
  #retryMs = 0;
  #failures = 0;
  #opening = false;
  #closed = false;

  constructor(lane) {
    this.#lane = lane;
  }

  #isWanted() {
    const { begun, held, ended, ending, config } = this.#lane;
    return config.watch && begun && held && !ended && !ending && !this.#closed;
  }

  // Opens the stream, soon, if it is wanted and not open.
  look() {
    if (!this.#isWanted() || this.#timer || this.#opening) return;
    this.#after(AFTER_MS);
  }

  #after(ms) {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isWanted()) this.#open();
    }, ms);
    this.#timer.unref?.();
  }

  #stir() {
    this.#lane.heartbeatAt = Math.min(this.#lane.heartbeatAt, this.#lane.now());
    this.#lane.kick();
  }

  async #open() {
    const { config, id } = this.#lane;
    this.#opening = true;
    const close = await openStream({
      url: `${config.url}/api/workspaces/${config.workspace}/events?room=session:${id}`,
      headers: { authorization: `Bearer ${config.token}`, accept: 'text/event-stream' },
      fetch: config.fetch,
      onLine: (line) => this.#line(line),
      onDone: (status) => this.#done(status),
    });
    if (this.#closed) close();
    else this.#close = close;
  }

  #line(line) {
    const retry = /^retry: (\d{1,6})$/.exec(line);
    if (retry) this.#retryMs = Number(retry[1]) <= BELIEVED_MS ? Number(retry[1]) : 0;
    if (NEWS.has(line)) this.#lane.hear();
    if (!STIRRING.has(line)) return;
    this.#failures = 0;
    this.#stir();
  }

  #done(status) {
    this.#opening = false;
    this.#close = undefined;
    if (this.#closed) return;
    const delay = retryDelay(this.#lane.config.retryMs, ++this.#failures + 3);
    if (this.#isWanted()) this.#after(Math.max(delay, this.#retryMs));
    // The server answered and closed: perhaps there is nothing left to watch.
    if (judge(status) !== 'away') this.#stir();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#close?.();
  }
}

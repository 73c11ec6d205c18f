// SPDX-License-Identifier: Apache-2.0
// The sending side of one session: its writes in the order of the calls, one request at a time, repeated with the same
// ids until the server has answered; heartbeats and progress in between. Sessions do not wait for each other. What an
// answer does is answers.js.
import { printBatch, putBody } from './batch.js';
import { sendOnce } from './http.js';
import { takeAnswer } from './answers.js';
import { Watch } from './watch.js';

// A progress request that hangs must not hold a write back for long; lost text goes out with the next.
const PROGRESS_TIMEOUT_MS = 2_000;

// What a link must carry beside that: the server shall not give the session up during a large write.
const BYTES_PER_MS = 64;
const timeOf = (text = '', { requestTimeoutMs }) => requestTimeoutMs + Math.ceil(text.length / BYTES_PER_MS);

export class Lane {
  ops = [];
  steps = new Set(); // that have streamed text and are open
  begun = false; // the server knows the session
  ended = false;
  awaited = false; // the caller of creation or claim waits
  told = false; // onEnded was called, or is not to be
  ending = false; // the program ends it
  held = true; // heartbeats are wanted
  failures = 0;
  retryAt = 0;
  heartbeatAt = Infinity;
  singly = 0; // writes that are sent one by one, because their batch was refused
  putting = false; // the server was away, or ended the session: until the queue is empty, steps are put
  reviving = false; // a heartbeat goes first, which may let the session run again
  hasBeaten = false; // between two attempts at a write, of which the second is next
  takesNone = false; // it has ended, and takes no step any more that began later
  error = undefined; // why the server last refused
  #busy = false;
  #timer = undefined;
  heard = 0; // how often the session's room has told something, or the session has ended
  #hearers = new Set();
  #closing = new AbortController();

  constructor(emitter, id) {
    Object.assign(this, { emitter, id, queue: emitter.queue, config: emitter.config });
    this.path = `/api/workspaces/${this.config.workspace}/agent-sessions/${id}`;
    this.watch = new Watch(this);
  }

  now() {
    return performance.now();
  }

  // Queues a write. The promise resolves with its result and never rejects.
  add(op) {
    const bytes = (op.body === undefined ? 0 : JSON.stringify(op.body).length) + 200;
    if (this.emitter.closed) return Promise.resolve('closed');
    if (this.ended) return Promise.resolve('ended');
    if (!this.queue.reserve(bytes, op.kind === 'end')) return Promise.resolve('full');
    return new Promise((resolve) => {
      const expiresAt = this.now() + this.config.deliverTimeoutMs;
      this.ops.push({ ...op, bytes, expiresAt, attempts: 0, broken: 0, resolve });
      this.kick();
    });
  }

  // Takes the first write out of the queue with its result.
  finish(result) {
    const op = this.ops.shift();
    this.queue.release(op.bytes);
    op.resolve(result);
    return op;
  }

  noteEnded(status) {
    this.ended = true;
    this.steps.clear();
    this.watch.close();
    if (!this.told) this.emitter.tellEnded(this.id, status);
    this.told = true;
    this.hear();
  }

  hear() {
    this.heard++;
    for (const wake of this.#hearers) wake();
  }

  // Resolves when there is news since `heard` was read, or after that time.
  async untilHeard(heard, ms) {
    if (this.heard !== heard) return;
    await new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#hearers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#hearers.add(wake);
    });
  }

  // Nothing more of this session can be recorded: what waits is dropped, counted and said.
  end(status) {
    this.noteEnded(status);
    const lost = this.ops.length;
    if (lost) this.queue.log('error', `${this.id}: the session has ended (${status}): ${lost} writes are dropped`);
    this.queue.stats.droppedEnded += lost;
    while (this.ops.length) this.finish('ended');
  }

  // Somebody has ended the session, which this program hears only now. What waits began before, or hardly after: it is
  // put, and finds its place or is refused by itself.
  hearEnded(status) {
    if (!this.ops.length) return this.end(status);
    this.putting = true;
    return this.noteEnded(status);
  }

  #expire(now) {
    while (this.ops.length && now >= this.ops[0].expiresAt) {
      const op = this.finish('away');
      if (op.kind !== 'claim') {
        this.queue.stats.droppedExpired++;
        this.queue.log('error', `${this.id}: ${op.what} was not delivered in time: dropped`);
      }
      op.dropped?.();
      if (op.kind !== 'create' && op.kind !== 'claim') continue;
      this.told = this.awaited;
      this.end('undelivered');
    }
  }

  // Steps that began after one that the ended session did not take any more.
  #giveUpLate() {
    while (this.takesNone && (this.ops[0]?.kind === 'start' || this.ops[0]?.kind === 'record')) {
      const op = this.finish('ended');
      this.queue.stats.droppedEnded++;
      this.queue.log('error', `${this.id}: ${op.what} was dropped: it began after the session's end`);
      op.dropped?.();
    }
  }

  #heartbeat() {
    return { kind: 'heartbeat', path: `${this.path}/heartbeat`, timeoutMs: this.config.requestTimeoutMs };
  }

  // A write that is tried again and again must not cost the session its signs of life. Not once its end is queued, whose
  // attempt may have been done.
  #beatsFirst(now) {
    const mayBeat = this.begun && this.held && !this.ended && !this.ending && !this.hasBeaten;
    return mayBeat && this.ops[0]?.attempts > 0 && now >= this.heartbeatAt;
  }

  // What was tried before, or was recorded while the server was away, is put: whatever has become of the session and of
  // the first attempt, it finds its place.
  #nextWrite() {
    if (this.reviving) return this.#heartbeat();
    const op = this.ops[0];
    const batch = this.singly ? undefined : printBatch(this.ops, this.putting);
    const lines = batch ? batch.lines : 1;
    const isPut = op.stepId !== undefined && (this.putting || op.attempts > 0);
    for (const sent of this.ops.slice(0, lines)) if (sent.attempts++ > 0) this.queue.stats.repeated++;
    const type = 'application/json';
    if (!batch && isPut) {
      const body = JSON.stringify(putBody(op));
      const path = `${this.path}/steps/${op.stepId}`;
      return { kind: 'write', method: 'PUT', path, body, type, timeoutMs: timeOf(body, this.config) };
    }
    op.refer?.(op.body);
    const body = batch ? batch.body : JSON.stringify(op.body);
    const timeoutMs = timeOf(body, this.config);
    if (!batch) return { kind: 'write', path: op.path, body, type, timeoutMs };
    return {
      kind: 'batch',
      path: `${this.path}/batch`,
      body,
      type: 'application/x-ndjson',
      lines,
      timeoutMs,
    };
  }

  // The next request, or { due } with the time to look again.
  #next(now) {
    this.#expire(now);
    if (now < this.retryAt) return { due: Math.min(this.retryAt, this.ops[0]?.expiresAt ?? Infinity) };
    this.#giveUpLate();
    if (this.#beatsFirst(now)) {
      this.hasBeaten = true;
      return this.#heartbeat();
    }
    this.hasBeaten = false;
    if (this.ops.length) return this.#nextWrite();
    if (this.ended || !this.begun) return { due: Infinity };
    if (this.held && now >= this.heartbeatAt) return this.#heartbeat();
    return this.#nextProgress(now, this.held ? this.heartbeatAt : Infinity);
  }

  #nextProgress(now, heartbeatAt) {
    let [first, due] = [undefined, Infinity];
    for (const step of this.steps) {
      const at = step.textProgress.due(this.emitter.flushing > 0);
      if (at < due) [first, due] = [step, at];
    }
    if (!first || due > now) return { due: Math.min(due, heartbeatAt) };
    const body = JSON.stringify(first.textProgress.take(now));
    const timeoutMs = Math.min(PROGRESS_TIMEOUT_MS, this.config.requestTimeoutMs);
    const path = `${this.path}/steps/${first.id}/progress`;
    return { kind: 'progress', path, body, type: 'application/json', step: first, timeoutMs };
  }

  get idle() {
    if (this.ops.length || this.sending === 'progress') return false;
    return this.ended || ![...this.steps].some((step) => step.textProgress.waits);
  }

  // Sends until nothing is due, then sets a timer. Safe to call at any time.
  async kick() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    // What is called in the same turn goes out together.
    await null;
    while (!this.emitter.closed) {
      const request = this.#next(this.now());
      if (!request.kind) {
        this.#sleep(request.due);
        break;
      }
      this.sending = request.kind;
      const reply = await sendOnce(this.config, { ...request, signal: this.#closing.signal });
      this.sending = undefined;
      if (!this.emitter.closed) takeAnswer(this, request, reply, this.now());
      this.watch.look();
      this.emitter.changed();
    }
    this.#busy = false;
    this.emitter.changed();
  }

  #sleep(due) {
    if (due === Infinity) return;
    this.#timer = setTimeout(() => this.kick(), Math.min(Math.max(1, due - this.now()), 0x7fffffff));
    // Only what is still to be delivered keeps a process alive.
    if (!this.ops.length) this.#timer.unref?.();
  }

  close() {
    clearTimeout(this.#timer);
    this.#closing.abort(new Error('the emitter was closed'));
    this.watch.close();
    this.queue.stats.droppedExpired += this.ops.length;
    while (this.ops.length) this.finish('closed');
    this.hear();
  }
}

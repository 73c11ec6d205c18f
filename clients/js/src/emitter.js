// SPDX-License-Identifier: Apache-2.0
// TraceEmitter: one for a process. It holds the configuration, the bounds and the sessions, and knows whether the server
// is away. It does not run the agent, listen for work, or read traces back.
import { createBody } from './body.js';
import { readConfig } from './config.js';
import { isId, newId } from './id.js';
import { Lane } from './lane.js';
import { Queue } from './queue.js';
import { SessionTrace } from './session.js';

// Why the server would not start, or give, a session. `code` is stable, such as `session_running`; then `sessionId` is
// the session in the way.
export class TraceError extends Error {
  constructor(message, { result, status = 0, code = '', sessionId } = {}) {
    super(message);
    this.name = 'TraceError';
    Object.assign(this, { result, status, code, sessionId });
  }
}

export class TraceEmitter {
  #lanes = new Set();
  #waiting = new Set();
  #away = false;
  closed = false;
  flushing = 0;

  constructor(options) {
    this.config = readConfig(options);
    this.queue = new Queue(this.config);
  }

  // Starts a session as the token's persona; or with { id } adopts a running one that this persona has; or with
  // { claim: id, workerId } takes a pending one. A session that is started is usable even while the server is away; a
  // claim is never queued, since two workers must not work on one session. Rejects with a TraceError.
  async forSession(spec = {}) {
    if (spec.claim) return this.#claim(spec);
    if (spec.id) return this.#adopt(spec.id);
    const session = this.openSession(spec);
    const result = await session.started;
    if (result !== 'ok' && result !== 'queued')
      throw this.#refusal('the session was not started', result, session.lane);
    return session;
  }

  // As forSession() that starts one, without waiting: `started` of the session resolves with the result.
  openSession(spec = {}) {
    const id = newId('ses_');
    const body = createBody(id, spec);
    const lane = this.#lane(id);
    const session = new SessionTrace(lane, { streamId: spec.streamId });
    const path = `/api/workspaces/${this.config.workspace}/agent-sessions`;
    const accepted = ({ session: answer }) => session.noteServer(answer);
    lane.awaited = true;
    const added = lane.add({ kind: 'create', what: 'creation', path, body, accepted });
    session.started = this.acknowledged(added).finally(() => (lane.awaited = false));
    return session;
  }

  async #claim({ claim, workerId }) {
    if (!isId(claim, 'ses_')) throw new TypeError('claim is not the id of a session');
    const lane = this.#lane(claim);
    const session = new SessionTrace(lane, {});
    const body = { workerId: workerId ?? `js-${newId('')}` };
    const accepted = ({ session: answer }) => session.noteServer(answer);
    lane.awaited = true;
    const result = await lane.add({ kind: 'claim', what: 'claim', path: `${lane.path}/claim`, body, accepted });
    if (result !== 'ok') throw this.#refusal('the session was not claimed', result, lane);
    return session;
  }

  #adopt(id) {
    if (!isId(id, 'ses_')) throw new TypeError('id is not the id of a session');
    const lane = this.#lane(id);
    lane.begun = true;
    lane.heartbeatAt = lane.now();
    lane.kick();
    return new SessionTrace(lane, {});
  }

  #lane(id) {
    if (this.closed) throw new TraceError('the emitter is closed', { result: 'closed' });
    const lane = new Lane(this, id);
    this.#lanes.add(lane);
    return lane;
  }

  #refusal(what, result, lane) {
    this.#lanes.delete(lane);
    const { status, code, detail, sessionId } = lane.error ?? {};
    const why = code ? `: ${status} ${code} ${detail}` : `: ${result}`;
    return new TraceError(what + why, { result, status, code, sessionId });
  }

  // The promise's result, or `queued` after ackTimeoutMs, or at once while the server is known to be away.
  acknowledged(promise) {
    const ms = this.#away ? 0 : this.config.ackTimeoutMs;
    let timer;
    const queued = new Promise((resolve) => {
      timer = setTimeout(() => resolve('queued'), ms);
    });
    return Promise.race([promise, queued]).finally(() => clearTimeout(timer));
  }

  // Called by lanes with each answer.
  noteReached(isThere, reply) {
    if (this.#away !== isThere) return;
    this.#away = !isThere;
    if (isThere) return this.queue.log('info', 'the server answers again');
    const why = reply.status ? 'it asks to wait' : reply.error;
    this.queue.log('warning', `the server is away (${why}): ${this.queue.length} writes wait`);
  }

  tellEnded(sessionId, status) {
    try {
      this.config.onEnded(sessionId, status);
    } catch (error) {
      this.queue.log('error', `onEnded threw: ${error?.message ?? error}`);
    }
  }

  // Called by lanes whenever a flush may be over.
  changed() {
    for (const lane of this.#lanes) if (lane.ended && lane.idle) this.#lanes.delete(lane);
    for (const look of [...this.#waiting]) look();
  }

  #isIdle() {
    return [...this.#lanes].every((lane) => lane.idle);
  }

  // Waits until everything queued has been answered, progress included, or the time is over. `delivered` is true only if
  // nothing waits and nothing was lost; `lost` counts the writes dropped or refused since the last flush.
  async flush(timeoutMs = 30_000) {
    this.flushing++;
    for (const lane of this.#lanes) lane.kick();
    await new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = () => this.#isIdle() && finish();
      const timer = setTimeout(finish, timeoutMs);
      this.#waiting.add(look);
      look();
    });
    this.flushing--;
    const lost = this.queue.takeLosses();
    const waiting = this.queue.length;
    return { delivered: waiting === 0 && lost === 0 && this.#isIdle(), waiting, lost };
  }

  // Counters since the emitter was made, and what waits now.
  stats() {
    return { ...this.queue.stats, queued: this.queue.length, queuedBytes: this.queue.bytes };
  }

  // Flushes, then stops. Resolves as flush() does, with what still waited counted as lost. Sessions still open are left
  // to the server, which ends them after 60 s of silence.
  async close(timeoutMs = 10_000) {
    if (this.closed) return { delivered: true, waiting: 0, lost: 0 };
    const report = await this.flush(timeoutMs);
    this.closed = true;
    for (const lane of this.#lanes) lane.close();
    if (report.waiting) this.queue.log('error', `closed: ${report.waiting} writes that still waited are dropped`);
    const lost = report.lost + this.queue.takeLosses();
    return { delivered: report.delivered, waiting: 0, lost };
  }
}

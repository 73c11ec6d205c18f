// SPDX-License-Identifier: Apache-2.0
// SessionTrace: one run of an agent. Its calls never throw because of the server, so that recording cannot fail the run:
// they resolve with a result (README.md lists them).
import { askPerson } from './ask.js';
import { errorOf, finishBody, messageBody, recordBody, startBody } from './body.js';
import { isId, newId } from './id.js';
import { ActiveStep } from './step.js';

export class SessionTrace {
  #lane;
  #streamId;
  #posted = new Map();
  #ending;

  // Made by TraceEmitter.forSession().
  constructor(lane, { streamId }) {
    this.#lane = lane;
    this.#streamId = streamId;
    // The session as the server answered, or undefined before that and for an adopted one.
    this.server = undefined;
    // Resolves with the result of its creation.
    this.started = Promise.resolve('ok');
  }

  // For the emitter.
  get lane() {
    return this.#lane;
  }

  noteServer(answer) {
    this.server ??= answer;
    this.#streamId ??= answer?.streamId;
  }

  get id() {
    return this.#lane.id;
  }

  get emitter() {
    return this.#lane.emitter;
  }

  // True once nothing more can be recorded, whoever ended it: to be asked at every turn of an agent's loop.
  get ended() {
    return this.#lane.ended || this.#ending !== undefined;
  }

  // Why the server last refused something of this session: { status, code, detail, sessionId }.
  get error() {
    return this.#lane.error;
  }

  // Starts a step; `started` of what it returns resolves when the server has committed it.
  startStep(spec) {
    const id = spec.id ?? newId('stp_');
    const step = new ActiveStep(this, this.#lane, id);
    const add = () => {
      const body = startBody(id, spec, spec.parent?.id);
      if (!isId(id, 'stp_')) throw new RangeError('id is not the id of a step');
      const dropped = () => step.noteLost();
      const path = `${this.#lane.path}/steps`;
      return this.#add({
        kind: 'start',
        what: 'start of a step',
        path,
        stepId: id,
        body,
        line: { op: 'start' },
        dropped,
      });
    };
    step.noteStarting(this.checked(add));
    return step;
  }

  // A whole step in one call, for what took no time or is over. Resolves with its result.
  record(spec, outcome = {}) {
    return this.emitter.acknowledged(
      this.checked(() => {
        const id = spec.id ?? newId('stp_');
        const { body, dropped } = recordBody(id, spec, spec.parent?.id, outcome);
        this.#lane.queue.stats.sourcesDropped += dropped;
        const refer = this.referrer('messageId', outcome.messageId);
        const path = `${this.#lane.path}/steps`;
        return this.#add({
          kind: 'record',
          what: 'a whole step',
          path,
          stepId: id,
          body,
          refer,
          line: { op: 'record' },
        });
      }),
    );
  }

  // Asks a person, and resolves with what was decided (ask.js).
  ask(spec) {
    return askPerson(this, this.#lane, spec);
  }

  // Posts a message as the persona. Resolves with { result, messageId?, clientMessageId }; the latter may stand for the
  // message in an outcome or an ending, also while the message is queued.
  async post(spec) {
    const clientMessageId = spec.clientMessageId ?? newId('cm_');
    const result = await this.emitter.acknowledged(
      this.checked(() => {
        const streamId = spec.streamId ?? this.#streamId;
        if (!isId(streamId, 'str_')) throw new RangeError('the session has no stream to post in');
        const { body, dropped } = messageBody(this.id, clientMessageId, spec);
        this.#lane.queue.stats.sourcesDropped += dropped;
        const path = `/api/workspaces/${this.emitter.config.workspace}/streams/${streamId}/messages`;
        const accepted = ({ message }) => this.#posted.set(clientMessageId, message?.id);
        return this.#add({ kind: 'post', what: 'message', path, body, accepted });
      }),
    );
    return { result, messageId: this.#posted.get(clientMessageId), clientMessageId };
  }

  // Ends the session. Each resolves when everything of it is acknowledged or given up.
  notifyCompleted(outcome = {}) {
    const refer = this.referrer('responseMessageId', outcome.responseMessageId);
    return this.#end('complete', () => finishBody(outcome), refer);
  }

  notifyFailed(error) {
    return this.#end('fail', () => ({ error: errorOf(error ?? {}), completedAt: new Date().toISOString() }));
  }

  cancel() {
    return this.#end('cancel', () => ({}));
  }

  #end(verb, makeBody, refer) {
    if (this.#ending) return this.#ending.verb === verb ? this.#ending.result : Promise.resolve('ended');
    const dropped = () => {
      this.#ending = undefined;
      this.#lane.ending = false;
    };
    const result = this.checked(() => {
      const op = { kind: 'end', what: 'ending', path: `${this.#lane.path}/${verb}`, body: makeBody(), refer, dropped };
      return this.#lane.add(op);
    });
    this.#ending = { verb, result };
    this.#lane.ending = true;
    return result;
  }

  // Tells the library that the session has ended, for a program that hears it first.
  noteEnded(status) {
    if (!this.#lane.ended && !this.#ending) this.#lane.hearEnded(status);
  }

  // Stops the heartbeats of an unfinished session; what is queued is still delivered.
  release() {
    this.#lane.held = false;
    this.#lane.watch.close();
  }

  #add(op) {
    return this.#ending ? Promise.resolve('ended') : this.#lane.add(op);
  }

  // For ActiveStep, as the next two.
  add(op) {
    return this.#add(op);
  }

  // The promise that `write` gives, or `invalid` if its arguments break a rule, which is logged.
  checked(write) {
    try {
      return write();
    } catch (error) {
      this.#lane.queue.log('error', `${this.id}: not recorded: ${error.message}`);
      return Promise.resolve('invalid');
    }
  }

  // Puts a message's id in the place of the clientMessageId that stood for it, when the write is sent.
  referrer(name, messageId) {
    if (!messageId || isId(messageId, 'msg_')) return undefined;
    return (body) => {
      const id = this.#posted.get(messageId);
      if (id) body[name] = id;
    };
  }
}

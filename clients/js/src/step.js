// SPDX-License-Identifier: Apache-2.0
// ActiveStep: one thing the agent does, while it does it.
import { CONTENT_BYTES, completeBody } from './body.js';
import { Progress } from './progress.js';
import { cutText } from './text.js';

export class ActiveStep {
  #session;
  #lane;
  #progress;
  #starting;
  #started;
  #completing;
  #lost;
  #isCut = false;

  // Made by SessionTrace.startStep().
  constructor(session, lane, id) {
    this.#session = session;
    this.#lane = lane;
    // Numbers above those of a process that wrote to the same step before.
    this.#progress = new Progress(lane.config, Date.now() * 1000);
    this.id = id;
  }

  noteStarting(promise) {
    this.#starting = promise;
    promise.then((result) => {
      if (result === 'full' || result === 'invalid') this.noteLost(result);
    });
  }

  // The server will never know this step.
  noteLost(result = 'refused') {
    this.#lost = result;
    this.#lane.steps.delete(this);
  }

  // Resolves with the result of the start: `ok` means that the step is committed and seen, so that its work may begin.
  get started() {
    this.#started ??= this.#session.emitter.acknowledged(this.#starting);
    return this.#started;
  }

  get session() {
    return this.#session;
  }

  // For the lane.
  get textProgress() {
    return this.#progress;
  }

  // The text so far, whole: { content }; or more of it: { delta }. It is shown live, merged so that at most one request
  // goes out per progressMs or progressBytes, and stored about every checkpointMs. Never waits.
  progress({ content, delta }) {
    if (this.#completing || this.#lost || this.#session.ended) return;
    if (this.#isCut && delta !== undefined) return;
    const lane = this.#lane;
    if (this.#progress.waits) lane.queue.stats.progressMerged++;
    if (delta === undefined) this.#progress.replace(String(content ?? ''), lane.now());
    else this.#progress.append(String(delta), lane.now());
    if (this.#progress.bytes > CONTENT_BYTES) return this.#giveUpText();
    this.#isCut = false;
    lane.steps.add(this);
    lane.kick();
  }

  // What is beyond the most that the server takes is neither shown nor kept.
  #giveUpText() {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#lane.steps.delete(this);
    this.#lane.queue.stats.progressDropped++;
    this.#lane.queue.log('error', `${this.id}: the text has more than ${CONTENT_BYTES} bytes: the rest is dropped`);
  }

  // Completes the step, or fails it if the outcome has an error. Without content it keeps the text streamed so far.
  // Resolves with the result; after `invalid`, `full` and `refused` the step is open and may be completed otherwise.
  complete(outcome = {}) {
    if (this.#completing) return this.#completing;
    const finishing = this.#session.checked(() => this.#finish(outcome));
    this.#completing = this.#session.emitter.acknowledged(finishing);
    this.#lane.steps.delete(this);
    finishing.then((result) => {
      if (result === 'invalid' || result === 'full' || result === 'refused') this.#completing = undefined;
    });
    return this.#completing;
  }

  #finish(outcome) {
    const { queue, path } = this.#lane;
    const { body, dropped } = completeBody(outcome, cutText(this.#progress.text, CONTENT_BYTES));
    queue.stats.sourcesDropped += dropped;
    if (this.#lost) {
      queue.stats.refused++;
      queue.log('error', `${this.#session.id}: completion of a step that was not started (${this.#lost}): dropped`);
      return Promise.resolve(this.#lost);
    }
    return this.#session.add({
      kind: 'complete',
      what: 'completion of a step',
      path: `${path}/steps/${this.id}/complete`,
      stepId: this.id,
      body,
      refer: this.#session.referrer('messageId', outcome.messageId),
      line: { op: 'complete', id: this.id },
    });
  }

  // Fails the step, keeping the content it has. `error`: { code, message } or an Error.
  fail(error) {
    return this.complete({ error: error ?? {} });
  }
}

// SPDX-License-Identifier: Apache-2.0
// What the handlers of frameworks share: a tree of foreign runs, each with an id and perhaps a parent, as sessions and
// steps. A run without a parent starts a session of its own unless the handler was given one; a run that is not shown
// passes its children on to its parent. Nothing here throws because of the server.
import { fittingContent } from './body.js';
import { TraceEmitter } from './emitter.js';

const TITLE_CHARACTERS = 200;

export class Runs {
  #emitter;
  #session;
  #parent;
  #runs = new Map();

  // { session, parent? }: records into that session, which the program ends; or { emitter? }: a session for each root.
  constructor({ session, parent, emitter } = {}) {
    this.#session = session;
    this.#parent = parent;
    this.#emitter = emitter ?? session?.emitter ?? new TraceEmitter();
  }

  get emitter() {
    return this.#emitter;
  }

  get(id) {
    return this.#runs.get(id);
  }

  // Begins a run. `spec`: of the step; without it the run is not shown. `title` and `metadata`: of the session that a
  // root starts.
  start(id, parentId, { spec, title, metadata }) {
    const above = this.#runs.get(parentId);
    let session = above?.session ?? this.#session;
    const isRoot = !session;
    if (isRoot) session = this.#emitter.openSession({ title: title?.slice(0, TITLE_CHARACTERS), metadata });
    const parent = above?.step ?? above?.parent ?? this.#parent;
    const step = spec && session.startStep({ ...spec, content: fittingContent(spec.content), parent });
    const run = { id, session, isRoot, step, parent: step ? undefined : parent };
    this.#runs.set(id, run);
    return run;
  }

  // Ends a run, and its session if it began one. `error`: the step failed.
  end(id, { outcome = {}, error } = {}) {
    const run = this.#runs.get(id);
    if (!run) return;
    this.#runs.delete(id);
    const fitting = { ...outcome, content: fittingContent(outcome.content) };
    run.step?.complete(error ? { ...fitting, error: describe(error) } : fitting);
    if (!run.isRoot) return;
    if (!error) run.session.notifyCompleted();
    else if (isAbort(error)) run.session.cancel();
    else run.session.notifyFailed(describe(error));
  }

  flush(timeoutMs) {
    return this.#emitter.flush(timeoutMs);
  }
}

// Whether the error says that somebody stopped the run.
export function isAbort(error) {
  return /^Abort(Error)?$|^Cancel/.test(error?.name ?? '') || error === 'AbortError';
}

export function describe(error) {
  if (typeof error === 'string') return { code: 'failed', message: error };
  return { code: error?.code || error?.name || 'failed', message: String(error?.message ?? error).split('\n\n')[0] };
}

// The text of a message's content: a string, or parts of which some have text.
export function textOf(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part === 'string' ? part : (part?.text ?? ''))).join('');
}

// A JSON text as the value it stands for, or as it is.
export function parsed(text) {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// SPDX-License-Identifier: Apache-2.0
// The only module that calls REST. Every reply feeds the estimate of the server's clock, and every refusal becomes an
// ApiError with its stable code.
import { exactParse } from './exact.js';
import { ask, earlyTake, request } from './early.js';
import { clockSample } from './time.js';

// Sentences for people, where the server's own sentence is written for programs.
/** @type {Record<string, string>} */
const sentences = {
  unauthenticated: 'You are not signed in any more',
  request_timeout: 'The connection is too slow',
  incomplete_body: 'The connection broke',
  body_too_large: 'It is too large',
  uri_too_long: 'It is too long',
  internal_error: 'The server failed',
  unavailable: 'The server is not there at the moment',
  changed_meanwhile: 'Somebody else has changed it meanwhile; what there is now is shown',
  timeout: 'The server did not answer in time',
  database_unavailable: 'The server is without its database at the moment',
};

// The sentence has no full stop, so that it can stand inside another one.
/** @param {number} status @param {Problem} options */
const sentenceOf = (status, { code, detail, title }) =>
  sentences[code ?? ''] ?? (detail || title || `The server answered ${status}`).replace(/\.$/, '');

export class ApiError extends Error {
  /** @param {number} status @param {Problem} problem */
  constructor(status, problem) {
    super(sentenceOf(status, problem));
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code || (status === 0 ? 'unreachable' : 'unknown');
    this.problem = problem;
  }

  // Asking again makes sense: the server was unreachable or failed, rather than unwilling.
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

let onUnauthenticated = () => {};

// Registers what happens when a reply says that nobody is signed in. The sign-in call itself is excepted.
/** @param {() => void} handler */
export function apiOnUnauthenticated(handler) {
  onUnauthenticated = handler;
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

// The request may have been carried out before the connection broke, so repeating it is as right as after no answer at
// all.
/** @param {Response} response */
async function bodyOf(response) {
  try {
    return exactParse(await response.text());
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { code: 'incomplete_body' });
  }
}

/** @param {string} path @param {RequestInit} init */
async function send(path, init) {
  const sentAt = Date.now();
  const response = await fetch(`/api${path}`, init);
  return { response, sentAt, receivedAt: Date.now() };
}

/** @param {string} path @param {RequestInit} init @param {typeof send} [by] */
async function answerTo(path, init, by = send) {
  try {
    return await by(path, init);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { detail: 'The server cannot be reached' });
  }
}

/** @param {string} method @param {string} path @param {unknown} [body] @param {{ signal?: AbortSignal, keepalive?: boolean }} [options] */
export async function apiCall(method, path, body, { signal, keepalive } = {}) {
  /** @type {RequestInit} */
  const init = { ...request, method, signal, keepalive };
  if (body !== undefined) {
    init.headers = { ...request.headers, 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  const isQuestion = method === 'GET';
  const early = isQuestion ? await earlyTake(path) : undefined;
  const { response, sentAt, receivedAt } = early ?? (await answerTo(path, init, isQuestion ? ask : send));
  clockSample(Number(response.headers.get('Trace-Time')), sentAt, receivedAt);
  if (!response.ok) return refuse(response, path);
  return response.status === 204 ? undefined : bodyOf(response);
}

/** @param {Response} response @param {string} path @returns {Promise<never>} */
async function refuse(response, path) {
  if (response.status === 401 && path !== '/auth/login') onUnauthenticated();
  throw new ApiError(response.status, await problemOf(response));
}

// A file of any size: the browser keeps it, and `onPart` sees its pieces while they come.
/** @param {string} path @param {{ signal: AbortSignal, onPart: (part: Uint8Array, headers: Headers) => void }} options */
export async function apiFile(path, { signal, onPart }) {
  const { response } = await answerTo(path, { ...request, signal });
  if (!response.ok || !response.body) return refuse(response, path);
  const counter = new TransformStream({
    transform(part, out) {
      onPart(part, response.headers);
      out.enqueue(part);
    },
  });
  const type = response.headers.get('Content-Type') ?? '';
  try {
    return await new Response(response.body.pipeThrough(counter), { headers: { 'Content-Type': type } }).blob();
  } catch (error) {
    if (signal.aborted || error.name === 'AbortError') throw error;
    throw new ApiError(0, { code: 'incomplete_body' });
  }
}

/** @param {string} path @param {{ signal?: AbortSignal, keepalive?: boolean }} [options] */
export function apiGet(path, options) {
  return apiCall('GET', path, undefined, options);
}

/** @param {string} path @param {unknown} [body] @param {{ signal?: AbortSignal, keepalive?: boolean }} [options] */
export function apiPost(path, body = {}, options) {
  return apiCall('POST', path, body, options);
}

// Builds `?a=1&b=2` from the fields that are present.
/** @param {Record<string, any>} fields */
export function apiQuery(fields) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') query.set(name, value);
  const text = query.toString();
  return text ? `?${text}` : '';
}

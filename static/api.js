// The one door to REST. Every reply feeds the server's clock; every refusal becomes an ApiError with its stable code.
import { earlyTake, request } from './early.js';
import { clockSample } from './time.js';

// What people read where the server's own sentence is written for programs.
const sentences = {
  unauthenticated: 'You are not signed in any more',
  request_timeout: 'The connection is too slow',
  incomplete_body: 'The connection broke',
  body_too_large: 'It is too large',
  uri_too_long: 'It is too long',
  internal_error: 'The server failed',
  unavailable: 'The server is not there at the moment',
  timeout: 'The server did not answer in time',
  database_unavailable: 'The server is without its database at the moment',
};

// Without a full stop, so that it can stand inside another sentence.
const sentenceOf = (status, { code, detail, title }) =>
  sentences[code] ?? (detail || title || `The server answered ${status}`).replace(/\.$/, '');

export class ApiError extends Error {
  constructor(status, problem) {
    super(sentenceOf(status, problem));
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code || (status === 0 ? 'unreachable' : 'unknown');
    this.problem = problem;
  }

  // Worth asking again: the server was away or failed, it was not unwilling.
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

let onUnauthenticated = () => {};

// Called whenever a reply says that nobody is signed in (the sign-in call itself excepted).
export function apiOnUnauthenticated(handler) {
  onUnauthenticated = handler;
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

// What was sent before the connection broke may have been done: to ask again is as right as after no answer at all.
async function bodyOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { code: 'incomplete_body' });
  }
}

async function answerTo(path, init) {
  const sentAt = Date.now();
  try {
    const response = await fetch(`/api${path}`, init);
    return { response, sentAt, receivedAt: Date.now() };
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { detail: 'The server cannot be reached' });
  }
}

export async function apiCall(method, path, body, { signal } = {}) {
  const init = { ...request, method, signal };
  if (body !== undefined) {
    init.headers = { ...request.headers, 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  const early = method === 'GET' ? await earlyTake(path) : undefined;
  const { response, sentAt, receivedAt } = early ?? (await answerTo(path, init));
  clockSample(Number(response.headers.get('Trace-Time')), sentAt, receivedAt);
  if (!response.ok) {
    if (response.status === 401 && path !== '/auth/login') onUnauthenticated();
    throw new ApiError(response.status, await problemOf(response));
  }
  return response.status === 204 ? undefined : bodyOf(response);
}

export function apiGet(path, options) {
  return apiCall('GET', path, undefined, options);
}

export function apiPost(path, body = {}, options) {
  return apiCall('POST', path, body, options);
}

// Builds `?a=1&b=2` from the fields that are present.
export function apiQuery(fields) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') query.set(name, value);
  const text = query.toString();
  return text ? `?${text}` : '';
}

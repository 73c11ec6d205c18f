// SPDX-License-Identifier: Apache-2.0
// One attempt at one request. It never throws: no answer is status 0 with the reason in `error`.
import { parseRetryAfter } from './retry.js';

// Resolves with { status, body, text, error, retryAfterMs }; `body` is the parsed JSON, if it was an object.
export async function sendOnce({ url, token, fetch }, { method = 'POST', path, body, type, timeoutMs, signal }) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  const onAbort = () => abort.abort(signal.reason);
  signal?.addEventListener('abort', onAbort);
  try {
    const reply = await fetch(url + path, {
      method,
      body,
      // A redirect would carry the token to where nobody meant it to go.
      redirect: 'manual',
      signal: abort.signal,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
    });
    const text = await reply.text();
    return { status: reply.status, body: parse(text), retryAfterMs: parseRetryAfter(reply.headers.get('retry-after')) };
  } catch (error) {
    const reason = abort.signal.aborted ? abort.signal.reason : (error.cause ?? error);
    return { status: 0, error: reason?.message || reason?.code || String(reason) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

// Why the server refused, from its answer.
export function problemOf(reply) {
  const { code = '', detail, title, sessionStatus, sessionId } = reply.body ?? {};
  return {
    status: reply.status,
    code,
    detail: String(sessionStatus ?? detail ?? title ?? ''),
    sessionId,
    sessionStatus,
  };
}

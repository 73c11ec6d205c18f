// SPDX-License-Identifier: Apache-2.0
// The rows of the table of sessions: asked for page by page, and as they were when somebody comes back to them. What
// becomes of each session is the store's; here are only ids.
import { batch, signal } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { me, putSession, workspace } from '../store.js';
import { serverNow } from '../time.js';
import { complain } from './announce.js';
import { listFields, listKeys } from './session-query.js';

/**
 * @typedef {{ key: string, ids: string[] | null, error: ApiError | null, isLoading: boolean, askedAt: number,
 *   fields: Record<string, string | undefined>, nextBefore?: string, total?: { value: number, isLeast?: boolean } }} SessionList
 */

const pageSize = 50;
const typingPause = 150;
const retryAfter = 3000;
// So many pages without a hit are asked for without being told to.
const patience = 5;

/** @type {SessionList} */
const nothing = { key: '', ids: null, error: null, isLoading: false, askedAt: 0, fields: {} };
export const sessionList = signal(nothing);
// Where the reader was in it.
export const place = { key: '', top: 0 };

let controller = new AbortController();
/** @type {Timer} */
let timer;

const placeKey = () => `${me.peek().id} ${workspace.peek().id}`;

/** @param {Record<string, string | undefined>} query */
export const keyOf = (query) => JSON.stringify([placeKey(), ...listKeys.map((name) => query[name] ?? '')]);

/** @param {Record<string, string | undefined>} fields @param {Record<string, any>} more */
const pathOf = (fields, more) =>
  `/workspaces/${workspace.peek().id}/agent-sessions${apiQuery({ ...fields, limit: pageSize, ...more })}`;

// A page, and the pages behind it as long as they are empty: a text is looked for in a number of sessions at a time.
/** @param {Record<string, string | undefined>} fields @param {Record<string, any>} more @param {AbortSignal} stop */
async function ask(fields, more, stop) {
  const first = await apiGet(pathOf(fields, more), { signal: stop });
  let page = first;
  for (let i = 1; i < patience && page.sessions.length === 0 && page.nextBefore; i += 1)
    page = await apiGet(pathOf(fields, { before: page.nextBefore }), { signal: stop });
  return { ...page, total: first.total };
}

/** @param {any} page */
const idsOf = (page) => page.sessions.map((/** @type {Session} */ session) => session.id);

/** @param {Record<string, string | undefined>} query @param {string} key */
async function load(query, key) {
  const { signal: stop } = controller;
  const askedAt = serverNow();
  const fields = listFields(query, askedAt);
  try {
    const page = await ask(fields, { count: true }, stop);
    batch(() => {
      page.sessions.forEach(putSession);
      const { nextBefore, total } = page;
      sessionList.value = { key, ids: idsOf(page), error: null, isLoading: false, askedAt, fields, nextBefore, total };
    });
  } catch (error) {
    if (error.name === 'AbortError') return;
    const held = sessionList.peek();
    sessionList.value = { ...(held.key === key ? held : nothing), key, error, isLoading: false };
    if (error.isTemporary) timer = setTimeout(() => load(query, key), retryAfter);
  }
}

function stopAsking() {
  clearTimeout(timer);
  controller.abort();
  controller = new AbortController();
}

// Asks for the list that the address names, unless it is there. What was shown stays until the answer has come.
/** @param {Record<string, string | undefined>} query @param {{ again?: boolean }} [options] */
export function sessionsOpen(query, { again = false } = {}) {
  const key = keyOf(query);
  const held = sessionList.peek();
  if (held.key === key && held.ids && !again) return;
  stopAsking();
  const isOurs = held.key.startsWith(JSON.stringify([placeKey()]).slice(0, -1));
  sessionList.value = { ...(isOurs ? held : nothing), isLoading: true };
  timer = setTimeout(() => load(query, key), query.q && !again ? typingPause : 0);
}

export function sessionsLeave() {
  stopAsking();
  const held = sessionList.peek();
  // What is on its way or failed is asked for when somebody comes back.
  sessionList.value = held.isLoading || held.error ? nothing : held;
}

export async function sessionsMore() {
  const held = sessionList.peek();
  if (held.isLoading || !held.nextBefore) return;
  sessionList.value = { ...held, isLoading: true };
  const { signal: stop } = controller;
  try {
    const page = await ask(held.fields, { before: held.nextBefore }, stop);
    batch(() => {
      page.sessions.forEach(putSession);
      const ids = [...new Set([...(held.ids ?? []), ...idsOf(page)])];
      sessionList.value = { ...held, ids, isLoading: false, nextBefore: page.nextBefore };
    });
  } catch (error) {
    if (error.name === 'AbortError') return;
    sessionList.value = { ...held, isLoading: false };
    complain(`More sessions could not be loaded: ${error.message}`);
  }
}

// SPDX-License-Identifier: Apache-2.0
// What the administration shows: asked for when a section is opened, and again after each change. It is nobody else's, so
// it is kept where it is shown.
import { html, useEffect, useState } from '../html.js';
import { apiCall, apiGet } from '../api.js';
import { workspace } from '../store.js';
import { announce, complain } from '../ui/announce.js';
import { Unreachable } from '../ui/notices.js';

const again = 3000;

// Somebody has made a member of this admin: the page shows what members see.
/** @param {ApiError} error */
function heed(error) {
  if (error.code === 'admin_only') workspace.value = { ...workspace.peek(), role: 'member' };
}

/** @typedef {{ data: any, error: ApiError | null, reload: () => void, show: (data: any) => void }} Loaded `show`: an answer that has it all */

/** @param {string} path below the workspace @returns {Loaded} */
export function useLoaded(path) {
  const [state, setState] = useState(
    /** @type {{ data: any, error: ApiError | null }} */ ({ data: null, error: null }),
  );
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    /** @type {Timer} */
    let timer;
    apiGet(`/workspaces/${workspace.peek().id}/${path}`, { signal: controller.signal }).then(
      (data) => setState({ data, error: null }),
      (error) => {
        if (error.name === 'AbortError') return;
        heed(error);
        setState((held) => ({ ...held, error }));
        if (error.isTemporary) timer = setTimeout(() => setTries((n) => n + 1), again);
      },
    );
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [path, tries]);
  return {
    ...state,
    reload: () => setTries((n) => n + 1),
    show: (data) => setState({ data, error: null }),
  };
}

// After these no dialog stays open for another try: nothing can be changed any more, or not what was seen.
const final = new Set(['admin_only', 'changed_meanwhile']);
/** @type {Set<string>} */
const underWay = new Set();

// One change. What was done is said aloud; what was not, in words. Undefined: it was not done, or is already being done: a
// second press asks for nothing. `stale`: what is to be changed is not what was shown.
/**
 * @param {string} method @param {string} path @param {any} body
 * @param {{ done: string, failed: string, refuse?: (sentence: string) => void, stale?: () => void }} words
 */
export async function change(method, path, body, { done, failed, refuse = complain, stale }) {
  const key = JSON.stringify([method, path, body]);
  if (underWay.has(key)) return undefined;
  underWay.add(key);
  try {
    const answer = (await apiCall(method, `/workspaces/${workspace.peek().id}/${path}`, body)) ?? {};
    announce(done);
    return answer;
  } catch (error) {
    (final.has(error.code) ? complain : refuse)(`${failed}: ${error.message}`);
    if (['changed_meanwhile', 'not_found'].includes(error.code)) stale?.();
    heed(error);
    return undefined;
  } finally {
    underWay.delete(key);
  }
}

/** @param {{ list: Loaded, children: import('preact').ComponentChildren }} props */
export function Shown({ list, children }) {
  if (list.error && !list.data) return html`<${Unreachable} error=${list.error} onRetry=${list.reload} />`;
  if (!list.data) return html`<div class="skeleton" aria-busy="true"></div>`;
  return html`${children}`;
}

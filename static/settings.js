// SPDX-License-Identifier: Apache-2.0
// What this browser remembers: theme, how streamed text is shown, single keys, drafts. If storage is refused, it lasts
// as long as the page.
import { signal } from './vendor/signals.js';

const key = 'agent-trace';
const defaults = {
  theme: 'system',
  streaming: 'live',
  keys: true,
  waterfall: true,
  modalView: 'read',
  pageView: 'tree',
  compressGaps: false,
  wrap: true,
  hiddenColumns: /** @type {string[]} */ ([]),
  windowsNoticed: false,
  notify: /** @type {NoticeKind[]} */ (['failed', 'decision', 'mention']),
  // Also by the browser, while the page is hidden.
  notifyOutside: false,
};

/** @param {string} name @param {any} fallback */
function read(name, fallback) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null') ?? fallback;
  } catch {
    return fallback;
  }
}

/** @param {string} name @param {any} value */
function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Private windows may refuse. The setting lives on in memory.
  }
}

export const settings = signal({ ...defaults, ...read(key, {}) });

/** @param {Partial<typeof defaults>} changes */
export function settingsSet(changes) {
  settings.value = { ...settings.peek(), ...changes };
  write(key, settings.peek());
}

export function themeStart() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const { theme } = settings.value;
    document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  };
  settings.subscribe(apply);
  dark.addEventListener('change', apply);
}

/** @param {string} streamId */
export const draftRead = (streamId) => read(`${key}:draft:${streamId}`, '');
/** @param {string} streamId @param {string} text */
export const draftWrite = (streamId, text) => write(`${key}:draft:${streamId}`, text || null);
// Messages that were not acknowledged. Only their author reads them, and only in the workspace they were written for.
/** @param {string} userId @param {string} ws */
export const unsentName = (userId, ws) => `${key}:unsent:${userId}:${ws}`;
/** @param {string} name */
export const unsentRead = (name) => read(name, []);
/** @param {string} name @param {Partial<OutboxRow>[]} rows */
export const unsentWrite = (name, rows) => write(name, rows.length > 0 ? rows : null);
/** @param {string} ws */
export const lastStreamRead = (ws) => read(`${key}:last:${ws}`, null);
/** @param {string} ws @param {string} streamId */
export const lastStreamWrite = (ws, streamId) => write(`${key}:last:${ws}`, streamId);

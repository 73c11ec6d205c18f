// What this browser remembers: theme, how streamed text is shown, single keys, drafts. Storage may be refused: then
// for this page only.
import { signal } from './vendor/signals.js';

const key = 'agent-trace';
const defaults = { theme: 'system', streaming: 'live', keys: true, waterfall: true };

function read(name, fallback) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? fallback;
  } catch {
    return fallback;
  }
}

function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Private windows may refuse; the setting lives on in memory.
  }
}

export const settings = signal({ ...defaults, ...read(key, {}) });

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

export const draftRead = (streamId) => read(`${key}:draft:${streamId}`, '');
export const draftWrite = (streamId, text) => write(`${key}:draft:${streamId}`, text || null);
// Messages that were not acknowledged. Nobody but their author reads them, in the workspace they were written for.
export const unsentName = (userId, ws) => `${key}:unsent:${userId}:${ws}`;
export const unsentRead = (name) => read(name, []);
export const unsentWrite = (name, rows) => write(name, rows.length > 0 ? rows : null);
export const lastStreamRead = (ws) => read(`${key}:last:${ws}`, null);
export const lastStreamWrite = (ws, streamId) => write(`${key}:last:${ws}`, streamId);

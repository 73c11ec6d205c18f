// SPDX-License-Identifier: Apache-2.0
// ⌘K or Ctrl-K: goes to a conversation, an agent, a session or a message by typing a part of its name, and does what the
// page can do. Names that the page holds are matched here; sessions and messages are asked of the server.
import {
  cls,
  focused,
  html,
  signal,
  useEffect,
  useElement,
  useId,
  useLayoutEffect,
  useMemo,
  useState,
} from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { cutCharacters } from '../blocks.js';
import { Icon } from '../icons.js';
import { connectUrl, messageUrl, placeOf, searchUrl, sessionsUrl, streamUrl, tracePageUrl } from '../links.js';
import { navigate, route } from '../router.js';
import { settings, settingsSet } from '../settings.js';
import { personas, personaIds, putSession, streamIds, streams, workspace } from '../store.js';
import { personaTrouble, sessionTitle } from '../trace/phase.js';
import { formatWhen } from '../time.js';
import { helpOpen } from './keys-help.js';
import { streamIcon } from './stream-view.js';

/** @typedef {{ id: string, group: string, label: string, note?: string, icon: string, href?: string, run?: () => void }} Item */

export const paletteOpen = signal(false);
const most = 8;
const askAfter = 150;

// Letters with accents are found by those without.
/** @param {string} text */
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** @returns {Item[]} */
function ownItems() {
  const ws = workspace.peek().id;
  const dark = document.documentElement.dataset.theme === 'dark';
  const conversations = streamIds.value
    .map((id) => streams.get(id))
    .filter((stream) => stream !== undefined)
    .map((stream) => ({
      id: stream.id,
      group: 'Conversations',
      label: stream.name,
      icon: streamIcon(stream),
      href: streamUrl(ws, stream.id),
    }));
  const agents = personaIds.value
    .map((id) => personas.get(id))
    .filter((persona) => persona !== undefined)
    .map((persona) => ({
      id: persona.id,
      group: 'Agents',
      label: persona.name,
      note: personaTrouble(persona) || undefined,
      icon: 'thinking',
      href: `${sessionsUrl(ws)}?persona=${persona.id}`,
    }));
  return [
    ...conversations,
    ...agents,
    { id: 'sessions', group: 'Actions', label: 'All sessions', icon: 'pulse', href: sessionsUrl(ws) },
    {
      id: 'failed',
      group: 'Actions',
      label: 'Failed sessions',
      icon: 'alert',
      href: `${sessionsUrl(ws)}?status=failed`,
    },
    { id: 'connect', group: 'Actions', label: 'Connect an agent', icon: 'plus', href: connectUrl(ws) },
    { id: 'search', group: 'Actions', label: 'Search in messages', icon: 'search', href: searchUrl(ws) },
    {
      id: 'theme',
      group: 'Actions',
      label: dark ? 'Light theme' : 'Dark theme',
      icon: 'gear',
      run: () => settingsSet({ theme: dark ? 'light' : 'dark' }),
    },
    { id: 'keys', group: 'Actions', label: 'Keyboard help', icon: 'help', run: () => (helpOpen.value = true) },
    {
      id: 'keys-toggle',
      group: 'Actions',
      label: settings.value.keys ? 'Turn single keys off' : 'Turn single keys on',
      icon: 'gear',
      run: () => settingsSet({ keys: !settings.peek().keys }),
    },
  ];
}

// What the server finds: sessions and messages.
/** @param {string} text */
function useFound(text) {
  const [found, setFound] = useState(/** @type {Item[]} */ ([]));
  useEffect(() => {
    if (text.trim().length < 2) return setFound([]);
    const ws = workspace.peek().id;
    const controller = new AbortController();
    const get = (/** @type {string} */ path) => apiGet(`/workspaces/${ws}${path}`, { signal: controller.signal });
    const timer = setTimeout(async () => {
      const [sessions, messages] = await Promise.allSettled([
        get(`/agent-sessions${apiQuery({ q: text, limit: 5 })}`),
        get(`/search${apiQuery({ q: text, limit: 5 })}`),
      ]);
      if (controller.signal.aborted) return;
      const ofSessions = sessions.status === 'fulfilled' ? sessions.value.sessions : [];
      const ofMessages = messages.status === 'fulfilled' ? messages.value.hits : [];
      ofSessions.forEach(putSession);
      setFound([
        ...ofSessions.map((/** @type {Session} */ session) => ({
          id: session.id,
          group: 'Sessions',
          label: sessionTitle(session),
          note: `${session.persona.name}, ${session.status}, ${formatWhen(session.createdAt)}`,
          icon: 'pulse',
          href: tracePageUrl(ws, session.id),
        })),
        ...ofMessages.map((/** @type {SearchHit} */ { message, stream }) => ({
          id: message.id,
          group: 'Messages',
          label: cutCharacters(message.content, 120),
          note: `${message.author.name} in ${placeOf(stream)}`,
          icon: 'thread',
          href: messageUrl(ws, message.streamId, message.id),
        })),
      ]);
    }, askAfter);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return found;
}

/** @param {Item[]} items @param {string} text */
function fitting(items, text) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  const counts = new Map();
  return items.filter(({ label, group }) => {
    const name = plain(`${label} ${group}`);
    if (!words.every((word) => name.includes(word))) return false;
    counts.set(group, (counts.get(group) ?? 0) + 1);
    return counts.get(group) <= most;
  });
}

function Palette() {
  /** @type {{ current: HTMLDialogElement }} */
  const dialog = useElement();
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useFound(text);
  const own = useMemo(ownItems, [streamIds.value, personaIds.value]);
  const items = [...fitting(own, text), ...found];
  const chosen = Math.min(at, items.length - 1);
  const close = () => (paletteOpen.value = false);

  useLayoutEffect(() => {
    const opener = focused();
    const element = dialog.current;
    element.showModal();
    return () => {
      element.close();
      if (opener?.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);

  /** @param {Item | undefined} item */
  function take(item) {
    if (!item) return;
    close();
    if (item.href) navigate(item.href);
    else item.run?.();
  }

  /** @param {any} event */
  function onKeyDown(event) {
    event.stopPropagation();
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1 }[/** @type {'ArrowDown'} */ (event.key)];
    if (to !== undefined && items.length > 0) setAt((to + items.length) % items.length);
    else if (event.key === 'Enter' && !event.isComposing) take(items[chosen]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
  }

  return html`<dialog class="palette" aria-label="Go to" ref=${dialog} onCancel=${(/** @type {Event} */ event) => {
    event.stopPropagation();
    event.preventDefault();
    close();
  }} onMouseDown=${(/** @type {Event} */ event) => event.target === dialog.current && close()} onKeyDown=${onKeyDown}>
    <label class="palette-field"><${Icon} name="search" /><span class="visually-hidden">Go to</span>
      <input type="search" role="combobox" aria-expanded="true" aria-controls=${listId} aria-autocomplete="list"
        aria-activedescendant=${items.length > 0 ? `${listId}-${chosen}` : undefined} value=${text} maxlength="500"
        placeholder="Conversations, agents, sessions, messages, actions" onInput=${(/** @type {any} */ event) => {
          setText(event.target.value);
          setAt(0);
        }} /></label>
    <ul class="palette-list" role="listbox" id=${listId} aria-label="Results">${items.map(
      (item, index) => html`<li key=${item.id} id=${`${listId}-${index}`} role="option"
        aria-selected=${String(index === chosen)} class=${cls('palette-item', { 'is-chosen': index === chosen })}
        ref=${index === chosen ? (/** @type {HTMLElement | null} */ element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
        onMouseMove=${() => index !== chosen && setAt(index)} onClick=${() => take(item)}>
        <${Icon} name=${item.icon} size=${14} /><bdi class="palette-label">${item.label}</bdi>
        <span class="faint palette-note">${item.note ?? item.group}</span></li>`,
    )}</ul>
    ${items.length === 0 && html`<p class="empty" role="status">Nothing found</p>`}
  </dialog>`;
}

export function PaletteHost() {
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      paletteOpen.value = !paletteOpen.peek();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  // It belongs to the page that it was opened on. After the next frame it might have been opened on the new one.
  useLayoutEffect(() => void (paletteOpen.value = false), [route.value]);
  return paletteOpen.value && workspace.value ? html`<${Palette} />` : null;
}

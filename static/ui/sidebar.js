// SPDX-License-Identifier: Apache-2.0
// Where to go: streams with what is new and where agents work, sessions, search, settings.
import { cls, html, useElement, useState } from '../html.js';
import { apiPost } from '../api.js';
import { Icon } from '../icons.js';
import { adminUrl, connectUrl, searchUrl, sessionsUrl, statisticsUrl, streamUrl } from '../links.js';
import { navigate, openLogin, route } from '../router.js';
import {
  me,
  personaIds,
  personas,
  putStream,
  runningByStream,
  streamIds,
  streams,
  workspace,
  workspaces,
} from '../store.js';
import { syncStop } from '../sync.js';
import { personaTrouble } from '../trace/phase.js';
import { complain } from './announce.js';
import { Avatar } from './avatar.js';
import { paletteOpen } from './palette.js';
import { MenuButton, PopoverButton } from './popover.js';
import { SettingsButton } from './settings-view.js';
import { streamIcon } from './stream-view.js';

/** @param {{ id: string }} props */
function StreamLink({ id }) {
  const stream = streams.get(id);
  if (!stream) return null;
  const here = route.value.name === 'stream' && route.value.id === id;
  const running = runningByStream.value.has(id) || Number(stream.running) > 0;
  const unread = !here && (stream.unreadCount > 0 || stream.hasNews);
  return html`<li><a class=${cls('side-link', { 'is-here': here, 'is-unread': unread })}
    href=${streamUrl(workspace.value.id, id)} aria-current=${here ? 'page' : undefined}>
    <${Icon} name=${streamIcon(stream)} size=${15} /><span class="side-name">${stream.name}</span>
    ${
      running &&
      html`<span class="dot dot-gold" title="An agent works here"><span
      class="visually-hidden">an agent works here</span></span>`
    }
    ${
      stream.mentionCount > 0 && !here
        ? html`<span class="count count-gold">${stream.mentionCount}<span
      class="visually-hidden"> mentions</span></span>`
        : null
    }
    ${
      unread &&
      !(stream.mentionCount > 0) &&
      html`<span class="dot"><span
      class="visually-hidden">unread</span></span>`
    }
  </a></li>`;
}

/** @param {{ close: () => void }} props */
function NewStream({ close }) {
  const [name, setName] = useState('');
  const [closed, setClosed] = useState(false);
  /** @param {any} event */
  async function create(event) {
    event.preventDefault();
    try {
      const { stream } = await apiPost(`/workspaces/${workspace.peek().id}/streams`, {
        type: 'channel',
        name: name.trim(),
        private: closed,
      });
      putStream(stream);
      close();
      navigate(streamUrl(workspace.peek().id, stream.id));
    } catch (error) {
      complain(`The channel could not be created: ${error.message}`);
    }
  }
  return html`<form class="form" onSubmit=${create}>
    <label class="field"><span>Name of the channel</span><input type="text" required maxlength="80" value=${name}
      onInput=${(event) => setName(event.target.value)} /></label>
    <label class="choice"><input type="checkbox" checked=${closed}
      onChange=${(event) => setClosed(event.target.checked)} /><span>Private: only its members see it</span></label>
    <button type="submit" class="button button-primary">Create</button>
  </form>`;
}

/** @param {Persona} persona */
async function openScratchpad(persona) {
  try {
    const { stream } = await apiPost(`/workspaces/${workspace.peek().id}/streams`, {
      type: 'scratchpad',
      name: persona.name,
      personaId: persona.id,
    });
    putStream(stream);
    navigate(streamUrl(workspace.peek().id, stream.id));
  } catch (error) {
    complain(`The scratchpad could not be opened: ${error.message}`);
  }
}

async function signOut() {
  try {
    await apiPost('/auth/logout');
  } catch (error) {
    if (error.status !== 401) return complain(`You are still signed in: ${error.message}`);
  }
  syncStop();
  openLogin();
  return location.assign('/login');
}

const otherWorkspaces = () =>
  workspaces.value
    .filter(({ id }) => id !== workspace.value.id)
    .map(({ id, name }) => ({ id, label: name, icon: 'right', href: `/w/${id}` }));

/** @param {{ title: string, ids: string[], action?: object }} props */
function Section({ title, ids, action }) {
  return html`<section class="side-section"><h2 class="side-title">${title}${action}</h2><ul>
    ${ids.map((id) => html`<${StreamLink} key=${id} id=${id} />`)}</ul></section>`;
}

export function Sidebar() {
  const ws = workspace.value;
  const list = useElement();
  const all = streamIds.value.map((id) => streams.get(id)).filter((stream) => stream !== undefined);
  const channels = all.filter(({ type }) => type === 'channel').sort((a, b) => a.name.localeCompare(b.name));
  const pads = all.filter(({ type }) => type === 'scratchpad');
  const withPad = new Set(pads.map(({ personaId }) => personaId));
  const { name: view } = route.value;

  /** @param {any} event */
  function walk(event) {
    if (!['ArrowUp', 'ArrowDown'].includes(event.key)) return;
    const links = [...list.current.querySelectorAll('.side-link')];
    const at = links.indexOf(event.target);
    const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)];
    // Anything else that has focus in here, a field or a choice, keeps the arrow keys for itself.
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  }

  return html`<nav class="sidebar" aria-label="Workspace" ref=${list} onKeyDown=${walk}>
    <header class="side-head"><span class="brand" aria-hidden="true"></span><span class="side-workspace">
      ${ws.name}</span>
      ${
        workspaces.value.length > 1 &&
        html`<${MenuButton} label="Other workspaces" icon="down"
        items=${otherWorkspaces} />`
      }</header>
    <div class="side-scroll">
      <ul class="side-views">
        <li><a class=${cls('side-link', { 'is-here': view === 'sessions' })} href=${sessionsUrl(ws.id)}
          aria-current=${view === 'sessions' ? 'page' : undefined}><${Icon} name="pulse" size=${15} /><span
          class="side-name">Sessions</span></a></li>
        <li><a class=${cls('side-link', { 'is-here': view === 'statistics' })} href=${statisticsUrl(ws.id)}
          aria-current=${view === 'statistics' ? 'page' : undefined}><${Icon} name="chart" size=${15} /><span
          class="side-name">Statistics</span></a></li>
        <li><a class=${cls('side-link', { 'is-here': view === 'search' })} href=${searchUrl(ws.id)}
          aria-current=${view === 'search' ? 'page' : undefined}><${Icon} name="search" size=${15} /><span
          class="side-name">Search</span></a></li>
        <li><a class=${cls('side-link', { 'is-here': view === 'connect' })} href=${connectUrl(ws.id)}
          aria-current=${view === 'connect' ? 'page' : undefined}><${Icon} name="plus" size=${15} /><span
          class="side-name">Connect an agent</span></a></li>
        ${
          ws.role === 'admin' &&
          html`<li><a class=${cls('side-link', { 'is-here': view === 'admin' })} href=${adminUrl(ws.id)}
          aria-current=${view === 'admin' ? 'page' : undefined}><${Icon} name="gear" size=${15} /><span
          class="side-name">Administration</span></a></li>`
        }
        <li><button type="button" class="side-link" title="Go to (Ctrl+K or ⌘K)"
          onClick=${() => (paletteOpen.value = true)}><${Icon} name="right" size=${15} /><span class="side-name">Go to…
          </span></button></li>
      </ul>
      <${Section} title="Channels" ids=${channels.map(({ id }) => id)}
        action=${html`<${PopoverButton} label="New channel" icon="plus"
        content=${(close) => html`<${NewStream} close=${close} />`} />`} />
      <${Section} title="Scratchpads" ids=${pads.map(({ id }) => id)} />
      <ul class="side-views">${personaIds.value
        .map((id) => personas.get(id))
        .filter((persona) => persona !== undefined)
        .filter((persona) => !withPad.has(persona.id))
        .map(
          (persona) => html`<li key=${persona.id}>
        <button type="button" class="side-link side-quiet" onClick=${() => openScratchpad(persona)}><${Icon} name="plus"
          size=${15} /><span class="side-name">Talk to ${persona.name}</span>${
            personaTrouble(persona) && html`<span class="tag tag-warning">${personaTrouble(persona)}</span>`
          }</button></li>`,
        )}</ul>
    </div>
    <footer class="side-foot"><${Avatar} who=${me.value} size="small" /><span class="side-name">${me.value.name}</span>
      <${SettingsButton} />
      <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick=${signOut}><${Icon}
        name="leave" /></button></footer>
  </nav>`;
}

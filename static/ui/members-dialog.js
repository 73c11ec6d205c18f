// SPDX-License-Identifier: Apache-2.0
// Who is in a channel. Everybody in it brings others; its owner and admins remove them, and everyone may leave.
import { focused, html, useEffect, useElement, useLayoutEffect, useState } from '../html.js';
import { apiCall, apiGet, apiQuery } from '../api.js';
import { Icon } from '../icons.js';
import { me, members as held, workspace } from '../store.js';
import { announce, complain } from './announce.js';
import { Avatar } from './avatar.js';

/** @typedef {Member & { type: 'user' | 'persona' }} Actor */

const pause = 150;

/** @param {Actor} who */
const bodyOf = ({ type, id }) => (type === 'persona' ? { personaId: id } : { userId: id });

/** @param {string} text @param {Actor[]} present */
function useFound(text, present) {
  const [found, setFound] = useState(/** @type {Actor[]} */ ([]));
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      apiGet(`/workspaces/${workspace.peek().id}/mentionable${apiQuery({ q: text.trim() })}`, {
        signal: controller.signal,
      }).then(
        ({ mentionable }) => setFound(mentionable),
        () => {}, // the next letter asks again
      );
    }, pause);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  const here = new Set(present.map(({ id }) => id));
  return found.filter(({ id }) => !here.has(id)).slice(0, 8);
}

/** @param {{ who: Actor, children: import('preact').ComponentChildren }} props */
function Line({ who, children }) {
  return html`<li class="members-line"><${Avatar} who=${who} size="small" /><bdi class="members-name">${who.name}</bdi>
    <span class="faint">@${who.slug}</span>${who.role === 'owner' && html`<span class="tag">owner</span>`}
    <span class="members-side">${children}</span></li>`;
}

/** @param {{ stream: { id: string, name: string, private: boolean }, onClose: () => void }} props */
export function MembersDialog({ stream, onClose }) {
  /** @type {{ current: any }} */
  const dialog = useElement();
  const [list, setList] = useState(/** @type {Actor[] | null} */ (null));
  const [text, setText] = useState('');
  // Whom a press would remove: it is pressed twice.
  const [sure, setSure] = useState('');
  const found = useFound(text, list ?? []);
  const path = `/workspaces/${workspace.peek().id}/streams/${stream.id}/members`;

  useLayoutEffect(() => {
    const opener = focused();
    const element = dialog.current;
    element.showModal();
    return () => {
      element.close();
      if (opener?.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);

  async function load() {
    try {
      const { members } = await apiGet(path);
      held.set(stream.id, members);
      setList(members);
    } catch (error) {
      // Whoever has left a private channel sees it no more.
      if (error.status === 404) return onClose();
      complain(`The members could not be loaded: ${error.message}`);
    }
    return undefined;
  }
  useEffect(() => void load(), [stream.id]);

  /** @param {string} method @param {Actor} who @param {string} done */
  async function change(method, who, done) {
    try {
      await apiCall(method, path, bodyOf(who));
      announce(done);
    } catch (error) {
      complain(`Nothing was changed: ${error.message}`);
    }
    setSure('');
    await load();
  }

  const own = list?.find(({ id }) => id === me.value.id);
  /** @param {Actor} who */
  const mayRemove = (who) => who.id === me.value.id || own?.role === 'owner' || workspace.value.role === 'admin';
  /** @param {Actor} who */
  const remove = (who) => {
    const verb = who.id === me.value.id ? 'Leave' : 'Remove';
    if (sure === who.id)
      return html`<button type="button" class="button button-small button-danger"
        onClick=${() => change('DELETE', who, `${who.name} is no member any more`)}>${verb === 'Leave' ? `Leave ${stream.name}` : `Remove ${who.name}`}</button>`;
    return html`<button type="button" class="button button-small" aria-label=${verb === 'Leave' ? `Leave ${stream.name}…` : `Remove ${who.name}…`}
      onClick=${() => setSure(who.id)}>${verb}…</button>`;
  };

  return html`<dialog class="ask members" ref=${dialog} aria-labelledby="members-title" onCancel=${(
    /** @type {Event} */ event,
  ) => {
    event.preventDefault();
    onClose();
  }}><div class="ask-form">
    <header class="members-head"><h2 id="members-title">Members of <bdi>${stream.name}</bdi></h2>
      <button type="button" class="icon-button" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    <p class="faint">${stream.private ? 'Only they see it.' : 'Everybody in the workspace may read it.'}</p>
    ${
      list === null
        ? html`<div class="skeleton" aria-busy="true"></div>`
        : html`<ul class="members-list" aria-label="Members">${list.map(
            (who) => html`<${Line} key=${who.id} who=${who}>${mayRemove(who) && remove(who)}<//>`,
          )}</ul>`
    }
    <label class="field"><span>Add a person or an agent</span><input type="search" value=${text} autocomplete="off"
      placeholder="Name" onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></label>
    <ul class="members-list" aria-label="Can be added">${found.map(
      (
        who,
      ) => html`<${Line} key=${who.id} who=${who}><button type="button" class="button button-small" aria-label=${`Add ${who.name}`}
        onClick=${() => change('POST', who, `${who.name} is a member`)}>Add</button><//>`,
    )}</ul></div></dialog>`;
}

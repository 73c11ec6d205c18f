// SPDX-License-Identifier: Apache-2.0
// The tags of a session: shown in its head, and changed by whoever may post where it is.
import { html, useState } from '../html.js';
import { asked, tagSession } from '../actions.js';
import { Icon } from '../icons.js';
import { announce } from '../ui/announce.js';
import { PopoverButton } from '../ui/popover.js';

const most = 50;

/** @param {{ session: Session }} props */
export function Tags({ session }) {
  if (!session.tags || session.tags.length === 0) return null;
  return html`<ul class="head-tags" aria-label="Tags">${session.tags.map(
    (tag) => html`<li key=${tag} class="tag"><bdi>${tag}</bdi></li>`,
  )}</ul>`;
}

/** @param {{ session: Session }} props */
function Edit({ session }) {
  const tags = session.tags ?? [];
  const [text, setText] = useState('');
  const isBusy = Boolean(asked.get(`tag:${session.id}`));
  async function add() {
    const tag = text.trim();
    if (!tag || isBusy) return;
    if (!tags.includes(tag) && !(await tagSession(session.id, [...tags, tag]))) return;
    announce(`Tagged ${tag}`);
    setText('');
  }
  /** @param {string} tag */
  async function remove(tag) {
    if (
      await tagSession(
        session.id,
        tags.filter((one) => one !== tag),
      )
    )
      announce(`No longer tagged ${tag}`);
  }
  return html`<form class="form tags-form" onSubmit=${(/** @type {any} */ event) => {
    event.preventDefault();
    add();
  }}>
    <label>A tag <input type="text" maxlength="200" value=${text} disabled=${tags.length >= most}
      onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></label>
    <button type="submit" class="button button-primary" aria-disabled=${String(isBusy)}>Add</button>
    ${
      tags.length > 0 &&
      html`<ul class="tags-list">${tags.map(
        (tag) => html`<li key=${tag}><bdi>${tag}</bdi><button type="button" class="icon-button"
        aria-label=${`Remove the tag ${tag}`} onClick=${() => remove(tag)}><${Icon} name="close" size=${12} /></button></li>`,
      )}</ul>`
    }
  </form>`;
}

/** @param {{ session: Session }} props */
export function TagsButton({ session }) {
  return html`<${PopoverButton} label="Tags" icon="label" content=${() => html`<${Edit} session=${session} />`} />`;
}

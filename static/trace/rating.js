// SPDX-License-Identifier: Apache-2.0
// What people think of a session or a step: thumbs with their counts, and notes. One's own are changed here.
import { cls, html, useEffect, useState } from '../html.js';
import { asked, rate } from '../actions.js';
import { Icon } from '../icons.js';
import { loadRatings } from '../load.js';
import { isShared, me, ratings, workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { announce } from '../ui/announce.js';
import { PopoverButton } from '../ui/popover.js';

// Keeps the ratings of the open trace as new as the sums that its session tells.
/** @param {Session} session */
export function useRatings(session) {
  const sums = JSON.stringify(session.rating ?? null);
  useEffect(() => {
    // What cannot be had now is asked for with the next change.
    if (!isShared.peek()) loadRatings(workspace.peek().id, session).catch(() => {});
  }, [session.id, sums]);
}

/** @type {['up' | 'down', string, string][]} */
const thumbs = [
  ['up', 'good', 'Good'],
  ['down', 'bad', 'Bad'],
];

/** @param {{ session: Session, target: string, own: Rating | undefined, others: Rating[], close: () => void }} props */
function Notes({ session, target, own, others, close }) {
  const [note, setNote] = useState(own?.note ?? '');
  async function save() {
    const kept = own?.thumb ? { thumb: own.thumb } : {};
    if (!(await rate(session.id, target, own, note.trim() ? { ...kept, note: note.trim() } : kept))) return;
    announce(note.trim() ? 'The note is kept' : 'The note is gone');
    close();
  }
  return html`<form class="form rating-notes" onSubmit=${(/** @type {any} */ event) => {
    event.preventDefault();
    save();
  }}>
    ${
      others.length > 0 &&
      html`<ul class="rating-list">${others.map(
        (one) => html`<li key=${one.id}><p class="faint"><bdi>${one.by.name}</bdi> <time datetime=${one.updatedAt}>
          ${formatWhen(one.updatedAt)}</time>${one.name && html` <bdi>${one.name}</bdi>: ${String(one.score)}`}</p>
          ${one.note && html`<p class="plain"><bdi>${one.note}</bdi></p>`}</li>`,
      )}</ul>`
    }
    <label>Your note <textarea rows="3" maxlength="4000" value=${note}
      onInput=${(/** @type {any} */ event) => setNote(event.target.value)}></textarea></label>
    <p class="faint">Everybody who may read this session reads it.</p>
    <button type="submit" class="button button-primary" aria-disabled=${String(Boolean(asked.get(`rate:${target}`)))}
      disabled=${note.trim() === (own?.note ?? '')}>Save</button>
  </form>`;
}

/** @param {{ session: Session, target: string, what: string }} props */
export function Rating({ session, target, what }) {
  if (isShared.value) return null;
  const all = (ratings.get(session.id) ?? []).filter((one) => one.target === target);
  const own = all.find((one) => one.by.id === me.value?.id && !one.name);
  const told = all.filter((one) => one !== own && (one.note || one.name));
  const count = told.length + (own?.note ? 1 : 0);
  /** @param {'up' | 'down'} thumb */
  const press = (thumb) =>
    rate(session.id, target, own, {
      ...(own?.thumb !== thumb && { thumb }),
      ...(own?.note && { note: own.note }),
    });
  return html`<span class="rating" role="group" aria-label=${`Rate the ${what}`}>${thumbs.map(
    ([thumb, icon, label]) => {
      const n = all.filter((one) => one.thumb === thumb).length;
      return html`<button type="button" key=${thumb} class="icon-button rating-thumb" data-thumb=${thumb} data-count=${n}
      aria-pressed=${String(own?.thumb === thumb)} title=${label}
      aria-disabled=${String(Boolean(asked.get(`rate:${target}`)))} onClick=${() => press(thumb)}>
      <${Icon} name=${icon} /><span class="visually-hidden">${label}</span>${
        n > 0 && html` <span class="rating-count">${n}</span>`
      }</button>`;
    },
  )}<${PopoverButton} icon="thread" label=${count > 0 ? `Notes on the ${what} (${count})` : `Note on the ${what}`}
    className=${cls('icon-button', 'rating-note', { 'has-notes': count > 0 })}
    content=${(/** @type {() => void} */ close) => html`<${Notes} session=${session} target=${target} own=${own} others=${told} close=${close} />`} /></span>`;
}

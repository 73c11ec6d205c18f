// SPDX-License-Identifier: Apache-2.0
// Mentions with @: what is being typed, who fits, and what it becomes.
import { html, useEffect, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { personas, workspace } from '../store.js';
import { personaTrouble } from '../trace/phase.js';
import { Avatar } from './avatar.js';

/** @param {Mentionable} offer */
const troubleOf = (offer) => personaTrouble(personas.get(offer.id));

// Returns the mention that the caret stands in, or null.
/** @param {string} text @param {number} caret */
export function mentionAt(text, caret) {
  const found = /(?:^|[\s(])@([\p{L}\p{N}_-]{0,40})$/u.exec(text.slice(0, caret));
  return found ? { start: caret - found[1].length - 1, text: found[1] } : null;
}

/** @param {string} text @param {{ start: number, text: string }} query @param {number} caret @param {string} slug */
export function mentionInsert(text, query, caret, slug) {
  const before = `${text.slice(0, query.start)}@${slug} `;
  return { value: before + text.slice(caret).replace(/^ /, ''), position: before.length };
}

/** @param {string | null} text @param {string} streamId */
export function useMentions(text, streamId) {
  const [offers, setOffers] = useState(/** @type {Mentionable[]} */ ([]));
  useEffect(() => {
    if (text === null) return setOffers([]);
    const controller = new AbortController();
    const timer = setTimeout(() => {
      apiGet(`/workspaces/${workspace.peek().id}/mentionable${apiQuery({ q: text, streamId })}`, {
        signal: controller.signal,
      }).then(
        (data) => setOffers(data.mentionable),
        () => {},
      );
    }, 60);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text, streamId]);
  return text === null ? [] : offers;
}

/** @param {{ id: string, offers: Mentionable[], chosen: number, onTake: (offer: Mentionable) => void }} props */
export function MentionList({ id, offers, chosen, onTake }) {
  return html`<ul class="mention-list" role="listbox" id=${id} aria-label="People and agents">
    ${offers.map(
      (offer, index) => html`<li key=${offer.id} id=${`${id}-${index}`} role="option"
        aria-selected=${index === chosen ? 'true' : 'false'}
      class=${index === chosen ? 'mention-offer is-chosen' : 'mention-offer'} onMouseDown=${(event) => {
        event.preventDefault();
        onTake(offer);
      }}>
      <${Avatar} who=${offer} size="small" /><span>${offer.name}</span><span class="faint">@${offer.slug}</span>
      ${offer.id.startsWith('per_') && html`<span class="tag tag-gold">Agent</span>`}
      ${troubleOf(offer) && html`<span class="tag tag-warning">${troubleOf(offer)}</span>`}</li>`,
    )}
  </ul>`;
}

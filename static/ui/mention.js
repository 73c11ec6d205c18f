// Who can be called with @: what is being typed, who fits, and what it becomes.
import { html, useEffect, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { workspace } from '../store.js';
import { Avatar } from './avatar.js';

// The mention that the caret stands in: {start, text}, or null.
export function mentionAt(text, caret) {
  const found = /(?:^|[\s(])@([\p{L}\p{N}_-]{0,40})$/u.exec(text.slice(0, caret));
  return found ? { start: caret - found[1].length - 1, text: found[1] } : null;
}

export function mentionInsert(text, query, caret, slug) {
  const before = `${text.slice(0, query.start)}@${slug} `;
  return { value: before + text.slice(caret).replace(/^ /, ''), position: before.length };
}

export function useMentions(text, streamId) {
  const [offers, setOffers] = useState([]);
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

export function MentionList({ id, offers, chosen, onTake }) {
  return html`<ul class="mention-list" role="listbox" id=${id} aria-label="People and agents">
    ${offers.map(
      (
        offer,
        index,
      ) => html`<li key=${offer.id} id=${`${id}-${index}`} role="option"
        aria-selected=${index === chosen ? 'true' : 'false'}
      class=${index === chosen ? 'mention-offer is-chosen' : 'mention-offer'} onMouseDown=${(event) => {
        event.preventDefault();
        onTake(offer);
      }}>
      <${Avatar} who=${offer} size="small" /><span>${offer.name}</span><span class="faint">@${offer.slug}</span>
      ${offer.id.startsWith('per_') && html`<span class="tag tag-gold">Agent</span>`}</li>`,
    )}
  </ul>`;
}

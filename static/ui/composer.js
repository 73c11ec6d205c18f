// SPDX-License-Identifier: Apache-2.0
// The field for a new message. Enter sends, Shift+Enter breaks the line, @ offers who can be called, and a draft
// survives a reload.
import { html, useEffect, useElement, useId, useLayoutEffect, useState } from '../html.js';
import { Icon } from '../icons.js';
import { outboxSend } from '../outbox.js';
import { utf8Length } from '../store/live.js';
import { formatCount } from '../time.js';
import { complain } from './announce.js';
import { draftRead, draftWrite } from '../settings.js';
import { isComposing } from './composing.js';
import { MentionList, mentionAt, mentionInsert, useMentions } from './mention.js';

const maxHeight = 240;
// What the server takes.
const mostBytes = 1 << 20;

/** @param {HTMLElement} element */
function grow(element) {
  element.style.height = 'auto';
  element.style.height = `${Math.min(maxHeight, element.scrollHeight)}px`;
}

/** @param {{ streamId: string, placeholder: string, canPost?: boolean, autoFocus?: boolean }} props */
export function Composer({ streamId, placeholder, canPost = true, autoFocus = false }) {
  const [text, setText] = useState(() => draftRead(streamId));
  const [caret, setCaret] = useState(0);
  const [dismissed, setDismissed] = useState(/** @type {number | null} */ (null));
  const [chosen, setChosen] = useState(0);
  /** @type {{ current: HTMLTextAreaElement }} */
  const field = useElement();
  const listId = useId();
  const query = mentionAt(text, caret);
  const offers = useMentions(query && query.start !== dismissed ? query.text : null, streamId);
  const isOpen = offers.length > 0;
  useLayoutEffect(() => grow(field.current), [text]);
  useEffect(() => setChosen(0), [query?.text]);
  useEffect(() => {
    if (autoFocus && matchMedia('(hover: hover)').matches) field.current.focus({ preventScroll: true });
  }, [streamId]);

  /** @param {string} next */
  function write(next) {
    setText(next);
    draftWrite(streamId, next);
  }

  /** @param {Mentionable} offer */
  function take(offer) {
    if (!query) return;
    const { value, position } = mentionInsert(text, query, caret, offer.slug);
    // This happens at once, so that the next key finds the caret in its place.
    field.current.value = value;
    field.current.setSelectionRange(position, position);
    field.current.focus();
    write(value);
    setCaret(position);
  }

  function send() {
    const content = text.trim();
    if (content === '') return;
    const bytes = utf8Length(content);
    if (bytes > mostBytes)
      return complain(`This is too long to send: ${formatCount(bytes)} bytes, and a message has room for 1 MiB`);
    outboxSend(streamId, content);
    write('');
    field.current.focus();
  }

  /** @type {Record<string, () => void>} */
  const listKeys = {
    ArrowDown: () => setChosen((chosen + 1) % offers.length),
    ArrowUp: () => setChosen((chosen + offers.length - 1) % offers.length),
    Enter: () => take(offers[chosen]),
    Tab: () => take(offers[chosen]),
    Escape: () => setDismissed(query?.start ?? null),
  };

  /** @param {any} event */
  function onKeyDown(event) {
    if (isComposing(event)) return;
    if (isOpen && listKeys[event.key] && !event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      listKeys[event.key]();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  }

  // A text that cannot be sent is refused before the browser lays it out.
  /** @param {ClipboardEvent} event */
  function onPaste(event) {
    const bytes = utf8Length(event.clipboardData?.getData('text') ?? '');
    if (bytes <= mostBytes) return;
    event.preventDefault();
    complain(`This is too long to paste: ${formatCount(bytes)} bytes, and a message has room for 1 MiB`);
  }

  /** @param {any} event */
  const note = (event) => setCaret(event.target.selectionStart);
  if (!canPost) return html`<p class="composer-closed">You may read this conversation, but not write in it.</p>`;
  return html`<form class="composer" onSubmit=${(event) => {
    event.preventDefault();
    send();
  }}>
    ${isOpen && html`<${MentionList} id=${listId} offers=${offers} chosen=${chosen} onTake=${take} />`}
    <div class="composer-box">
      <textarea ref=${field} rows="1" value=${text} placeholder=${placeholder} aria-label=${placeholder}
        aria-autocomplete="list"
        aria-controls=${listId} aria-activedescendant=${isOpen ? `${listId}-${chosen}` : undefined}
          aria-haspopup="listbox"
        onInput=${(event) => {
          write(event.target.value);
          note(event);
          setDismissed(null);
        }} onKeyUp=${note} onClick=${note} onKeyDown=${onKeyDown} onPaste=${onPaste}></textarea>
      <button type="submit" class="icon-button composer-send" aria-label="Send" disabled=${text.trim() === ''}><${Icon}
        name="response" /></button>
    </div>
  </form>`;
}

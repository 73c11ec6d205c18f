// SPDX-License-Identifier: Apache-2.0
// What was changed last, with the way back. It stays until the next change, or until the section is left.
import { html, useElement, useRef, useState } from '../html.js';

/** @typedef {(sentence: string, back?: () => Promise<unknown>) => void} Offer */

export const restored = 'It is as it was before.';

/** @returns {{ bar: any, offer: Offer }} `back` comes to something if it was undone */
export function useUndo() {
  const [last, setLast] = useState(/** @type {{ sentence: string, back?: () => Promise<unknown> } | null} */ (null));
  const place = useElement();
  const isBusy = useRef(false);
  async function undo() {
    if (isBusy.current) return;
    isBusy.current = true;
    const isDone = await last?.back?.();
    isBusy.current = false;
    if (!isDone) return;
    setLast({ sentence: restored });
    place.current?.focus();
  }
  const bar = html`<div class="admin-undo" ref=${place} tabindex="-1">${
    last &&
    html`<p class="admin-secret"><span>${last.sentence}</span>
    ${last.back && html`<button type="button" class="button button-small" data-undo onClick=${undo}>Undo</button>`}</p>`
  }</div>`;
  return { bar, offer: (sentence, back) => setLast({ sentence, back }) };
}

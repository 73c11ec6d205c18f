// SPDX-License-Identifier: Apache-2.0
// What was changed last, with the way back. It stays until the next change, or until the section is left.
import { html, useElement, useState } from '../html.js';

/** @typedef {(sentence: string, back?: () => Promise<unknown>) => void} Offer */

export const restored = 'It is as it was before.';

/** @returns {{ bar: any, offer: Offer }} `back` comes to something if it was undone */
export function useUndo() {
  const [last, setLast] = useState(/** @type {{ sentence: string, back?: () => Promise<unknown> } | null} */ (null));
  const place = useElement();
  async function undo() {
    if (!(await last?.back?.())) return;
    setLast({ sentence: restored });
    place.current.focus();
  }
  const bar = html`<div class="admin-undo" ref=${place} tabindex="-1">${
    last &&
    html`<p class="admin-secret"><span>${last.sentence}</span>
    ${last.back && html`<button type="button" class="button button-small" data-undo onClick=${undo}>Undo</button>`}</p>`
  }</div>`;
  return { bar, offer: (sentence, back) => setLast({ sentence, back }) };
}

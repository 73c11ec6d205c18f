// SPDX-License-Identifier: Apache-2.0
// One or two letters or an emoji, and never a picture from elsewhere. It is decoration: the name stands beside it.
import { firstCharacter } from '../blocks.js';
import { html } from '../html.js';

/** @param {{ who: { id?: string, name?: string, avatar?: string, type?: string } | undefined, size?: string }} props */
export function Avatar({ who, size = 'medium' }) {
  const text = who?.avatar || firstCharacter(who?.name ?? '?').toUpperCase();
  const persona = who?.type === 'persona' || who?.id?.startsWith('per_');
  return html`<span class=${`avatar avatar-${size}${persona ? ' avatar-persona' : ''}`} aria-hidden="true">
    ${text}</span>`;
}

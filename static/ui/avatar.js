// One or two letters, or an emoji; never a picture from elsewhere. Decoration: the name stands beside it.
import { html } from '../html.js';

export function Avatar({ who, size = 'medium' }) {
  const text = who?.avatar || (who?.name ?? '?').slice(0, 1).toUpperCase();
  const persona = who?.type === 'persona' || who?.id?.startsWith('per_');
  return html`<span class=${`avatar avatar-${size}${persona ? ' avatar-persona' : ''}`} aria-hidden="true">
    ${text}</span>`;
}

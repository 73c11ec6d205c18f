// SPDX-License-Identifier: Apache-2.0
// A button that copies, and says so: visibly on itself, and aloud.
import { html, useEffect, useState } from '../html.js';
import { copyText } from '../actions.js';
import { Icon } from '../icons.js';
import { announce } from '../ui/announce.js';

const shownFor = 1800;

/** @param {{ text: () => string, label?: string, icon?: string, children?: any }} props */
export function CopyButton({ text, label = 'Copy', icon = 'copy', children }) {
  const [copied, setCopied] = useState(0);
  useEffect(() => {
    if (copied === 0) return undefined;
    const timer = setTimeout(() => setCopied(0), shownFor);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    if (!(await copyText(text(), 'It'))) return;
    announce('Copied');
    setCopied((n) => n + 1);
  }
  return html`<button type="button" class=${children ? 'quiet-link copy' : 'icon-button copy'} aria-label=${label}
    title=${label} onClick=${copy}><${Icon} name=${copied ? 'check' : icon} size=${14} />
    ${copied > 0 ? html`<span class="copied">Copied</span>` : children}</button>`;
}

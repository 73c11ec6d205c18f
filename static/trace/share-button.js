// SPDX-License-Identifier: Apache-2.0
// The button that opens the links of a session, for whoever may make one.
import { html, useState } from '../html.js';
import { Icon } from '../icons.js';
import { workspace } from '../store.js';
import { lazy } from '../ui/lazy.js';

const ShareDialog = lazy(async () => (await import('./share-dialog.js')).ShareDialog, 'Sharing');

/** @param {{ session: Session }} props */
export function ShareButton({ session }) {
  const [isOpen, setOpen] = useState(false);
  // The rule of the server: who may post in its stream; without a stream, an administrator.
  if (!session.streamId && workspace.value.role !== 'admin') return null;
  return html`<button type="button" class="icon-button" aria-label="Share" title="Share" aria-haspopup="dialog"
      onClick=${() => setOpen(true)}><${Icon} name="share" /></button>
    ${isOpen && html`<${ShareDialog} session=${session} onClose=${() => setOpen(false)} />`}`;
}

// SPDX-License-Identifier: Apache-2.0
// Starts the page of a share: /share/{share}/{step}#secret, and behind it perhaps a line (links.js). The secret stays behind
// the #, which no request carries.
import { html, render } from '../html.js';
import { fragment } from '../links.js';
import { themeStart } from '../settings.js';
import { tickerStart } from '../time.js';
import { focusStart } from '../ui/focus.js';
import { shareOpen } from './feed.js';
import { ShareView } from './view.js';

const [, shareId = '', stepId] = /^\/share\/(shr_\w{26})(?:\/(stp_\w{26}))?$/.exec(location.pathname) ?? [];

themeStart();
tickerStart();
focusStart();
addEventListener('hashchange', () => location.reload());
render(html`<${ShareView} stepId=${stepId} />`, /** @type {HTMLElement} */ (document.getElementById('app')));
void shareOpen(shareId, fragment().secret || '-', stepId);

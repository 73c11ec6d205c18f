// SPDX-License-Identifier: Apache-2.0
// Starts the page.
import { html, render } from './html.js';
import { apiOnUnauthenticated } from './api.js';
import { openLogin, routerStart } from './router.js';
import { themeStart } from './settings.js';
import { me } from './store.js';
import { syncListen, syncStop } from './sync.js';
import { tickerStart } from './time.js';
import { App } from './ui/app.js';
import { focusStart } from './ui/focus.js';
import { isAllowed, notificationsStart, notifyOf } from './ui/notifications.js';

apiOnUnauthenticated(() => {
  me.value = /** @type {any} */ (undefined);
  syncStop();
  openLogin();
});
themeStart();
tickerStart();
notificationsStart();
syncListen({ event: notifyOf, watches: () => isAllowed.peek() });
routerStart();
focusStart();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById('app')));

// Starts the page.
import { html, render } from './html.js';
import { apiOnUnauthenticated } from './api.js';
import { openLogin, routerStart } from './router.js';
import { themeStart } from './settings.js';
import { me } from './store.js';
import { syncStop } from './sync.js';
import { tickerStart } from './time.js';
import { App } from './ui/app.js';

apiOnUnauthenticated(() => {
  me.value = undefined;
  syncStop();
  openLogin();
});
themeStart();
tickerStart();
routerStart();
render(html`<${App} />`, document.getElementById('app'));

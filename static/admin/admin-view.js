// SPDX-License-Identifier: Apache-2.0
// The administration of a workspace, for its admins, a section at an address each.
import { html, useElement, useLayoutEffect } from '../html.js';
import { Icon } from '../icons.js';
import { adminUrl } from '../links.js';
import { route, navigate } from '../router.js';
import { workspace } from '../store.js';
import { Agents } from './agents.js';
import { AskHost } from './ask.js';
import { Audit } from './audit.js';
import { Channels } from './channels.js';
import { People } from './people.js';
import { Prices } from './prices.js';
import { Redaction } from './redaction.js';
import { Retention } from './retention.js';
import { Shares } from './shares.js';
import { Tokens } from './tokens.js';
import { Webhooks } from './webhooks.js';

/** @type {[string, string, () => any][]} */
const sections = [
  ['people', 'People', People],
  ['agents', 'Agents', Agents],
  ['tokens', 'Tokens', Tokens],
  ['channels', 'Channels', Channels],
  ['shares', 'Shares', Shares],
  ['retention', 'Retention', Retention],
  ['redaction', 'Redaction', Redaction],
  ['prices', 'Prices', Prices],
  ['webhooks', 'Webhooks', Webhooks],
  ['audit', 'Audit log', Audit],
];

export function AdminView() {
  const ws = workspace.value;
  const [id, , Section] = sections.find(([name]) => name === route.value.id) ?? sections[0];
  const nav = useElement();
  // On a phone the sections are beside each other and scroll.
  useLayoutEffect(
    () => nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }),
    [id],
  );
  const back = html`<a class="icon-button only-narrow" href=${`/w/${ws.id}?list`} aria-label="All conversations"><${Icon}
    name="left" /></a>`;
  if (ws.role !== 'admin')
    return html`<section class="pane" aria-labelledby="admin-title"><header class="pane-head">${back}
      <h1 class="pane-title" id="admin-title"><${Icon} name="gear" /><span>Administration</span></h1></header>
      <div class="pane-scroll"><div class="nothing"><${Icon} name="lock" size=${28} />
        <p class="nothing-text">Admins of the workspace see this.</p>
        <p><a class="button" href=${`/w/${ws.id}`}>To your conversations</a></p></div></div></section>`;
  return html`<section class="pane" aria-labelledby="admin-title">
    <header class="pane-head">${back}<h1 class="pane-title" id="admin-title"><${Icon} name="gear" /><span>Administration</span></h1></header>
    <div class="filters"><nav class="tabs" ref=${nav} aria-label="Sections">${sections.map(
      ([name, label]) =>
        html`<a class="tab" key=${name} href=${adminUrl(ws.id, name)} onClick=${(/** @type {any} */ event) => {
          event.preventDefault();
          navigate(adminUrl(ws.id, name), { replace: true });
        }} aria-current=${id === name ? 'true' : undefined}>${label}</a>`,
    )}</nav></div>
    <div class="pane-scroll admin" tabindex="0" role="region" aria-label="Section"><${Section} key=${id} /></div>
    <${AskHost} key=${`ask ${id}`} />
  </section>`;
}

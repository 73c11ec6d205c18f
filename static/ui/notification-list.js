// SPDX-License-Identifier: Apache-2.0
// Notices in the page, above everything, and what a person wants to be told of.
import { html, useState } from '../html.js';
import { Icon } from '../icons.js';
import { settings, settingsSet } from '../settings.js';
import { allowOutside, canNotify, dismiss, isAllowed, notices } from './notifications.js';

/** @type {Record<NoticeKind, string>} */
const icons = { finished: 'check', failed: 'alert', decision: 'help', mention: 'thread' };

/** @type {[NoticeKind, string][]} */
const kinds = [
  ['finished', 'What I asked for is finished'],
  ['failed', 'What I asked for has failed'],
  ['decision', 'An agent needs a decision'],
  ['mention', 'I am mentioned'],
];

// They are spoken by the announcer.
export function NotificationList() {
  if (notices.value.length === 0) return null;
  return html`<aside class="notifications" aria-label="Notifications">${notices.value.map(
    ({ id, kind, title, text, href }) => html`<div key=${id} class=${`notification is-${kind}`}>
      <a class="notification-link" href=${href} onClick=${() => dismiss(id)}><${Icon} name=${icons[kind]} size=${16} />
        <span><strong><bdi>${title}</bdi></strong><span class="notification-text"><bdi>${text}</bdi></span></span></a>
      <button type="button" class="icon-button" aria-label="Dismiss" title="Dismiss" onClick=${() => dismiss(id)}><${Icon}
        name="close" size=${14} /></button></div>`,
  )}</aside>`;
}

/** @param {NoticeKind} kind */
function toggle(kind) {
  const chosen = new Set(settings.peek().notify);
  if (!chosen.delete(kind)) chosen.add(kind);
  settingsSet({ notify: [...chosen] });
}

function Outside() {
  const [isDenied, setDenied] = useState(canNotify() && Notification.permission === 'denied');
  if (!canNotify()) return null;
  if (isAllowed.value)
    return html`<button type="button" class="button" onClick=${() => settingsSet({ notifyOutside: false })}>Only in
      this page</button>`;
  if (isDenied) return html`<p class="faint">This browser does not let the page notify you.</p>`;
  return html`<button type="button" class="button" onClick=${async () => setDenied((await allowOutside()) === 'denied')}>
    Also when I look elsewhere</button>`;
}

export function NotificationSettings() {
  return html`<fieldset class="setting"><legend>Notify me when</legend>
    ${kinds.map(
      ([kind, label]) => html`<label class="choice" key=${kind}><input type="checkbox"
        checked=${settings.value.notify.includes(kind)} onChange=${() => toggle(kind)} /><span>${label}</span></label>`,
    )}<${Outside} /></fieldset>`;
}

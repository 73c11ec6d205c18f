// SPDX-License-Identifier: Apache-2.0
// What a person is told without looking: an agent has finished or failed what they asked for, needs a decision, or
// somebody mentioned them. A visible page shows it itself. A hidden one hands it to the browser, where that was allowed,
// if no other window of this page is being looked at.
import { computed, signal } from '../html.js';
import { navigate, route } from '../router.js';
import { placeOf, streamUrl, tracePageUrl } from '../links.js';
import { settings, settingsSet } from '../settings.js';
import { me, members, streams, workspace } from '../store.js';
import { isTerminal } from '../store/entities.js';
import { serverNow } from '../time.js';
import { failureText, sessionTitle } from '../trace/phase.js';
import { announce } from './announce.js';

/** @typedef {{ id: string, kind: NoticeKind, title: string, text: string, href: string }} Notice */

const mostShown = 3;
const shownFor = 12000;
const visibleLock = 'agent-trace:visible';
const beganAt = serverNow();

/** @type {Signal<Notice[]>} */
export const notices = signal([]);
// What came while the page was hidden: the sign in its title.
export const unseen = signal(0);

/** @type {Set<string>} */
const told = new Set();

export const canNotify = () => 'Notification' in globalThis && globalThis.isSecureContext;
export const isAllowed = computed(
  () => settings.value.notifyOutside && canNotify() && Notification.permission === 'granted',
);

// Asks the browser, and therefore only when a person has pressed something.
export async function allowOutside() {
  const answer = await Notification.requestPermission();
  settingsSet({ notifyOutside: answer === 'granted' });
  return answer;
}

/** @param {string} id */
export function dismiss(id) {
  notices.value = notices.peek().filter((notice) => notice.id !== id);
}

// Whether another window of this page is being looked at.
async function isLookedAtElsewhere() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === visibleLock);
}

/** @param {Notice} notice */
async function showOutside({ id, title, text, href }) {
  if (!isAllowed.peek() || (await isLookedAtElsewhere())) return;
  try {
    const shown = new Notification(title, { body: text, tag: id });
    shown.onclick = () => {
      window.focus();
      navigate(href);
      shown.close();
    };
  } catch {
    // Some browsers (Chrome on Android) show notifications for service workers alone.
  }
}

/** @param {Notice} notice */
function tell(notice) {
  if (told.has(notice.id) || !settings.peek().notify.includes(notice.kind)) return;
  told.add(notice.id);
  if (document.hidden) {
    unseen.value += 1;
    void showOutside(notice);
    return;
  }
  notices.value = [...notices.peek(), notice].slice(-mostShown);
  announce(`${notice.title}. ${notice.text}`);
  setTimeout(() => dismiss(notice.id), shownFor);
}

/** @param {Session} session */
const isOpenHere = ({ id }) => !document.hidden && (route.peek().query.trace === id || route.peek().id === id);

// Who may post where an agent works may decide; without a stream the workspace's administrators.
/** @param {Session} session */
function mayDecide({ workspaceId, streamId, parentStreamId }) {
  if (!streamId) return members.peek(workspaceId)?.find(({ id }) => id === me.peek().id)?.role === 'admin';
  const stream = streams.peek(streamId) ?? streams.peek(parentStreamId);
  return stream !== undefined && stream.me?.canPost !== false;
}

/** @param {Session} session @returns {Notice | undefined} */
function noticeOf(session) {
  const { id, persona, approval, status, error } = session;
  const href = tracePageUrl(session.workspaceId, id);
  if (approval && Date.parse(approval.expiresAt) > serverNow() && mayDecide(session))
    return {
      id: approval.stepId,
      kind: 'decision',
      title: `${persona.name} needs a decision`,
      text: approval.question,
      href,
    };
  const isMine = session.trigger?.authorId === me.peek().id;
  if (!isMine || !isTerminal(session) || Date.parse(session.completedAt ?? '') < beganAt) return undefined;
  if (status === 'failed')
    return {
      id: `${id} failed`,
      kind: 'failed',
      title: `${persona.name} failed: ${failureText(error)}`,
      text: sessionTitle(session),
      href,
    };
  return status === 'completed'
    ? {
        id: `${id} finished`,
        kind: 'finished',
        title: `${persona.name} has finished`,
        text: sessionTitle(session),
        href,
      }
    : undefined;
}

// What an event tells a person, looked at before the store takes it.
/** @param {string} type @param {any} data */
export function notifyOf(type, data) {
  if (!me.peek()) return;
  if (type === 'session:changed' && !isOpenHere(data.session)) {
    const notice = noticeOf(data.session);
    if (notice) tell(notice);
  }
  if (type === 'stream:mentioned') {
    // A mention in a thread is counted in its channel, too.
    const held = streams.peek(data.streamId);
    const isNew = held && held.type !== 'thread' && data.mentionCount > held.mentionCount;
    const isHere = !document.hidden && route.peek().id === data.streamId;
    if (!isNew || isHere) return;
    const id = `${data.streamId} ${data.mentionCount} ${held.lastSeq}`;
    tell({
      id,
      kind: 'mention',
      title: 'You were mentioned',
      text: `in ${placeOf(held)}`,
      href: streamUrl(workspace.peek().id, data.streamId),
    });
  }
}

let isSaid = new AbortController();

// Each visible window says so to the others, by a lock that it has or waits for until it is hidden.
function sayVisible() {
  isSaid.abort();
  if (document.hidden) return;
  unseen.value = 0;
  const { signal } = (isSaid = new AbortController());
  const hold = () => new Promise((done) => (signal.aborted ? done(undefined) : signal.addEventListener('abort', done)));
  navigator.locks?.request(visibleLock, { mode: 'shared', signal }, hold).catch(() => {});
}

export function notificationsStart() {
  document.addEventListener('visibilitychange', sayVisible);
  sayVisible();
}

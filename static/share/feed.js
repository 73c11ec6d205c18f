// SPDX-License-Identifier: Apache-2.0
// What the page of a share knows of its session, and how it stays current: a ticket for the link's secret, the trace, and
// whatever is new after each `share:changed`. It is to that page what sync.js is to the workspace's: it writes the store,
// and components read.
import { batch, signal } from '../vendor/signals.js';
import { ApiError, apiOnUnauthenticated, apiPost } from '../api.js';
import { createEvents } from '../events.js';
import { loadChanges, loadSession, loadWholeStep } from '../load.js';
import { away, connection, putSteps, roomStates, steps, traces, workspace } from '../store.js';
import { clockSample } from '../time.js';

/** @typedef {{ id: string, sessionId: string, expiresAt: string }} Shared */

// The share once it is open; why it is not.
/** @type {Signal<Shared | null>} */
export const shared = signal(null);
/** @type {Signal<ApiError | null>} */
export const problem = signal(null);

const renewBefore = 60;
const retryAfter = 3000;
const awayAfter = 2000;

let home = '';
let secret = '';
/** @type {number | null} */
let seq = null;
let hasEnded = false;
let epoch = '';
/** @type {Timer} */
let renewal;
/** @type {Timer} */
let awayTimer;

async function takeTicket() {
  const answer = await apiPost(`/shares/${home}/ticket`, { secret });
  clearTimeout(renewal);
  renewal = setTimeout(() => takeTicket().catch(refused), Math.max(1, answer.ticketSeconds - renewBefore) * 1000);
  return /** @type {Shared} */ (answer.share);
}

// A link that opens nothing any more shows nothing any more.
/** @param {ApiError} error */
function refused(error) {
  if (error.isTemporary) return;
  clearTimeout(renewal);
  events.close();
  batch(() => {
    problem.value = error;
    shared.value = null;
  });
}

// What is to be asked for: what has changed since `seq`, and the texts of messages that steps quote, because a deletion
// raises no number. One question after the other: what is wanted meanwhile is asked for afterwards.
let isBusy = false;
let isWanted = false;
let wantsTexts = false;
let wantsWhole = false;

/** @param {unknown} list */
const hasTexts = (list) => Array.isArray(list) && list.some((item) => item?.text !== undefined);

/** @param {string} sessionId */
const quoting = (sessionId) =>
  (traces.peek(sessionId)?.metas ?? []).filter(({ id }) => {
    const content = steps.peek(id)?.content;
    return content instanceof Object && Object.values(content).some(hasTexts);
  });

// A step that is refused for good, as one that is gone, keeps no other from being asked for.
/** @param {string} sessionId */
async function takeTexts(sessionId) {
  for (const { id } of quoting(sessionId)) {
    try {
      putSteps(sessionId, [await loadWholeStep(home, sessionId, id)]);
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTemporary || error.status === 401) throw error;
    }
  }
}

// The session as it is now, whatever its numbers were before.
/** @param {string} sessionId */
async function takeWhole(sessionId) {
  const snapshot = await loadSession(home, sessionId, { fromEnd: true });
  batch(() => {
    snapshot.commit();
    seq = snapshot.lastSeq;
  });
}

/** @param {{ texts?: boolean | undefined, whole?: boolean }} [wanted] */
async function ask({ texts = false, whole = false } = {}) {
  isWanted = true;
  wantsTexts ||= texts;
  wantsWhole ||= whole;
  if (isBusy) return;
  isBusy = true;
  let now = { texts: false, whole: false };
  try {
    while (isWanted) {
      now = { texts: wantsTexts, whole: wantsWhole };
      isWanted = wantsTexts = wantsWhole = false;
      const sessionId = shared.peek()?.sessionId;
      if (!sessionId) return;
      if (now.whole) await takeWhole(sessionId);
      seq = await loadChanges(home, sessionId, seq ?? 0);
      if (now.texts) await takeTexts(sessionId);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isTemporary || error.status === 401) setTimeout(() => ask(now), retryAfter);
  } finally {
    isBusy = false;
  }
}

/** @type {Record<string, (data: any) => unknown>} */
const handlers = {
  /** @param {{ serverTime: number, epoch?: string }} data */
  ready({ serverTime, epoch: counts }) {
    clockSample(serverTime, Date.now(), Date.now());
    epoch = counts ? `~${counts}` : '';
    // A deletion is told to those who listen; whoever comes, or comes back, asks.
    void ask({ texts: true });
  },
  /** @param {{ seq: number, again?: boolean }} data */
  'share:changed': ({ again }) => ask({ texts: again }),
  // What was counted is not there any more, or counted anew.
  reset: () => ask({ texts: true, whole: true }),
  revoked: () => events.restart(),
  end() {
    hasEnded = true;
  },
};

const events = createEvents({
  names: ['share:changed'],
  urlOf() {
    const share = shared.peek();
    if (!share || seq === null || hasEnded) return null;
    return `/api/shares/${home}/events?room=session:${share.sessionId}&lastEventId=${seq}${epoch}`;
  },
  on: {
    event: (type, data) => handlers[type]?.(data),
    status(status) {
      connection.value = status;
      clearTimeout(awayTimer);
      if (status === 'live' || status === 'asleep') away.value = null;
      else if (status === 'crowded') away.value = 'crowded';
      else if (status === 'lost') awayTimer = setTimeout(() => (away.value = 'lost'), awayAfter);
    },
    // The ticket has ended, or the share itself.
    closed: () =>
      takeTicket().then(
        () => true,
        (error) => {
          refused(error);
          return error.isTemporary;
        },
      ),
    probe: () =>
      fetch(`/share/${home}`, { signal: AbortSignal.timeout(3000) }).then(
        ({ ok }) => ok,
        () => false,
      ),
  },
});

/** @param {string | undefined} stepId */
async function open(stepId) {
  const share = await takeTicket();
  const snapshot = await loadSession(home, share.sessionId, { highlight: stepId, fromEnd: true });
  batch(() => {
    snapshot.commit();
    seq = snapshot.lastSeq;
    hasEnded = snapshot.ended;
    roomStates.set(`session:${share.sessionId}`, 'live');
    problem.value = null;
    shared.value = share;
  });
  events.reopen();
}

// `id`: of the share; `key`: its secret.
/** @param {string} id @param {string} key @param {string | undefined} stepId */
export function shareOpen(id, key, stepId) {
  home = id;
  secret = key;
  workspace.value = { id, name: '' };
  apiOnUnauthenticated(() => void takeTicket().catch(refused));
  const attempt = () =>
    open(stepId).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      problem.value = error;
      if (error.isTemporary) setTimeout(attempt, retryAfter);
    });
  return attempt();
}

// SPDX-License-Identifier: Apache-2.0
// What an agent asks a person: the question with a button for each answer, and what became of it. Cards and traces show
// the same.
import { html, useState } from '../html.js';
import { asked, decide } from '../actions.js';
import { Icon } from '../icons.js';
import { isShared } from '../store.js';
import { formatClock, formatElapsed, formatWhen } from '../time.js';
import { useNow } from '../ui/elapsed.js';

/**
 * @typedef {{ id: string, label?: string, danger?: boolean }} Option
 * @typedef {{ option: string, note?: string, at: string, decidedBy?: { name?: string } }} Decision
 */

/** @type {Option[]} */
const plainOptions = [
  { id: 'approve', label: 'Approve' },
  { id: 'reject', label: 'Reject', danger: true },
];
const patience = 600_000;
const day = 86_400_000;

/** @param {any} content @returns {Option[]} */
const optionsOf = (content) =>
  Array.isArray(content?.options) && content.options.length > 0 ? content.options : plainOptions;

// The server's rule: ten minutes where the question does not say, a day at most.
/** @param {any} content @param {string} startedAt */
function expiryOf(content, startedAt) {
  const started = Date.parse(startedAt);
  const said = Date.parse(content?.expiresAt);
  return Math.min(Number.isNaN(said) ? started + patience : said, started + day);
}

/** @param {{ sessionId: string, stepId: string, options: Option[], expires: number }} props */
function Buttons({ sessionId, stepId, options, expires }) {
  const [note, setNote] = useState('');
  const now = useNow(new Date(expires - day).toISOString());
  if (now >= expires) return html`<p class="approval-state">Expired: nobody decided in time.</p>`;
  if (isShared.value) return html`<p class="approval-state">Waits for a decision.</p>`;
  const isBusy = Boolean(asked.get(`decide:${stepId}`));
  return html`<div class="approval-act">
    <label class="approval-note"><span class="visually-hidden">A note to the agent</span><input type="text"
      maxlength="4000" placeholder="A note, if you like" value=${note}
      onInput=${(/** @type {any} */ event) => setNote(event.target.value)} /></label>
    <div class="approval-buttons">${options.map(
      ({ id, label, danger }) => html`<button type="button" key=${id} data-option=${id}
        class=${danger ? 'button button-small button-danger' : 'button button-small'} aria-disabled=${String(isBusy)}
        onClick=${() => decide(sessionId, stepId, id, note)}>${label ?? id}</button>`,
    )}<span class="faint">${formatElapsed(expires - now)} left</span></div>
  </div>`;
}

/** @param {{ decision: Decision, options: Option[] }} props */
function Decided({ decision, options }) {
  const chosen = options.find(({ id }) => id === decision.option);
  return html`<p class="approval-state"><${Icon} name=${chosen?.danger ? 'close' : 'check'} size=${14} />
    <strong>${chosen?.label ?? decision.option}</strong>, decided${
      decision.decidedBy && html` by <bdi>${decision.decidedBy.name}</bdi>`
    }
    <time datetime=${decision.at} title=${formatClock(decision.at, { seconds: true })}>${formatWhen(decision.at)}</time></p>
    ${decision.note && html`<blockquote class="approval-said"><bdi>${decision.note}</bdi></blockquote>`}`;
}

// In the card of a session that waits.
/** @param {{ session: Session, canAct: boolean }} props */
export function CardApproval({ session, canAct }) {
  const { approval, id } = session;
  if (!approval) return null;
  return html`<section class="approval" aria-label="A question of the agent">
    <p class="approval-question"><bdi>${approval.question}</bdi></p>
    ${
      canAct &&
      html`<${Buttons} key=${approval.stepId} sessionId=${id} stepId=${approval.stepId} options=${approval.options}
      expires=${Date.parse(approval.expiresAt)} />`
    }
  </section>`;
}

// As a step: a content of any other form is left to `Other`. `isAsOf`: in a replay, at a moment at which it was not decided.
/** @param {{ step: Step, isOpen: boolean, isAsOf?: boolean, Other: (props: any) => any, isWhole?: boolean }} props */
export function ApprovalStep({ step, isOpen, isAsOf, Other, isWhole }) {
  const { content } = step;
  if (typeof content?.question !== 'string') return html`<${Other} step=${step} isWhole=${isWhole} />`;
  const options = optionsOf(content);
  const state = content.decision
    ? html`<${Decided} decision=${content.decision} options=${options} />`
    : isOpen
      ? html`<${Buttons} key=${step.id} sessionId=${step.sessionId} stepId=${step.id} options=${options}
          expires=${expiryOf(content, step.startedAt)} />`
      : html`<p class="approval-state">${isAsOf ? 'Waits for a decision.' : 'Nobody decided.'}</p>`;
  return html`<div class="approval"><p class="approval-question"><bdi>${content.question}</bdi></p>${state}</div>`;
}

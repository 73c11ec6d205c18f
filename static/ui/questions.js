// SPDX-License-Identifier: Apache-2.0
// Questions to begin with, in the demo: they are sent by a click, and its conversation has their answers. They are offered
// while the last word in the channel is the example's own, so that nobody sees them who has begun, or who has no demo.
import { html } from '../html.js';
import { outboxOf, outboxSend } from '../outbox.js';
import { messages, timelines } from '../store.js';

// What ./run imported last into #general (admin/demo/conversation.ndjson), as the server names it.
const lastOfExample = 'import:gen-last';
const questions = [
  '@ariadne when are the team days in Hamburg?',
  '@ariadne what did we decide about pgbouncer and migrations?',
  '@ariadne what caused the double bookings?',
];

/** @param {string} streamId */
function isUntouched(streamId) {
  const entries = timelines.get(streamId)?.entries ?? [];
  const last = entries.findLast((entry) => entry.kind === 'message');
  return messages.get(last?.id)?.clientMessageId === lastOfExample && outboxOf(streamId, entries).length === 0;
}

/** @param {{ streamId: string }} props */
export function Questions({ streamId }) {
  if (!isUntouched(streamId)) return null;
  // The buttons are gone then, and the focus does not go with them.
  /** @param {any} event @param {string} question */
  function ask(event, question) {
    event.target.closest('.pane').querySelector('.timeline').focus({ preventScroll: true });
    outboxSend(streamId, question);
  }
  return html`<div class="questions" role="group" aria-label="Questions to begin with">
    <p class="faint">Ask about this example conversation:</p>
    ${questions.map(
      (question) =>
        html`<button type="button" class="button button-small" onClick=${(/** @type {any} */ event) => ask(event, question)}>${question}</button>`,
    )}
  </div>`;
}

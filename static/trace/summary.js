// SPDX-License-Identifier: Apache-2.0
// The session beside its tree while no step is selected: the question, the final answer, what it spent, what was
// recorded with it.
import { html } from '../html.js';
import { Value } from '../content/value.js';
import { Icon } from '../icons.js';
import { steps } from '../store.js';
import { formatCount, formatDuration, formatMoment } from '../time.js';
import { Markdown } from '../ui/markdown-view.js';
import { MarkdownParts } from '../ui/long-markdown.js';
import { Facts, usageFacts } from './facts.js';
import { Instructions } from './instructions.js';
import { plural } from './phase.js';

// The last answer, and what is wrong with it: an incomplete one is an answer, and its step has failed.
/** @param {Trace} trace @returns {{ text?: string, fault?: string }} */
function answerOf(trace) {
  const last = trace.metas.findLast((meta) => meta.type === 'message_sent' && meta.status !== 'running');
  const step = last && steps.get(last.id);
  const text = typeof step?.content === 'string' ? step.content : step?.content?.text;
  return typeof text === 'string' ? { text, fault: step?.error?.message } : {};
}

/** @param {{ session: Session, trace: Trace, level: string }} props */
export function Summary({ session, trace, level }) {
  const Sub = level;
  const { text: answer, fault } = answerOf(trace);
  /** @type {[string, unknown][]} */
  const facts = [
    ['Started', formatMoment(session.startedAt ?? session.createdAt)],
    ['Ended', session.completedAt && formatMoment(session.completedAt)],
    ['Duration', session.durationMs !== undefined && formatDuration(session.durationMs)],
    ['Steps', formatCount(session.stepCount)],
    ['Messages', session.messageCount > 0 && plural(session.messageCount, 'message')],
    ...usageFacts(session.usage),
  ];
  return html`<section class="panel panel-summary" aria-label="The session">
    <div class="panel-content" tabindex="0" role="region" aria-label="Summary">
      ${
        session.trigger &&
        html`<${Sub} class="panel-sub"><bdi>${session.trigger.authorName}</bdi> asked<//>
      <div class="quoted is-trigger"><${Markdown} text=${session.trigger.excerpt} /></div>`
      }
      ${answer && html`<${Sub} class="panel-sub">Answer<//><div class="said"><${MarkdownParts} text=${answer} /></div>`}
      ${answer && fault && html`<p class="panel-fault"><${Icon} name="alert" size=${12} /> ${fault}</p>`}
      <${Sub} class="panel-sub">Facts<//>
      <${Facts} facts=${facts} />
      ${session.hasInstructions && html`<${Instructions} key=${session.id} session=${session} />`}
      ${
        session.metadata &&
        Object.keys(session.metadata).length > 0 &&
        html`<${Value} value=${session.metadata}
      label="Metadata" />`
      }
    </div>
  </section>`;
}

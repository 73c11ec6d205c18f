// SPDX-License-Identifier: Apache-2.0
// The line under a message that has a thread or calls a persona: what happens there now, else what was said. Its height
// is fixed.
import { html, useElement, useId } from '../html.js';
import { threadUrl, traceUrl } from '../links.js';
import { activityByMessage } from '../store.js';
import { sessionActivity } from '../steps.js';
import { formatWhen } from '../time.js';
import { plural } from '../trace/phase.js';

/** @param {Session} session */
function sentenceOf(session) {
  const name = session.persona?.name ?? 'The agent';
  if (session.status === 'pending') return `${name} was called…`;
  return session.currentStepType ? `${name} is ${sessionActivity(session)}…` : `${name} is getting ready…`;
}

/** @param {{ sessions: Session[] }} props */
function Activity({ sessions }) {
  const tipId = useId();
  const tip = useElement();
  const [first, ...others] = sessions;
  const whole = sessions.map((session) => `${sentenceOf(session)} ${plural(session.stepCount, 'step')}`);

  /** @param {any} event */
  function open(event) {
    const box = event.currentTarget.getBoundingClientRect();
    tip.current.showPopover();
    tip.current.style.left = `${Math.max(8, Math.min(box.left, innerWidth - tip.current.offsetWidth - 8))}px`;
    tip.current.style.top = `${Math.max(8, box.top - tip.current.offsetHeight - 6)}px`;
  }
  const close = () => tip.current.matches(':popover-open') && tip.current.hidePopover();

  return html`<a class="activity" href=${traceUrl(first.id)} aria-describedby=${tipId} onMouseEnter=${open}
    onMouseLeave=${close} onFocus=${open} onBlur=${close}>
      <span class="pulse" aria-hidden="true"></span><span class="activity-text">${sentenceOf(first)}</span>
        ${others.length > 0 && html`<span class="activity-more">+${others.length}</span>`}
    </a><span popover="manual" role="tooltip" id=${tipId} class="tip" ref=${tip}>
      ${whole.map((text) => html`<span>${text}</span>`)}</span>`;
}

/** @param {{ message: Message }} props */
function Replies({ message }) {
  // A thread without replies holds the session that was to answer.
  const parts = [
    message.replyCount > 0 ? plural(message.replyCount, 'reply', 'replies') : 'Thread',
    message.lastReplyAuthor?.name,
    message.lastReplyAt && formatWhen(message.lastReplyAt),
  ];
  const text = parts.filter(Boolean).join(' • ');
  return html`<a class="replies" href=${threadUrl(message.threadId ?? '')}>${text}</a>`;
}

/** @param {{ message: Message, isRoot?: boolean }} props */
export function MessageLine({ message, isRoot }) {
  const sessions = activityByMessage.value.get(message.id) ?? [];
  return html`<div class="message-line">
    ${sessions.length > 0 ? html`<${Activity} sessions=${sessions} />` : null}
    ${
      sessions.length > 0 && message.threadId && !isRoot
        ? html`<a class="replies"
      href=${threadUrl(message.threadId ?? '')}>Thread</a>`
        : null
    }
    ${sessions.length === 0 && message.threadId && !isRoot ? html`<${Replies} message=${message} />` : null}
    ${
      sessions.length === 0 && isRoot && message.replyCount > 0
        ? html`<span class="faint">
      ${plural(message.replyCount, 'reply', 'replies')}</span>`
        : null
    }
  </div>`;
}

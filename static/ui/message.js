// SPDX-License-Identifier: Apache-2.0
// One message. What a persona says leads to its trace: the time in its head is the real link, and its body is a larger
// target for it.
import { cls, html, useRef, useState } from '../html.js';
import { editMessage, leaving, undoDelete, wholeMessage } from '../actions.js';
import { MenuButton } from './popover.js';
import { messageUrl, traceUrl } from '../links.js';
import { navigate } from '../router.js';
import { me, messages, sessions, workspace } from '../store.js';
import { formatClock } from '../time.js';
import { Avatar } from './avatar.js';
import { isComposing } from './composing.js';
import { LongMarkdown } from './long-markdown.js';
import { messageActions } from './message-menu.js';
import { MessageLine } from './message-line.js';

// The name that agent/demo-model gives itself.
const demoModel = 'demo';
// In this time, in milliseconds, the second click of a double click has come.
const doubleClick = 250;
const interactive = 'a, button, input, textarea, select, summary, [popover], .scroll-x';

// A click on the body opens the trace, unless it was meant for something else.
/** @param {MouseEvent} event */
function meansTrace(event) {
  return (
    event.button === 0 &&
    !event.defaultPrevented &&
    !(/** @type {Element} */ (event.target).closest(interactive)) &&
    String(getSelection()) === ''
  );
}

/** @param {{ message: Message, done: () => void }} props */
function EditForm({ message, done }) {
  const [text, setText] = useState(message.content);
  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    if (text.trim() !== '' && (text === message.content || (await editMessage(message.id, text)))) done();
  }
  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.key === 'Escape') {
      event.stopPropagation();
      done();
    } else if (event.key === 'Enter' && !event.shiftKey && !isComposing(event)) save(event);
  }
  return html`<form class="edit" onSubmit=${save}>
    <textarea aria-label="Edit the message" rows="3" value=${text}
      ref=${(element) => element && !element.dataset.seen && ((element.dataset.seen = '1'), element.focus())}
      onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown}></textarea>
    <p class="edit-buttons"><button type="button" class="button button-small" onClick=${done}>Cancel</button>
      <button type="submit" class="button button-small button-primary">Save</button></p>
  </form>`;
}

/** @param {Message} message */
function hasLine(message) {
  return (
    Boolean(message.threadId) ||
    message.replyCount > 0 ||
    (message.mentions ?? []).some((mention) => mention.type === 'persona')
  );
}

// Whatever the persona's face, the session's model is the one that answered.
/** @param {Message} message */
const isOfDemoModel = (message) => message.sessionId && sessions.get(message.sessionId)?.usage?.model === demoModel;

/** @param {{ message: Message, time?: any }} props */
function MessageHead({ message, time }) {
  const { author } = message;
  return html`<header class="message-head">
    <bdi class="message-author">${author.name}</bdi>
    ${author.type === 'persona' && html`<span class="tag tag-gold">Agent</span>`}
    ${isOfDemoModel(message) && html`<span class="tag" title="Answers come from the built-in demo model">demo model</span>`}
    ${time}
    ${message.editedAt && html`<span class="faint">edited</span>`}
    ${message.sessionId && html`<span class="message-hint" aria-hidden="true">Click to view trace and sources →</span>`}
  </header>`;
}

/** @param {{ message: Message, url: string }} props */
function MessageBody({ message, url }) {
  const waiting = useRef(/** @type {Timer} */ (undefined));
  // A double click selects a word, so one click waits whether a second one comes.
  /** @param {MouseEvent} event */
  function onClick(event) {
    clearTimeout(waiting.current);
    if (!message.sessionId || event.detail > 1 || !meansTrace(event)) return;
    waiting.current = setTimeout(() => String(getSelection()) === '' && navigate(url), doubleClick);
  }
  if (leaving.get(message.id))
    return html`<p class="message-deleted">Deleted. <button type="button" class="quiet-link" data-undo
      onClick=${() => undoDelete(message.id)}>Undo</button></p>`;
  if (message.deleted) return html`<p class="message-deleted">This message was deleted.</p>`;
  return html`<div class="message-body" onClick=${onClick}>
    <${LongMarkdown} text=${message.content} mentions=${message.mentions ?? []}
      onWhole=${message.truncated ? () => wholeMessage(message) : undefined} />
  </div>`;
}

/**
 * @param {{ id: string, continues?: boolean, isRoot?: boolean, isTarget?: boolean, stream: Stream }} props
 */
export function Message({ id, continues = false, isRoot = false, isTarget = false, stream }) {
  const [editing, setEditing] = useState(false);
  const message = messages.get(id);
  if (!message) return null;
  const { author } = message;
  const isPersona = author.type === 'persona';
  const isContinued = continues && !isPersona;
  const isTraced = Boolean(message.sessionId);
  const url = isTraced
    ? traceUrl(message.sessionId ?? '', message.id)
    : messageUrl(workspace.value.id, message.streamId, message.id);
  const clock = formatClock(message.createdAt);
  const time = html`<a class="message-time" href=${url}
    title=${isTraced ? 'Show trace and sources' : 'Link to this message'}>
    <time datetime=${message.createdAt}>${clock}</time></a>`;
  const states = {
    'is-ai': isPersona,
    'is-traced': isTraced,
    'is-continued': isContinued,
    'is-target': isTarget,
    'is-root': isRoot,
  };
  const edit = async () => setEditing(Boolean(await wholeMessage(message)));
  const actions = () => messageActions({ message, me: me.value, stream, edit });
  return html`<article class=${cls('message', states)} aria-label=${`${author.name}, ${clock}`} data-message=${id}
    tabindex="-1">
    <div class="message-gutter">${isContinued ? time : html`<${Avatar} who=${author} />`}</div>
    <div class="message-main">
      ${!isContinued && html`<${MessageHead} message=${message} time=${time} />`}
      ${
        editing
          ? html`<${EditForm} message=${message} done=${() => setEditing(false)} />`
          : html`<${MessageBody} message=${message} url=${url} />`
      }
      ${hasLine(message) && html`<${MessageLine} message=${message} isRoot=${isRoot} />`}
    </div>
    <div class="message-tools">
      <${MenuButton} label=${`Actions for the message of ${author.name}`} icon="more" items=${actions} />
    </div>
  </article>`;
}

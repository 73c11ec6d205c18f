// SPDX-License-Identifier: Apache-2.0
// What a step shows below its heading. A string is valid content for every type, and anything unforeseen may come: each
// body takes what it knows, shows the keys that it does not know below, and leaves the rest to PlainBody. `isWhole`: the
// panel shows a step alone and in full; in a list there is less room.
import { cutCharacters } from '../blocks.js';
import { domainOf } from '../domain.js';
import { html } from '../html.js';
import { TextBlock } from '../content/block.js';
import { languageOf } from '../content/code.js';
import { compareTexts } from '../content/diff.js';
import { Picture, pictureText } from '../content/pictures.js';
import { Value } from '../content/value.js';
import { Markdown } from '../ui/markdown-view.js';
import { MarkdownParts } from '../ui/long-markdown.js';
import { messageUrl } from '../links.js';
import { formatWhen } from '../time.js';
import { workspace } from '../store.js';
import { exactText } from '../exact.js';
import { ApprovalStep } from './approval.js';
import { plural } from './phase.js';
import { LongText } from './long-text.js';
import { LiveText } from './live-text.js';

/** @param {unknown} content */
const isObject = (content) => content !== null && typeof content === 'object' && !Array.isArray(content);
/** @param {unknown} value */
const asText = (value) => (typeof value === 'string' ? value : exactText(value, 2));

// Cuts at the end of a word if one is near, else between characters as readers see them.
/** @param {string} text @param {number} length */
function cut(text, length) {
  if (text.length <= length) return text;
  const space = text.lastIndexOf(' ', length);
  if (space > length - 20) return `${text.slice(0, space).trimEnd()}…`;
  return `${cutCharacters(text, length).trimEnd()}…`;
}

// Removes Markdown's marks, for an excerpt on one line.
/** @param {string} text */
const plainText = (text) =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^[>#\s-]+|[*`~]+/gm, '')
    .replace(/\s+/g, ' ');

// One line that stands for a folded text.
/** @param {string} text */
export const excerptOf = (text) => plainText(cutCharacters(text, 400));

// The keys that a body does not know.
/** @param {{ content: any, known: string[] }} props */
function Rest({ content, known }) {
  const rest = Object.fromEntries(Object.entries(content).filter(([key]) => !known.includes(key)));
  return Object.keys(rest).length > 0 ? html`<${Value} value=${rest} label="More" />` : null;
}

/** @param {{ step: Step, isWhole?: boolean }} props */
export function PlainBody({ step, isWhole }) {
  const { content } = step;
  if (content === undefined) return null;
  const base64 = pictureText(content);
  if (base64) return html`<${Picture} base64=${base64} />`;
  if (typeof content !== 'string' && !step.truncated) return html`<${Value} value=${content} label="Content" />`;
  if (isWhole) return html`<${TextBlock} text=${asText(content)} label="Content" />`;
  return html`<${LongText} step=${step} text=${asText(content)} plain=${typeof content !== 'string'} />`;
}

// In a replay, of a step that had not ended and of which nothing is known before its end.
export const UnderWay = () => html`<p class="faint">Under way. What it had written by then was not kept.</p>`;

/** @param {{ step: Step, isOpen: boolean, isAsOf?: boolean, isWhole?: boolean }} props */
function ApprovalBody({ step, isOpen, isAsOf, isWhole }) {
  return html`<${ApprovalStep} step=${step} isOpen=${isOpen} isAsOf=${isAsOf} isWhole=${isWhole} Other=${PlainBody} />
    ${
      typeof step.content?.question === 'string' &&
      html`<${Rest} content=${step.content} known=${['question', 'options', 'expiresAt', 'decision']} />`
    }`;
}

/** @param {{ step: Step, liveText?: string | undefined, isOpen: boolean, isWhole?: boolean }} props */
function ThinkingBody({ step, liveText, isOpen, isWhole }) {
  if (isOpen) return html`<${LiveText} stepId=${step.id} stored=${step.content} text=${liveText} />`;
  if (!step.content) return html`<p class="faint">No text was kept.</p>`;
  if (typeof step.content !== 'string') return html`<${PlainBody} step=${step} isWhole=${isWhole} />`;
  if (isWhole) return html`<${MarkdownParts} text=${step.content} />`;
  return html`<${LongText} step=${step} text=${step.content} markdown />`;
}

/** @type {Record<string, string>} */
const changes = { new: 'New', edited: 'Edited', deleted: 'Deleted' };

/** @param {{ item: any, isWhole?: boolean }} props */
function Quoted({ item, isWhole }) {
  const url =
    item.messageId && item.streamId && item.change !== 'deleted'
      ? messageUrl(workspace.value.id, item.streamId, item.messageId)
      : null;
  const head = html`<bdi class="quoted-who">${item.authorName}</bdi> <time>${formatWhen(item.createdAt)}</time>
    ${item.change && html`<span class="tag">${changes[item.change] ?? item.change}</span>`}
    ${item.trigger && html`<span class="tag tag-gold">Asked</span>`}`;
  const text = typeof item.text === 'string' ? item.text : '';
  return html`<li class=${item.trigger ? 'quoted is-trigger' : 'quoted'}>
    <p class="quoted-head">${url ? html`<a href=${url}>${head}</a>` : head}</p>
    ${
      item.withheld
        ? html`<p class="quoted-text faint">Deleted, or in a conversation you cannot read.</p>`
        : isWhole || item.trigger
          ? html`<div class="quoted-text"><${Markdown} text=${text} /></div>`
          : html`<p class="quoted-text">${cut(text, 150)}</p>`
    }
  </li>`;
}

/** @param {{ items: any[], isWhole?: boolean }} props */
function QuotedList({ items, isWhole }) {
  if (items.length === 0) return html`<p class="faint">There were no messages to read.</p>`;
  const ordered = [...items.filter((item) => item.trigger), ...items.filter((item) => !item.trigger)];
  return html`<ul class="quoted-list">${ordered.map((item) => html`<${Quoted} item=${item} isWhole=${isWhole} />`)}</ul>`;
}

/** @param {{ step: Step, isWhole?: boolean }} props */
function ContextBody({ step, isWhole }) {
  if (!isObject(step.content) || !Array.isArray(step.content.messages))
    return html`<${PlainBody} step=${step} isWhole=${isWhole} />`;
  return html`<${QuotedList} items=${step.content.messages} isWhole=${isWhole} />
    <${Rest} content=${step.content} known=${['messages']} />`;
}

/** @type {Record<string, string>} */
const decisions = { kept: 'Kept the draft', rewritten: 'Rewrote the draft' };

/** @param {{ step: Step, liveText?: string | undefined, isOpen: boolean, isWhole?: boolean }} props */
function ReconsideringBody({ step, liveText, isOpen, isWhole }) {
  const { content } = step;
  if (!isObject(content))
    return html`<${ThinkingBody} step=${step} liveText=${liveText} isOpen=${isOpen} isWhole=${isWhole} />`;
  return html`
    ${Array.isArray(content.newMessages) && html`<${QuotedList} items=${content.newMessages} isWhole=${isWhole} />`}
    ${
      content.draft &&
      html`<figure class="draft"><figcaption>Draft</figcaption><${Markdown}
      text=${content.draft} /></figure>`
    }
    ${
      (content.decision || content.reason) &&
      html`<p>
      ${
        content.decision &&
        html`<strong>
      ${decisions[content.decision] ?? content.decision}.</strong>`
      } ${content.reason}</p>`
    }
    <${Rest} content=${content} known=${['newMessages', 'draft', 'decision', 'reason']} />`;
}

/** @param {{ text: string }} props */
function Query({ text }) {
  return html`<p class="query"><strong>Query:</strong> “<bdi>${text}</bdi>”</p>`;
}

/** @param {{ step: Step, found: string, isWhole?: boolean }} props */
function Search({ step, found, isWhole }) {
  const { content } = step;
  if (typeof content === 'string') return html`<${Query} text=${content} />`;
  if (!isObject(content) || typeof content.query !== 'string')
    return html`<${PlainBody} step=${step} isWhole=${isWhole} />`;
  const { resultCount } = content;
  return html`<${Query} text=${content.query} />
    ${resultCount !== undefined && html`<p class="faint">Found ${plural(resultCount, found)}</p>`}
    <${Rest} content=${content} known=${['query', 'resultCount']} />`;
}

/** @param {{ step: Step, isWhole?: boolean }} props */
const QueryBody = ({ step, isWhole }) => html`<${Search} step=${step} found="result" isWhole=${isWhole} />`;

/** @param {{ step: Step, isWhole?: boolean }} props */
const WorkspaceSearchBody = ({ step, isWhole }) => html`<${Search} step=${step} found="message" isWhole=${isWhole} />`;

/** @param {{ step: Step, isWhole?: boolean }} props */
function PageBody({ step, isWhole }) {
  const url = isObject(step.content) ? step.content.url : step.content;
  if (typeof url !== 'string') return html`<${PlainBody} step=${step} isWhole=${isWhole} />`;
  const title = (isObject(step.content) && step.content.title) || url;
  const rest = isObject(step.content) && html`<${Rest} content=${step.content} known=${['url', 'title']} />`;
  if (!/^https?:/i.test(url)) return html`<p>${title}</p>${rest}`;
  return html`<p><a href=${url} target="_blank" rel="noopener noreferrer nofollow"><bdi>${title}</bdi></a> <span
    class="faint">${domainOf(url)}</span></p>${rest}`;
}

/** @param {{ step: Step, session: Session, isWhole?: boolean }} props */
export function MessageBody({ step, session, isWhole }) {
  const text = isObject(step.content) ? step.content.text : step.content;
  const url = step.messageId && session.streamId && messageUrl(workspace.value.id, session.streamId, step.messageId);
  const said = typeof text === 'string' ? text : '';
  return html`${
    isWhole
      ? html`<div class="said"><${MarkdownParts} text=${said} /></div>`
      : html`<p class="said">${cut(plainText(said), 100)}</p>`
  }
    ${url && html`<p><a class="quiet-link" href=${url}>Show in the conversation</a></p>`}
    ${isObject(step.content) && html`<${Rest} content=${step.content} known=${['text']} />`}`;
}

// Arguments that replace a text by another one are shown as what they change.
/** @param {{ args: any }} props */
function Arguments({ args }) {
  const before = args?.old_string ?? args?.old_str ?? args?.oldText;
  const after = args?.new_string ?? args?.new_str ?? args?.newText;
  const path = args?.file_path ?? args?.path;
  if (typeof before === 'string' && typeof after === 'string') {
    const known = ['old_string', 'old_str', 'oldText', 'new_string', 'new_str', 'newText', 'file_path', 'path'];
    const diff = compareTexts(before, after);
    const text = diff.map(({ sign, text: line }) => `${sign}${line}`).join('\n');
    return html`<${TextBlock} text=${text} diff=${diff} label=${typeof path === 'string' ? path : 'Change'} isNumbered=${false} />
      <${Rest} content=${args} known=${known} />`;
  }
  if (typeof path === 'string' && typeof args.content === 'string')
    return html`<${TextBlock} text=${args.content} label=${path} language=${languageOf(path)} />
      <${Rest} content=${args} known=${['file_path', 'path', 'content']} />`;
  if (typeof args?.command === 'string')
    return html`<${TextBlock} text=${args.command} label="Command" language="bash" />
      <${Rest} content=${args} known=${['command']} />`;
  return html`<${Value} value=${args} label="Arguments" />`;
}

// Tools of models answer with lists of texts and pictures.
/** @param {{ value: any, language?: string }} props */
function Result({ value, language }) {
  if (typeof value === 'string' && !pictureText(value))
    return html`<${TextBlock} text=${value} label="Result" language=${language} />`;
  const parts = Array.isArray(value) ? value : [value];
  const isJson = (/** @type {any} */ part) => part?.type === 'json' && 'value' in part;
  const isParts = parts.length > 0 && parts.every((part) => part?.type === 'text' || isJson(part) || pictureText(part));
  if (!isParts) return html`<${Value} value=${value} label="Result" />`;
  return parts.map((part, index) => {
    const base64 = pictureText(part);
    if (isJson(part)) return html`<${Value} key=${index} value=${part.value} label="Result" />`;
    return base64
      ? html`<${Picture} key=${index} base64=${base64} />`
      : html`<${TextBlock} key=${index} text=${part.text} label="Result" language=${language} />`;
  });
}

/** @param {any} args */
const isEmpty = (args) => isObject(args) && Object.keys(args).length === 0;

/** @param {{ step: Step, isWhole?: boolean }} props */
function ToolBody({ step, isWhole }) {
  const { content } = step;
  if (!isObject(content) || typeof content.tool !== 'string')
    return html`<${PlainBody} step=${step} isWhole=${isWhole} />`;
  const { tool, server, args, result } = content;
  // Alone in the panel its title has said which tool it is.
  const isSaid = isWhole && typeof server !== 'string';
  return html`${!isSaid && html`<p><code>${tool}</code>${typeof server === 'string' && html` of <code>${server}</code>`}</p>`}
    ${args !== undefined && !isEmpty(args) && html`<${Arguments} args=${args} />`}
    ${result !== undefined && html`<${Result} value=${result} language=${languageOf(args?.file_path ?? args?.path)} />`}
    <${Rest} content=${content} known=${['tool', ...(typeof server === 'string' ? ['server'] : []), 'args', 'result']} />`;
}

/** @param {{ step: Step, isWhole?: boolean }} props */
function ToolErrorBody({ step, isWhole }) {
  const { content } = step;
  if (!isObject(content) || typeof content.message !== 'string')
    return html`<${PlainBody} step=${step} isWhole=${isWhole} />`;
  const { tool, message, details } = content;
  return html`<p class="plain">${tool && html`<code>${tool}</code>: `}${message}</p>
    ${
      details !== undefined &&
      html`<details class="details" open=${isWhole}><summary>Technical details</summary><${Result}
      value=${details} /></details>`
    }
    <${Rest} content=${content} known=${['tool', 'message', 'details']} />`;
}

/** @type {Record<string, (props: any) => any>} */
const bodies = {
  context_received: ContextBody,
  thinking: ThinkingBody,
  reconsidering: ReconsideringBody,
  web_search: QueryBody,
  visit_page: PageBody,
  workspace_search: WorkspaceSearchBody,
  message_sent: MessageBody,
  message_edited: MessageBody,
  tool_call: ToolBody,
  tool_error: ToolErrorBody,
  generation: ThinkingBody,
  retrieval: QueryBody,
  approval: ApprovalBody,
};

/** @param {string} type */
export const bodyOf = (type) => (Object.hasOwn(bodies, type) ? bodies[type] : PlainBody);

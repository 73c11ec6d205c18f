// What a step shows below its heading. A string is valid content for every type, and so is something unforeseen: each
// body takes what it knows and leaves the rest to PlainBody.
import { html } from '../html.js';
import { Markdown } from '../ui/markdown-view.js';
import { messageUrl } from '../links.js';
import { formatWhen } from '../time.js';
import { workspace } from '../store.js';
import { plural } from './phase.js';
import { LongText } from './long-text.js';
import { LiveText } from './live-text.js';

const isObject = (content) => content !== null && typeof content === 'object' && !Array.isArray(content);
const asText = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

// At the end of a word, if one ends near there.
function cut(text, length) {
  if (text.length <= length) return text;
  const space = text.lastIndexOf(' ', length);
  return `${text.slice(0, space > length - 20 ? space : length).trimEnd()}…`;
}

// Markdown without its marks, for an excerpt on one line.
const plainText = (text) =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^[>#\s-]+|[*`~]+/gm, '')
    .replace(/\s+/g, ' ');

// One line of a folded text.
export const excerptOf = (text) => plainText(text.slice(0, 400));

export function PlainBody({ step }) {
  if (step.content === undefined) return null;
  return html`<${LongText} step=${step} text=${asText(step.content)} plain=${typeof step.content !== 'string'} />`;
}

export function ThinkingBody({ step, liveText, isOpen }) {
  if (isOpen) return html`<${LiveText} stepId=${step.id} stored=${step.content} text=${liveText} />`;
  return step.content
    ? html`<${LongText} step=${step} text=${asText(step.content)} markdown />`
    : html`<p class="faint">No text was kept.</p>`;
}

const changes = { new: 'New', edited: 'Edited', deleted: 'Deleted' };

function Quoted({ item }) {
  const url =
    item.messageId && item.streamId && item.change !== 'deleted'
      ? messageUrl(workspace.value.id, item.streamId, item.messageId)
      : null;
  const head = html`<span class="quoted-who">${item.authorName}</span> <time>${formatWhen(item.createdAt)}</time>
    ${item.change && html`<span class="tag">${changes[item.change] ?? item.change}</span>`}
    ${item.trigger && html`<span class="tag tag-gold">Asked</span>`}`;
  return html`<li class=${item.trigger ? 'quoted is-trigger' : 'quoted'}>
    <p class="quoted-head">${url ? html`<a href=${url}>${head}</a>` : head}</p>
    <p class="quoted-text">${cut(item.text ?? '', 150)}</p>
  </li>`;
}

function QuotedList({ items }) {
  if (items.length === 0) return html`<p class="faint">There were no messages to read.</p>`;
  const ordered = [...items.filter((item) => item.trigger), ...items.filter((item) => !item.trigger)];
  return html`<ul class="quoted-list">${ordered.map((item) => html`<${Quoted} item=${item} />`)}</ul>`;
}

export function ContextBody({ step }) {
  if (!isObject(step.content) || !Array.isArray(step.content.messages)) return html`<${PlainBody} step=${step} />`;
  return html`<${QuotedList} items=${step.content.messages} />`;
}

const decisions = { kept: 'Kept the draft', rewritten: 'Rewrote the draft' };

export function ReconsideringBody({ step, liveText, isOpen }) {
  const { content } = step;
  if (!isObject(content)) return html`<${ThinkingBody} step=${step} liveText=${liveText} isOpen=${isOpen} />`;
  return html`
    ${Array.isArray(content.newMessages) && html`<${QuotedList} items=${content.newMessages} />`}
    ${content.draft && html`<figure class="draft"><figcaption>Draft</figcaption><${Markdown}
      text=${content.draft} /></figure>`}
    ${(content.decision || content.reason) && html`<p>
      ${content.decision && html`<strong>
      ${decisions[content.decision] ?? content.decision}.</strong>`} ${content.reason}</p>`}`;
}

function Query({ text }) {
  return html`<p class="query"><strong>Query:</strong> “${text}”</p>`;
}

export function QueryBody({ step }) {
  const { content } = step;
  if (typeof content === 'string') return html`<${Query} text=${content} />`;
  if (!isObject(content) || content.query === undefined) return html`<${PlainBody} step=${step} />`;
  return html`<${Query} text=${content.query} />
    ${content.resultCount !== undefined && html`<p class="faint">Found ${plural(content.resultCount, 'result')}</p>`}`;
}

export function WorkspaceSearchBody({ step }) {
  const { content } = step;
  if (typeof content === 'string') return html`<${Query} text=${content} />`;
  if (!isObject(content) || content.query === undefined) return html`<${PlainBody} step=${step} />`;
  return html`<${Query} text=${content.query} />
    ${content.resultCount !== undefined && html`<p class="faint">Found ${plural(content.resultCount, 'message')}</p>`}`;
}

function domainOf(url) {
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return '';
  }
}

export function PageBody({ step }) {
  const url = isObject(step.content) ? step.content.url : step.content;
  if (typeof url !== 'string') return html`<${PlainBody} step=${step} />`;
  const title = (isObject(step.content) && step.content.title) || url;
  if (!/^https?:/i.test(url)) return html`<p>${title}</p>`;
  return html`<p><a href=${url} target="_blank" rel="noopener noreferrer nofollow">${title}</a> <span class="faint">
    ${domainOf(url)}</span></p>`;
}

export function MessageBody({ step, session }) {
  const text = isObject(step.content) ? step.content.text : step.content;
  const url = step.messageId && session.streamId && messageUrl(workspace.value.id, session.streamId, step.messageId);
  return html`<p class="said">${cut(typeof text === 'string' ? plainText(text) : '', 100)}</p>
    ${url && html`<p><a class="quiet-link" href=${url}>Show in the conversation</a></p>`}`;
}

function Block({ label, value }) {
  if (value === undefined) return null;
  return html`<div class="block"><p class="block-label">${label}</p><pre class="scroll-x" tabindex="0" role="group"
    aria-label=${label}>${asText(value)}</pre></div>`;
}

export function ToolBody({ step }) {
  const { content } = step;
  if (!isObject(content) || content.tool === undefined) return html`<${PlainBody} step=${step} />`;
  return html`<p><code>${content.tool}</code></p><${Block} label="Arguments" value=${content.args} /><${Block}
    label="Result" value=${content.result} />`;
}

export function ToolErrorBody({ step }) {
  const { content } = step;
  if (!isObject(content) || content.message === undefined) return html`<${PlainBody} step=${step} />`;
  return html`<p>${content.tool && html`<code>${content.tool}</code>: `}${content.message}</p>
    ${content.details !== undefined && html`<details class="details"><summary>Technical details</summary><${Block}
      label="Details" value=${content.details} /></details>`}`;
}

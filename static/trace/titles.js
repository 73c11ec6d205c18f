// SPDX-License-Identifier: Apache-2.0
// What a step did, in one line: the tool, the query, the page, the first words. Never just its type, where more is
// known. Pure.
import { cutCharacters, cutText } from '../blocks.js';
import { stepKind } from '../steps.js';

const longest = 160;

// A text as it is, on one line.
/** @param {unknown} value */
function oneLine(value) {
  const text = typeof value === 'string' ? value : '';
  const line = cutText(text, longest * 2)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > longest ? `${cutCharacters(line, longest)}…` : line;
}

// The first words of Markdown, without its marks.
/** @param {unknown} value */
const firstLine = (value) =>
  oneLine(
    cutText(typeof value === 'string' ? value : '', longest * 2)
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/^[>#\s-]+|[*`~]+/gm, ''),
  );

// The most telling argument of a call.
const telling = ['command', 'query', 'q', 'path', 'file_path', 'url', 'pattern', 'name', 'id', 'prompt', 'text'];

/** @param {any} args */
function argumentOf(args) {
  if (typeof args === 'string') return oneLine(args);
  if (args === null || typeof args !== 'object') return '';
  const key = telling.find((one) => typeof args[one] === 'string') ?? Object.keys(args)[0];
  return key === undefined || typeof args[key] === 'object' ? '' : oneLine(String(args[key]));
}

/** @type {Record<string, (content: any) => string>} */
const readers = {
  context_received: ({ messages }) =>
    firstLine(messages?.find((/** @type {any} */ one) => one.trigger)?.text ?? messages?.[0]?.text),
  web_search: ({ query }) => oneLine(query),
  workspace_search: ({ query }) => oneLine(query),
  visit_page: ({ title, url }) => oneLine(title || url),
  message_sent: ({ text }) => firstLine(text),
  message_edited: ({ text }) => firstLine(text),
  tool_error: ({ tool, message }) => oneLine([tool, message].filter(Boolean).join(': ')),
  reconsidering: ({ decision, reason }) => firstLine(reason || decision),
};

/** @param {any} content */
function otherTitle(content) {
  const name = content.tool ?? content.name ?? content.title;
  const more = argumentOf(content.args ?? content.arguments ?? content.input ?? (name ? undefined : content));
  return [name, more].filter((part) => typeof part === 'string' && part !== '').join(' ');
}

// What it did, '' if nothing is known beyond the type.
/** @param {Partial<Step>} step @param {string} [liveText] */
function doneTitle({ stepType = '', name, content }, liveText) {
  const value = liveText ?? content;
  if (typeof value === 'string') return [name, firstLine(value)].filter(Boolean).join(' ');
  if (value === null || value === undefined || typeof value !== 'object') return name ?? '';
  const read = Array.isArray(value) ? undefined : (readers[stepType] ?? otherTitle)(value);
  const isNamed = name !== undefined && `${read} `.startsWith(`${name} `);
  return [isNamed ? '' : name, read].filter(Boolean).join(' ');
}

// A step that failed before it had done anything says why.
/** @param {Partial<Step>} step @param {string} [liveText] */
export const stepTitle = (step, liveText) => doneTitle(step, liveText) || firstLine(step.error?.message);

/** @param {Partial<Step>} step @param {string} [liveText] */
export const stepLine = (step, liveText) => stepTitle(step, liveText) || stepKind(step.stepType ?? '').label;

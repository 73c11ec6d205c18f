// SPDX-License-Identifier: Apache-2.0
// Builds the bodies of requests. Texts for people are cut to the server's limits, contents never: a content that is too
// long is a RangeError, which the caller reports as the result `invalid`.
import { isId } from './id.js';
import { mendSources } from './sources.js';
import { byteLength, cleanJson, cleanText, cutText } from './text.js';

export const CONTENT_BYTES = 1048576;
const [TITLE, NAME, MODEL, CODE, MESSAGE] = [2000, 400, 200, 64, 4000];
const TYPE = /^[a-z][a-z0-9_]{0,63}$/;
const COUNTS = ['inputTokens', 'outputTokens', 'reasoningTokens', 'cacheReadTokens', 'cacheWriteTokens', 'totalTokens'];

const cut = (value, most) => (value === undefined || value === null ? undefined : cutText(value, most));
const idOr = (value, prefix, what) => {
  if (value === undefined || value === null) return undefined;
  if (!isId(value, prefix)) throw new RangeError(`${what} is not an id that begins with ${prefix}`);
  return value;
};
const time = (value) => (value === undefined ? undefined : new Date(value).toISOString());

// A string, or an object.
function contentOf(content) {
  if (content === undefined || content === null) return undefined;
  const value = typeof content === 'string' ? cleanText(content) : cleanJson(content);
  if (typeof value !== 'string' && (typeof value !== 'object' || Array.isArray(value)))
    throw new RangeError('content is neither a string nor an object');
  if (byteLength(typeof value === 'string' ? value : JSON.stringify(value)) > CONTENT_BYTES)
    throw new RangeError(`content has more than ${CONTENT_BYTES} bytes`);
  return value;
}

const sizeOf = (value) => byteLength(JSON.stringify(cleanJson(value)) ?? '');

// The content, within the limit: what is too long of its members becomes a shorter text, and `truncated` says so. For
// handlers, which have nobody to tell that a content is `invalid`.
export function fittingContent(content) {
  if (typeof content === 'string') return cutText(content, CONTENT_BYTES);
  if (!content || sizeOf(content) <= CONTENT_BYTES) return content;
  // Half as much each time: a character may take six bytes in JSON.
  for (let most = CONTENT_BYTES / 2; most >= 1; most /= 2) {
    const shorter = ([name, value]) => {
      if (sizeOf(value) <= most) return [name, value];
      return [name, cutText(typeof value === 'string' ? value : JSON.stringify(cleanJson(value)), most)];
    };
    const cutContent = { ...Object.fromEntries(Object.entries(content).map(shorter)), truncated: true };
    if (sizeOf(cutContent) <= CONTENT_BYTES) return cutContent;
  }
  return { truncated: true };
}

function usageOf(usage) {
  if (!usage) return undefined;
  const result = { model: cut(usage.model, MODEL) };
  for (const name of COUNTS) if (Number.isSafeInteger(usage[name]) && usage[name] >= 0) result[name] = usage[name];
  if (Number.isFinite(usage.costUsd) && usage.costUsd >= 0) result.costUsd = usage.costUsd;
  return result;
}

export function errorOf(error) {
  if (!error) return undefined;
  const { code, message, name } = typeof error === 'string' ? { message: error } : error;
  return { code: cutText(code || name || 'failed', CODE), message: cutText(message ?? '', MESSAGE) };
}

// The outcome's members, and the sources that were left out of it.
function outcomeOf({ sources, messageId, usage, error, input, output }) {
  const mended = mendSources(sources);
  const json = (value) => (value === undefined ? undefined : cleanJson(value));
  const members = { sources: mended.sources, messageId: isId(messageId, 'msg_') ? messageId : undefined };
  return {
    members: { ...members, usage: usageOf(usage), error: errorOf(error), input: json(input), output: json(output) },
    dropped: mended.dropped,
  };
}

export function createBody(id, spec) {
  return {
    id,
    streamId: idOr(spec.streamId, 'str_', 'streamId'),
    triggerMessageId: idOr(spec.triggerMessageId, 'msg_', 'triggerMessageId'),
    title: cut(spec.title, TITLE),
    metadata: spec.metadata ? cleanJson(spec.metadata) : undefined,
    startedAt: time(spec.startedAt ?? Date.now()),
  };
}

export function startBody(id, spec, parentId) {
  if (!TYPE.test(spec.type ?? '')) throw new RangeError(`the type of a step is [a-z][a-z0-9_]{0,63}, not ${spec.type}`);
  return {
    id,
    stepType: spec.type,
    name: cut(spec.name, NAME),
    parentStepId: parentId,
    content: contentOf(spec.content),
    input: spec.input === undefined ? undefined : cleanJson(spec.input),
    startedAt: time(spec.startedAt ?? Date.now()),
  };
}

// `streamed`: the text of the step so far, used where the outcome has no content.
export function completeBody(outcome, streamed) {
  const { members, dropped } = outcomeOf(outcome);
  const content = contentOf(outcome.content) ?? (streamed || undefined);
  return { body: { content, ...members, completedAt: time(outcome.completedAt ?? Date.now()) }, dropped };
}

export function recordBody(id, spec, parentId, outcome) {
  const start = startBody(id, spec, parentId);
  const { body, dropped } = completeBody(outcome);
  const present = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  return { body: { ...start, completed: true, ...present }, dropped };
}

export function messageBody(sessionId, clientMessageId, spec) {
  if (!spec.content) throw new RangeError('a message needs content');
  const { sources, dropped } = mendSources(spec.sources);
  return { body: { content: cleanText(spec.content), clientMessageId, sessionId, sources }, dropped };
}

export function finishBody({ responseMessageId, seenSeq, completedAt } = {}) {
  return {
    responseMessageId: isId(responseMessageId, 'msg_') ? responseMessageId : undefined,
    seenSeq: Number.isSafeInteger(seenSeq) && seenSeq > 0 ? seenSeq : undefined,
    completedAt: time(completedAt ?? Date.now()),
  };
}

// SPDX-License-Identifier: Apache-2.0
// Which step of one session stands for which of another: those of the same type and name, in the order of both. Pure.
import { compareLists } from '../content/diff.js';
import { exactText } from '../exact.js';

/** @typedef {{ left?: Step, right?: Step }} Pair */

// By what a step is the same as another: a tool by its name, wherever that was said.
/** @param {Step} step */
export function kindKey({ stepType, name, content }) {
  const tool = name ?? (content && typeof content === 'object' ? (content.tool ?? content.name) : undefined);
  return `${stepType} ${typeof tool === 'string' ? tool : ''}`;
}

// What is left on both sides between two pairs stands side by side, where the types agree.
/** @param {Step[]} left @param {Step[]} right @returns {Pair[]} */
export function alignSteps(left, right) {
  /** @type {Pair[]} */
  const pairs = [];
  /** @type {Step[]} */
  let alone = [];
  let i = 0;
  let j = 0;
  const settle = () => {
    pairs.push(...alone.map((step) => ({ left: step })));
    alone = [];
  };
  for (const { sign } of compareLists(left.map(kindKey), right.map(kindKey))) {
    if (sign === '-') alone.push(left[i++]);
    else if (sign === '+') {
      const step = right[j++];
      const at = alone.findIndex((one) => one.stepType === step.stepType);
      if (at < 0) {
        settle();
        pairs.push({ right: step });
      } else {
        pairs.push(
          ...alone.splice(0, at + 1).map((one, index) => (index < at ? { left: one } : { left: one, right: step })),
        );
      }
    } else {
      settle();
      pairs.push({ left: left[i++], right: right[j++] });
    }
  }
  settle();
  return pairs;
}

// What is nothing but a text is compared as that text.
/** @param {any} content */
function contentText(content) {
  if (content === undefined) return '';
  const text = content !== null && Object.keys(content).join() === 'text' ? content.text : content;
  return typeof text === 'string' ? text : exactText(content, 2);
}

// What a step says, as lines that can be compared.
/** @param {Step | undefined} step */
export function stepText(step) {
  if (!step) return '';
  const error = step.error ? `${step.error.code ?? 'error'}: ${step.error.message ?? ''}` : '';
  return [contentText(step.content), error].filter(Boolean).join('\n');
}

/** @param {Pair} pair */
export const pairDiffers = ({ left, right }) =>
  !left ||
  !right ||
  left.status !== right.status ||
  left.contentLength !== right.contentLength ||
  stepText(left) !== stepText(right);

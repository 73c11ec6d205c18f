// SPDX-License-Identifier: Apache-2.0
// How fast streamed text is shown: evenly, though it arrives in bursts, and never more than `maxLag` behind. Pure.
// Lengths are UTF-16 units of the text so far, times are milliseconds.

export const paceFrame = 40;
export const maxLag = 1500;

/** @returns {Pace} */
export function paceNew(length = 0) {
  return { shown: length, marks: [] };
}

// The text has reached `length` at `now`. A shorter text is a new text.
/** @param {Pace} pace @param {number} length @param {number} now */
export function paceGrow(pace, length, now) {
  const last = pace.marks.length > 0 ? pace.marks[pace.marks.length - 1].length : pace.shown;
  if (length < last) {
    pace.marks = [];
    pace.shown = Math.min(pace.shown, length);
  }
  if (length > pace.shown && length !== last) pace.marks.push({ at: now, length });
}

// Advances by one frame: a tenth of what is waiting, at least three characters, and everything that has waited too
// long.
/** @param {Pace} pace @param {number} now */
export function paceStep(pace, now) {
  const { marks } = pace;
  if (marks.length === 0) return pace.shown;
  const target = marks[marks.length - 1].length;
  let next = pace.shown + Math.max(3, Math.ceil((target - pace.shown) / 10));
  for (const mark of marks) if (now - mark.at >= maxLag) next = Math.max(next, mark.length);
  pace.shown = Math.min(next, target);
  pace.marks = marks.filter((mark) => mark.length > pace.shown);
  return pace.shown;
}

/** @param {Pace} pace */
export function paceFinish(pace) {
  if (pace.marks.length > 0) pace.shown = pace.marks[pace.marks.length - 1].length;
  pace.marks = [];
  return pace.shown;
}

// Cuts a text, but never inside a character.
/** @param {string} text @param {number} length */
export function paceCut(text, length) {
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? length - 1 : length);
}

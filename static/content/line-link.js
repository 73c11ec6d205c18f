// SPDX-License-Identifier: Apache-2.0
// A link to a line, in the panel of a step, whose address names the step: `#L120` is the line of the step's first numbered
// text, `#L120.2` that of its second. A press on a number puts it into the address. A panel says whose it is (`data-of`); one
// of a share does not, since the secret of a share stands there.
import { useLayoutEffect, useState } from '../html.js';

const pattern = /^#L(\d+)(?:\.([1-9]\d*))?$/;

// While a trace is replayed, the panel shows other steps than the one that the address names.
/** @param {string | null | undefined} stepId */
const isNamed = (stepId) => Boolean(stepId) && `${location.pathname}${location.search}`.includes(`${stepId}`);

// The part of this address that names a line of the step, or nothing.
/** @param {string | null} stepId */
export const lineHash = (stepId) => (isNamed(stepId) && pattern.test(location.hash) ? location.hash : '');

// Which of the numbered texts of its step an element is, from 1; 0: none, or of no step that the address names.
/** @param {HTMLElement} element */
function placeOf(element) {
  /** @type {HTMLElement | null} */
  const panel = element.closest('.panel-content');
  if (!panel || !isNamed(panel.dataset.of)) return 0;
  return [...panel.querySelectorAll('.text-block.is-numbered')].indexOf(element) + 1;
}

// The line that the address names, if it is one of this text's, else 0; and what a press on a number does. For such a line
// the text is unfolded, and scrolled to it once, as soon as it is mounted.
/** @param {{ current: HTMLElement }} root @param {number} count @param {() => void} unfold */
export function useLine(root, count, unfold) {
  const [line, setLine] = useState(0);
  const [isPending, setPending] = useState(false);
  useLayoutEffect(() => {
    const [, number, place = 1] = pattern.exec(location.hash) ?? [];
    if (!number || Number(number) > count || placeOf(root.current) !== Number(place)) return;
    setLine(Number(number));
    setPending(true);
    unfold();
  }, []);
  useLayoutEffect(() => {
    const element = isPending && root.current.querySelector(`[data-n="${line}"]`);
    if (!element) return;
    setPending(false);
    element.scrollIntoView({ block: 'center' });
  });
  /** @param {any} event */
  function onPress({ target }) {
    const place = placeOf(root.current);
    // The number is no element: a press on it is one on the line, but on none of its texts.
    if (!target.matches('.line') || place === 0) return;
    setLine(Number(target.dataset.n));
    history.replaceState(history.state, '', `#L${target.dataset.n}${place > 1 ? `.${place}` : ''}`);
  }
  return { line, onPress };
}

// SPDX-License-Identifier: Apache-2.0
// A link to a line, in the panel of a step, whose address names the step: `#L120` is the line of the step's first numbered
// text, `#L120.2` that of its second. A press on a number puts it into the address.
import { useLayoutEffect, useState } from '../html.js';

const pattern = /^#L(\d+)(?:\.(\d+))?$/;

// The part of this address that names a line, or nothing.
export const lineHash = () => (pattern.test(location.hash) ? location.hash : '');

// Which of the numbered texts of its step an element is, from 1; 0: none, or not in a panel.
/** @param {HTMLElement} element */
const placeOf = (element) =>
  [...(element.closest('.panel-content')?.querySelectorAll('.text-block.is-numbered') ?? [])].indexOf(element) + 1;

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

// SPDX-License-Identifier: Apache-2.0
// A step's text while it is written: paced with a soft cursor, as a headline, or at once, as the reader prefers.
import { html, useEffect, useElement, useLayoutEffect, useRef } from '../html.js';
import { createGrowingText } from '../ui/markdown-view.js';
import { settings } from '../settings.js';
import { paceCut, paceFinish, paceFrame, paceGrow, paceNew, paceStep } from './pace.js';

/** @typedef {ReturnType<typeof createGrowingText>} GrowingText */

const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

// The last heading or the sentence just begun, on one line.
/** @param {string} text */
function headlineOf(text) {
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => line.trim() !== '');
  const heading = lines.findLast?.((line) => /^(#+ |\*\*.+\*\*$)/.test(line)) ?? lines[lines.length - 1] ?? '';
  return heading.replace(/^#+ |\*\*/g, '').slice(-160);
}

/** @param {{ text: string }} props */
function Headline({ text }) {
  return html`<p class="headline" aria-live="off">${headlineOf(text)}<span class="cursor"></span></p>`;
}

/** @param {{ stepId: string, text: string, paced: boolean }} props */
function Growing({ stepId, text, paced }) {
  const root = useElement();
  /** @type {{ current: { pace: Pace, growing: GrowingText, text: string, timer: Timer } }} */
  const state = useRef(/** @type {any} */ (null));

  useLayoutEffect(() => {
    // Text that stood there before this reader came needs no pacing.
    const pace = paceNew(text.length);
    const growing = createGrowingText(root.current);
    growing.show(text, performance.now());
    state.current = { pace, growing, text, timer: undefined };
    return () => clearTimeout(state.current.timer);
  }, [stepId]);

  useEffect(() => {
    const held = state.current;
    held.text = text;
    paceGrow(held.pace, text.length, performance.now());
    if (held.timer === undefined) frame();

    function frame() {
      const now = performance.now();
      const length = !paced || document.hidden || isCalm() ? paceFinish(held.pace) : paceStep(held.pace, now);
      held.growing.show(paceCut(held.text, length), now);
      held.timer = held.pace.marks.length > 0 ? setTimeout(frame, paceFrame) : setTimeout(settle, 100);
    }

    // The characters since the last parsing get their final form, unless more have come meanwhile.
    function settle() {
      held.timer = undefined;
      if (held.pace.marks.length > 0) return frame();
      return held.growing.show(paceCut(held.text, held.pace.shown), performance.now());
    }
  }, [text, paced]);

  useEffect(() => {
    const catchUp = () => {
      const held = state.current;
      held.growing.show(paceCut(held.text, paceFinish(held.pace)), performance.now());
    };
    document.addEventListener('visibilitychange', catchUp);
    return () => document.removeEventListener('visibilitychange', catchUp);
  }, [stepId]);

  return html`<div class="md is-growing" aria-live="off" ref=${root}></div>`;
}

/** @param {{ stepId: string, stored: unknown, text: string | undefined }} props */
export function LiveText({ stepId, stored, text }) {
  const shown = text ?? (typeof stored === 'string' ? stored : '');
  const { streaming } = settings.value;
  if (shown === '') return html`<p class="headline faint"><span class="cursor"></span></p>`;
  if (streaming === 'headline') return html`<${Headline} text=${shown} />`;
  return html`<${Growing} key=${stepId} stepId=${stepId} text=${shown} paced=${streaming === 'live'} />`;
}

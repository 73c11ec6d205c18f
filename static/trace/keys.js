// SPDX-License-Identifier: Apache-2.0
// The single keys of the trace. They act only while focus is in the trace and not in a field, and only if the reader
// wants them.
import { useEffect, useRef } from '../html.js';
import { settings, settingsSet } from '../settings.js';

/** @param {Element} target */
const inField = (target) => target.closest('input, textarea, select, [contenteditable]') !== null;

export const traceKeys = [
  ['j', 'next step'],
  ['k', 'previous step'],
  ['n', 'next error'],
  ['p', 'previous error'],
  ['o', 'expand or collapse'],
  ['f', 'follow the newest step'],
  ['s', 'sources'],
  ['c', 'copy a link to the step'],
  ['.', 'focus Stop (Enter stops)'],
  ['t', 'waterfall'],
  ['w', 'open as a page, or back over the conversation'],
  ['/', 'search in the trace'],
  ['?', 'this help'],
  ['Esc', 'close'],
];

// The keys that scroll work wherever focus is in the trace, except where they mean something already.
/** @param {HTMLElement} scroller @param {KeyboardEvent} event */
function scrollKey(scroller, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target === scroller || (event.key === ' ' && target.closest('button, a, summary'))) return false;
  const page = scroller.clientHeight * 0.9;
  const isUp = event.key === 'PageUp' || (event.key === ' ' && event.shiftKey);
  if (event.key === 'Home') scroller.scrollTop = 0;
  else if (event.key === 'End') scroller.scrollTop = scroller.scrollHeight;
  else if (event.key === ' ' || event.key.startsWith('Page')) scroller.scrollTop += isUp ? -page : page;
  else return false;
  return true;
}

/** @param {any} context */
export function useTraceKeys(context) {
  const held = useRef(context);
  held.current = context;
  useEffect(() => {
    // Over a conversation the whole dialog listens, as a page everything does.
    const dialog = context.root.current.closest('dialog');
    const host = dialog ?? document.body;
    /** @param {any} event */
    const onKey = (event) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        inField(event.target) ||
        event.target.closest('[popover]') ||
        !settings.peek().keys
      )
        return;
      // A panel beside the tree scrolls by itself where focus is in it, by the arrow keys too.
      const isBeside = event.target.closest('.panel') !== null;
      if (event.key.startsWith('Arrow') && event.target.closest('.panel-content')) return;
      const scroller = !isBeside && context.root.current.querySelector('.trace-scroll, .tree-scroll');
      if (scroller && scrollKey(scroller, event)) return event.preventDefault();
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action(held.current, context.root.current);
    };
    host.addEventListener('keydown', onKey);
    return () => host.removeEventListener('keydown', onKey);
  }, []);
}

/**
 * @param {{ metas: Meta[], selected: string | null, show: (id: string,
 *   options?: { focus?: boolean }) => void }} options
 * @param {number} by
 * @param {(meta: Meta) => boolean} [matches]
 */
function move({ metas, selected, show }, by, matches = () => true) {
  const start = metas.findIndex((meta) => meta.id === selected);
  for (let i = start < 0 && by < 0 ? metas.length - 1 : start + by; i >= 0 && i < metas.length; i += by)
    if (matches(metas[i])) return show(metas[i].id);
  return undefined;
}

/** @param {HTMLElement} dialog @param {string | null} selected @param {string} selector */
const press = (dialog, selected, selector) =>
  dialog
    .querySelector(`[data-step="${CSS.escape(selected ?? '')}"]`)
    ?.closest('.step')
    ?.querySelector(selector)
    ?.click();

/** @type {Record<string, (context: any, dialog: HTMLElement) => unknown>} */
const actions = {
  j: (context) => move(context, 1),
  ArrowDown: (context) => move(context, 1),
  k: (context) => move(context, -1),
  ArrowUp: (context) => move(context, -1),
  n: ({ jumpError }) => jumpError(1),
  p: ({ jumpError }) => jumpError(-1),
  o: ({ selected }, dialog) => press(dialog, selected, '.unfold button, .step-fold'),
  f: ({ follow }) => (follow.following ? follow.setFollowing(false) : follow.jump()),
  s: ({ selected }, dialog) => press(dialog, selected, '[data-sources]'),
  c: ({ onCopyLink }) => onCopyLink(),
  '.': (context, dialog) => dialog.querySelector('[data-stop]')?.focus(),
  w: (context, dialog) => /** @type {HTMLElement | null} */ (dialog.querySelector('[data-size]'))?.click(),
  t: () => settingsSet({ waterfall: !settings.peek().waterfall }),
  '/': ({ onSearch }) => onSearch(),
  '?': ({ onHelp }) => onHelp(),
};

// SPDX-License-Identifier: Apache-2.0
// The only module that imports Preact: templates, hooks, signals.
import { Fragment, h, render } from './vendor/preact.js';
import { useRef } from './vendor/preact-hooks.js';
import htm from './vendor/htm.js';

export const html = htm.bind(h);
export { Fragment, render };

/**
 * A ref to an element, for effects and handlers: whenever one of them runs, the element is there.
 * @template {HTMLElement} [T=HTMLElement]
 * @returns {{ current: T }}
 */
export const useElement = () => useRef(/** @type {any} */ (null));

export {
  useCallback,
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from './vendor/preact-hooks.js';
export { batch, computed, effect, signal, useComputed, useSignal, useSignalEffect } from './vendor/signals.js';

export const focused = () => /** @type {HTMLElement | null} */ (document.activeElement);

// Joins the class names whose condition holds: cls('row', {open, 'is-late': late}).
/** @param {...(string | false | null | undefined | Record<string, unknown>)} parts */
export function cls(...parts) {
  const names = [];
  for (const part of parts) {
    if (!part) continue;
    if (typeof part === 'string') names.push(part);
    else for (const [name, on] of Object.entries(part)) if (on) names.push(name);
  }
  return names.join(' ');
}

// SPDX-License-Identifier: Apache-2.0
// Focus is never lost to the body: when the focused element goes, or is disabled, the nearest thing around it that is
// still there takes the focus. A press on empty ground gives it up on purpose.
import { focused } from '../html.js';

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), [tabindex]';

/** @type {HTMLElement[]} */
let around = [];

/** @param {HTMLElement} element */
function pathOf(element) {
  const path = [];
  for (let at = /** @type {HTMLElement | null} */ (element); at && at !== document.body; at = at.parentElement)
    path.push(at);
  return path;
}

// An element that takes focus itself, else the first inside that does.
/** @param {HTMLElement} element */
const receiverIn = (element) => (element.matches(focusable) ? element : element.querySelector(focusable));

function repair() {
  const now = focused();
  if (around.length === 0 || (now && now !== document.body)) return;
  const [last, ...ancestors] = around;
  if (last.isConnected && !last.matches(':disabled')) return;
  const held = ancestors.find((element) => element.isConnected);
  const receiver = held && receiverIn(held);
  around = [];
  receiver?.focus({ preventScroll: true });
}

export function focusStart() {
  document.addEventListener('focusin', (event) => {
    around = pathOf(/** @type {HTMLElement} */ (event.target));
  });
  document.addEventListener(
    'pointerdown',
    (event) => {
      if (!(/** @type {Element} */ (event.target).closest(focusable))) around = [];
    },
    true,
  );
  new MutationObserver(repair).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled', 'hidden'],
  });
}

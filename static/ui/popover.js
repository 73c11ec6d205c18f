// SPDX-License-Identifier: Apache-2.0
// A button and what it opens: a native popover beside it, placed where there is room. A menu is walked with the arrow
// keys.
import { html, useElement, useId, useState } from '../html.js';
import { Icon } from '../icons.js';

/** @param {HTMLElement} popover @param {HTMLElement} button */
function place(popover, button) {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = anchor.bottom + 4 + height <= innerHeight;
  const top = below ? anchor.bottom + 4 : Math.max(8, anchor.top - 4 - height);
  const left = Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8);
  popover.style.top = `${top}px`;
  popover.style.left = `${Math.max(8, left)}px`;
}

// `content` renders the inside. It is called only while the popover is open.
/**
 * @param {{ label: string, icon?: string, className?: string, text?: string, popup?: string, role?: string,
 *   content: (close: () => void) => object, onOpen?: (() => void) }} props
 */
export function PopoverButton({ label, icon, className = 'icon-button', text, popup, role, content, onOpen }) {
  const id = useId();
  const button = useElement();
  const popover = useElement();
  const [open, setOpen] = useState(false);
  const close = () => popover.current.hidePopover();

  function toggle() {
    if (open) return close();
    setOpen(true);
    popover.current.showPopover();
    // This runs after Preact's own microtask, which renders the content, and before the next key press, so that what is
    // typed at once lands inside.
    queueMicrotask(() => {
      place(popover.current, button.current);
      popover.current.querySelector('[role=menuitem], input, select, button')?.focus();
      onOpen?.();
    });
    return undefined;
  }

  /** @param {any} event */
  function onToggle(event) {
    setOpen(event.newState === 'open');
    // It also closes when it is removed from the page.
    if (event.newState === 'closed' && popover.current?.contains(document.activeElement)) button.current.focus();
  }

  /** @param {any} event */
  function onKeyDown(event) {
    if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
      button.current.focus();
    }
  }

  return html`<span class="popover-host" onKeyDown=${onKeyDown}>
    <button type="button" class=${className} ref=${button} aria-label=${text ? undefined : label}
      title=${text ? undefined : label} aria-haspopup=${popup}
      aria-expanded=${open ? 'true' : 'false'} aria-controls=${id} onClick=${toggle}>
        ${icon && html`<${Icon} name=${icon} />`}${text}</button>
    <div popover="auto" id=${id} class="popover" role=${role} aria-label=${label} ref=${popover} onToggle=${onToggle}>
      ${open && content(close)}</div>
  </span>`;
}

/** @param {any} event */
function walk(event) {
  const items = [...event.currentTarget.closest('.popover').querySelectorAll('[role=menuitem]')];
  const at = items.indexOf(document.activeElement);
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const to = steps[event.key];
  if (to === undefined || items.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
  items[(to + items.length) % items.length].focus();
}

/** @param {{ label: string, icon?: string, items: () => MenuItem[], className?: string }} props */
export function MenuButton({ label, icon, items, className }) {
  /** @param {MenuItem} entry @param {() => void} close */
  const item = (entry, close) => {
    const inside = html`<${Icon} name=${entry.icon} size=${14} /><span>${entry.label}</span>`;
    const shared = {
      role: 'menuitem',
      tabindex: -1,
      class: entry.danger ? 'menu-item is-danger' : 'menu-item',
      key: entry.id,
    };
    if (entry.href) return html`<a ...${shared} href=${entry.href} onClick=${() => close()}>${inside}</a>`;
    return html`<button type="button" ...${shared} onClick=${() => {
      close();
      entry.run?.();
    }}>${inside}</button>`;
  };
  return html`<${PopoverButton} label=${label} icon=${icon} className=${className} popup="menu" role="menu"
    content=${(close) => html`<div class="menu" role="presentation" onKeyDown=${walk}>
      ${items().map((entry) => item(entry, close))}</div>`} />`;
}

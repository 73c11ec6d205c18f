// A button and what it opens: a native popover beside it, placed where there is room. As a menu it is walked with the
// arrow keys.
import { html, useId, useRef, useState } from '../html.js';
import { Icon } from '../icons.js';

function place(popover, button) {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = anchor.bottom + 4 + height <= innerHeight;
  const top = below ? anchor.bottom + 4 : Math.max(8, anchor.top - 4 - height);
  const left = Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8);
  popover.style.top = `${top}px`;
  popover.style.left = `${Math.max(8, left)}px`;
}

// content: a function that renders what is inside, called only while open; it gets `close`.
export function PopoverButton({ label, icon, className = 'icon-button', text, popup, role, content, onOpen }) {
  const id = useId();
  const button = useRef(null);
  const popover = useRef(null);
  const [open, setOpen] = useState(false);
  const close = () => popover.current.hidePopover();

  function toggle() {
    if (open) return close();
    setOpen(true);
    popover.current.showPopover();
    // Behind Preact's own microtask, which renders the content, and before the next key: whoever types at once is in it.
    queueMicrotask(() => {
      place(popover.current, button.current);
      popover.current.querySelector('[role=menuitem], input, select, button')?.focus();
      onOpen?.();
    });
    return undefined;
  }

  function onToggle(event) {
    setOpen(event.newState === 'open');
    // It also closes because it is taken away.
    if (event.newState === 'closed' && popover.current?.contains(document.activeElement)) button.current.focus();
  }

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

function walk(event) {
  const items = [...event.currentTarget.closest('.popover').querySelectorAll('[role=menuitem]')];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || items.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
  items[(to + items.length) % items.length].focus();
}

// items: [{id, label, icon, href | run, danger?}]
export function MenuButton({ label, icon, items, className }) {
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
      entry.run();
    }}>${inside}</button>`;
  };
  return html`<${PopoverButton} label=${label} icon=${icon} className=${className} popup="menu" role="menu"
    content=${(close) => html`<div class="menu" role="presentation" onKeyDown=${walk}>
      ${items().map((entry) => item(entry, close))}</div>`} />`;
}

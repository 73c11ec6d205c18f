// SPDX-License-Identifier: Apache-2.0
// Renders components outside a browser, with the page's own Preact: just enough of a document to render into, and
// effects that run when a test says so. What needs layout, events of the browser or styles is for tests/browser.
import { html, render } from '../../../../static/html.js';
import { options } from '../../../../static/vendor/preact.js';

class Node {
  childNodes = [];
  parentNode = null;
  onclick = null; // by which Preact knows how the event is written

  constructor(name) {
    this.localName = name;
    this.nodeType = name === '#text' ? 3 : 1;
    this.attributes = new Map();
    this.handlers = {};
    this.style = {};
  }

  get firstChild() {
    return this.childNodes[0] ?? null;
  }

  get nextSibling() {
    const all = this.parentNode?.childNodes ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }

  get textContent() {
    return this.nodeType === 3 ? this.data : this.childNodes.map((child) => child.textContent).join('');
  }

  insertBefore(child, before) {
    child.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, child);
    child.parentNode = this;
    return child;
  }

  appendChild(child) {
    return this.insertBefore(child, null);
  }

  remove() {
    this.parentNode?.removeChild(this);
  }

  removeChild(child) {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
    child.parentNode = null;
  }

  contains(other) {
    return other === this || this.childNodes.some((child) => child.contains(other));
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  addEventListener(type, handler) {
    this.handlers[type] = handler;
  }

  removeEventListener(type) {
    delete this.handlers[type];
  }

  // The first element of that name inside.
  find(name) {
    for (const child of this.childNodes) {
      const found = child.localName === name ? child : child.find(name);
      if (found) return found;
    }
    return null;
  }

  click() {
    this.handlers.click.call(this, { type: 'click', target: this });
  }
}

export const document = Object.assign(new EventTarget(), {
  hidden: false,
  createElement: (name) => new Node(name),
  createElementNS: (_, name) => new Node(name),
  createTextNode: (data) => Object.assign(new Node('#text'), { data }),
});
globalThis.document = document;

const effects = [];
const renders = [];
options.requestAnimationFrame = (run) => effects.push(run);
options.debounceRendering = (run) => renders.push(run);

const take = (queue) => queue.splice(0).forEach((run) => run());

// Runs the effects that wait, and renders what they and others have changed.
export function settle() {
  while (effects.length + renders.length > 0) {
    take(effects);
    take(renders);
  }
}

// Renders a component. Its effects wait for settle().
export function show(component, props = {}) {
  const root = new Node('main');
  render(html`<${component} ...${props} />`, root);
  return { root, again: (next) => render(html`<${component} ...${next} />`, root), close: () => render(null, root) };
}

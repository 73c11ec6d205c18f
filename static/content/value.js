// SPDX-License-Identifier: Apache-2.0
// A value as a tree that folds. Numbers stand as they were written; strings with line breaks are blocks; pictures are
// pictures. The selected node tells its path and is copied; a search opens what it finds.
import { cls, html, useElement, useMemo, useState } from '../html.js';
import { ExactNumber, exactText } from '../exact.js';
import { Icon } from '../icons.js';
import { formatCount } from '../time.js';
import { plural } from '../trace/phase.js';
import { TextBlock } from './block.js';
import { CopyButton } from './copy.js';
import { Picture, pictureText } from './pictures.js';

const shownAtOnce = 100;
const openBelow = 40;
const searchAbove = 12;
const blockAbove = 400;
const mostFound = 1000;

/** @param {any} value */
const isBranch = (value) => value !== null && typeof value === 'object' && !(value instanceof ExactNumber);

/** @param {string} path @param {string | number} key */
export const pathOf = (path, key) =>
  typeof key === 'number'
    ? `${path}[${key}]`
    : /^[A-Za-z_$][\w$]*$/.test(key)
      ? `${path}.${key}`
      : `${path}[${JSON.stringify(key)}]`;

/** @param {any} value @returns {[string | number, any][]} */
const entriesOf = (value) => (Array.isArray(value) ? value.map((item, index) => [index, item]) : Object.entries(value));

// Where a text stands, in a key or in a value, in order: path and value.
/** @param {any} root @param {string} text @returns {[string, any][]} */
export function valueFind(root, text) {
  const wanted = text.toLowerCase();
  /** @type {[string, any][]} */
  const found = [];
  /** @type {[string, string | number, any][]} */
  const stack = [['$', '', root]];
  for (let top = stack.pop(); top && found.length < mostFound; top = stack.pop()) {
    const [path, key, value] = top;
    const leaf = isBranch(value) ? '' : typeof value === 'string' ? value : exactText(value);
    if ((typeof key === 'string' && key.toLowerCase().includes(wanted)) || leaf.toLowerCase().includes(wanted))
      found.push([path, value]);
    if (isBranch(value))
      for (const [name, item] of entriesOf(value).reverse()) stack.push([pathOf(path, name), name, item]);
  }
  return found;
}

/** @param {{ value: any }} props */
function Leaf({ value }) {
  if (typeof value === 'string') return html`<bdi class="json-string">${JSON.stringify(value)}</bdi>`;
  if (typeof value === 'number' || value instanceof ExactNumber)
    return html`<span class="json-number">${exactText(value)}</span>`;
  return html`<span class="json-word">${String(value)}</span>`;
}

/** @param {string} selected @param {string} path */
const isWithin = (selected, path) =>
  selected === path || (selected.startsWith(path) && '.['.includes(selected[path.length]));

// How many entries are shown, so that the selected node, which a search may have found far down, is among them.
/** @param {[string | number, any][]} entries @param {string} path @param {string | null} selected */
function reached(entries, path, selected) {
  if (selected === null || !isWithin(selected, path)) return 0;
  return entries.findIndex(([key]) => isWithin(selected, pathOf(path, key))) + 1;
}

/** @typedef {{ selected: string | null, select: (path: string, value: any) => void, opened: Map<string, boolean>,
 *   toggle: (path: string, open: boolean) => void, found: Set<string> }} TreeState */

/** @param {{ name: string | number, value: any, path: string, depth: number, state: TreeState }} props */
function Node({ name, value, path, depth, state }) {
  const [shown, setShown] = useState(shownAtOnce);
  const base64 = pictureText(value);
  const isBlock = typeof value === 'string' && !base64 && (value.includes('\n') || value.length > blockAbove);
  const entries = isBranch(value) && !base64 ? entriesOf(value) : [];
  const most = Math.max(shown, reached(entries, path, state.selected));
  const isOpen = entries.length > 0 && (state.opened.get(path) ?? (depth < 2 && entries.length <= openBelow));
  const marks = cls('json-key', { 'is-selected': state.selected === path, 'is-found': state.found.has(path) });
  const isArray = Array.isArray(value);
  function press() {
    state.select(path, value);
    if (entries.length > 0) state.toggle(path, !isOpen);
  }
  return html`<li class="json-node" data-path=${path}>
    <button type="button" class=${marks} aria-expanded=${entries.length > 0 ? String(isOpen) : undefined} onClick=${press}>
      ${entries.length > 0 && html`<${Icon} name=${isOpen ? 'down' : 'right'} size=${10} />`}<bdi>${name}</bdi></button>
    ${
      base64
        ? html`<${Picture} base64=${base64} />`
        : isBlock
          ? html`<${TextBlock} text=${value} label=${String(name)} />`
          : isBranch(value)
            ? html`<span class="json-size">${isArray ? `[${formatCount(value.length)}]` : `{${formatCount(entries.length)}}`}</span>`
            : html`<${Leaf} value=${value} />`
    }
    ${
      isOpen &&
      html`<ul class="json">${entries.slice(0, most).map(
        ([key, item]) => html`<${Node} key=${key} name=${key} value=${item} path=${pathOf(path, key)} depth=${depth + 1}
          state=${state} />`,
      )}${
        entries.length > most &&
        html`<li><button type="button" class="quiet-link" onClick=${() => setShown(most + 10 * shownAtOnce)}>
        Show more (${formatCount(entries.length - most)} left)</button></li>`
      }</ul>`
    }
  </li>`;
}

/** @param {{ root: any, open: (paths: string[]) => void, select: (path: string, value: any) => void, setFound: (found: Set<string>) => void }} props */
function Search({ root, open, select, setFound }) {
  const [found, setList] = useState(/** @type {[string, any][] | null} */ (null));
  const [at, setAt] = useState(0);
  /** @param {[string, any][]} list @param {number} index */
  function show(list, index) {
    setAt(index);
    if (!list[index]) return;
    const [path, value] = list[index];
    open([path]);
    select(path, value);
  }
  /** @param {string} text */
  function search(text) {
    const list = text.trim() === '' ? null : valueFind(root, text.trim());
    setList(list);
    setFound(new Set((list ?? []).map(([path]) => path)));
    if (list) show(list, 0);
  }
  return html`<search class="json-search"><input type="search" aria-label="Search in this value" placeholder="Search"
    onInput=${(/** @type {any} */ event) => search(event.target.value)}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter' && found?.length)
        show(found, (at + (event.shiftKey ? found.length - 1 : 1)) % found.length);
    }} /><span class="faint" role="status">
    ${found && (found.length === 0 ? 'Nothing found' : `${at + 1} of ${found.length}${found.length >= mostFound ? '+' : ''}`)}</span></search>`;
}

// Every prefix of a path that is a path itself.
/** @param {string} path */
function above(path) {
  const parts = path.match(/^\$|\.[\w$]+|\["(?:[^"\\]|\\.)*"\]|\[\d+\]/g) ?? [];
  return parts.map((_, index) => parts.slice(0, index + 1).join(''));
}

/** @param {{ value: any, label?: string }} props */
export function Value({ value, label = 'Value' }) {
  const root = useElement();
  const [opened, setOpened] = useState(/** @type {Map<string, boolean>} */ (new Map()));
  const [chosen, setChosen] = useState(/** @type {{ path: string, value: any } | null} */ (null));
  const [found, setFound] = useState(/** @type {Set<string>} */ (new Set()));
  const [isText, setText] = useState(false);
  const [shown, setShown] = useState(5 * shownAtOnce);
  const text = useMemo(() => exactText(value, 2), [value]);
  if (typeof value === 'string') return html`<${TextBlock} text=${value} label=${label} />`;
  if (!isBranch(value)) return html`<p class="json-alone"><${Leaf} value=${value} /></p>`;
  const base64 = pictureText(value);
  if (base64) return html`<${Picture} base64=${base64} />`;
  const entries = entriesOf(value);
  if (entries.length === 0) return html`<p class="json-alone"><code>${exactText(value)}</code></p>`;
  const most = Math.max(shown, reached(entries, '$', chosen?.path ?? null));

  /** @param {string} path @param {any} held */
  function select(path, held) {
    setChosen({ path, value: held });
    requestAnimationFrame(() =>
      root.current
        ?.querySelector(`[data-path="${CSS.escape(path)}"] > .json-key`)
        ?.scrollIntoView({ block: 'nearest' }),
    );
  }
  const state = {
    selected: chosen?.path ?? null,
    select,
    opened,
    found,
    toggle: (/** @type {string} */ path, /** @type {boolean} */ open) => setOpened(new Map(opened).set(path, open)),
  };
  /** @param {string[]} paths */
  function open(paths) {
    const next = new Map(opened);
    for (const path of paths) for (const one of above(path).slice(0, -1)) next.set(one, true);
    setOpened(next);
  }
  return html`<div class="value" role="group" aria-label=${label} ref=${root}>
    <div class="block-head"><span class="block-label">${label}</span>
      <span class="faint">${plural(entries.length, Array.isArray(value) ? 'item' : 'key')}</span>
      ${text.length > 0 && entries.length + text.length / 40 > searchAbove && !isText && html`<${Search} root=${value} open=${open} select=${select} setFound=${setFound} />`}
      <span class="block-tools"><button type="button" class="quiet-link" aria-pressed=${String(isText)}
        onClick=${() => setText(!isText)}>Text</button>
      <${CopyButton} text=${() => text} label=${`Copy: ${label}`}>Copy<//></span></div>
    ${
      isText
        ? html`<${TextBlock} text=${text} label=${label} language="json" />`
        : html`<ul class="json json-root">${entries.slice(0, most).map(
            ([key, item]) => html`<${Node} key=${key} name=${key} value=${item} path=${pathOf('$', key)} depth=${0}
              state=${state} />`,
          )}${
            entries.length > most &&
            html`<li><button type="button" class="quiet-link" onClick=${() => setShown(most + 10 * shownAtOnce)}>
            Show more (${formatCount(entries.length - most)} left)</button></li>`
          }</ul>`
    }
    ${
      chosen &&
      !isText &&
      html`<p class="json-chosen"><code>${chosen.path}</code>
      <${CopyButton} label="Copy the value"
        text=${() => (typeof chosen.value === 'string' ? chosen.value : exactText(chosen.value, 2))}>Copy value<//> <${CopyButton} label="Copy the path" text=${() => chosen.path}>Copy path<//></p>`
    }
  </div>`;
}

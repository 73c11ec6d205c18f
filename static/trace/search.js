// SPDX-License-Identifier: Apache-2.0
// Search and filters in one trace. The server looks through the text of all steps; types, states and durations are known
// here. What was found is counted, marked and stepped through.
import { html, useEffect, useElement, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { homePath } from '../early.js';
import { Icon } from '../icons.js';
import { putSteps, workspace } from '../store.js';
import { stepKind } from '../steps.js';
import { complain } from '../ui/announce.js';
import { plural } from './phase.js';

const most = 500;

/** @typedef {{ type?: string, status?: string, slower?: number }} Filter */

/** @type {[string, string][]} */
const statuses = [
  ['', 'All states'],
  ['failed', 'Errors only'],
  ['running', 'Running'],
  ['completed', 'Completed'],
];
/** @type {[number, string][]} */
const durations = [
  [0, 'Any duration'],
  [1000, 'Over 1 s'],
  [10000, 'Over 10 s'],
  [60000, 'Over 1 min'],
];

/** @param {Filter} filter */
export const filterIsEmpty = ({ type, status, slower }) => !type && !status && !slower;

/** @param {Meta} meta @param {Filter} filter */
export function filterFits(meta, { type, status, slower }) {
  if (type && meta.type !== type) return false;
  if (status && !(meta.status === status || (status === 'failed' && meta.type === 'tool_error'))) return false;
  return !slower || (meta.durationMs ?? 0) > slower;
}

/**
 * @param {{ label: string, value: string | number, options: [string | number, string][],
 *   onChange: (value: string) => void }} props
 */
function Choice({ label, value, options, onChange }) {
  return html`<select aria-label=${label} value=${String(value)}
    onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>${options.map(
      ([id, text]) => html`<option key=${id} value=${String(id)} selected=${id === value}>${text}</option>`,
    )}</select>`;
}

/** @param {{ trace: Trace, filter: Filter, setFilter: (filter: Filter) => void }} props */
function Filters({ trace, filter, setFilter }) {
  const types = [...new Set(trace.metas.map((meta) => meta.type))].sort();
  /** @type {[string, string][]} */
  const typeOptions = [
    ['', 'All types'],
    ...types.map((type) => /** @type {[string, string]} */ ([type, stepKind(type).label])),
  ];
  return html`<${Choice} label="Type" value=${filter.type ?? ''} options=${typeOptions}
      onChange=${(/** @type {string} */ type) => setFilter({ ...filter, type })} />
    <${Choice} label="State" value=${filter.status ?? ''} options=${statuses}
      onChange=${(/** @type {string} */ status) => setFilter({ ...filter, status })} />
    <${Choice} label="Duration" value=${filter.slower ?? 0} options=${durations}
      onChange=${(/** @type {string} */ slower) => setFilter({ ...filter, slower: Number(slower) })} />`;
}

/**
 * @param {{ session: Session, trace: Trace, filter: Filter, setFilter: (filter: Filter) => void,
 *   setFound: (ids: Set<string>, text: string) => void, onClose: () => void,
 *   show: (id: string, options?: { focus?: boolean }) => void }} props
 */
export function TraceSearch({ session, trace, filter, setFilter, show, setFound, onClose }) {
  const [text, setText] = useState('');
  const [list, setList] = useState(/** @type {{ ids: string[], isMore: boolean } | null} */ (null));
  const [at, setAt] = useState(0);
  /** @type {{ current: HTMLInputElement }} */
  const field = useElement();
  useEffect(() => field.current.focus(), []);

  useEffect(() => {
    if (text.trim() === '') {
      setFound(new Set(), '');
      return setList(null);
    }
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const path = `${homePath(workspace.peek().id)}/agent-sessions/${session.id}`;
        const data = await apiGet(`${path}${apiQuery({ q: text, limit: most })}`, { signal: controller.signal });
        putSteps(session.id, data.steps);
        const ids = data.steps.map((/** @type {Step} */ step) => step.id);
        setList({ ids, isMore: Boolean(data.nextAfter) });
        setFound(new Set(ids), text.trim());
        setAt(0);
        if (ids.length > 0) show(ids[0], { focus: false });
      } catch (error) {
        if (error.name === 'AbortError') return;
        setList(null);
        complain(`The trace could not be searched: ${error.message}`);
      }
    }, 200);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);

  /** @param {number} by */
  function go(by) {
    if (!list || list.ids.length === 0) return;
    const next = (at + by + list.ids.length) % list.ids.length;
    setAt(next);
    show(list.ids[next], { focus: false });
  }

  /** @param {any} event */
  function onKeyDown(event) {
    if (event.key === 'Enter' && event.target === field.current) go(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
  }

  const count = list && plural(list.ids.length, 'step').replace(' ', list.isMore ? '+ ' : ' ');
  return html`<search class="trace-search" onKeyDown=${onKeyDown}>
    <${Icon} name="search" size=${14} />
    <input type="search" ref=${field} value=${text} aria-label="Search in this trace" placeholder="Search in this trace"
      maxlength="500" onInput=${(/** @type {any} */ event) => setText(event.target.value)} />
    <span class="faint" role="status">
      ${list === null ? '' : list.ids.length === 0 ? 'Nothing found' : `${at + 1} of ${count}`}</span>
    <button type="button" class="icon-button" aria-label="Previous match" title="Previous match (Shift+Enter)"
      onClick=${() => go(-1)}><${Icon} name="up" size=${14} /></button>
    <button type="button" class="icon-button" aria-label="Next match" title="Next match (Enter)"
      onClick=${() => go(1)}><${Icon} name="down" size=${14} /></button>
    <${Filters} trace=${trace} filter=${filter} setFilter=${setFilter} />
    <button type="button" class="icon-button" aria-label="Close the search" onClick=${onClose}><${Icon} name="close"
      size=${14} /></button>
  </search>`;
}

// Search in one trace: the server looks through all of it, the list shows what was found.
import { html, useEffect, useRef, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { Icon } from '../icons.js';
import { putSteps, workspace } from '../store.js';
import { complain } from '../ui/announce.js';
import { plural } from './phase.js';

export function TraceSearch({ session, show, onClose }) {
  const [text, setText] = useState('');
  const [found, setFound] = useState(null);
  const [at, setAt] = useState(0);
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);

  useEffect(() => {
    if (text.trim() === '') return setFound(null);
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const data = await apiGet(
          `/workspaces/${workspace.peek().id}/agent-sessions/${session.id}${apiQuery({ q: text, limit: 100 })}`,
          { signal: controller.signal },
        );
        putSteps(session.id, data.steps);
        setFound(data.steps.map((step) => step.id));
        setAt(0);
        if (data.steps.length > 0) show(data.steps[0].id, { focus: false });
      } catch (error) {
        if (error.name === 'AbortError') return;
        setFound(null);
        complain(`The trace could not be searched: ${error.message}`);
      }
    }, 200);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);

  function go(by) {
    if (!found?.length) return;
    const next = (at + by + found.length) % found.length;
    setAt(next);
    show(found[next], { focus: false });
  }

  function onKeyDown(event) {
    if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
  }

  return html`<search class="trace-search">
    <${Icon} name="search" size=${14} />
    <input type="search" ref=${field} value=${text} aria-label="Search in this trace" placeholder="Search in this trace"
      onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown} />
    <span class="faint" role="status">
      ${found === null ? '' : found.length === 0 ? 'Nothing found' : `${at + 1} of ${plural(found.length, 'step')}`}</span>
    <button type="button" class="icon-button" aria-label="Close the search" onClick=${onClose}><${Icon} name="close"
      size=${14} /></button>
  </search>`;
}

// The trace itself: head, waterfall, steps, foot; and where the reader is in it (selected step, highlight, following).
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../html.js';
import { announce, shout } from '../ui/announce.js';
import { helpOpen } from '../ui/keys-help.js';
import { settings } from '../settings.js';
import { live } from '../store.js';
import { stepKind } from '../steps.js';
import { serverNow } from '../time.js';
import { useFollow } from './follow.js';
import { downloadTrace } from './download.js';
import { TraceFooter, TraceHeader } from './header.js';
import { useTraceKeys } from './keys.js';
import { StepList } from './list.js';
import { useHighlight } from './highlight.js';
import { useNests } from './nests.js';
import { countsText, failureText, isInterrupted } from './phase.js';
import { TraceSearch } from './search.js';
import { Waterfall } from './waterfall.js';

const showWaterfallFrom = 2;

function isError(meta) {
  return meta.status === 'failed' || meta.type === 'tool_error';
}

// When the agent last showed a sign: the last step's start or end, or new text.
function useLastOutput(metas, session) {
  const last = metas[metas.length - 1];
  const text = last ? (live.get(last.id)?.bytes ?? 0) : 0;
  const held = useRef({ text: 0, at: 0 });
  if (text !== held.current.text) held.current = { text, at: text > 0 ? serverNow() : held.current.at };
  const moments = [Date.parse(session.startedAt ?? session.createdAt), held.current.at];
  if (last) moments.push(last.startedAt, last.startedAt + (last.durationMs ?? 0));
  return Math.max(...moments);
}

// Boundaries only: a step begins, the session ends.
function useSpoken(session, isEnded, openStep) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) return;
    if (openStep && !isEnded) announce(`${stepKind(openStep.type).label} started`);
  }, [openStep?.id]);
  useEffect(() => {
    if (!first.current && isEnded) {
      if (session.status === 'failed') shout(`Session failed: ${failureText(session.error)}`);
      else announce(`Session ${session.status}, ${countsText(session)}`);
    }
    first.current = false;
  }, [isEnded]);
}

// What only the trace tells: the failure in the server's words.
function SessionError({ session }) {
  const { code, message } = session.error;
  return html`<section class="session-error" aria-label="Why it failed">
    <p><strong>Session failed: ${failureText(session.error)}.</strong></p>
    ${message && html`<p class="faint">${message} <code>${code}</code></p>`}
  </section>`;
}

function emptyText(session, isEnded, isPruned) {
  if (isPruned) return 'The steps of this session are no longer kept.';
  return isEnded ? 'This session ended before its first step.' : 'The first step will appear here.';
}

// The room of a session carries its steps, not its counts: what is known from the steps is newer.
function counted(session, metas) {
  const last = metas[metas.length - 1];
  const sent = metas.filter((meta) => meta.type === 'message_sent' && meta.status === 'completed').length;
  return {
    ...session,
    stepCount: Math.max(session.stepCount, last?.number ?? 0),
    messageCount: Math.max(session.messageCount, sent),
  };
}

export function TraceView({ data, highlight }) {
  const { persona, trace, isEnded } = data;
  const { metas } = trace;
  const session = useMemo(() => counted(data.session, metas), [data.session, metas]);
  // What ended long ago keeps its counts, and not its steps.
  const isPruned = isEnded && metas.length === 0 && session.stepCount > 0;
  const scroller = useRef(null);
  const content = useRef(null);
  const list = useRef(null);
  const reveal = useRef(null);
  const [selected, select] = useState(null);
  const [search, setSearch] = useState(false);
  const nests = useNests(trace);
  const follow = useFollow(scroller, content, !isEnded && !highlight);
  const openStep = useMemo(() => metas.findLast((meta) => meta.status === 'running'), [metas]);
  const errors = useMemo(() => metas.filter(isError), [metas]);
  const lastOutputAt = useLastOutput(metas, session);
  useSpoken(session, isEnded, openStep);

  // Brings a step into view: at once if mounted, else through the list's window.
  function show(id, { focus = true } = {}) {
    if (!nests.visible.some((meta) => meta.id === id)) nests.unfold();
    select(id);
    follow.setFollowing(false);
    reveal.current = { id };
    let tries = 0;
    const attempt = () => {
      const heading = list.current?.querySelector(`[data-step="${CSS.escape(id)}"]`);
      if (heading) {
        reveal.current = null;
        const item = heading.closest('li');
        const box = item.getBoundingClientRect();
        const frame = scroller.current.getBoundingClientRect();
        if (box.top < frame.top || box.bottom > frame.bottom) scroller.current.scrollTop += box.top - frame.top - 24;
        if (focus) heading.focus({ preventScroll: true });
        return;
      }
      tries += 1;
      if (tries < 120 && reveal.current?.id === id) requestAnimationFrame(attempt);
      else if (reveal.current?.id === id) reveal.current = null;
    };
    select(id);
    requestAnimationFrame(attempt);
  }

  const { flashId, missing } = useHighlight({ highlight, trace, scroller, show });
  const hasWaterfall = metas.length >= showWaterfallFrom;
  const jumpError = () => {
    const at = errors.findIndex((meta) => meta.id === selected);
    show(errors[(at + 1) % errors.length].id);
  };
  useTraceKeys({
    root: scroller,
    metas,
    selected,
    show,
    follow,
    isError,
    onHelp: () => (helpOpen.value = true),
    onSearch: () => setSearch(true),
  });
  useLayoutEffect(() => {
    document.getElementById('trace-title')?.focus({ preventScroll: true });
  }, []);

  return html`
    <${TraceHeader} session=${session} persona=${persona} isEnded=${isEnded} errors=${errors.length} follow=${follow}
      hasWaterfall=${hasWaterfall} onJumpError=${jumpError} onDownload=${() => downloadTrace(session)} />
    ${settings.value.waterfall && hasWaterfall && html`<${Waterfall} metas=${metas}
      session=${session} isEnded=${isEnded} selectedId=${selected} onJump=${(id) => show(id)} />`}
    ${search && html`<${TraceSearch} session=${session} show=${show} onClose=${() => setSearch(false)} />`}
    ${missing && !isPruned && html`<p class="notice" role="status">The highlighted step is not in this trace.</p>`}
    <div class="trace-scroll" ref=${scroller} onScroll=${follow.onScroll} tabindex="0" role="region"
      aria-label="Steps of the session">
      <div ref=${content}>
        ${session.trigger && html`<p class="trigger"><span class="trigger-who">
          ${session.trigger.authorName} asked</span> “${session.trigger.excerpt}”</p>`}
        <${StepList} session=${session} metas=${nests.visible} byId=${trace.byId} nests=${nests} scroller=${scroller}
          selectedId=${selected} flashId=${flashId} follow=${follow} listRef=${list} reveal=${reveal} />
        ${session.error && !isInterrupted(session) && html`<${SessionError} session=${session} />`}
        ${metas.length === 0 && html`<p class="empty">${emptyText(session, isEnded, isPruned)}</p>`}
      </div>
    </div>
    ${!follow.following && !isEnded && html`<button type="button" class="jump"
      onClick=${follow.jump}>Jump to latest</button>`}
    <${TraceFooter} session=${session} persona=${persona} isEnded=${isEnded} openStep=${openStep}
      lastOutputAt=${lastOutputAt} />
  `;
}

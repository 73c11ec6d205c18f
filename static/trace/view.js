// SPDX-License-Identifier: Apache-2.0
// The trace itself, over a conversation or as a page: head, why it failed, search, the steps (as a tree with a panel or
// as a story), foot; and the reader's place in it (selected step, highlight, following).
import { cls, html, useElement, useLayoutEffect, useMemo, useRef, useState } from '../html.js';
import { copyText } from '../actions.js';
import { lineHash } from '../content/line-link.js';
import { absolute, tracePageUrl } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { settings } from '../settings.js';
import { workspace } from '../store.js';
import { announce } from '../ui/announce.js';
import { helpOpen } from '../ui/keys-help.js';
import { useFollow } from './follow.js';
import { TraceFooter } from './footer.js';
import { TraceHeader } from './header.js';
import { useHighlight } from './highlight.js';
import { useTraceKeys } from './keys.js';
import { landOn } from './land.js';
import { useMarks } from './marks.js';
import { useNests } from './nests.js';
import { failureText, isInterrupted } from './phase.js';
import { printing } from './printing.js';
import { useRatings } from './rating.js';
import { Reading } from './reading.js';
import { ReplayBar } from './replay-bar.js';
import { TraceSearch } from './search.js';
import { Split } from './split.js';
import { useLastOutput, useSpoken } from './spoken.js';
import { treeErrorFrom, treeIsError } from './tree.js';
import { useReplay } from './use-replay.js';
import { useTree } from './use-tree.js';

const showWaterfallFrom = 2;
/** @type {Set<string>} */
const nothing = new Set();

// What failed, in the agent's own words; the code stands beside them.
/** @param {{ session: Session, hasErrors: boolean, onJump: () => void }} props */
function SessionError({ session, hasErrors, onJump }) {
  const { code, message } = /** @type {Failure} */ (session.error);
  const text = message || failureText(session.error);
  return html`<section class="session-error" aria-label="Why it failed">
    <p class="plain"><strong>Session failed:</strong> <bdi>${text.replace(/\.$/, '')}.</bdi> <code>${code}</code></p>
    ${hasErrors && html`<button type="button" class="quiet-link" onClick=${onJump}>Show the error</button>`}
  </section>`;
}

/** @param {Session} session @param {boolean} isEnded @param {boolean} isPruned */
function emptyText(session, isEnded, isPruned) {
  if (isPruned) return 'The steps of this session are no longer kept.';
  return isEnded ? 'This session ended before its first step.' : 'The first step will appear here.';
}

// The room of a session carries its steps but not its counts, so counts derived from the steps are newer.
/** @param {Session} session @param {Meta[]} metas */
function counted(session, metas) {
  const sent = metas.filter((meta) => meta.type === 'message_sent' && meta.status === 'completed').length;
  const last = metas.reduce((most, meta) => Math.max(most, meta.number), 0);
  return {
    ...session,
    stepCount: Math.max(session.stepCount, last, metas.length),
    messageCount: Math.max(session.messageCount, sent),
  };
}

/** @param {{ data: any, highlight?: string, isPage?: boolean }} props */
export function TraceView({ data, highlight, isPage = false }) {
  const { persona, isEnded } = data;
  const session = useMemo(() => counted(data.session, data.trace.metas), [data.session, data.trace.metas]);
  const replay = useReplay(data.trace, session, isEnded);
  /** @type {Trace} */
  const trace = replay.trace;
  const { metas } = trace;
  // A session that ended long ago keeps its counts, but not its steps.
  const isPruned = isEnded && data.trace.metas.length === 0 && session.stepCount > 0;
  const root = useElement();
  const scroller = useElement();
  const content = useElement();
  /** @type {{ current: HTMLOListElement }} */
  const list = useElement();
  const reveal = useRef(/** @type {{ id: string } | null} */ (null));
  const scrollTo = useRef(/** @type {string | null} */ (null));
  const [selected, setSelected] = useState(/** @type {string | null} */ (null));
  const [isOpen, setOpen] = useState(Boolean(highlight));
  const [search, setSearch] = useState(false);
  const [found, setFound] = useState({ ids: nothing, text: '' });
  const [filter, setFilter] = useState(/** @type {import('./search.js').Filter} */ ({}));
  const isTree = settings.value[isPage ? 'pageView' : 'modalView'] === 'tree' && !printing.value;
  const nests = useNests(trace, filter);
  useMarks(root, found.text);
  const tree = useTree(trace, filter, isTree);
  const follow = useFollow(scroller, content, !isEnded && !highlight, !isTree);
  const openStep = useMemo(() => metas.findLast((meta) => meta.status === 'running'), [metas]);
  const errors = useMemo(() => metas.filter(treeIsError), [metas]);
  const lastOutputAt = useLastOutput(metas, session);
  useSpoken(session, isEnded, openStep);
  useRatings(session);

  // The address names the selected step, so that it can be sent.
  /** @param {string} id */
  function select(id) {
    setSelected(id);
    if (!isTree) return;
    const url = isPage ? tracePageUrl(workspace.value.id, session.id, id) : urlWith(route.peek(), { highlight: id });
    navigate(url, { replace: true });
  }

  // Brings a step into view, marks it and keeps it in view until everything around it has settled.
  /** @param {string} id @param {{ focus?: boolean }} [options] */
  function show(id, { focus = true } = {}) {
    follow.setFollowing(false);
    if (isTree) {
      tree.reveal(id);
      scrollTo.current = id;
      select(id);
      setOpen(true);
      if (focus) content.current.focus({ preventScroll: true });
      return;
    }
    if (!nests.visible.some((meta) => meta.id === id)) nests.unfold();
    setSelected(id);
    const mark = { id };
    reveal.current = mark;
    const heading = () => list.current?.querySelector(`[data-step="${CSS.escape(id)}"]`) ?? null;
    // A row keeps its place while its step is fetched, and is fetched when it comes into view.
    const row = () => list.current?.querySelector(`[data-row="${CSS.escape(id)}"]`) ?? null;
    landOn(scroller.current, row, {
      onFound: () => focus && heading()?.focus({ preventScroll: true }),
      onEnd: () => {
        if (reveal.current === mark) reveal.current = null;
      },
    });
  }

  // What has just begun is in view while the replay goes on. The address stays: it names what the reader has chosen.
  const newest = replay.isOn && replay.isPlaying ? metas[metas.length - 1]?.id : undefined;
  useLayoutEffect(() => {
    if (!newest) return;
    setSelected(newest);
    if (!isTree) return show(newest, { focus: false });
    tree.reveal(newest);
    scrollTo.current = newest;
  }, [newest]);

  const { flashId, missing } = useHighlight({ highlight, trace, scroller, selected: isTree ? selected : null, show });
  const hasWaterfall = metas.length >= showWaterfallFrom && !isTree;
  const linkOf = () => absolute(tracePageUrl(workspace.value.id, session.id, selected)) + lineHash(selected);
  async function copyLink() {
    const { pathname, search: query } = location;
    const url =
      isPage || isTree ? linkOf() : urlWith(route.peek(), { highlight: selected ?? route.peek().query.highlight });
    if (await copyText(absolute(url || pathname + query), 'The link')) announce('Link copied');
  }
  /** @param {number} by */
  const jumpError = (by) => {
    const next = treeErrorFrom(errors, trace.byId.get(selected ?? ''), by);
    if (next) show(next.id);
  };
  useTraceKeys({
    root,
    metas: isTree ? tree.rows.map((row) => row.meta) : nests.visible,
    selected,
    show,
    follow,
    jumpError,
    onCopyLink: copyLink,
    onHelp: () => (helpOpen.value = true),
    onSearch: () => setSearch(true),
    onRead: () => content.current?.closest('.trace-scroll, .tree-scroll')?.focus(),
  });
  useLayoutEffect(() => {
    document.getElementById('trace-title')?.focus({ preventScroll: true });
  }, []);

  const empty = metas.length === 0 ? emptyText(session, isEnded, isPruned) : null;
  const parts = {
    session,
    trace,
    isEnded,
    follow,
    selected,
    flashId,
    found: found.ids,
    empty,
    scroller,
    content,
    show,
  };
  return html`<div class=${cls('trace-view', { 'is-tree': isTree })} ref=${root}>
    <${TraceHeader} session=${session} lastOutputAt=${lastOutputAt} persona=${persona} isEnded=${isEnded} errors=${errors.length} follow=${follow}
      hasWaterfall=${hasWaterfall} isPage=${isPage} selected=${selected} onJumpError=${() => jumpError(1)}
      onSearch=${() => setSearch(true)} onCopyLink=${copyLink} replay=${replay} />
    ${replay.isOn && html`<${ReplayBar} replay=${replay} total=${data.trace.metas.length} />`}
    ${
      session.error &&
      !isInterrupted(session) &&
      html`<${SessionError} session=${session}
      hasErrors=${errors.length > 0} onJump=${() => jumpError(1)} />`
    }
    ${
      search &&
      html`<${TraceSearch} session=${session} trace=${trace} show=${show} filter=${filter} setFilter=${setFilter}
      setFound=${(/** @type {Set<string>} */ ids, /** @type {string} */ text) => setFound({ ids, text })} onClose=${() => {
        setSearch(false);
        setFound({ ids: nothing, text: '' });
        setFilter({});
        content.current?.closest('[tabindex]')?.focus({ preventScroll: true });
      }} />`
    }
    ${missing && !isPruned && html`<p class="notice" role="status">The highlighted step is not in this trace.</p>`}
    ${
      isTree
        ? html`<${Split} ...${parts} isPage=${isPage} tree=${tree} isOpen=${isOpen} setOpen=${setOpen} scrollTo=${scrollTo}
          openStep=${openStep} onSelect=${select} />`
        : html`<${Reading} ...${parts} isPage=${isPage} nests=${nests} hasWaterfall=${hasWaterfall} list=${list} reveal=${reveal} />`
    }
    <${TraceFooter} session=${session} persona=${persona} openStep=${openStep} lastOutputAt=${lastOutputAt} />
  </div>`;
}

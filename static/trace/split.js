// SPDX-License-Identifier: Apache-2.0
// The tree beside the panel of the selected step. Where there is no room for both, the panel lies over the tree once a
// step has been opened.
import { cls, html, useEffect } from '../html.js';
import { absolute, tracePageUrl } from '../links.js';
import { workspace } from '../store.js';
import { StepPanel } from './panel.js';
import { Summary } from './summary.js';
import { TreeView } from './tree-view.js';
import { useAxis } from './use-axis.js';

/**
 * @param {{ session: Session, trace: Trace, isEnded: boolean, follow: Follow, selected: string | null,
 *   flashId: string | null, found: Set<string>, empty: string | null, tree: ReturnType<import('./use-tree.js').useTree>,
 *   scroller: { current: HTMLElement }, content: { current: HTMLElement }, isOpen: boolean,
 *   isPage: boolean, setOpen: (open: boolean) => void, scrollTo: { current: string | null }, openStep: Meta | undefined,
 *   onSelect: (id: string) => void, show: (id: string) => void }} props
 */
export function Split(props) {
  const { session, trace, isEnded, follow, selected, tree, scrollTo, onSelect, setOpen } = props;
  const axis = useAxis(trace.metas, session, isEnded);
  const level = props.isPage ? 'h2' : 'h3';
  const meta = selected ? trace.byId.get(selected) : undefined;

  // Following shows the live step, wherever it stands.
  const openId = props.openStep?.id;
  useEffect(() => {
    if (!follow.following || !openId) return;
    tree.reveal(openId);
    scrollTo.current = openId;
    follow.setFollowing(true);
  }, [openId, follow.following]);

  function open() {
    if (!selected) return;
    setOpen(true);
    // It is focused once it is on the screen.
    requestAnimationFrame(() => document.getElementById('panel-title')?.focus({ preventScroll: true }));
  }
  function close() {
    setOpen(false);
    requestAnimationFrame(() => props.content.current?.focus({ preventScroll: true }));
  }
  /** @param {number} by */
  function move(by) {
    const at = tree.rows.findIndex((row) => row.meta.id === selected);
    const next = tree.rows[at + by];
    if (next) props.show(next.meta.id);
  }
  /** @param {string} id */
  function choose(id) {
    follow.setFollowing(false);
    onSelect(id);
    setOpen(true);
  }

  if (props.empty && trace.metas.length === 0)
    return html`<div class="trace-scroll" ref=${props.scroller} tabindex="0" role="region"
      aria-label="Steps of the session"><p class="empty" ref=${props.content}>${props.empty}</p></div>`;
  return html`<div class="trace-split-frame"><div class=${cls('trace-split', { 'is-open': props.isOpen && meta })}>
    <${TreeView} session=${session} trace=${trace} tree=${tree} axis=${axis} selectedId=${selected}
      flashId=${props.flashId} found=${props.found} follow=${follow} scroller=${props.scroller}
      content=${props.content} scrollTo=${scrollTo} onChoose=${choose} onOpen=${open}
      onSelect=${(/** @type {string} */ id) => {
        follow.setFollowing(false);
        onSelect(id);
      }} />
    ${
      meta
        ? html`<${StepPanel} key=${meta.id} meta=${meta} session=${session} byId=${trace.byId} onSelect=${props.show}
          url=${absolute(tracePageUrl(workspace.value.id, session.id, meta.id))} onMove=${move} onClose=${close} level=${level} />`
        : html`<${Summary} session=${session} trace=${trace} level=${level} />`
    }
  </div></div>`;
}

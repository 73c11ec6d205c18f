// SPDX-License-Identifier: Apache-2.0
// The trace as a story: one column of steps from the question to the end.
import { html } from '../html.js';
import { settings } from '../settings.js';
import { Markdown } from '../ui/markdown-view.js';
import { StepList } from './list.js';
import { Waterfall } from './waterfall.js';

/**
 * @param {{ session: Session, trace: Trace, isEnded: boolean, nests: Nests, follow: Follow, selected: string | null,
 *   flashId: string | null, found: Set<string>, hasWaterfall: boolean, empty: string | null,
 *   scroller: { current: HTMLElement }, content: { current: HTMLElement }, list: { current: HTMLOListElement }, isPage: boolean,
 *   reveal: { current: { id: string } | null }, show: (id: string) => void }} props
 */
export function Reading(props) {
  const { session, trace, isEnded, nests, follow, selected, flashId, found, scroller, content, list, reveal } = props;
  return html`
    ${
      settings.value.waterfall &&
      props.hasWaterfall &&
      html`<${Waterfall} metas=${trace.metas}
      session=${session} isEnded=${isEnded} selectedId=${selected} onJump=${(/** @type {string} */ id) => props.show(id)} />`
    }
    <div class="trace-scroll" ref=${scroller} onScroll=${follow.onScroll} tabindex="0" role="region"
      aria-label="Steps of the session">
      <div ref=${content}>
        ${props.isPage && html`<h2 class="visually-hidden">Steps</h2>`}
        ${
          session.trigger &&
          html`<div class="trigger"><p class="trigger-who"><bdi>
          ${session.trigger.authorName}</bdi> asked</p><${Markdown} text=${session.trigger.excerpt} /></div>`
        }
        <${StepList} session=${session} metas=${nests.visible} byId=${trace.byId} nests=${nests} scroller=${scroller}
          selectedId=${selected} flashId=${flashId} found=${found} follow=${follow} listRef=${list} reveal=${reveal} />
        ${props.empty && html`<p class="empty">${props.empty}</p>`}
      </div>
    </div>
    ${
      !follow.following &&
      !isEnded &&
      html`<button type="button" class="jump"
      onClick=${follow.jump}>Jump to latest</button>`
    }`;
}

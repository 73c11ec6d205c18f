// SPDX-License-Identifier: Apache-2.0
// Where a statement came from: one box a step, and every item is a link to its source.
import { domainOf } from '../domain.js';
import { html, useState } from '../html.js';
import { Icon } from '../icons.js';
import { messageUrl } from '../links.js';
import { formatWhen } from '../time.js';
import { workspace } from '../store.js';
import { rowMemory } from './memory.js';

/** @param {Source} source */
function placeOf(source) {
  const who = [source.authorName, source.streamName && `in #${source.streamName}`].filter(Boolean).join(' ');
  return [who, source.timestamp && formatWhen(source.timestamp)].filter(Boolean).join(' • ');
}

/** @param {{ source: Source }} props */
function Inside({ source }) {
  return html`<span class="source-title"><${Icon}
    name=${source.type === 'message' ? 'thread' : source.type === 'web' ? 'globe' : 'page'} size=${14} />
    ${source.title}</span>
    <span class="source-place">${source.type === 'message' ? placeOf(source) : domainOf(source.url ?? '')}</span>
    ${source.snippet && html`<span class="source-snippet">${source.snippet}</span>`}`;
}

/** @param {{ source: Source }} props */
function Source({ source }) {
  if (source.type === 'message' && source.messageId && source.streamId)
    return html`<li><a class="source" href=${messageUrl(workspace.value.id, source.streamId, source.messageId)}>
      <${Inside} source=${source} /></a></li>`;
  if (source.url && /^https?:/i.test(source.url))
    return html`<li><a class="source" href=${source.url} target="_blank" rel="noopener noreferrer nofollow"><${Inside}
      source=${source} /></a></li>`;
  return html`<li><div class="source"><${Inside} source=${source} /></div></li>`;
}

/** @param {{ stepId: string, sources: Source[], fold?: boolean | undefined }} props */
export function Sources({ stepId, sources, fold }) {
  const [, redraw] = useState(0);
  const memory = rowMemory(stepId);
  const open = memory.sourcesOpen ?? !fold;
  function toggle() {
    memory.sourcesOpen = !open;
    redraw((n) => n + 1);
  }
  return html`<div class="sources" role="group" aria-label="Sources">
    <button type="button" class="sources-head" aria-expanded=${open ? 'true' : 'false'} data-sources onClick=${toggle}>
      <${Icon} name=${open ? 'down' : 'right'} size=${12} /> Sources <span class="count">
        ${sources.length}</span></button>
    ${open && html`<ul class="sources-list">${sources.map((source) => html`<${Source} source=${source} />`)}</ul>`}
  </div>`;
}

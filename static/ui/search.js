// SPDX-License-Identifier: Apache-2.0
// Full-text search over the messages that the person may read.
import { html, useEffect, useElement, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { Icon } from '../icons.js';
import { messageUrl, placeOf } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { Avatar } from './avatar.js';
import { Empty, Unreachable } from './notices.js';

const probe = 16;

// An excerpt is shown without markup.
/** @param {string} text */
const bare = (text) =>
  text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

// Whether the excerpt begins or ends in the middle of its message.
/** @param {string} snippet @param {string} content */
function cutEnds(snippet, content) {
  const part = bare(snippet);
  return [
    !bare(content.slice(0, 1000)).startsWith(part.slice(0, probe)),
    !bare(content.slice(-1000)).endsWith(part.slice(-probe)),
  ];
}

// `matches` are [start, length] pairs, in characters (code points) of the snippet.
/** @param {{ snippet: string, matches: [number, number][], content: string }} props */
function Marked({ snippet, matches, content }) {
  const [begun, ended] = cutEnds(snippet, content);
  const characters = [...snippet];
  const parts = [];
  let at = 0;
  for (const [start, length] of matches ?? []) {
    parts.push(
      characters.slice(at, start).join(''),
      html`<mark>${characters.slice(start, start + length).join('')}</mark>`,
    );
    at = start + length;
  }
  return html`<p class="hit-text">${begun && '… '}${parts}${characters.slice(at).join('')}${ended && ' …'}</p>`;
}

/** @param {{ hit: SearchHit }} props */
function Hit({ hit }) {
  const { message, stream } = hit;
  return html`<li>
    <a class="hit" href=${messageUrl(workspace.value.id, message.streamId, message.id)}>
      <p class="hit-head">
        <${Avatar} who=${message.author} size="small" />
        <span class="message-author">${message.author.name}</span>
        <span class="faint">in ${placeOf(stream)}</span>
        <time class="faint">${formatWhen(message.createdAt)}</time>
      </p>
      <${Marked} snippet=${hit.snippet} matches=${hit.matches} content=${message.content} />
    </a>
  </li>`;
}

export function SearchView() {
  const q = route.value.query.q ?? '';
  /** @type {{ hits: SearchHit[] | null, error: ApiError | null }} */
  const empty = { hits: null, error: null };
  const [result, setResult] = useState(empty);
  const [tries, setTries] = useState(0);
  /** @type {{ current: HTMLInputElement }} */
  const field = useElement();
  useEffect(() => field.current.focus(), []);
  useEffect(() => {
    if (q.trim() === '') return setResult({ hits: null, error: null });
    const controller = new AbortController();
    /** @type {Timer} */
    let again;
    const timer = setTimeout(() => {
      apiGet(`/workspaces/${workspace.peek().id}/search${apiQuery({ q, limit: 50 })}`, {
        signal: controller.signal,
      }).then(
        (data) => setResult({ hits: data.hits, error: null }),
        (error) => {
          if (error.name === 'AbortError') return;
          setResult({ hits: null, error });
          if (error.isTemporary) again = setTimeout(() => setTries((n) => n + 1), 3000);
        },
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      clearTimeout(again);
      controller.abort();
    };
  }, [q, tries]);
  const { hits, error } = result;
  return html`<section class="pane" aria-labelledby="search-title">
    <header class="pane-head"><a class="icon-button only-narrow" href=${`/w/${workspace.value.id}?list`}
      aria-label="All conversations"><${Icon} name="left" /></a>
      <h1 class="pane-title" id="search-title"><${Icon} name="search" /><span>Search</span></h1></header>
    <search class="filters"><label class="search-field search-wide"><${Icon} name="search" size=${14} /><span
      class="visually-hidden">Search in messages</span>
      <input type="search" maxlength="500" ref=${field} placeholder="Search in messages" value=${q}
        onInput=${(event) => navigate(urlWith(route.peek(), { q: event.target.value }), { replace: true })} /></label></search>
    <div class="pane-scroll" tabindex="0" role="region" aria-label="Results">
      ${
        error &&
        html`<${Unreachable} error=${error}
        onRetry=${() => setTries((n) => n + 1)} />`
      }
      <p class="visually-hidden" role="status">${hits ? `${hits.length} messages found` : ''}</p>
      ${hits && html`<ul class="hits">${hits.map((hit) => html`<${Hit} key=${hit.message.id} hit=${hit} />`)}</ul>`}
      ${hits?.length === 0 && html`<${Empty} icon="search" title="Nothing found">Try other words.<//>`}
      ${
        !hits &&
        !error &&
        html`<${Empty} icon="search"
        title="Search the conversations">Only what you may read is searched.<//>`
      }
    </div>
  </section>`;
}

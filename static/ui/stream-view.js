// SPDX-License-Identifier: Apache-2.0
// A stream with its composer, and beside it the thread that the URL names.
import { html, useEffect, useLayoutEffect, useState } from '../html.js';
import { Icon } from '../icons.js';
import { closeThread } from '../actions.js';
import { apiGet } from '../api.js';
import { streamUrl } from '../links.js';
import { navigate, route, urlWith } from '../router.js';
import { lastStreamWrite } from '../settings.js';
import { members, messages, personas, problems, putMessage, roomStates, streams, workspace } from '../store.js';
import { syncRetry, syncRoom } from '../sync.js';
import { personaTrouble } from '../trace/phase.js';
import { Composer } from './composer.js';
import { lazy } from './lazy.js';
import { NotFound, Unreachable } from './notices.js';
import { Questions } from './questions.js';
import { Timeline } from './timeline.js';

const MembersDialog = lazy(async () => (await import('./members-dialog.js')).MembersDialog, 'The list of members');

/** @param {Stream} stream */
export const streamIcon = (stream) =>
  stream.type === 'scratchpad' ? 'pad' : stream.type === 'thread' ? 'thread' : stream.private ? 'lock' : 'hash';

/** @param {Stream} stream */
function placeholderOf(stream) {
  if (stream.type === 'thread') return 'Reply in this thread';
  if (stream.type === 'scratchpad') return `Write to ${personas.get(stream.personaId)?.name ?? 'the agent'}`;
  return `Write in #${stream.name}, or call an agent with @`;
}

/** @param {Stream} stream */
const troubleOf = (stream) => personaTrouble(stream.personaId ? personas.get(stream.personaId) : undefined);

/** @param {string} id */
function useStream(id) {
  useLayoutEffect(() => syncRoom(`stream:${id}`), [id]);
  const gone = roomStates.get(`stream:${id}`) === 'gone';
  return { stream: streams.get(id), gone, problem: problems.get(`stream:${id}`) };
}

/**
 * @param {{ id: string, gone: boolean, problem: ApiError | undefined,
 *   children?: import('preact').ComponentChildren }} props
 */
function Problem({ id, gone, problem, children }) {
  if (gone) return html`<${NotFound}>${children}<//>`;
  if (problem) return html`<${Unreachable} error=${problem} onRetry=${() => syncRetry(`stream:${id}`)} />`;
  return null;
}

/** @param {{ stream: Stream }} props */
function Members({ stream }) {
  const [open, setOpen] = useState(false);
  const count = members.get(stream.id)?.length;
  return html`<button type="button" class="button button-small" aria-haspopup="dialog" onClick=${() => setOpen(true)}>
    Members${count === undefined ? '' : ` ${count}`}</button>
    ${open && html`<${MembersDialog} stream=${stream} onClose=${() => setOpen(false)} />`}`;
}

/** @param {{ id: string, target?: string }} props */
export function StreamView({ id, target }) {
  const { stream, gone, problem } = useStream(id);
  const ws = workspace.value.id;
  useEffect(() => {
    if (stream && stream.type !== 'thread' && !gone) lastStreamWrite(ws, id);
  }, [id, Boolean(stream), gone]);
  // A thread is shown beside the stream that it belongs to.
  useEffect(() => {
    if (stream?.type !== 'thread' || !stream.parentStreamId) return;
    const parent = { ...route.peek(), path: streamUrl(ws, stream.parentStreamId) };
    navigate(urlWith(parent, { thread: id }), { replace: true });
  }, [stream?.parentStreamId]);
  if (stream?.type === 'thread') return html`<section class="pane" aria-busy="true"></section>`;
  if (gone || (!stream && problem))
    return html`<section class="pane"><h1 class="visually-hidden">Conversation</h1><${Problem} id=${id} gone=${gone}
      problem=${problem}><a class="button" href=${`/w/${ws}`}>To your conversations</a><//></section>`;
  const name = stream?.name ?? '';
  return html`<section class="pane" aria-label=${stream ? `Conversation ${name}` : 'Conversation'}>
    <header class="pane-head"><a class="icon-button only-narrow" href=${`/w/${ws}?list`} aria-label="All conversations">
      <${Icon} name="left" /></a>
      <h1 class="pane-title">${stream && html`<${Icon} name=${streamIcon(stream)} />`}<span>${name}</span></h1>
      ${stream && troubleOf(stream) && html`<span class="tag tag-warning">${troubleOf(stream)}</span>`}
      ${stream?.type === 'channel' && html`<${Members} stream=${stream} />`}</header>
    <${Timeline} key=${id} streamId=${id} target=${target} label=${`Messages in ${name}`} />
    ${stream && stream.me?.canPost !== false && html`<${Questions} streamId=${id} />`}
    ${
      stream &&
      html`<${Composer} key=${id} streamId=${id} placeholder=${placeholderOf(stream)}
      canPost=${stream.me?.canPost !== false} autoFocus=${!route.peek().query.m} />`
    }
  </section>`;
}

/** @param {{ id: string, target?: string }} props */
export function ThreadPanel({ id, target }) {
  const { stream, gone, problem } = useStream(id);
  const rootId = stream?.parentMessageId;
  const parent = stream?.parentStreamId ? streams.get(stream.parentStreamId) : undefined;
  useEffect(() => {
    if (rootId && !messages.peek(rootId))
      apiGet(`/workspaces/${workspace.peek().id}/messages/${rootId}`).then(
        ({ message }) => putMessage(message),
        () => {},
      );
  }, [rootId]);
  /** @param {any} event */
  function onKeyDown(event) {
    if (event.key === 'Escape' && !event.defaultPrevented) closeThread();
  }
  return html`<aside class="pane thread-panel" aria-label="Thread" onKeyDown=${onKeyDown}>
    <header class="pane-head"><h2 class="pane-title"><${Icon} name="thread" /><span>Thread</span></h2>
      ${parent && html`<span class="faint pane-note">in ${parent.type === 'channel' ? `#${parent.name}` : parent.name}</span>`}
      <button type="button" class="icon-button" aria-label="Close the thread" onClick=${closeThread}><${Icon}
        name="close" /></button></header>
    ${
      gone || (!stream && problem)
        ? html`<${Problem} id=${id} gone=${gone} problem=${problem}><button type="button" class="button"
          onClick=${closeThread}>Close</button><//>`
        : html`<${Timeline} key=${id} streamId=${id} rootId=${rootId} rootStream=${parent} target=${target}
          label="Messages in this thread" />
          ${
            stream &&
            html`<${Composer} key=${`c-${id}`} streamId=${id} placeholder=${placeholderOf(stream)}
            canPost=${stream.me?.canPost !== false} />`
          }`
    }
  </aside>`;
}

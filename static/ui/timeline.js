// SPDX-License-Identifier: Apache-2.0
// The conversation of one stream: messages, session cards, day breaks, and messages being sent. It follows its end and
// grows upwards.
import { html, useEffect, useElement, useState } from '../html.js';
import { apiPost } from '../api.js';
import { outboxDrop, outboxOf, outboxRetry, outboxSettle } from '../outbox.js';
import { settings } from '../settings.js';
import { connection, markRead, me, messages, reached, roomStates, streams, timelines, workspace } from '../store.js';
import { timelineRows } from '../store/timeline.js';
import { dayKey, formatClock, formatDay } from '../time.js';
import { useFollow } from '../trace/follow.js';
import { Avatar } from './avatar.js';
import { SessionCard } from './card.js';
import { useOlder, usePages, useTarget } from './history.js';
import { helpOpen } from './keys-help.js';
import { Markdown } from './markdown-view.js';
import { Message } from './message.js';
import { complain } from './announce.js';

/** @param {{ row: OutboxRow }} props */
function Outgoing({ row }) {
  const failed = row.state === 'failed';
  return html`<article class=${failed ? 'message is-failed' : 'message is-sending'}>
    <div class="message-gutter"><${Avatar} who=${me.value} /></div>
    <div class="message-main"><header class="message-head"><span class="message-author">${me.value.name}</span> <span
      class="message-time">${formatClock(row.at)}</span></header>
      <div class="message-body"><${Markdown} text=${row.content} /></div>
      ${
        failed
          ? html`<p class="message-unsent" role="alert">Not sent.${row.reason ? ` ${row.reason}.` : ''} <button
            type="button" class="quiet-link" onClick=${() => outboxRetry(row.key)}>Retry</button>
            <button type="button" class="quiet-link" onClick=${() => outboxDrop(row.key)}>Delete</button></p>`
          : html`<p class="faint message-unsent">Sending…</p>`
      }</div>
  </article>`;
}

function useHidden() {
  const [isHidden, setHidden] = useState(document.hidden);
  useEffect(() => {
    const look = () => setHidden(document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isHidden;
}

// When the reader reaches the end, the server is told, at most once a second and only of what is really here. For a
// person who never joined the stream the server keeps no mark, so only this page knows it, but it counts mentions for
// everybody.
/** @param {string} streamId @param {boolean} following */
function useReadMark(streamId, following) {
  const seq = reached.get(streamId) ?? 0;
  const stream = streams.get(streamId);
  const isMentioned = Boolean(stream && stream.mentionCount > 0);
  const isHidden = useHidden();
  useEffect(() => {
    if (!following || !stream?.me || isHidden || (seq <= stream.readSeq && !isMentioned)) return undefined;
    const { member } = stream.me;
    const timer = setTimeout(async () => {
      try {
        if (member || isMentioned)
          await apiPost(`/workspaces/${workspace.peek().id}/streams/${streamId}/read`, { seq });
        markRead(streamId, seq);
      } catch {
        // The next mark includes this one.
      }
    }, 800);
    return () => clearTimeout(timer);
  }, [streamId, seq, following, connection.value, stream?.readSeq, stream?.me?.member, isMentioned, isHidden]);
}

// The arrow keys walk through the messages.
/** @param {any} event */
function walk(event) {
  if (event.key === '?' && settings.peek().keys && !event.target.closest('textarea, input, .popover'))
    helpOpen.value = true;
  if (!['ArrowUp', 'ArrowDown'].includes(event.key) || event.target.closest('textarea, input, .popover')) return;
  const items = [...event.currentTarget.querySelectorAll('.message[data-message], .card-link')];
  const at = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
  const next = items[at < 0 ? items.length - 1 : at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

/** @param {{ streamId: string, target?: string, rootId?: string, rootStream?: Stream, label: string }} props */
export function Timeline({ streamId, target, rootId, rootStream, label }) {
  const scroller = useElement();
  const content = useElement();
  const timeline = timelines.get(streamId);
  const stream = streams.get(streamId);
  const follow = useFollow(scroller, content, !target);
  const pages = usePages();
  const missing = useTarget({ target, streamId, timeline, scroller, follow, pages });
  const older = useOlder({ streamId, timeline, scroller, pages });
  useReadMark(streamId, follow.following);
  const entries = timeline?.entries ?? [];
  const rows = timelineRows(entries, (id) => messages.get(id), dayKey);
  const waiting = outboxOf(streamId, entries);
  const room = roomStates.get(`stream:${streamId}`);
  useEffect(() => {
    if (missing) complain('The message of this link does not exist, or you may not see it');
  }, [missing]);
  const sending = waiting.filter((row) => row.state === 'sending').length;
  useEffect(() => {
    if (sending > 0) follow.jump();
  }, [sending]);
  useEffect(() => outboxSettle(streamId, entries), [timeline]);

  function onScroll() {
    follow.onScroll();
    older();
  }

  return html`<div class="timeline-frame">
    <div class="timeline" ref=${scroller} onScroll=${onScroll} onKeyDown=${walk} tabindex="0" role="log" aria-live="off"
      aria-label=${label} aria-busy=${timeline ? 'false' : 'true'}>
      <div ref=${content} class="timeline-content">
        ${
          rootId &&
          html`<div class="thread-root"><${Message} id=${rootId} isRoot
          stream=${rootStream ?? stream} /></div>`
        }
        ${
          (timeline ? timeline.hasBefore && rows.length === 0 : room !== 'gone') &&
          html`<div class="skeleton"></div><div class="skeleton"></div><div
          class="skeleton"></div>`
        }
        ${
          timeline &&
          !timeline.hasBefore &&
          !rootId &&
          html`<p
          class="timeline-start">This is where the conversation starts.</p>`
        }
        ${rows.map((row) => {
          if (row.kind === 'day')
            return html`<div class="day" key=${row.id} role="separator"><span>${formatDay(row.at)}</span></div>`;
          if (row.kind === 'session')
            return html`<${SessionCard} key=${row.id} id=${row.id} canAct=${stream?.me?.canPost !== false} />`;
          return html`<${Message} key=${row.id} id=${row.id} continues=${row.continues} isTarget=${row.id === target}
            stream=${stream} />`;
        })}
        ${waiting.map((row) => html`<${Outgoing} key=${row.key} row=${row} />`)}
      </div>
    </div>
    ${
      !follow.following &&
      timeline &&
      html`<button type="button" class="jump"
      onClick=${follow.jump}>Jump to latest</button>`
    }
  </div>`;
}

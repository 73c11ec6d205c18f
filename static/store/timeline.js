// SPDX-License-Identifier: Apache-2.0
// The timeline of one stream: what is shown where, in the order of `seq`. Pure. An entry names a message or a session,
// and the thing itself lives in the store's tables. A session has one entry, at its first known lifecycle event.

const sessionEvent = /^agent_session:(requested|started|completed|failed|cancelled)$/;

export function timelineNew() {
  return { entries: [], oldest: null, hasBefore: false };
}

/** @param {TimelineEvent} event @returns {TimelineEntry | null} */
function entryOf(event) {
  if (event.type === 'message:created' && event.message)
    return { kind: 'message', id: event.message.id, seq: event.seq, at: event.createdAt };
  if (sessionEvent.test(event.type) && event.session)
    return { kind: 'session', id: event.session.id, seq: event.seq, at: event.createdAt };
  return null;
}

/** @param {TimelineEntry[]} entries @param {TimelineEntry[]} added */
function merge(entries, added) {
  const byId = new Map();
  for (const entry of [...entries, ...added]) {
    const held = byId.get(entry.id);
    if (!held || entry.seq < held.seq) byId.set(entry.id, entry);
  }
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/** @param {TimelineEvent[]} events */
const entriesOf = (events) => events.map(entryOf).filter((entry) => entry !== null);

// Adds a live event, nearly always at the end.
/** @param {Timeline} timeline @param {TimelineEvent} event */
export function timelineAdd(timeline, event) {
  const entry = entryOf(event);
  if (!entry) return timeline;
  const last = timeline.entries[timeline.entries.length - 1];
  if (timeline.entries.some((held) => held.id === entry.id)) return timeline;
  const entries = !last || last.seq < entry.seq ? [...timeline.entries, entry] : merge(timeline.entries, [entry]);
  return { ...timeline, entries };
}

// A snapshot's newest part replaces everything. `events` are contiguous and end at the head.
/** @param {TimelineEvent[]} events @param {boolean} hasBefore */
export function timelineReplace(events, hasBefore) {
  return { entries: merge([], entriesOf(events)), oldest: events.length > 0 ? events[0].seq : null, hasBefore };
}

// Puts an older page in front of what is held.
/** @param {Timeline} timeline @param {TimelineEvent[]} events @param {boolean} hasBefore */
export function timelinePrepend(timeline, events, hasBefore) {
  return {
    entries: merge(timeline.entries, entriesOf(events)),
    oldest: events.length > 0 ? events[0].seq : timeline.oldest,
    hasBefore,
  };
}

// Returns the rows of the screen: entries with day breaks. A message continues its author's run for 5 minutes.
/**
 * @param {TimelineEntry[]} entries
 * @param {(id: string) => Message | undefined} messageOf
 * @param {(at: string) => string} dayOf
 */
export function timelineRows(entries, messageOf, dayOf) {
  /** @type {(TimelineEntry | TimelineDay)[]} */
  const rows = [];
  let day = null;
  let run = null;
  for (const entry of entries) {
    const entryDay = dayOf(entry.at);
    if (entryDay !== day) {
      rows.push({ kind: 'day', id: `day-${entryDay}`, at: entry.at });
      day = entryDay;
      run = null;
    }
    if (entry.kind === 'session') {
      rows.push(entry);
      run = null;
      continue;
    }
    const message = messageOf(entry.id);
    if (!message) continue;
    const at = Date.parse(message.createdAt);
    const continues = run !== null && run.author === message.author.id && at - run.at < 300000 && !message.sessionId;
    rows.push(continues ? { ...entry, continues } : entry);
    run = message.deleted || message.sessionId ? null : { author: message.author.id, at };
  }
  return rows;
}

// The timeline of one stream: what is shown where, in the order of `seq`. Pure. An entry names a message or a
// session; the thing itself lives in the store's tables. A session has one entry, at its first lifecycle event that
// we know of.

const sessionEvent = /^agent_session:(requested|started|completed|failed|cancelled)$/;

export function timelineNew() {
  return { entries: [], oldest: null, hasBefore: false };
}

function entryOf(event) {
  if (event.type === 'message:created' && event.message)
    return { kind: 'message', id: event.message.id, seq: event.seq, at: event.createdAt };
  if (sessionEvent.test(event.type) && event.session)
    return { kind: 'session', id: event.session.id, seq: event.seq, at: event.createdAt };
  return null;
}

function merge(entries, added) {
  const byId = new Map();
  for (const entry of [...entries, ...added]) {
    const held = byId.get(entry.id);
    if (!held || entry.seq < held.seq) byId.set(entry.id, entry);
  }
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

const entriesOf = (events) => events.map(entryOf).filter(Boolean);

// A live event: nearly always appended.
export function timelineAdd(timeline, event) {
  const entry = entryOf(event);
  if (!entry) return timeline;
  const last = timeline.entries[timeline.entries.length - 1];
  if (timeline.entries.some((held) => held.id === entry.id)) return timeline;
  const entries = !last || last.seq < entry.seq ? [...timeline.entries, entry] : merge(timeline.entries, [entry]);
  return { ...timeline, entries };
}

// The newest part, as a snapshot shows it, replaces everything: `events` are contiguous and end at the head.
export function timelineReplace(events, hasBefore) {
  return { entries: merge([], entriesOf(events)), oldest: events.length > 0 ? events[0].seq : null, hasBefore };
}

// An older page in front of what is held.
export function timelinePrepend(timeline, events, hasBefore) {
  return {
    entries: merge(timeline.entries, entriesOf(events)),
    oldest: events.length > 0 ? events[0].seq : timeline.oldest,
    hasBefore,
  };
}

// What the screen shows: entries with day breaks, and whether a message continues its author's run (5 minutes).
export function timelineRows(entries, messageOf, dayOf) {
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

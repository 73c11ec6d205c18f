// The order of one session's steps, and what little is known of those that are not loaded. Pure. `metas` is sorted by
// number: {id, number, type, parentId?, status, startedAt, durationMs?, messageId?, seq}, from the outline or from
// the steps themselves.

export function traceNew() {
  return { metas: [], byId: new Map(), complete: false };
}

export function metaOf(step) {
  return {
    id: step.id,
    number: step.stepNumber,
    type: step.stepType,
    name: step.name,
    parentId: step.parentStepId,
    status: step.status,
    startedAt: Date.parse(step.startedAt),
    durationMs: step.durationMs,
    messageId: step.messageId,
    seq: step.seq,
  };
}

// The outline: arrays whose meaning its `columns` tell; `startedMs` counts from 1970.
export function outlineMetas(outline) {
  const column = Object.fromEntries(outline.columns.map((name, index) => [name, index]));
  const idByNumber = new Map(outline.steps.map((row) => [row[column.number], row[column.id]]));
  return outline.steps.map((row) => {
    const parentNumber = row[column.parentNumber];
    return {
      id: row[column.id],
      number: row[column.number],
      type: row[column.type],
      status: row[column.status],
      parentId: parentNumber ? idByNumber.get(parentNumber) : undefined,
      startedAt: row[column.startedMs],
      durationMs: row[column.durationMs] ?? undefined,
      messageId: row[column.messageId] ?? undefined,
      seq: row[column.seq],
    };
  });
}

function better(held, next) {
  if (!held) return next;
  if (held.status !== 'running' && next.status === 'running') return held;
  return next.seq < held.seq ? held : { ...held, ...next };
}

export function traceMerge(trace, metas, { complete = trace.complete } = {}) {
  if (metas.length === 0 && complete === trace.complete) return trace;
  const byId = new Map(trace.byId);
  for (const meta of metas) byId.set(meta.id, better(byId.get(meta.id), meta));
  const last = trace.metas[trace.metas.length - 1];
  let list;
  if (metas.length === 1 && !trace.byId.has(metas[0].id) && (!last || last.number < metas[0].number)) {
    list = [...trace.metas, byId.get(metas[0].id)];
  } else if (metas.length === 1 && trace.byId.has(metas[0].id)) {
    list = trace.metas.slice();
    list[list.findIndex((meta) => meta.id === metas[0].id)] = byId.get(metas[0].id);
  } else list = [...byId.values()].sort((a, b) => a.number - b.number);
  return { metas: list, byId, complete };
}

// SPDX-License-Identifier: Apache-2.0
// Computes where the waterfall's bars lie. Pure. Time runs to the right, simultaneous steps are stacked in up to three
// lanes, and a silence of more than five seconds takes the room of one.

const maxGap = 5000;
const shownGap = 1000;
const lanes = 3;

// `now` is the end of whatever still runs.
/** @param {Meta[]} metas @param {number} now */
export function barsLayout(metas, now) {
  const spans = metas
    .map((meta) => {
      const end =
        meta.durationMs !== undefined
          ? meta.startedAt + meta.durationMs
          : meta.status === 'running' || meta.status === 'interrupted'
            ? now
            : meta.startedAt;
      return { meta, start: meta.startedAt, end: Math.max(end, meta.startedAt) };
    })
    .sort((a, b) => a.start - b.start);
  /** @type {Bar[]} */
  const bars = [];
  /** @type {number[]} */
  const laneEnds = [];
  let cut = 0;
  let reached = spans.length > 0 ? spans[0].start : 0;
  const origin = reached;
  const gaps = [];
  for (const { meta, start, end } of spans) {
    if (start - reached > maxGap) {
      gaps.push(reached - origin - cut + shownGap / 2);
      cut += start - reached - shownGap;
    }
    reached = Math.max(reached, end);
    const x = start - origin - cut;
    let lane = laneEnds.findIndex((laneEnd) => laneEnd <= x);
    if (lane < 0) lane = Math.min(laneEnds.length, lanes - 1);
    laneEnds[lane] = Math.max(laneEnds[lane] ?? 0, x + Math.max(end - start, 1));
    bars.push({ id: meta.id, type: meta.type, status: meta.status, x, width: end - start, lane });
  }
  return { bars, gaps, total: Math.max(1, reached - origin - cut), lanes: Math.max(1, laneEnds.length) };
}

// Finds the bar under a point, the later one of several. Errors are drawn last and win.
/** @param {Bars} layout @param {number} x @param {number | null} lane */
export function barsHit(layout, x, lane) {
  const slack = layout.total / 200;
  const hits = layout.bars.filter(
    (bar) => x >= bar.x - slack && x <= bar.x + bar.width + slack && (lane === null || bar.lane === lane),
  );
  return hits.find((bar) => bar.status === 'failed') ?? hits[hits.length - 1] ?? null;
}

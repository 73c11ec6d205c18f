// SPDX-License-Identifier: Apache-2.0
// The time axis of one trace and the part of it that is on the screen. While a trace runs, its whole is on the screen
// unless the reader has zoomed.
import { useEffect, useMemo, useState } from '../html.js';
import { settings } from '../settings.js';
import { tickerNow, tickerUse } from '../time.js';
import { axisNew, viewMove, viewZoom } from './axis.js';

const fastBelow = 300;
// From this share of idle time on, compressing it is offered.
const offeredFrom = 0.6;

/** @param {Meta[]} metas @param {Session} session @param {boolean} isEnded */
export function useAxis(metas, session, isEnded) {
  const speed = metas.length < fastBelow ? 'fast' : 'slow';
  useEffect(() => (isEnded ? undefined : tickerUse(speed)), [isEnded, speed]);
  const end = isEnded ? Date.parse(session.completedAt ?? session.heartbeatAt ?? session.createdAt) : tickerNow(speed);
  const compress = settings.value.compressGaps;
  const axis = useMemo(() => axisNew(metas, end, compress), [metas, end, compress]);
  const [zoomed, setZoomed] = useState(/** @type {import('./axis.js').View | null} */ (null));
  const view = zoomed && zoomed.from < axis.total ? zoomed : { from: 0, to: axis.total };

  return {
    axis,
    view,
    isZoomed: view === zoomed,
    offersGaps: compress || axis.idle > offeredFrom,
    /** @param {number} factor @param {number} around */
    zoom(factor, around) {
      const next = viewZoom(view, axis.total, factor, around);
      setZoomed(next.to - next.from >= axis.total * 0.999 ? null : next);
    },
    /** @param {number} by */
    move(by) {
      if (zoomed) setZoomed(viewMove(view, axis.total, by));
    },
    /** @param {number} from @param {number} to */
    show(from, to) {
      setZoomed({ from: Math.max(0, Math.min(from, to)), to: Math.min(axis.total, Math.max(from, to)) });
    },
    fit() {
      setZoomed(null);
    },
  };
}

/** @typedef {ReturnType<typeof useAxis>} AxisState */

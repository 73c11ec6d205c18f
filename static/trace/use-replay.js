// SPDX-License-Identifier: Apache-2.0
// Replaying an ended trace: where it stands on its own time, whether it goes on, and how fast.
import { useEffect, useMemo, useState } from '../html.js';
import { announce } from '../ui/announce.js';
import { axisNew } from './axis.js';
import { replayStep, replayTime, replayTrace } from './replay.js';

const tick = 100;
export const speeds = [1, 2, 5, 10, 60];
// A trace begins at the speed at which it takes at most so long.
const patience = 30_000;

const prefersStillness = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** @param {Trace} trace @param {Session} session @param {boolean} isEnded */
export function useReplay(trace, session, isEnded) {
  const [isOn, setOn] = useState(false);
  const [place, setPlace] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [chosen, setSpeed] = useState(0);
  const end = Date.parse(session.completedAt ?? session.heartbeatAt ?? session.createdAt);
  const axis = useMemo(() => axisNew(trace.metas, end, true), [trace.metas, end]);
  const speed = chosen || (speeds.find((one) => axis.total / one <= patience) ?? speeds[speeds.length - 1]);
  const isThere = isOn && isEnded;
  const time = replayTime(axis, trace, place, prefersStillness());
  // At its end it is the trace: a step that never ended was interrupted by then.
  const isOver = place >= axis.total;
  const shown = useMemo(
    () => (isThere && !isOver ? replayTrace(trace, time) : trace),
    [trace, isThere && !isOver, isOver ? 0 : time],
  );

  useEffect(() => {
    if (!isPlaying) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const by = (now - last) * speed;
      last = now;
      setPlace((held) => Math.min(axis.total, held + by));
    }, tick);
    return () => clearInterval(timer);
  }, [isPlaying, speed, axis]);

  useEffect(() => {
    if (!isPlaying || !isOver) return;
    setPlaying(false);
    announce('The end of the trace');
  }, [isPlaying, isOver]);

  return {
    isOn: isThere,
    canStart: isEnded && trace.complete && trace.metas.length > 1,
    isPlaying,
    isOver,
    place,
    axis,
    speed,
    elapsed: time - axis.start,
    trace: shown,
    setSpeed,
    start() {
      setPlace(0);
      setOn(true);
      setPlaying(true);
      announce('Replaying');
    },
    stop() {
      setPlaying(false);
      setOn(false);
    },
    toggle() {
      if (isOver) setPlace(0);
      announce(isPlaying ? 'Paused' : 'Replaying');
      setPlaying(!isPlaying);
    },
    /** @param {number} to */
    seek(to) {
      setPlace(Math.max(0, Math.min(axis.total, to)));
    },
    /** @param {number} by */
    step(by) {
      setPlaying(false);
      setPlace(replayStep(axis, trace, place, by));
    },
  };
}

/** @typedef {ReturnType<typeof useReplay>} Replay */

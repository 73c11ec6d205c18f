// SPDX-License-Identifier: Apache-2.0
// What the statistics show, asked for again from time to time while somebody looks at them.
import { useEffect, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { workspace } from '../store.js';
import { serverNow } from '../time.js';
import { spanOf, spanPoints, spanTimes } from './statistics-span.js';

/**
 * @typedef {import('./statistics-span.js').Span} Span
 * @typedef {import('./statistics-span.js').Point} Point
 * @typedef {{ totals: Counts, rows: Counts[], more?: boolean }} CountsAnswer
 * @typedef {{ rows: PartCounts[], more?: boolean }} PartsAnswer
 * @typedef {{ span: Span, points: Point[], time: CountsAnswer, persona: CountsAnswer, stream: CountsAnswer,
 *   model: CountsAnswer, tool?: PartsAnswer, error?: PartsAnswer }} Statistics
 */
const refreshEvery = 20000;

/** @param {Record<string, string>} query @param {AbortSignal} signal @returns {Promise<Statistics>} */
async function load(query, signal) {
  const span = spanTimes(spanOf(query), serverNow());
  const { persona, stream, model } = query;
  const times = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
  /** @param {string} by @param {object} more */
  const ask = (by, more) =>
    apiGet(`/workspaces/${workspace.peek().id}/statistics${apiQuery({ by, ...times, persona, stream, ...more })}`, {
      signal,
    });
  const timeZone = span.isUtc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [time, ...rest] = await Promise.all([
    ask(span.by, { model, timeZone }),
    ask('persona', { model, limit: 20 }),
    ask('stream', { model, limit: 20 }),
    ask('model', { model, limit: 20 }),
    // Steps are not counted by the model of their session.
    ...(model ? [] : [ask('tool', { limit: 20 }), ask('error', { limit: 20 })]),
  ]);
  const [byPersona, byStream, byModel, tool, error] = rest;
  return {
    span,
    points: spanPoints(span, time.rows),
    time,
    persona: byPersona,
    stream: byStream,
    model: byModel,
    tool,
    error,
  };
}

/** @param {Record<string, string>} query */
export function useStatistics(query) {
  const [data, setData] = useState(/** @type {Statistics | null} */ (null));
  const [error, setError] = useState(/** @type {ApiError | null} */ (null));
  const [tries, setTries] = useState(0);
  const { span, by, persona, stream, model } = query;
  useEffect(() => {
    const controller = new AbortController();
    load(query, controller.signal).then(
      (next) => {
        setData(next);
        setError(null);
      },
      (problem) => problem.name !== 'AbortError' && setError(problem),
    );
    return () => controller.abort();
  }, [span, by, persona, stream, model, tries]);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setTries((n) => n + 1), refreshEvery);
    return () => clearInterval(timer);
  }, []);
  return { data, error, retry: () => setTries((n) => n + 1) };
}

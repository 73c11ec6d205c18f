// SPDX-License-Identifier: Apache-2.0
// What the address of the table of sessions says: its filters and its order, as the server takes them and as people read
// them. Pure.

/** @typedef {'started' | 'duration' | 'tokens' | 'cost'} SessionSort */

/** @type {[string, string][]} */
export const statusTabs = [
  ['', 'All'],
  ['running', 'Running'],
  ['completed', 'Complete'],
  ['failed', 'Failed'],
  ['cancelled', 'Stopped'],
];
// To people a session that waits for its agent is under way.
/** @type {Record<string, string>} */
const statusesOf = { running: 'pending,running' };

/** @type {[SessionSort, string][]} */
export const sorts = [
  ['started', 'Started'],
  ['duration', 'Duration'],
  ['tokens', 'Tokens'],
  ['cost', 'Cost'],
];

const hour = 3600000;
/** @type {[string, string, number][]} */
export const periods = [
  ['1h', 'The last hour', hour],
  ['24h', 'The last 24 hours', 24 * hour],
  ['7d', 'The last 7 days', 7 * 24 * hour],
  ['30d', 'The last 30 days', 30 * 24 * hour],
];

/** @type {[string, string][]} */
export const ratingWords = [
  ['up', 'Rated good'],
  ['down', 'Rated bad'],
  ['any', 'Rated in any way'],
];

/** @type {[string, string][]} */
const filterNames = [
  ['persona', 'Agent'],
  ['stream', 'Where'],
  ['model', 'Model'],
  ['tag', 'Tag'],
  ['rating', 'Rating'],
  ['within', 'Begun'],
  ['from', 'From'],
  ['to', 'To'],
];
const filterKeys = filterNames.map(([key]) => key);

// The fields of the address that make the list; the others open panels over it.
export const listKeys = ['status', 'q', 'sort', 'order', ...filterKeys];

// A search goes through the sessions by their start.
/** @param {Record<string, string | undefined>} query @returns {{ sort: SessionSort, order: 'asc' | 'desc', isFixed: boolean }} */
export function orderOf(query) {
  const sort = sorts.find(([name]) => name === query.sort)?.[0] ?? 'started';
  const isFixed = Boolean(query.q);
  const fits = !isFixed || sort === 'started';
  return { sort: isFixed ? 'started' : sort, order: fits && query.order === 'asc' ? 'asc' : 'desc', isFixed };
}

// A heading that was not sorted by begins with the most, or the newest; pressed again, it turns about.
/** @param {Record<string, string | undefined>} query @param {SessionSort} pressed */
export function orderAfter(query, pressed) {
  const { sort, order } = orderOf(query);
  const turned = sort === pressed && order === 'desc' ? 'asc' : null;
  return { sort: pressed === 'started' ? null : pressed, order: turned };
}

const day = /^(\d{4})-(\d{2})-(\d{2})$/;

// A day is the reader's: from its beginning, to its end. What is no day is a moment, or the server says what it is.
/** @param {string | undefined} text @param {number} daysMore */
function momentOf(text, daysMore) {
  const [, year, month, date] = (day.exec(text ?? '') ?? []).map(Number);
  if (!year) return text;
  const at = new Date(year, month - 1, date + daysMore);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** @param {Record<string, string | undefined>} query @param {number} now */
export function listFields(query, now) {
  const { sort, order } = orderOf(query);
  const span = periods.find(([name]) => name === query.within)?.[2];
  return {
    status: statusesOf[query.status ?? ''] ?? query.status,
    personaId: query.persona,
    streamId: query.stream,
    model: query.model,
    tag: query.tag,
    rating: query.rating,
    from: span ? new Date(now - span).toISOString() : momentOf(query.from, 0),
    to: momentOf(query.to, 1),
    q: query.q,
    sort,
    order,
  };
}

// Whether a session that has just begun belongs to the list. Nobody here knows whether a text stands in it, and nobody
// has rated it.
/** @param {Session} session @param {Record<string, string | undefined>} query */
export function fits(session, query) {
  const fields = listFields(query, 0);
  return (
    !query.q &&
    !query.to &&
    !query.rating &&
    (!fields.status || fields.status.split(',').includes(session.status)) &&
    (!query.persona || session.personaId === query.persona) &&
    (!query.stream || [session.streamId, session.parentStreamId].includes(query.stream)) &&
    (!query.model || session.usage?.model === query.model) &&
    (!query.tag || Boolean(session.tags?.includes(query.tag)))
  );
}

// The filters in words. `names`: what ids are called.
/** @param {Record<string, string | undefined>} query @param {Record<string, (id: string) => string | undefined>} names */
export const filtersOf = (query, names) =>
  filterNames
    .filter(([key]) => query[key])
    .map(([key, label]) => {
      const value = query[key] ?? '';
      const period = periods.find(([name]) => key === 'within' && name === value)?.[1].toLowerCase();
      const rating = ratingWords.find(([name]) => key === 'rating' && name === value)?.[1].replace('Rated ', '');
      return { key, label, value: period ?? rating ?? names[key]?.(value) ?? value };
    });

// What an address without filters leaves out.
export const noFilters = Object.fromEntries(['status', 'q', ...filterKeys].map((key) => [key, null]));

// Tokens that a session read and wrote, or what it said in all.
/** @param {Session} session */
export const tokensOf = ({ usage }) =>
  usage?.inputTokens === undefined && usage?.outputTokens === undefined
    ? usage?.totalTokens
    : (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);

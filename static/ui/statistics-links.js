// SPDX-License-Identifier: Apache-2.0
// From a figure to the sessions that it counts: the list of sessions with the same filters.
import { sessionsUrl } from '../links.js';
import { workspace } from '../store.js';

/** @param {Record<string, string | undefined>} query @param {{ from: number, to: number }} times */
export function sessionsOf({ persona, stream, model, status }, { from, to }) {
  const fields = { persona, stream, model, status, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const search = new URLSearchParams(Object.entries(fields).flatMap(([key, value]) => (value ? [[key, value]] : [])));
  return `${sessionsUrl(workspace.peek().id)}?${search.toString().replaceAll('%3A', ':')}`;
}

// SPDX-License-Identifier: Apache-2.0
// A snapshot that is too long for one event comes in parts, one behind the other (docs/api.md), and means something only
// when it is whole.

/** @type {Map<string, any[]>} */
const gathered = new Map();

// Returns the whole snapshot with its last part, undefined before that, and any other event as it is. A part whose
// beginning came over another connection is of no use: the new connection begins with a snapshot of its own.
/** @param {string} type @param {any} data */
export function gatherParts(type, data) {
  if (!data.parts) return data;
  const key = `${type} ${data.room}`;
  const before = data.part === 1 ? [] : gathered.get(key);
  gathered.delete(key);
  if (before?.length !== data.part - 1) return undefined;
  const parts = [...before, data];
  if (data.part < data.parts) {
    gathered.set(key, parts);
    return undefined;
  }
  const list = data.streams ? 'streams' : 'activity';
  return { ...data, [list]: parts.flatMap((part) => part[list]) };
}

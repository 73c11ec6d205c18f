// SPDX-License-Identifier: Apache-2.0
// Remembers what a reader did to a row (unfolded, collapsed). It outlives the row's mounting, because a long list
// unmounts what is out of sight.
const rows = new Map();

/** @param {string} stepId */
export function rowMemory(stepId) {
  let memory = rows.get(stepId);
  if (!memory) rows.set(stepId, (memory = {}));
  return memory;
}

// SPDX-License-Identifier: Apache-2.0
// Entities by id, each in a signal of its own, so that a component renders again only for what it reads.
import { signal } from '../vendor/signals.js';

/**
 * @template T
 * @param {(held: T | undefined, next: T) => T} merge
 * @returns {Table<T>}
 */
export function createTable(merge = (held, next) => next) {
  /** @type {Map<string, Signal<any>>} */
  const cells = new Map();

  /** @param {string} id @returns {Signal<any>} */
  function cell(id) {
    let found = cells.get(id);
    if (!found) cells.set(id, (found = signal(undefined)));
    return found;
  }

  return {
    /** @param {string | undefined} id */
    get: (id) => (id === undefined ? undefined : cell(id).value),
    /** @param {string | undefined} id */
    peek: (id) => (id === undefined ? undefined : cells.get(id)?.peek()),
    // Returns the copy that stands, which may be the one held before.
    /** @param {string} id @param {any} next */
    put(id, next) {
      const one = cell(id);
      const merged = merge(one.peek(), next);
      if (merged !== one.peek()) one.value = merged;
      return merged;
    },
    /** @param {string} id @param {any} value */
    set(id, value) {
      cell(id).value = value;
    },
    /** @param {string} id */
    drop(id) {
      const one = cells.get(id);
      if (one) one.value = undefined;
    },
    keys: () => [...cells].filter(([, one]) => one.peek() !== undefined).map(([id]) => id),
    all: () => [...cells.values()].map((one) => one.peek()).filter((value) => value !== undefined),
  };
}

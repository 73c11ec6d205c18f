// Entities by id, each in a signal of its own, so that a component re-renders only for what it reads.
import { signal } from '../vendor/signals.js';

export function createTable(merge = (held, next) => next) {
  const cells = new Map();

  function cell(id) {
    let found = cells.get(id);
    if (!found) cells.set(id, (found = signal(undefined)));
    return found;
  }

  return {
    get: (id) => cell(id).value,
    peek: (id) => cells.get(id)?.peek(),
    // Returns the copy that stands, which may be the one held before.
    put(id, next) {
      const one = cell(id);
      const merged = merge(one.peek(), next);
      if (merged !== one.peek()) one.value = merged;
      return merged;
    },
    set(id, value) {
      cell(id).value = value;
    },
    drop(id) {
      if (cells.has(id)) cells.get(id).value = undefined;
    },
    all: () => [...cells.values()].map((one) => one.peek()).filter((value) => value !== undefined),
  };
}

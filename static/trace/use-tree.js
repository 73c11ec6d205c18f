// SPDX-License-Identifier: Apache-2.0
// The tree of one trace with what the reader folded. A single toggle outlives "expand to depth" for its own step only
// until the next one.
import { useMemo, useState } from '../html.js';
import { steps } from '../store.js';
import { filterFits, filterIsEmpty } from './search.js';
import { treeBuild, treeOnly, treePath, treeRows } from './tree.js';

/** @type {Trace} */
const none = { metas: [], byId: new Map(), complete: false };

// A trace that is read as a story needs no tree: `isWanted` tells.
/** @param {Trace} trace @param {import('./search.js').Filter} filter @param {boolean} isWanted */
export function useTree(trace, filter, isWanted) {
  const { metas, byId } = isWanted ? trace : none;
  const [depth, setDepth] = useState(Infinity);
  const [toggled, setToggled] = useState(/** @type {Map<string, boolean>} */ (new Map()));
  // Nothing was spent yet where a step is shown as it stood before its end.
  /** @param {string} id */
  const usageOf = (id) => (byId.get(id)?.isAsOf ? undefined : steps.peek(id)?.usage);
  const tree = useMemo(() => treeBuild(metas, byId, usageOf), [metas]);
  /** @param {Meta} meta @param {number} at */
  const isFolded = (meta, at) => toggled.get(meta.id) ?? at + 1 >= depth;
  const rows = useMemo(() => {
    if (filterIsEmpty(filter)) return treeRows(tree, isFolded);
    return treeRows(
      treeOnly(tree, metas, byId, (meta) => filterFits(meta, filter)),
      isFolded,
    );
  }, [tree, depth, toggled, filter]);

  return {
    tree,
    rows,
    depth,
    hasBranches: tree.childrenOf.size > 0,
    /** @param {string} id @param {boolean} folded */
    fold(id, folded) {
      setToggled(new Map(toggled).set(id, folded));
    },
    /** @param {number} to */
    expandTo(to) {
      setDepth(to);
      setToggled(new Map());
    },
    // Opens everything above a step, so that it has a row.
    /** @param {string} id */
    reveal(id) {
      const meta = trace.byId.get(id);
      if (!meta || rows.some((row) => row.meta.id === id)) return;
      const next = new Map(toggled);
      for (const above of treePath(meta, trace.byId)) next.set(above.id, false);
      setToggled(next);
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
// Steps inside steps: which have some, and which of those are folded. Pure but for the one hook.
import { useMemo, useState } from '../html.js';
import { filterFits, filterIsEmpty } from './search.js';
import { treeAbove } from './tree.js';

// Returns the metas without those below a folded one, at any depth.
/** @param {Meta[]} metas @param {Map<string, Meta>} byId @param {Set<string>} folded */
export function nestsVisible(metas, byId, folded) {
  if (folded.size === 0) return metas;
  const isHidden = treeAbove(byId, { of: ({ id }) => folded.has(id) || undefined, top: false, circle: false });
  return metas.filter((meta) => !isHidden(meta));
}

/** @param {Meta[]} metas */
export function nestsCount(metas) {
  const counts = new Map();
  for (const meta of metas) if (meta.parentId) counts.set(meta.parentId, (counts.get(meta.parentId) ?? 0) + 1);
  return counts;
}

/** @param {Trace} trace @param {import('./search.js').Filter} filter */
export function useNests({ metas, byId }, filter) {
  const [folded, setFolded] = useState(new Set());
  const counts = useMemo(() => nestsCount(metas), [metas]);
  const visible = useMemo(() => {
    const unfolded = nestsVisible(metas, byId, folded);
    return filterIsEmpty(filter) ? unfolded : unfolded.filter((meta) => filterFits(meta, filter));
  }, [metas, folded, filter]);

  /** @param {string} id */
  function toggle(id) {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  }

  return {
    visible,
    /** @param {string} id */
    of: (id) => (counts.has(id) ? { count: counts.get(id), isFolded: folded.has(id), toggle: () => toggle(id) } : null),
    unfold: () => setFolded(new Set()),
  };
}

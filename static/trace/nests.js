// Steps inside steps: which have some, and which of those are folded away. Pure but for the one hook.
import { useMemo, useState } from '../html.js';

// The metas without those below a folded one, whatever the depth.
export function nestsVisible(metas, byId, folded) {
  if (folded.size === 0) return metas;
  const hidden = (meta) => {
    for (let above = byId.get(meta.parentId); above; above = byId.get(above.parentId))
      if (folded.has(above.id)) return true;
    return false;
  };
  return metas.filter((meta) => !hidden(meta));
}

export function nestsCount(metas) {
  const counts = new Map();
  for (const meta of metas) if (meta.parentId) counts.set(meta.parentId, (counts.get(meta.parentId) ?? 0) + 1);
  return counts;
}

export function useNests({ metas, byId }) {
  const [folded, setFolded] = useState(new Set());
  const counts = useMemo(() => nestsCount(metas), [metas]);
  const visible = useMemo(() => nestsVisible(metas, byId, folded), [metas, folded]);

  function toggle(id) {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  }

  return {
    visible,
    of: (id) => (counts.has(id) ? { count: counts.get(id), isFolded: folded.has(id), toggle: () => toggle(id) } : null),
    unfold: () => setFolded(new Set()),
  };
}

// SPDX-License-Identifier: Apache-2.0
// A trace as a tree. Pure. Children stand below their parent in the order of steps; a step whose parent has not arrived
// stands at the top until it does. A branch knows what its subtree spent.

import { traceOrder } from '../store/trace.js';

/**
 * @typedef {{ meta: Meta, depth: number, children: number, isFolded: boolean, size: number, place: number }} TreeRow
 * @typedef {{ errors: number, open: number, end: number, tokens: number, costUsd: number, computed: number, lacks: number }} Sum
 * `computed`: the costs that no agent has said.
 * @typedef {{ roots: Meta[], childrenOf: Map<string, Meta[]>, sums: Map<string, Sum>, usageOf: UsageOf }} Tree
 * `sums`: those of the branches; treeSum() tells them of any step.
 * @typedef {(id: string) => Usage | undefined} UsageOf
 */

/** @param {Meta} meta */
export const treeIsError = (meta) => meta.status === 'failed' || meta.type === 'tool_error';

// The error that comes next in the order of the trace after what is selected (`by` 1), or before it (-1), and from the
// other end again behind the last one. Errors that are read meanwhile change neither.
/** @param {Meta[]} errors @param {Meta | undefined} from @param {number} by @returns {Meta | undefined} */
export function treeErrorFrom(errors, from, by) {
  const ordered = by > 0 ? errors : errors.toReversed();
  return (from && ordered.find((meta) => by * traceOrder(meta, from) > 0)) ?? ordered[0];
}

// What is so of a step because of those above it. `of` decides by one of them, or leaves it to the next one above; `top` is
// said where none is left, and `circle` where following parents never ends: the server refuses cycles, a store of older
// copies may not. Each step is passed once, however many are asked about and however deep they are.
/**
 * @param {Map<string, Meta>} byId
 * @param {{ of: (above: Meta) => boolean | undefined, top: boolean, circle: boolean }} rule
 */
export function treeAbove(byId, { of, top, circle }) {
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return (/** @type {Meta} */ meta) => {
    const way = [];
    let answer = known.get(meta.id);
    for (let at = meta; answer === undefined; ) {
      way.push(at.id);
      known.set(at.id, circle);
      const above = byId.get(at.parentId ?? '');
      answer = above ? (of(above) ?? known.get(above.id)) : top;
      if (above) at = above;
    }
    for (const id of way) known.set(id, answer);
    return answer;
  };
}

/** @param {Meta[]} metas @param {Map<string, Meta>} byId @param {UsageOf} usageOf @returns {Tree} */
export function treeBuild(metas, byId, usageOf) {
  /** @type {Meta[]} */
  const roots = [];
  /** @type {Map<string, Meta[]>} */
  const childrenOf = new Map();
  const hasNests = metas.some((meta) => meta.parentId);
  const isCircular = treeAbove(byId, { of: () => undefined, top: false, circle: true });
  for (const meta of metas) {
    const parent = meta.parentId && byId.get(meta.parentId);
    if (!parent || !hasNests || isCircular(meta)) roots.push(meta);
    else if (childrenOf.has(parent.id)) childrenOf.get(parent.id)?.push(meta);
    else childrenOf.set(parent.id, [meta]);
  }
  /** @type {Tree} */
  const tree = { roots, childrenOf, sums: new Map(), usageOf };
  for (const meta of roots) if (childrenOf.has(meta.id)) addUp(tree, meta);
  return tree;
}

// What a step spent without those below it.
/** @param {Meta} meta @param {UsageOf} usageOf @returns {Sum} */
function ownSum(meta, usageOf) {
  const told = usageOf(meta.id);
  // What repeats the usage of other steps is counted with them.
  const usage = told?.isSum ? undefined : told;
  return {
    errors: treeIsError(meta) ? 1 : 0,
    open: meta.status === 'running' ? 1 : 0,
    end: meta.startedAt + (meta.durationMs ?? 0),
    tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
    costUsd: Number(usage?.costUsd ?? 0),
    computed: usage?.costComputed ? 1 : 0,
    lacks: told ? 0 : 1,
  };
}

// What a step and those below it spent. Most steps are leaves, and nobody looks at most of them: theirs are not kept.
/** @param {Tree} tree @param {Meta} meta */
export const treeSum = ({ sums, usageOf }, meta) => sums.get(meta.id) ?? ownSum(meta, usageOf);

// Post-order, without recursion: nesting is as deep as agents make it.
/** @param {Tree} tree @param {Meta} root */
function addUp(tree, root) {
  /** @type {{ meta: Meta, children: Meta[], done: boolean }[]} */
  const stack = [{ meta: root, children: tree.childrenOf.get(root.id) ?? [], done: false }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { meta, children, done } = top;
    if (!done) {
      stack.push({ meta, children, done: true });
      for (const child of children) {
        const below = tree.childrenOf.get(child.id);
        if (below) stack.push({ meta: child, children: below, done: false });
      }
      continue;
    }
    const sum = ownSum(meta, tree.usageOf);
    for (const child of children) {
      const below = treeSum(tree, child);
      for (const key of /** @type {const} */ (['errors', 'open', 'tokens', 'costUsd', 'computed', 'lacks']))
        sum[key] += below[key];
      sum.end = Math.max(sum.end, below.end);
    }
    tree.sums.set(meta.id, sum);
  }
}

// The tree with only the steps that fit and those above them.
/**
 * @param {Tree} tree @param {Meta[]} metas @param {Map<string, Meta>} byId @param {(meta: Meta) => boolean} fits
 * @returns {Tree}
 */
export function treeOnly(tree, metas, byId, fits) {
  const kept = new Set();
  for (const meta of metas) {
    if (!fits(meta)) continue;
    for (let at = /** @type {Meta | undefined} */ (meta); at && !kept.has(at.id); at = byId.get(at.parentId ?? ''))
      kept.add(at.id);
  }
  const keep = (/** @type {Meta[]} */ list) => list.filter((meta) => kept.has(meta.id));
  const childrenOf = new Map(
    [...tree.childrenOf]
      .map(([id, list]) => /** @type {[string, Meta[]]} */ ([id, keep(list)]))
      .filter(([, list]) => list.length > 0),
  );
  return { ...tree, roots: keep(tree.roots), childrenOf };
}

// The rows that folding leaves, in order. `isFolded(meta, depth)` decides for steps that have children.
/** @param {Tree} tree @param {(meta: Meta, depth: number) => boolean} isFolded @returns {TreeRow[]} */
export function treeRows({ roots, childrenOf }, isFolded) {
  /** @type {TreeRow[]} */
  const rows = [];
  const stack = [{ metas: roots, depth: 0, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const { metas, depth } = top;
    const meta = metas[top.next++];
    if (!meta) {
      stack.pop();
      continue;
    }
    const below = childrenOf.get(meta.id);
    const folded = below !== undefined && isFolded(meta, depth);
    rows.push({ meta, depth, children: below?.length ?? 0, isFolded: folded, size: metas.length, place: top.next });
    if (below && !folded) stack.push({ metas: below, depth: depth + 1, next: 0 });
  }
  return rows;
}

// The steps above a step, the outermost first.
/** @param {Meta} meta @param {Map<string, Meta>} byId */
export function treePath(meta, byId) {
  /** @type {Set<Meta>} */
  const path = new Set();
  for (let above = byId.get(meta.parentId ?? ''); above && !path.has(above); above = byId.get(above.parentId ?? ''))
    path.add(above);
  return [...path].reverse();
}

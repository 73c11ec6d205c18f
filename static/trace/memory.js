// What a reader did to a row (unfolded, collapsed) outlives the row's mounting: a long list drops what is out of sight.
const rows = new Map();

export function rowMemory(stepId) {
  let memory = rows.get(stepId);
  if (!memory) rows.set(stepId, (memory = {}));
  return memory;
}

// Several visitors in one pass.

import { showCalls, type HeapVisitor } from "./visitor.ts";

export function combined(visitors: readonly HeapVisitor[]): HeapVisitor {
  const [only] = visitors;
  if (visitors.length === 1 && only !== undefined) return only;
  const born = visitors.filter((visitor) => visitor.born !== undefined);
  const died = visitors.filter((visitor) => visitor.died !== undefined);
  return {
    begin(live, slots, time) {
      const all = [...slots];
      for (const visitor of visitors) visitor.begin?.(live, all, time);
    },
    born(live, slot, time, cause, row) {
      for (const visitor of born) visitor.born?.(live, slot, time, cause, row);
    },
    died(live, slot, time, cause, context, site, row) {
      for (const visitor of died) visitor.died?.(live, slot, time, cause, context, site, row);
    },
    calls(live, rows, from, to, slots) {
      for (const visitor of visitors) showCalls(visitor, live, rows, from, to, slots);
    },
    gap(live, time) {
      for (const visitor of visitors) visitor.gap?.(live, time);
    },
    end(live, slots, time) {
      const all = [...slots];
      for (const visitor of visitors) visitor.end?.(live, all, time);
    },
  };
}

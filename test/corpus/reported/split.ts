// Which programs nobody looks at. Decided by the name alone, so that no measurement can move a program from one half to the other.
import type { CorpusProgram } from "../program.ts";

/** FNV-1a. */
function hashOf(name: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193) >>> 0;
  return hash;
}

export function isHeldOut({ name }: CorpusProgram): boolean {
  return ((hashOf(name) >>> 7) & 1) === 1;
}

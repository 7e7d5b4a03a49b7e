// What every detector gets to see.
import type { HeapModel } from "../heap/model-api.ts";
import type { BlockTable, Window } from "../heap/types.ts";
import type { Finding, FindingBlock } from "./finding.ts";
import type { Names } from "./names.ts";
import type { Suppression } from "./suppressions.ts";

export interface DetectContext {
  readonly model: HeapModel;
  readonly window: Window;
  readonly names: Names;
  readonly suppressions: readonly Suppression[];
}

export type Detector = (context: DetectContext) => Promise<readonly Finding[]>;

/** Findings name at most so many blocks. */
export const blocksNamed = 16;

/** A row of a block table as findings carry it. */
export function blockAt(blocks: BlockTable, row: number): FindingBlock {
  const born = blocks.born[row] ?? 0;
  return {
    address: blocks.address[row] ?? 0,
    size: blocks.size[row] ?? 0,
    site: blocks.site[row] ?? 0,
    task: blocks.task[row] ?? 0,
    born,
  };
}

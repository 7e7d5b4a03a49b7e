// What every detector gets to see.
import { valueAt } from "../base/values.ts";
import type { Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { BlockTable, FrameResolver, RegionState, Window } from "../heap/types.ts";
import type { Finding, FindingBlock } from "./finding.ts";
import type { Names } from "./names.ts";
import type { Suppression } from "./suppressions.ts";

export interface DetectContext {
  readonly model: HeapModel;
  readonly window: Window;
  /** The longest part of the window within one boot: what grows is judged there, as a restart empties the heap. */
  readonly stretch: Window;
  /** Why the stretch ends before the boot does, where it does. */
  readonly unknownAfter?: string;
  /** Live at the end of the stretch, by address, and the regions as they are then. */
  readonly live: BlockTable;
  readonly regions: readonly RegionState[];
  readonly names: Names;
  readonly suppressions: readonly Suppression[];
  /** Names for addresses of code. */
  readonly resolver?: FrameResolver;
}

/**
 * Whether something that happened at `time` belongs to the window. Reports may carry a time beyond the last event (a fault is often the last
 * that a device says), or before the first (a device repeats its reports to who joins late): a window that ends or begins with the run includes them.
 */
export function isInside({ model, window }: Pick<DetectContext, "model" | "window">, time: Microseconds): boolean {
  const { span } = model;
  return (time >= window.from || window.from <= span.from) && (time <= window.to || window.to >= span.to);
}

/** The end of the window that holds about so many events, if the run's are spread evenly. */
export function lastEvents({ rows }: Pick<HeapModel, "rows">, { from, to }: Window, most: number): Window {
  return { from: to - Math.min(1, most / rows) * (to - from), to };
}

/** The sites that findings are about. */
export function sitesOf(findings: readonly Finding[]): ReadonlySet<number> {
  return new Set(findings.flatMap(({ sites }) => sites.slice(0, 1).map(({ site }) => site)));
}

/** Findings name at most so many blocks. */
export const BLOCKS_NAMED = 16;

/** A row of a block table as findings carry it. */
export function blockAt(blocks: BlockTable, row: number): Required<FindingBlock> {
  return {
    address: valueAt(blocks.address, row),
    size: valueAt(blocks.size, row),
    site: valueAt(blocks.site, row),
    task: valueAt(blocks.task, row),
    born: valueAt(blocks.born, row),
  };
}

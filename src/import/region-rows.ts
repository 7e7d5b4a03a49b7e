// A table with a row for each region of memory (`| 0x3ffe4350 | 113840 | 18712 | 8192 |`): its rows are no readings one after the other, but parts of one.

import type { Meaning } from "./memory-words.ts";

export interface RegionSums<Time> {
  readonly line: number;
  readonly time: Time | undefined;
  /** By column: of the largest blocks the largest, of all else the sum. */
  readonly values: readonly number[];
}

/** True for the cells of such a row. */
export function isRegion(cells: readonly string[]): boolean {
  return cells.some((cell) => /^\s*0x[\da-f]{8}\s*$/i.test(cell));
}

export class RegionRows<Time> {
  private open: RegionSums<Time> | undefined;

  add(
    figures: readonly { readonly meaning: Pick<Meaning, "quantity"> }[],
    values: readonly number[],
    line: number,
    time: Time | undefined,
  ): void {
    const before = this.open?.values;
    const sums = values.map((value, i) => {
      const sum = before?.[i] ?? 0;
      return /^(?:largest|fragmentation)$/.test(figures[i]?.meaning.quantity ?? "")
        ? Math.max(sum, value)
        : sum + value;
    });
    this.open = { line: this.open?.line ?? line, time: this.open?.time ?? time, values: sums };
  }

  /** The table that ended, where one did. */
  close(): RegionSums<Time> | undefined {
    const { open } = this;
    this.open = undefined;
    return open;
  }
}

// What was live at each moment of a workload, from its calls alone: no frame, no decoder, no model. The truth that bounds must hold.
import type { HeapCall } from "./workload.ts";

export interface TrueTotals {
  readonly bytes: number;
  readonly blocks: number;
}

export class ReferenceHeap {
  private readonly calls: readonly HeapCall[];
  private readonly times: number[] = [];
  private readonly totals: TrueTotals[] = [];

  constructor(calls: readonly HeapCall[]) {
    this.calls = calls;
    const sizes = new Map<number, number>();
    let bytes = 0;
    const end = (address: number): void => {
      bytes -= sizes.get(address) ?? 0;
      sizes.delete(address);
    };
    for (const { kind, time, address, size, oldAddress } of calls) {
      if (kind === "free") end(address);
      if (kind === "realloc") end(oldAddress);
      if (kind !== "free") {
        sizes.set(address, size);
        bytes += size;
      }
      this.times.push(time);
      this.totals.push({ bytes, blocks: sizes.size });
    }
  }

  /** After every call at or before `time`. */
  at(time: number): TrueTotals {
    return this.totals[this.callsUntil(time) - 1] ?? { bytes: 0, blocks: 0 };
  }

  /** The sizes of the blocks that are live after every call at or before `time`, by address. */
  blocksAt(time: number): ReadonlyMap<number, number> {
    const sizes = new Map<number, number>();
    for (const { kind, address, size, oldAddress } of this.calls.slice(0, this.callsUntil(time))) {
      if (kind === "free") sizes.delete(address);
      if (kind === "realloc") sizes.delete(oldAddress);
      if (kind !== "free") sizes.set(address, size);
    }
    return sizes;
  }

  /** From after every call at `from` on, up to before the first one at `to`. */
  within({ from, to }: { readonly from: number; readonly to: number }): readonly TrueTotals[] {
    const first = this.callsUntil(from);
    const end = this.times.findIndex((time, call) => call >= first && time >= to);
    return [this.at(from), ...this.totals.slice(first, end < 0 ? undefined : end)];
  }

  private callsUntil(time: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loop on typed arrays */
// What each call site asked for last, and for how long it kept it: what a replay of requests plays (heap-replay.ts).
import type { Bytes, Microseconds } from "../base/units.ts";
import { Cause, type CauseCode, type HeapVisitor, type LiveColumns } from "../heap/visitor.ts";

/** Requests that are kept of one site, the last ones. */
export const KEPT = 256;

export interface Request {
  readonly time: Microseconds;
  readonly size: Bytes;
  /** Undefined while it lives; of a realloc chain the last block of it goes on. */
  life?: Microseconds;
  readonly address: number;
}

export class Tape implements HeapVisitor {
  /** By site, oldest first once `inOrder`. */
  private readonly rings = new Map<number, { readonly requests: Request[]; count: number }>();
  private readonly ofSlot = new Map<number, Request>();

  born(live: LiveColumns, slot: number, time: Microseconds): void {
    const site = live.site[slot]!;
    let ring = this.rings.get(site);
    if (ring === undefined) this.rings.set(site, (ring = { requests: [], count: 0 }));
    const request: Request = { time, size: live.size[slot]!, address: live.address[slot]! };
    ring.requests[ring.count++ % KEPT] = request;
    this.ofSlot.set(slot, request);
  }

  died(_live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode): void {
    const request = this.ofSlot.get(slot);
    if (request === undefined) return;
    this.ofSlot.delete(slot);
    if (cause !== Cause.INFERRED && cause !== Cause.RESET) request.life = time - request.time;
  }

  /** The last requests of each site, oldest first. */
  get requests(): ReadonlyMap<number, readonly Request[]> {
    return new Map(
      [...this.rings].map(([site, { requests, count }]) => {
        const at = count > KEPT ? count % KEPT : 0;
        return [site, [...requests.slice(at), ...requests.slice(0, at)]];
      }),
    );
  }
}

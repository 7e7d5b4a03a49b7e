// Addresses for blocks whose file gives none, or 64-bit ones: no two live blocks overlap, and freed places are used again.

import type { Address, Bytes } from "../base/units.ts";

const FIRST = 0x1000_0000;
const END = 0xffff_0000;
const ALIGNMENT = 16;

export class AddressSpace {
  private next = FIRST;
  /** Free places by their size. */
  private readonly free = new Map<Bytes, Address[]>();

  /** A place for `size` bytes; undefined when nearly 4 GiB are taken. */
  take(size: Bytes): Address | undefined {
    const room = roomFor(size);
    const used = this.free.get(room)?.pop();
    if (used !== undefined) return used;
    if (this.next + room > END) return undefined;
    const address = this.next;
    this.next += room;
    return address;
  }

  /** Gives back what take(size) gave. */
  give(address: Address, size: Bytes): void {
    const room = roomFor(size);
    const places = this.free.get(room);
    if (places === undefined) this.free.set(room, [address]);
    else places.push(address);
  }
}

function roomFor(size: Bytes): Bytes {
  return Math.max(Math.ceil(size / ALIGNMENT), 1) * ALIGNMENT;
}

import type { Address, Bytes, SiteId } from "../base/units.ts";

/** What the snapshot under way has told so far. */
export class SnapshotAccount {
  /** How many records: the one that ends it says how many there were. */
  records = 0;
  private readonly moving = new Map<string, number>();

  begin(): void {
    this.records = 0;
    this.moving.clear();
  }

  /** Takes a block that is being moved, and says how many like it were told before: two may be alike. */
  takeMoving(address: Address, size: Bytes, site: SiteId): number {
    const key = `${address} ${size} ${site}`;
    const before = this.moving.get(key) ?? 0;
    this.moving.set(key, before + 1);
    return before;
  }
}

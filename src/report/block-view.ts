// The life story of an address: every block that has held it, by whom it was allocated, moved and freed, which faults named it, and what lies
// beside it at a moment.
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { regionName, regionOf } from "../heap/regions.ts";
import { BlockFlag, type Window } from "../heap/types.ts";
import { Cause, type HeapVisitor, type LiveColumns } from "../heap/visitor.ts";
import { faultName } from "../wire/fault-name.ts";
import { blockViews, viewSite, type BlockView, type SiteView } from "./site-view.ts";

/** What happened to a block, or at the address. */
export type BlockEventKind =
  | "allocated"
  | "moved-here"
  | "moved-away"
  | "resized"
  | "freed"
  | "found"
  | "gone"
  | "lost-at-restart"
  | "fault"
  | "gap";

export interface BlockEventView {
  readonly time: Microseconds;
  readonly kind: BlockEventKind;
  /** Of the block that held the address then. */
  readonly address?: Address;
  readonly size?: Bytes;
  readonly site?: SiteView;
  readonly task?: string;
  readonly core?: number;
  /** Of a fault: `double-free`, `overflow` … */
  readonly fault?: string;
}

export interface BlockStoryView extends TroubleView {
  readonly address: Address;
  readonly window: Window;
  /** Absent where no region of the heap holds the address, or none is known. */
  readonly region?: string;
  /** The block that holds it at the window's end; absent where none does. */
  readonly block?: BlockView;
  /** The nearest live blocks below and above it at the window's end. */
  readonly before?: BlockView;
  readonly after?: BlockView;
  /** Oldest first. */
  readonly events: readonly BlockEventView[];
}

export async function viewBlock(
  model: HeapModel,
  names: Names,
  window: Window,
  address: Address,
): Promise<BlockStoryView> {
  const story = new Story(address, names);
  await model.scan(window, [story]);
  const events = [...story.events, ...faultsAt(model, names, window, address, story.events)];
  const region = regionOf(
    (await model.regionsAt(window.to)).map((state) => state.region),
    address,
  );
  return {
    ...viewTrouble(model),
    address,
    window,
    ...(region !== undefined && { region: regionName(region) }),
    ...(await neighbours(model, names, window.to, address)),
    events: events.sort((a, b) => a.time - b.time),
  };
}

function holds(start: Address, size: Bytes, address: Address): boolean {
  return start <= address && address < start + Math.max(1, size);
}

/** Keeps what happens to blocks that hold the address. */
class Story implements HeapVisitor {
  readonly events: BlockEventView[] = [];
  private readonly address: Address;
  private readonly names: Names;
  /** The death of a block that a realloc ended; its birth comes next. */
  private moved: { readonly address: Address; readonly held: boolean } | undefined;

  constructor(address: Address, names: Names) {
    this.address = address;
    this.names = names;
  }

  begin(live: LiveColumns, slots: Iterable<number>): void {
    for (const slot of slots) {
      if (!this.isHeld(live, slot)) continue;
      const found = (live.flags(slot) & BlockFlag.FOUND) !== 0;
      this.tell(live, slot, live.born[slot] ?? 0, found ? "found" : "allocated");
    }
  }

  born(live: LiveColumns, slot: number, time: Microseconds, cause: number): void {
    const { moved } = this;
    this.moved = undefined;
    const held = this.isHeld(live, slot);
    const stays = moved !== undefined && moved.address === live.address[slot];
    if (!held && !(moved?.held === true && cause === Cause.REALLOC)) return;
    const came =
      cause === Cause.REALLOC ? (stays ? "resized" : "moved-here") : cause === Cause.CALL ? "allocated" : "found";
    this.tell(live, slot, time, held ? came : stays ? "resized" : "moved-away");
  }

  died(live: LiveColumns, slot: number, time: Microseconds, cause: number, context: number, site: number): void {
    const held = this.isHeld(live, slot);
    if (cause === Cause.REALLOC) {
      this.moved = { address: live.address[slot] ?? 0, held };
      return;
    }
    if (!held) return;
    if (cause === Cause.RESET) this.tell(live, slot, time, "lost-at-restart", { context: undefined, site: 0 });
    else this.tell(live, slot, time, cause === Cause.CALL ? "freed" : "gone", { context, site });
  }

  gap(_live: LiveColumns, time: Microseconds): void {
    this.events.push({ time, kind: "gap" });
  }

  private isHeld(live: LiveColumns, slot: number): boolean {
    return holds(live.address[slot] ?? 0, live.size[slot] ?? 0, this.address);
  }

  /** @param by who ended the block; without it, who allocated it */
  private tell(
    live: LiveColumns,
    slot: number,
    time: Microseconds,
    kind: BlockEventKind,
    by?: { readonly context: number | undefined; readonly site: number },
  ): void {
    const context = by === undefined ? (live.context[slot] ?? 0) : by.context;
    const site = by === undefined ? (live.site[slot] ?? 0) : by.site;
    this.events.push({
      time,
      kind,
      address: live.address[slot] ?? 0,
      size: live.size[slot] ?? 0,
      ...(site !== 0 && { site: viewSite(this.names, site) }),
      ...(context !== undefined && { task: this.names.task(context >>> 2), core: context & 3 }),
    });
  }
}

function faultsAt(
  { tables }: HeapModel,
  names: Names,
  { from, to }: Window,
  address: Address,
  events: readonly BlockEventView[],
): readonly BlockEventView[] {
  const starts = new Set(events.map((event) => event.address));
  return tables.faults
    .filter(({ time, blockAddress, blockSize, pointer }) => {
      if (time < from || time > to) return false;
      return pointer === address || starts.has(blockAddress) || holds(blockAddress, blockSize, address);
    })
    .map((fault) => ({
      time: fault.time,
      kind: "fault" as const,
      fault: faultName(fault.kind),
      address: fault.blockAddress,
      size: fault.blockSize,
      ...(fault.detectedSite !== undefined &&
        fault.detectedSite !== 0 && { site: viewSite(names, fault.detectedSite) }),
      ...(fault.task !== undefined && { task: names.task(fault.task) }),
      ...(fault.core !== undefined && { core: fault.core }),
    }));
}

/** The block that holds an address, and those beside it. */
export async function neighbours(
  model: HeapModel,
  names: Names,
  time: Microseconds,
  address: Address,
): Promise<Pick<BlockStoryView, "block" | "before" | "after">> {
  const live = await model.liveAt(time);
  const view = blockViews(live, names);
  let block: number | undefined;
  let before: number | undefined;
  let after: number | undefined;
  for (let row = 0; row < live.length; row++) {
    const start = live.address[row] ?? 0;
    if (holds(start, live.size[row] ?? 0, address)) block = row;
    else if (start < address)
      before = row; // blocks come by address
    else after ??= row;
  }
  return {
    ...(block !== undefined && { block: view(block) }),
    ...(before !== undefined && { before: view(before) }),
    ...(after !== undefined && { after: view(after) }),
  };
}

// Allocations and frees that a program prints line by line, from hooks or wrappers of its own. They are believed where they pair up: of a wording whose
// blocks are never told to be freed nobody knows whether the program prints its frees at all.

import { CallSites } from "./call-sites.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { TaskNumber } from "../wire/protocol.ts";
import type { LogRun } from "./log-run.ts";

export interface PairedLine {
  readonly address: number;
  readonly size: number;
  /** The line's words, by which those of one kind know each other. */
  readonly wording: string;
  readonly callers: readonly number[];
  readonly frames: readonly NamedFrame[];
}

interface Told extends PairedLine {
  readonly isFree: boolean;
  readonly time: number;
}

/** Lines of allocations in one wording. */
interface Wording {
  /** Those before it was known that their frees are told; undefined once that is known. */
  waiting: Told[] | undefined;
  allocations: number;
  frees: number;
}

const MOST_WORDINGS = 64;
const MOST_WAITING = 512;
const MOST_LIVE = 1 << 17;
/** So many frees prove that they are told, and one for so many allocations. */
const ENOUGH_FREES = 4;
const ALLOCATIONS_A_FREE = 4;

export class PairedLines {
  private readonly run: LogRun;
  private readonly sites: CallSites;
  private readonly wordings = new Map<string, Wording>();
  private readonly live = new Map<number, Wording>();
  private isTelling = false;

  constructor(run: LogRun) {
    this.run = run;
    this.sites = new CallSites(run);
  }

  alloc(line: PairedLine): void {
    let wording = this.wordings.get(line.wording);
    if (wording === undefined) {
      if (this.wordings.size >= MOST_WORDINGS) return;
      this.wordings.set(line.wording, (wording = { waiting: [], allocations: 0, frees: 0 }));
    }
    if (this.live.size >= MOST_LIVE) return;
    wording.allocations++;
    this.live.set(line.address, wording);
    this.tell(wording, { ...line, isFree: false, time: this.run.lineNow });
  }

  free(line: PairedLine): void {
    const wording = this.live.get(line.address);
    // Of a block that was there before the first line.
    if (wording === undefined) return;
    this.live.delete(line.address);
    wording.frees++;
    this.tell(wording, { ...line, isFree: true, time: this.run.lineNow });
  }

  private tell(wording: Wording, told: Told): void {
    const { waiting } = wording;
    if (waiting === undefined) {
      this.event(told);
      return;
    }
    if (waiting.length < MOST_WAITING) waiting.push(told);
    const { frees, allocations } = wording;
    if (frees < ENOUGH_FREES || frees * ALLOCATIONS_A_FREE < allocations || waiting.length >= MOST_WAITING) return;
    // What another reader tells of the heap is surer.
    if (!this.isTelling && !this.run.live.isEmpty) return;
    this.isTelling = true;
    wording.waiting = undefined;
    for (const one of waiting) this.event(one);
  }

  private event({ isFree, time, address, size, callers, frames }: Told): void {
    const { run, sites } = this;
    if (isFree) {
      run.free(time, address, frames.length > 0 ? sites.freedIn(frames) : sites.freedBy(callers), 0);
      return;
    }
    const { site } = frames.length > 0 ? sites.allocatedIn(frames) : sites.allocatedBy(callers);
    run.alloc(time, { address, size, site, task: TaskNumber.OTHER }, 0);
  }
}

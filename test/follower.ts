// Follows a run as a receiver must (protocol/SPEC.md), in the plainest way: a map by address, held against the device's own count, bytes and
// hash at every heartbeat, and everything else collected. The reference that tests of whole streams use; the real model is src/heap.
import { type EventBatch, eventsOf, type HeapEvent } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import { blockHash, TaskNumber } from "../src/wire/protocol.ts";
import type {
  AnyRecord,
  Boot,
  Failure,
  Fault,
  Gap,
  Heartbeat,
  RecordKind,
  RecordOfKind,
  Region,
  Site,
  Task,
} from "../src/wire/records.ts";

type ValueOf<K extends RecordKind> = RecordOfKind<K>["value"];

export interface LiveBlock {
  readonly address: number;
  readonly size: number;
  readonly site: number;
  readonly task: number;
}

interface Move {
  readonly mover: string;
  block: LiveBlock;
  /** Told by the snapshot under way. */
  told: boolean;
}

export class Follower implements EventSink {
  readonly boots: Boot[] = [];
  readonly sites = new Map<number, Site>();
  readonly tasks = new Map<number, Task>();
  readonly faults = new Map<number, Fault>();
  readonly failures = new Map<number, Failure>();
  readonly gaps: Gap[] = [];
  readonly marks: string[] = [];
  regionStates: readonly Region[] = [];
  /** What lives now, by address; blocks whose realloc is under way are not among them. */
  blocks = new Map<number, LiveBlock>();
  /** False where what came before is not known, until a snapshot without a gap. */
  sure = false;
  heartbeats = 0;
  lastHeartbeat: Heartbeat | undefined;
  /** Heartbeats with which this live set agreed, while sure, and those with which it did not: never, or the reconstruction is wrong. */
  agreeing = 0;
  readonly disagreements: string[] = [];
  snapshots = 0;
  events = 0;
  unknownFrees = 0;
  /** All text of the stream. */
  log = "";
  private readonly textDecoder = new TextDecoder();
  private readonly fromFirstBlock: boolean;
  /**
   * Blocks whose realloc is under way; they count as live. Two may have the same old address: the heap gave it out again before
   * the first call returned, and that block is reallocated too. The task tells them apart, and of interrupts the core.
   */
  private moving: Move[] = [];
  private next: Map<number, LiveBlock> | undefined;

  /** `fromFirstBlock`: a boot's stream begins with its first block. Otherwise the first snapshot tells what was live before. */
  constructor(fromFirstBlock = false) {
    this.fromFirstBlock = fromFirstBlock;
  }

  /** Sum of blockHash over the live set. */
  get hash(): number {
    return this.live().reduce((sum, { address, size, site }) => (sum + blockHash(address, size, site)) >>> 0, 0);
  }

  calls(batch: EventBatch): void {
    for (const event of eventsOf(batch)) {
      if (event.isFree) this.free(event);
      else this.alloc(event);
    }
  }

  record(record: AnyRecord): void {
    switch (record.kind) {
      case "boot":
        this.boot(record.value);
        break;
      case "site":
        this.sites.set(record.value.id, record.value);
        break;
      case "task":
        this.tasks.set(record.value.id, record.value);
        break;
      case "fault":
        this.faults.set(record.value.number, record.value);
        break;
      case "failure":
        this.failures.set(record.value.number, record.value);
        break;
      case "regions":
        this.regionStates = record.value.regions;
        break;
      case "mark":
        this.marks.push(record.value.name);
        break;
      case "unknownFree":
        this.unknownFrees++;
        this.free({ ...record.value, isFree: true, size: 0 });
        break;
      case "reallocBegin":
        this.beginMove(record.value);
        break;
      case "reallocEnd":
        this.events++;
        this.endMove(record.value.oldAddress, moverOf(record.value));
        this.put(record.value);
        break;
      case "reallocFailed":
        this.failMove(record.value);
        break;
      case "snapshotBegin":
        this.next = new Map();
        for (const move of this.moving) move.told = false;
        break;
      case "live":
        this.tell(record.value);
        break;
      case "snapshotEnd":
        this.snapshots++;
        if (this.next !== undefined) this.blocks = this.next;
        this.sure ||= this.next !== undefined;
        this.next = undefined;
        break;
      case "heartbeat":
        this.heartbeat(record.value);
        break;
      case "gap":
        this.gaps.push(record.value);
        this.sure = false;
        this.moving = []; // their ends may be what is missing
        this.next = undefined; // and of a snapshot under way, what has become of its blocks
        break;
      default:
        break; // says nothing of what is live
    }
  }

  text(bytes: Uint8Array): void {
    this.log += this.textDecoder.decode(bytes, { stream: true });
  }

  protected alloc(event: HeapEvent): void {
    this.events++;
    this.put(event);
  }

  protected free({ address }: HeapEvent): void {
    this.events++;
    this.blocks.delete(address);
    this.next?.delete(address);
  }

  private boot(boot: Boot): void {
    this.boots.push(boot);
    if (boot.continues === true) return;
    this.blocks = new Map();
    this.moving = [];
    this.next = undefined;
    this.sure = this.fromFirstBlock; // a gap follows at once where the boot was not seen from its start
  }

  private beginMove(call: ValueOf<"reallocBegin">): void {
    this.events++;
    const { address } = call;
    const told = this.next?.get(address);
    const block = told ?? this.blocks.get(address);
    if (block !== undefined) this.moving.push({ mover: moverOf(call), block, told: told !== undefined });
    this.blocks.delete(address);
    this.next?.delete(address);
  }

  private failMove(call: ValueOf<"reallocFailed">): void {
    this.events++;
    const move = this.endMove(call.address, moverOf(call));
    if (move === undefined) return;
    this.blocks.set(call.address, move.block);
    // What is not certain, the snapshot has still to say.
    if (move.told || this.sure) this.next?.set(call.address, move.block);
  }

  private endMove(address: number, mover: string): Move | undefined {
    let index = this.moving.findIndex((move) => move.block.address === address && move.mover === mover);
    if (index < 0) index = this.moving.findIndex((move) => move.block.address === address);
    return index < 0 ? undefined : this.moving.splice(index, 1)[0];
  }

  private tell({ moving, ...block }: ValueOf<"live">): void {
    const { address, size, site } = block;
    if (!moving) {
      if (this.next?.has(address) === false) this.next.set(address, block);
      return;
    }
    const here = this.moving.filter((move) => move.block.address === address);
    if (here.some((move) => move.told && move.block.size === size && move.block.site === site)) return;
    const move = here.find(({ told }) => !told);
    if (move === undefined) this.moving.push({ mover: "unseen", block, told: true });
    else Object.assign(move, { block, told: true });
  }

  private heartbeat(heartbeat: Heartbeat): void {
    this.heartbeats++;
    this.lastHeartbeat = heartbeat;
    if (!this.sure) return;
    const blocks = this.live().length;
    const bytes = this.live().reduce((sum, { size }) => sum + size, 0);
    if (blocks === heartbeat.liveBlocks && bytes === heartbeat.liveBytes && this.hash === heartbeat.hash) {
      this.agreeing++;
      return;
    }
    const told = `${heartbeat.liveBlocks} blocks, ${heartbeat.liveBytes} bytes`;
    this.disagreements.push(`at ${heartbeat.time} µs: ${told} against ${blocks} blocks, ${bytes} bytes here`);
  }

  private put({ address, size, site, task }: LiveBlock): void {
    const block = { address, size, site, task };
    this.blocks.set(address, block);
    this.next?.set(address, block);
  }

  private live(): LiveBlock[] {
    return [...this.blocks.values(), ...this.moving.map(({ block }) => block)];
  }
}

function moverOf({ task, core }: { readonly task: number; readonly core: number }): string {
  return task === TaskNumber.INTERRUPT ? `interrupt ${core}` : `task ${task}`;
}

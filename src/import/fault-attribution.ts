// Which block a damaged address belongs to, from what earlier lines of the log told about blocks. Layout of a block with
// poisoning, low to high: TLSF size word (4), head canary and size (8), user's bytes, tail canary (4), padding.

import type { Fault } from "../wire/records.ts";
import { FaultKind, TaskNumber } from "../wire/protocol.ts";
import type { LiveBlock } from "./live-blocks.ts";
import type { LogRun } from "./log-run.ts";

export type FaultDraft = Omit<Fault, "number" | "time">;

export interface Attribution {
  readonly fault: FaultDraft;
  /** Undefined where no line before tells of a block there; the fault then names the place alone, with a size of 0. */
  readonly block: LiveBlock | undefined;
}

/** Bytes of the head before the user's pointer. */
const HEAD_BYTES = 8;
/** From a block's end to the next block's head: tail canary, padding to 4, size word, owner word of task tracking. */
const MAX_DISTANCE = 16;
/** Largest red zone of the kernel address sanitizer. */
const MAX_RED_ZONE = 64;

/** "Bad tail at": the canary right behind the user's bytes is damaged. */
export function tailDamage(run: LogRun, address: number, bytes: Uint8Array): Attribution {
  const below = run.live.before(address);
  // A traced block ends here; one from a heap dump holds its canaries.
  const block = below !== undefined && address - (below.address + below.size) <= 0 ? below : undefined;
  return overflowOf(block, address, bytes);
}

/** "Bad head at": something wrote there, nearly always the block before, past its end. */
export function headDamage(run: LogRun, address: number, bytes: Uint8Array): Attribution {
  const before = run.live.before(address);
  const distance = before === undefined ? NaN : address - (before.address + before.size);
  if (before !== undefined && distance >= 0 && distance <= MAX_DISTANCE) return overflowOf(before, address, bytes);
  const user = address + HEAD_BYTES;
  const victim = run.live.at(user) ?? run.live.at(user + 4);
  return {
    block: victim,
    fault: {
      kind: FaultKind.UNDERFLOW,
      pointer: address,
      blockAddress: victim?.address ?? user,
      blockSize: victim?.size ?? 0,
      ...ownerOf(victim),
      damageOffset: address - (victim?.address ?? user),
      damageLength: bytes.length,
      damageBytes: bytes,
    },
  };
}

/** "Invalid data at": the fill of freed memory is damaged. */
export function freedDamage(run: LogRun, address: number, bytes: Uint8Array): Attribution {
  const block = run.freedAt(address);
  return {
    block,
    fault: {
      kind: FaultKind.WRITE_AFTER_FREE,
      pointer: address,
      blockAddress: block?.address ?? address,
      blockSize: block?.size ?? 0,
      ...ownerOf(block),
      damageOffset: address - (block?.address ?? address),
      ...(bytes.length === 0 ? {} : { damageLength: bytes.length, damageBytes: bytes }),
    },
  };
}

/** The kernel address sanitizer's own words for a write; undefined where they prove no kind of fault. */
export function sanitizerDamage(run: LogRun, type: string, address: number, length: number): Attribution | undefined {
  if (type.startsWith("use-after-free")) {
    const found = freedDamage(run, address, new Uint8Array());
    return { ...found, fault: { ...found.fault, damageLength: length } };
  }
  if (type.startsWith("heap-buffer-overflow")) {
    const below = run.live.before(address + 1);
    const near = below !== undefined && address - (below.address + below.size) <= MAX_RED_ZONE ? below : undefined;
    const found = overflowOf(near, address, new Uint8Array());
    return { ...found, fault: { ...found.fault, damageLength: length } };
  }
  if (!type.startsWith("heap-buffer-underflow")) return undefined;
  const block = run.live.overlapping(address, MAX_RED_ZONE + HEAD_BYTES).find((above) => above.address > address);
  return {
    block,
    fault: {
      kind: FaultKind.UNDERFLOW,
      pointer: address,
      blockAddress: block?.address ?? address + length,
      blockSize: block?.size ?? 0,
      ...ownerOf(block),
      damageOffset: address - (block?.address ?? address + length),
      damageLength: length,
    },
  };
}

function overflowOf(block: LiveBlock | undefined, address: number, bytes: Uint8Array): Attribution {
  const start = block?.address ?? address;
  const end = start + (block?.size ?? 0);
  return {
    block,
    fault: {
      kind: FaultKind.OVERFLOW,
      pointer: address,
      blockAddress: start,
      // The dump of a heap tells the whole block, canaries included; the user's bytes end where the tail stands.
      blockSize: Math.min(end, address) - start,
      ...ownerOf(block),
      damageOffset: address - start,
      ...(bytes.length === 0 ? {} : { damageLength: bytes.length, damageBytes: bytes }),
    },
  };
}

function ownerOf(block: LiveBlock | undefined): Pick<Fault, "allocSite" | "allocTask"> {
  return {
    ...(block === undefined || block.site === 0 ? {} : { allocSite: block.site }),
    ...(block === undefined || block.task === TaskNumber.OTHER ? {} : { allocTask: block.task }),
  };
}

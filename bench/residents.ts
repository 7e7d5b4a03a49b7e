// The reference workload again and again over 20,000 blocks that stay: what a long run of a program with a full heap looks like.
import type { EventSink } from "../src/wire/events.ts";
import { Teller } from "../src/wire/teller.ts";
import { blockHash } from "../src/wire/protocol.ts";
import { bootOf } from "../test/play-workload.ts";
import { firstTask, generateWorkload, recordedWorkload, siteOf, taskNames } from "../test/workload.ts";
import { quietHeartbeat } from "../test/quiet-heartbeat.ts";

const RESIDENTS = 20_000;
/** In PSRAM, apart from the workload's own blocks. */
const RESIDENT_START = 0x3f80_0000;
const RESIDENT_BYTES = 96;
/** Calls of the workload for each resident that is replaced: most of a heap stays for long. */
const CALLS_PER_REPLACEMENT = 50;
const HEARTBEAT_CALLS = 2000;

/** Tells at least `events` events; returns how many. */
export function playResidents(receiver: EventSink, events: number): number {
  const sink = new Teller(receiver);
  const calls = recordedWorkload() ?? generateWorkload(200_000);
  const sites = new Set<number>();
  const sizes = new Uint32Array(RESIDENTS);
  /** Blocks of the workload, by address: what heartbeats need. */
  const blocks = new Map<number, { readonly size: number; readonly site: number }>();
  let told = 0;
  let hash = 0;
  let bytes = 0;
  let now = 0;
  let seed = 7;

  const add = (address: number, size: number, site: number): void => {
    hash = (hash + blockHash(address, size, site)) >>> 0;
    bytes += size;
  };
  const remove = (address: number, size: number, site: number): void => {
    hash = (hash - blockHash(address, size, site)) >>> 0;
    bytes -= size;
  };
  const nameSite = (site: number): void => {
    if (site === 0 || sites.has(site)) return;
    sites.add(site);
    sink.record({ kind: "site", value: siteOf(site) });
  };
  const resident = (index: number): void => {
    const address = RESIDENT_START + index * RESIDENT_BYTES;
    const site = 1 + (index % 70);
    const old = sizes[index] ?? 0;
    if (old > 0) {
      sink.free(now, address, 0, firstTask, 1);
      remove(address, old, site);
      told++;
    }
    seed = (seed * 48_271) % 0x7fff_ffff;
    const size = 8 + (seed % 80);
    sizes[index] = size;
    nameSite(site);
    sink.alloc(now, address, size, site, firstTask, 1);
    add(address, size, site);
    told++;
  };

  sink.record({ kind: "boot", value: bootOf(0x5eed0043) });
  taskNames.forEach((name, i) =>
    sink.record({ kind: "task", value: { id: firstTask + i, name, handle: 0x3ffb_8000 + i * 0x400 } }),
  );
  for (let i = 0; i < RESIDENTS; i++, now += 20) resident(i);
  while (told < events) {
    const start = now + 1000;
    for (const [index, { kind, time, address, size, site, task, oldAddress }] of calls.entries()) {
      now = start + time;
      const core = task === firstTask ? 0 : 1;
      const old = blocks.get(kind === "free" ? address : oldAddress);
      nameSite(site);
      if (kind === "free") sink.free(now, address, 0, task, core);
      else if (kind === "malloc") sink.alloc(now, address, size, site, task, core);
      else {
        sink.record({ kind: "reallocBegin", value: { time: now, address: oldAddress, task, core } });
        sink.record({ kind: "reallocEnd", value: { time: now, oldAddress, address, size, site, task, core } });
      }
      if (kind !== "malloc" && old !== undefined) {
        remove(kind === "free" ? address : oldAddress, old.size, old.site);
        blocks.delete(kind === "free" ? address : oldAddress);
      }
      if (kind !== "free") {
        add(address, size, site);
        blocks.set(address, { size, site });
      }
      told++;
      if (index % CALLS_PER_REPLACEMENT === 0) {
        seed = (seed * 48_271) % 0x7fff_ffff;
        resident(seed % RESIDENTS);
      }
      if (index % HEARTBEAT_CALLS === 0) {
        const live = { hash, liveBlocks: RESIDENTS + blocks.size, liveBytes: bytes };
        sink.record({ kind: "heartbeat", value: { ...quietHeartbeat, ...live, time: now } });
      }
    }
    // What the workload leaves would otherwise stand in the way of its next round.
    for (const [address, { size, site }] of blocks) {
      sink.free(now, address, 0, firstTask, 1);
      remove(address, size, site);
      told++;
    }
    blocks.clear();
  }
  sink.flush();
  return told;
}

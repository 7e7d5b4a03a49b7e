// What the tests of recordings share.
import { expect } from "vitest";
import type { LiveBlockView, LiveListView } from "../../src/report/live-list.ts";
import type { Region } from "../../src/wire/records.ts";
import { FailureReason, FaultKind } from "../../src/wire/protocol.ts";
import type { Teller } from "../../src/wire/teller.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { runCli } from "./run-cli.ts";

/** What `memmap list --json` prints, with the addresses as it writes them. */
export type Listing = Omit<LiveListView, "blocks"> & {
  readonly blocks: readonly (Omit<LiveBlockView, "address"> & { readonly address: string })[];
};

export async function list(folder: string, file: string, ...options: string[]): Promise<Listing> {
  const { exitCode, out, err } = await runCli(["list", file, "--json", ...options], folder);
  expect(err).toBe("");
  expect(exitCode).toBe(0);
  return JSON.parse(out) as Listing;
}

/** Two heartbeats, three lines of text, a mark "warm" with 10 blocks of 64 bytes, a double free; 12 blocks with 948 bytes at its end. */
export function shortRun(): ScriptedBoard {
  return new ScriptedBoard()
    .boot()
    .text("I (31) boot: hello\n")
    .allocate(10)
    .wait(1e6)
    .mark("warm")
    .heartbeat()
    .text("I (1031) app: working\n")
    .allocate(5, 100, 2)
    .free(3)
    .doubleFree()
    .wait(1e6)
    .heartbeat();
}

/** At that time, in µs, task 3 frees a block of site 1 again, and site 1 gets no 90,000 bytes. */
export function tellTroubles(teller: Teller, time: number, regions: readonly Region[]): void {
  const at = { time, number: 1, task: 3, core: 0 };
  const block = { pointer: 0x3ffb0080, blockAddress: 0x3ffb0080, blockSize: 96 };
  const sites = { allocSite: 1, freeSite: 2, detectedSite: 2 };
  teller.record({ kind: "fault", value: { ...at, kind: FaultKind.DOUBLE_FREE, ...block, ...sites } });
  const request = { size: 90_000, caps: 4, site: 1, regions };
  teller.record({ kind: "failure", value: { ...at, reason: FailureReason.NO_MEMORY, ...request } });
}

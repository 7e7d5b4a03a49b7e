// Runs the conformance program (firmware/examples/conformance) on one platform and cuts its stream into the program's tests.
import { Decoder } from "../../src/wire/decoder.ts";
import type { Failure, Fault, Site } from "../../src/wire/records.ts";
import { encodeCommand } from "../../src/wire/encode-frames.ts";
import { wrapFrame } from "../../src/wire/framing.ts";
import { Follower, type LiveBlock } from "../follower.ts";

/** A platform that runs the program. Everything else in this folder is the same for all. */
export interface Driver {
  readonly name: string;
  /** Starts the program from its beginning. */
  open(): Promise<Line>;
}

/** The way to the running program. */
export interface Line extends AsyncIterable<Uint8Array> {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface FaultSeen extends Fault {
  readonly allocated: Site | undefined;
  readonly freed: Site | undefined;
  readonly detected: Site | undefined;
}

/** What arrived between two "conformance: test" lines. */
export interface Section {
  readonly events: number;
  readonly unknownFrees: number;
  readonly faults: readonly FaultSeen[];
  readonly failures: readonly Failure[];
  /** Blocks that live at the end and did not at the beginning. */
  readonly added: readonly (LiveBlock & { readonly from: Site | undefined })[];
  readonly removed: number;
  /** Lines of log text. */
  readonly lines: readonly string[];
}

export interface Run {
  readonly sections: ReadonlyMap<string, Section>;
  readonly follower: Follower;
  readonly decoder: Decoder;
}

const MARKER = /conformance: (?:test (\w+)|end)\r?\n/;

/** Follows the program from its first line to its end, then asks for the self-test and a snapshot over the same line and waits for that. */
export async function runProgram(driver: Driver): Promise<Run> {
  const line = await driver.open();
  const cutter = new Cutter(true);
  const decoder = new Decoder(cutter);
  let asked = false;
  try {
    for await (const chunk of line) {
      decoder.push(chunk);
      if (cutter.ended && !asked) {
        asked = true;
        cutter.snapshotsBefore = cutter.snapshots;
        await line.write(wrapFrame(encodeCommand({ kind: "self-test" })));
        await line.write(wrapFrame(encodeCommand({ kind: "snapshot" })));
      }
      if (asked && cutter.snapshots > cutter.snapshotsBefore) break;
    }
  } finally {
    await line.close();
  }
  decoder.end();
  return { sections: cutter.sections, follower: cutter, decoder };
}

class Cutter extends Follower {
  readonly sections = new Map<string, Section>();
  ended = false;
  snapshotsBefore = 0;
  private name: string | undefined;
  private start = this.state();

  override text(bytes: Uint8Array): void {
    super.text(bytes);
    for (let match = MARKER.exec(this.log); match; match = MARKER.exec(this.log)) {
      const before = this.log.slice(0, match.index);
      this.log = this.log.slice(match.index + match[0].length);
      this.finish(before);
      this.name = match[1];
      this.ended = match[1] === undefined;
      this.start = this.state();
    }
  }

  private state() {
    return {
      events: this.events,
      unknownFrees: this.unknownFrees,
      faults: this.faults.size,
      failures: this.failures.size,
      blocks: new Set(this.blocks.keys()),
    };
  }

  private finish(log: string): void {
    if (this.name === undefined) return;
    const { start, sites } = this;
    const siteOf = (id: number | undefined) => (id === undefined ? undefined : sites.get(id));
    const faults = [...this.faults.values()].slice(start.faults).map((fault) => ({
      ...fault,
      allocated: siteOf(fault.allocSite),
      freed: siteOf(fault.freeSite),
      detected: siteOf(fault.detectedSite),
    }));
    const added = [...this.blocks.values()].filter((block) => !start.blocks.has(block.address));
    this.sections.set(this.name, {
      events: this.events - start.events,
      unknownFrees: this.unknownFrees - start.unknownFrees,
      faults,
      failures: [...this.failures.values()].slice(start.failures),
      added: added.map((block) => ({ ...block, from: siteOf(block.site) })),
      removed: [...start.blocks].filter((address) => !this.blocks.has(address)).length,
      lines: log.split(/\r?\n/).filter((line) => line !== ""),
    });
  }
}

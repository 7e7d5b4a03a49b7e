// What ESP-IDF prints when the heap is damaged or the program dies: CORRUPT HEAP lines, assertions, aborts, panics, the kernel
// address sanitizer. Lines that belong together become one report with the backtrace that ends them; what proves a heap fault
// goes to the sink too, with the block that the log ties to the address. Formats: docs/imports.md.

import { FaultKind, Method } from "../wire/protocol.ts";
import { type Attribution, freedDamage, headDamage, sanitizerDamage, tailDamage } from "./fault-attribution.ts";
import type { IncidentKind } from "./import-report.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { isDecodedLine, type LogLine } from "./log-text.ts";

const CORRUPT = /CORRUPT HEAP: (.*)$/;
const DAMAGED =
  /^(Bad head|Bad tail|Invalid data) at (?:0x)?([0-9a-f]{1,8})\. Expected 0x([0-9a-f]+) got 0x([0-9a-f]+)/i;
const SANITIZER = /KASAN error: (READ|WRITE) of size (\d+) at 0x([0-9a-f]{1,8})/i;
const SANITIZER_TYPE = /^\s*Bug type: (.+)$/;
const ASSERT = /assert failed: (.*)$/;
const ABORT = /abort\(\) was called at PC 0x([0-9a-f]{8}) on core (\d)/i;
const PANIC = /Guru Meditation Error: Core\s+(\d+) panic'ed \((.*?)\)/;
const STACK_OVERFLOW = /A stack overflow in task (.+?) has been detected/;
const NO_MEMORY = /Mem alloc fail\. size 0x([0-9a-f]+) caps 0x([0-9a-f]+)/i;
const BACKTRACE = /^\s*Backtrace: ?(.*)$/;
const REGISTER = /\b([A-Z][A-Z0-9/]+) *: (0x[0-9a-f]{8})/g;
const END = /^\s*(Rebooting\.\.\.|ELF file SHA256|Stack memory:|={5,} CORE DUMP START)/;

/** Unrelated lines after which a group is closed: register dumps and decoded addresses count as related. */
const MAX_UNRELATED = 12;

/** What ESP-IDF's comprehensive poisoning and canaries leave in a pointer that was read from the wrong memory. */
const POISON: readonly (readonly [number, string])[] = [
  [0xfefefefe, "0xFEFEFEFE fills freed memory: a pointer was read from a block that had been freed"],
  [0xcececece, "0xCECECECE fills new memory: a pointer was read from a block that was never written"],
  [0xabba1234, "0xABBA1234 is the canary before a block: a pointer was read from outside a block"],
  [0xbaad5678, "0xBAAD5678 is the canary behind a block: a pointer was read from outside a block"],
];

interface Finding {
  readonly line: number;
  readonly kind: IncidentKind;
  readonly message: string;
  readonly address?: number;
  readonly attribution?: Attribution;
}

interface Group {
  readonly firstLine: number;
  lastLine: number;
  readonly findings: Finding[];
  readonly notes: Set<string>;
  callers: number[];
  core: number | undefined;
  task: string | undefined;
  unrelated: number;
  /** A sanitizer's first line, whose second one names the type. */
  sanitizer:
    | { readonly line: number; readonly text: string; readonly write: boolean; address: number; size: number }
    | undefined;
}

export class CorruptionReader implements SectionReader {
  readonly #run: LogRun;
  #group: Group | undefined;

  constructor(run: LogRun) {
    this.#run = run;
  }

  line(line: LogLine): boolean {
    const { text, number } = line;
    if (this.#memory(line) || this.#corrupt(line) || this.#sanitizer(line) || this.#death(line)) return true;
    const group = this.#group;
    if (group === undefined) return false;
    // A program that logs on has not died of it.
    if (END.test(text) || line.milliseconds !== undefined || ++group.unrelated > MAX_UNRELATED) {
      this.#run.flush();
      return false;
    }
    const backtrace = BACKTRACE.exec(text);
    if (backtrace !== null) {
      group.callers = this.#backtrace(backtrace[1] ?? "");
      if (text.includes("CORRUPTED")) {
        this.#run.report.damage({ line: number, reason: "the device could not walk the stack to its end" });
      }
    } else if (!this.#registers(group, text) && !isDecodedLine(text)) {
      return false;
    }
    group.unrelated = 0;
    group.lastLine = number;
    return true;
  }

  flush(): void {
    const group = this.#group;
    this.#group = undefined;
    if (group === undefined) return;
    const { callers, core, task } = group;
    const run = this.#run;
    if (group.sanitizer !== undefined) {
      const { line, text, address } = group.sanitizer;
      group.findings.push({ line, kind: "sanitizer", message: text, address });
    }
    const site = run.site({ method: Method.UNKNOWN, caps: 0, callers });
    const note = [...group.notes].join("; ");
    for (const { line, kind, message, address, attribution } of group.findings) {
      const block = attribution?.block;
      const fault =
        attribution === undefined
          ? undefined
          : run.fault({
              ...attribution.fault,
              ...(site === 0 ? {} : { detectedSite: site }),
              ...(core === undefined ? {} : { core }),
            });
      run.report.incident({
        line,
        kind,
        message,
        ...(address === undefined ? {} : { address }),
        ...(fault === undefined ? {} : { fault }),
        ...(block === undefined ? {} : { block: { address: block.address, size: block.size, site: block.site } }),
        ...(callers.length === 0 ? {} : { callers }),
        ...(task === undefined ? {} : { task }),
        ...(core === undefined ? {} : { core }),
        ...(note === "" ? {} : { note }),
      });
    }
    run.report.section({
      kind: "fault",
      firstLine: group.firstLine,
      lastLine: group.lastLine,
      records: group.findings.length,
      whole: true,
    });
    if (
      group.findings.some((finding) => finding.attribution !== undefined && finding.attribution.block === undefined)
    ) {
      run.report.hint("a heap trace or heap_caps_dump_all() before the fault in the same log ties it to a block");
    }
  }

  #memory({ text, number }: LogLine): boolean {
    const match = NO_MEMORY.exec(text);
    if (match === null) return false;
    this.#run.flush();
    const caps = Number.parseInt(match[2] ?? "", 16);
    this.#run.failure({ size: Number.parseInt(match[1] ?? "", 16), caps });
    const place = { firstLine: number, lastLine: number };
    this.#run.report.section({ kind: "failed allocation", ...place, records: 1, whole: true });
    return true;
  }

  #corrupt({ text, number }: LogLine): boolean {
    const message = CORRUPT.exec(text)?.[1];
    if (message === undefined) return false;
    // First, so that an open dump's blocks are known when the address is looked up.
    this.#open(number);
    const match = DAMAGED.exec(message);
    if (match === null) {
      const place = /at (0x[0-9a-f]{1,8})/i.exec(message)?.[1];
      this.#add({
        line: number,
        kind: "heap metadata",
        message,
        ...(place === undefined ? {} : { address: Number(place) }),
      });
      return true;
    }
    const address = Number.parseInt(match[2] ?? "", 16);
    const bytes = littleEndian(match[4] ?? "");
    const what = match[1]?.toLowerCase();
    if (what === "bad tail") {
      this.#add({
        line: number,
        kind: "bad tail",
        message,
        address,
        attribution: tailDamage(this.#run, address, bytes),
      });
    } else if (what === "bad head") {
      this.#add({
        line: number,
        kind: "bad head",
        message,
        address,
        attribution: headDamage(this.#run, address, bytes),
      });
    } else {
      const attribution = freedDamage(this.#run, address, bytes);
      this.#add({ line: number, kind: "write after free", message, address, attribution });
    }
    return true;
  }

  #sanitizer({ text, number }: LogLine): boolean {
    const match = SANITIZER.exec(text);
    if (match !== null) {
      const group = this.#open(number);
      const address = Number.parseInt(match[3] ?? "", 16);
      group.sanitizer = { line: number, text: match[0], write: match[1] === "WRITE", address, size: Number(match[2]) };
      return true;
    }
    const type = SANITIZER_TYPE.exec(text)?.[1];
    const open = this.#group?.sanitizer;
    if (type === undefined || open === undefined || this.#group === undefined) return false;
    this.#group.sanitizer = undefined;
    this.#group.lastLine = number;
    const { address, size } = open;
    // A read damages nothing, so it is no heap fault; it is reported all the same.
    const attribution = open.write ? sanitizerDamage(this.#run, type, address, size) : undefined;
    this.#add({
      line: open.line,
      kind: "sanitizer",
      message: `${open.text}: ${type}`,
      address,
      ...(attribution === undefined ? {} : { attribution }),
    });
    return true;
  }

  /** Asserts, aborts and panics: of their own, or how an error found above ends. */
  #death({ text, number }: LogLine): boolean {
    const assertion = ASSERT.exec(text)?.[1];
    if (assertion !== undefined) {
      this.#addOrNote(number, assertFinding(number, assertion), `assert failed: ${assertion}`);
      return true;
    }
    const abort = ABORT.exec(text);
    if (abort !== null) {
      const group = this.#open(number);
      group.core = Number(abort[2]);
      if (group.callers.length === 0) group.callers = [Number.parseInt(abort[1] ?? "", 16)];
      this.#addOrNote(number, { line: number, kind: "abort", message: abort[0] }, undefined);
      return true;
    }
    const panic = PANIC.exec(text);
    if (panic !== null) {
      this.#open(number).core = Number(panic[1]);
      const message = panic[2] ?? "";
      this.#addOrNote(number, { line: number, kind: "panic", message }, `panic: ${message}`);
      return true;
    }
    const overflow = STACK_OVERFLOW.exec(text);
    if (overflow === null) return false;
    this.#open(number).task = overflow[1];
    this.#addOrNote(number, { line: number, kind: "stack overflow", message: overflow[0] }, overflow[0]);
    return true;
  }

  #registers(group: Group, text: string): boolean {
    const registers = [...text.matchAll(REGISTER)];
    const values = new Map(registers.map(([, name = "", value = ""]) => [name, Number(value)]));
    for (const value of values.values()) {
      // A field of a structure lies a little above the pointer.
      const poison = POISON.find(([pattern]) => value >= pattern && value - pattern < 256);
      if (poison !== undefined) group.notes.add(poison[1]);
    }
    const programCounter = values.get("MEPC");
    const returnAddress = values.get("RA");
    if (programCounter !== undefined && group.callers.length === 0) {
      group.callers = [programCounter, ...(returnAddress === undefined ? [] : [returnAddress])];
    }
    return registers.length > 0 || /register dump:/.test(text);
  }

  /** Pairs of program counter and stack pointer. Xtensa's panic handler has moved the counters back by 3; callers have not. */
  #backtrace(text: string): number[] {
    const shift = this.#run.boot.isRiscV ? 0 : 3;
    const counters = [...text.matchAll(/(0x[0-9a-f]{8}):0x[0-9a-f]{8}/gi)].map(([, pc]) => Number(pc));
    return counters.filter((pc) => pc !== 0).map((pc) => pc + shift);
  }

  #open(line: number): Group {
    this.#run.enter(this);
    this.#group ??= {
      firstLine: line, lastLine: line, findings: [], notes: new Set(), callers: [], core: undefined, task: undefined,
      unrelated: 0, sanitizer: undefined,
    }; // prettier-ignore
    this.#group.lastLine = line;
    this.#group.unrelated = 0;
    return this.#group;
  }

  #add(finding: Finding): void {
    this.#open(finding.line).findings.push(finding);
  }

  #addOrNote(line: number, finding: Finding, note: string | undefined): void {
    const group = this.#open(line);
    if (group.findings.length === 0) group.findings.push(finding);
    else if (note !== undefined) group.notes.add(note);
  }
}

function assertFinding(line: number, message: string): Finding {
  if (/already marked as free/.test(message)) {
    // Proven by the heap's own block header; which pointer it was, the message does not tell.
    const fault = { kind: FaultKind.DOUBLE_FREE, pointer: 0, blockAddress: 0, blockSize: 0 } as const;
    return { line, kind: "double free", message, attribution: { fault, block: undefined } };
  }
  if (/outside heap areas/.test(message)) return { line, kind: "invalid free", message };
  const isHeap = /tlsf|multi_heap|heap_caps|block_locate_free|insert_free_block|remove_free_block|block_merge/.test(
    message,
  );
  return { line, kind: isHeap ? "heap metadata" : "assert", message };
}

/** A printed word as it stands in memory: as many bytes as it has pairs of digits. */
function littleEndian(digits: string): Uint8Array {
  const bytes = new Uint8Array(Math.min(4, Math.ceil(digits.length / 2)));
  const value = Number.parseInt(digits, 16);
  return bytes.map((_, i) => (value >>> (8 * i)) & 0xff);
}

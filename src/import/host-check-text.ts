// What checkers of a host's build print, of tests that run the firmware's code there: AddressSanitizer and LeakSanitizer, Valgrind's Memcheck, and the
// leaks of heaptrack_print.

import { Method } from "../wire/protocol.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { type IncidentDraft, PASSED } from "./incident-book.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import { MOST_BYTES } from "./plausible.ts";

const MARK = /^==\d+==\s?/;
const ASAN_ERROR =
  /^ERROR: AddressSanitizer: (?:attempting )?([a-zA-Z][\w-]*(?: on address which was not malloc)?)|^ERROR: LeakSanitizer: (detected memory leaks)/;
const ACCESS = /^(READ|WRITE) of size (\d+) at |^The signal is caused by a (READ|WRITE) memory access/;
/** `located 0 bytes to the right of 8-byte region`, `is 4 bytes inside a block of size 40 free'd`. */
const BLOCK =
  /is (?:located )?(\d+) bytes (to the right of|to the left of|inside(?: of)?|after|before) (?:a block of size (\d+)|(\d+)-byte region)/;
const INVALID_ACCESS = /^Invalid (read|write) of size (\d+)/;
const INVALID_FREE = /^Invalid free\(\)|^Mismatched free\(\)/;
const UNINITIALISED =
  /^(?:Conditional jump or move depends on uninitialised value|Use of uninitialised value of size (\d+))/;
const ASAN_LEAK = /^(Direct|Indirect) leak of (\d+) byte\(s\) in (\d+) object\(s\) allocated from/;
const VALGRIND_LEAK =
  /^([\d,]+)(?: \(([\d,]+) direct, ([\d,]+) indirect\))? bytes in ([\d,]+) blocks are (definitely|indirectly|possibly) lost/;
const HEAPTRACK_LEAK = /^(\d+(?:\.\d+)?)([KMG]?)B? leaked over (\d+) calls? from:?$/;
const FRAME = /^#\d+ +0x[0-9a-f]+ (?:in )?(.*)$|^(?:at|by) 0x[0-9A-F]+: (.*)$/i;
const WHERE_ALLOCATED = /allocated by thread|^Block was alloc'd at|alloc'd$/;
const WHERE_FREED = /^freed by thread|free'd$/;
/** Lines of a report that tell nothing further. */
const REST =
  /^(?:Memcheck, |Copyright|Using Valgrind|Command: |HEAP SUMMARY:|LEAK SUMMARY:|in use at exit: |total heap usage: |All heap blocks were freed|(?:definitely|indirectly|possibly) lost: |still reachable: |suppressed: |ABORTING|(?:SUMMARY: )?\w+Sanitizer: |ERROR SUMMARY: |total memory leaked: |MEMORY LEAKS|For (?:lists|counts) of|Use --track|Rerun with|Shadow bytes|(?:=>)?0x[0-9a-f]+: ?[\s[\]0-9a-f]+$|.*: +[0-9a-f]{2}(?: [0-9a-f]{2})*$)/;
const NOTHING_LOST = /^All heap blocks were freed -- no leaks|^definitely lost: 0 bytes|^total memory leaked: 0B/;
const BEGINS = [/ERROR: (?:Address|Leak)Sanitizer: /, /SUMMARY: \w+Sanitizer/, /(?:HEAP|LEAK|ERROR) SUMMARY:/, /Memcheck, a memory/, / are (?:definitely|indirectly|possibly) lost/, /Invalid (?:read|write|free)/, /uninitialised value/, /\d[KMG]?B? leaked over \d+ call/]; // prettier-ignore
/** The tool's own functions, which stand innermost. */
const OWN = /^(?:__interceptor_|__asan_|__sanitizer|__lsan|_vgr)|libasan|liblsan|vgpreload|asan_\w+\.c|vg_replace/;
/** Lines without a word of a report, after which it is over. */
const MOST_OTHER_LINES = 3;
const MOST_FRAMES = 32;
/** A report's lines are no longer. */
const MOST_LETTERS = 1000;
/** Leaks of one report that are told. */
const MOST_LEAKS = 50;

type Stack = "site" | "allocSite" | "freeSite";

interface Leak {
  readonly line: number;
  readonly quote: string;
  readonly bytes: number;
  readonly blocks: number;
  readonly tool: string;
  /** Nothing but another lost block points to it. */
  readonly isIndirect: boolean;
  readonly isPossible: boolean;
}

export class HostCheckReader implements SectionReader {
  readonly starts = BEGINS;
  readonly notesAccidents = true;
  private readonly run: LogRun;
  private section: { readonly firstLine: number; lastLine: number; records: number } | undefined;
  private error: IncidentDraft | undefined;
  private leak: Leak | undefined;
  private leaks: (Leak & { readonly site: number })[] = [];
  /** Of lost blocks to which only other lost blocks point. */
  private indirect = { bytes: 0, blocks: 0 };
  /** Leaks that are smaller than those that are kept. */
  private further = 0;
  private stack: Stack = "site";
  private frames: Record<Stack, NamedFrame[]> = { site: [], allocSite: [], freeSite: [] };
  private others = 0;

  constructor(run: LogRun) {
    this.run = run;
  }

  line(line: LogLine): boolean {
    const { text, number } = line;
    const words = text.slice(0, MOST_LETTERS).replace(MARK, "").trim();
    if (this.section === undefined && !BEGINS.some((begin) => begin.test(words))) return false;
    if (NOTHING_LOST.test(words))
      this.run.incident({ kind: "leak-check", line: number, quote: text.trim(), facts: [PASSED] });
    const isOwn = this.says(words, line) || MARK.test(text) || REST.test(words) || /^[=\s-]*$/.test(words);
    if (this.section === undefined && !isOwn) return false;
    this.others = isOwn ? 0 : this.others + 1;
    if (this.others > MOST_OTHER_LINES) {
      this.run.flush();
      return false;
    }
    if (!isOwn) return false;
    this.run.enter(this);
    this.section ??= { firstLine: number, lastLine: number, records: 0 };
    this.section.lastLine = number;
    return true;
  }

  flush(): void {
    const { section } = this;
    this.section = undefined;
    this.others = 0;
    this.endError();
    this.endLeak();
    this.tellLeaks();
    if (section !== undefined) this.run.section({ kind: "leak check", ...section, whole: true });
  }

  private says(words: string, line: LogLine): boolean {
    return this.frame(words) || this.beginsError(words, line) || this.beginsLeak(words, line) || this.goesOnWith(words);
  }

  private beginsError(words: string, { number, text }: LogLine): boolean {
    const asan = ASAN_ERROR.exec(words);
    const access = INVALID_ACCESS.exec(words);
    const uninitialised = UNINITIALISED.exec(words);
    const isFree = INVALID_FREE.test(words);
    if (asan === null && access === null && uninitialised === null && !isFree) return false;
    this.endError();
    this.endLeak();
    if (asan?.[2] !== undefined) return true;
    const size = Number(access?.[2] ?? uninitialised?.[1] ?? 0);
    this.error = {
      kind: "sanitizer",
      line: number,
      quote: text.trim(),
      detail:
        asan?.[1]?.replace(/^SEGV$/, segvOf(words)) ??
        (isFree
          ? "invalid free"
          : uninitialised === null
            ? "invalid address"
            : "use of a value that was never written"),
      ...(access === null ? {} : { function: access[1]?.toUpperCase() ?? "" }),
      ...(size > 0 && size < MOST_BYTES ? { size } : {}),
      facts: [`tool ${asan === null ? "Valgrind" : "AddressSanitizer"}`],
    };
    return true;
  }

  private beginsLeak(words: string, { number: line, text }: LogLine): boolean {
    const asan = ASAN_LEAK.exec(words);
    const valgrind = VALGRIND_LEAK.exec(words);
    const heaptrack = HEAPTRACK_LEAK.exec(words);
    if (asan === null && valgrind === null && heaptrack === null) return false;
    this.endError();
    this.endLeak();
    const about = { line, quote: text.trim() };
    if (asan !== null) {
      const [, kind, bytes, blocks] = asan;
      this.leak = { ...about, bytes: Number(bytes), blocks: Number(blocks), tool: "LeakSanitizer", isIndirect: kind === "Indirect", isPossible: false };
    } else if (valgrind !== null) {
      const [, bytes, direct = bytes, , blocks, how] = valgrind;
      this.leak = { ...about, bytes: numberOf(direct), blocks: numberOf(blocks), tool: "Valgrind", isIndirect: how === "indirectly", isPossible: how === "possibly" };
    } else {
      const [, amount, unit = "", calls] = heaptrack ?? [];
      // heaptrack_print counts in thousands.
      const bytes = Math.round(Number(amount) * 1000 ** " KMG".indexOf(unit || " "));
      this.leak = { ...about, bytes, blocks: Number(calls), tool: "heaptrack", isIndirect: false, isPossible: false };
    }
    return true;
  } // prettier-ignore

  /** What further lines say of an error. */
  private goesOnWith(words: string): boolean {
    const { error } = this;
    const access = ACCESS.exec(words);
    const block = BLOCK.exec(words);
    const where = WHERE_ALLOCATED.test(words) ? "allocSite" : WHERE_FREED.test(words) ? "freeSite" : undefined;
    if (where !== undefined) this.stack = where;
    if (error === undefined) return where !== undefined || /^at .*:\d+$|^in /.test(words);
    if (access !== null)
      this.error = {
        ...error,
        function: access[1] ?? access[3] ?? "",
        ...(access[2] === undefined ? {} : { size: Number(access[2]) }),
      };
    if (block !== null) {
      const [, offset = "0", side = "", size = "", region = size] = block;
      const isOutside = !side.startsWith("inside");
      const detail = !isOutside ? "use-after-free" : /left|before/.test(side) ? "heap-buffer-underflow" : "heap-buffer-overflow"; // prettier-ignore
      const isTold = error.detail !== "invalid address" && error.detail !== "invalid free";
      this.error = {
        ...error,
        ...(isTold ? {} : { detail: error.detail === "invalid free" ? (where === "freeSite" ? "double-free" : "invalid free") : detail }),
        ...(Number(region) < MOST_BYTES ? { blockSize: Number(region) } : {}),
        facts: [...(error.facts ?? []), `place ${offset} bytes ${isOutside ? (/left|before/.test(side) ? "before" : "behind") : "into"}`],
      }; // prettier-ignore
    }
    return access !== null || block !== null || where !== undefined || /^Address 0x|^Uninitialised value was created|^Thread T?\d|^The signal is caused|^Hint: /.test(words); // prettier-ignore
  }

  private frame(words: string): boolean {
    const [, asan, valgrind = asan] = FRAME.exec(words) ?? [];
    const frames = this.frames[this.stack];
    if (valgrind === undefined) {
      // heaptrack_print: a function, and below it where it stands.
      if (this.leak?.tool !== "heaptrack" || words === "" || HEAPTRACK_LEAK.test(words)) return false;
      const [, file, line] = /^at (.*):(\d+)$/.exec(words) ?? [];
      const last = frames.at(-1);
      if (file !== undefined && last !== undefined) frames[frames.length - 1] = { ...last, file, line: Number(line) };
      else if (!/^in /.test(words) && frames.length < MOST_FRAMES) frames.push({ function: words });
      return true;
    }
    if (frames.length >= MOST_FRAMES || (frames.length === 0 && OWN.test(valgrind))) return true;
    const [, name = valgrind, file, line, module] =
      /^(.*?)(?: \(| )(?:in )?(?:([^\s()]+\.\w+):(\d+)(?::\d+)?|\(?(?:in )?(\/[^)]*))\)?(?: \(BuildId.*)?$/.exec(
        valgrind,
      ) ?? [];
    frames.push({
      function: name,
      ...(file === undefined ? {} : { file, line: Number(line) }),
      ...(module === undefined ? {} : { module: module.replace(/\+0x.*$/, "") }),
    });
    return true;
  }

  private takeFrames(): Record<Stack, number> {
    const { site, allocSite, freeSite } = this.frames;
    this.frames = { site: [], allocSite: [], freeSite: [] };
    this.stack = "site";
    const told = (frames: readonly NamedFrame[]): number => this.run.site({ method: Method.UNKNOWN, caps: 0, frames });
    return { site: told(site), allocSite: told(allocSite), freeSite: told(freeSite) };
  }

  private endError(): void {
    const { error } = this;
    if (error === undefined) return;
    this.error = undefined;
    const sites = Object.entries(this.takeFrames()).filter(([, site]) => site !== 0);
    this.run.incident({ ...error, ...Object.fromEntries(sites) });
    if (this.section !== undefined) this.section.records++;
  }

  private endLeak(): void {
    const { leak } = this;
    const { site } = this.takeFrames();
    if (leak === undefined) return;
    this.leak = undefined;
    if (leak.isIndirect) {
      this.indirect.bytes += leak.bytes;
      this.indirect.blocks += leak.blocks;
      return;
    }
    this.leaks.push({ ...leak, site });
    if (this.leaks.length >= 2 * MOST_LEAKS) this.keepLargest();
  }

  private keepLargest(): void {
    this.leaks.sort((a, b) => b.bytes - a.bytes);
    this.further += this.leaks.splice(MOST_LEAKS).length;
  }

  /** Most bytes first; what only other lost blocks point to goes with them. */
  private tellLeaks(): void {
    this.keepLargest();
    const { leaks, indirect, further } = this;
    this.leaks = [];
    this.indirect = { bytes: 0, blocks: 0 };
    this.further = 0;
    for (const [i, { line, quote, bytes, blocks, tool, isPossible, site }] of leaks.entries()) {
      this.run.incident({
        kind: "leak-check",
        line,
        quote,
        size: Math.min(bytes, Number.MAX_SAFE_INTEGER),
        ...(site === 0 ? {} : { site }),
        facts: [
          `tool ${tool}`,
          `blocks ${blocks}`,
          ...(isPossible ? ["possible 1"] : []),
          ...(i > 0 || indirect.blocks === 0 ? [] : [`indirect bytes ${indirect.bytes}`, `indirect blocks ${indirect.blocks}`]), // prettier-ignore
          ...(i > 0 || further === 0 ? [] : [`further ${further}`]),
        ],
      });
    }
  }
}

/** `SEGV on unknown address 0x000000000008`: a pointer that is NULL, or none. */
function segvOf(words: string): string {
  const address = /0x([0-9a-f]+)/i.exec(words)?.[1];
  const at = address === undefined ? undefined : Number.parseInt(address, 16);
  return at !== undefined && at < 4096 ? `access through a NULL pointer, ${at} bytes behind it` : "access to memory that is not there";
} // prettier-ignore

function numberOf(digits = ""): number {
  return Number(digits.replaceAll(",", ""));
}

// `memmap symbolize`: addresses to functions, lines and components, from arguments or out of a log on standard input.
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatAddress } from "../../base/format.ts";
import { safeLogLine, safeText } from "../../base/safe-text.ts";
import {
  describeFrame,
  describeVariable,
  isRom,
  LogAnnotator,
  type AttributedFrame,
  type LogNote,
  type StackAnnotation,
  type Symbols,
  type UnwindEnd,
} from "../../symbols/index.ts";
import {
  viewAddress,
  viewContradiction,
  viewElfMatch,
  viewStack,
  viewVariable,
  type SourceFinder,
} from "../../report/symbolize-view.ts";
import { findElf, openElfFile, readElfFile } from "../find-elf.ts";
import { fittingRom } from "../rom-elfs.ts";
import { asJsonLine } from "../json.ts";
import { sourceReader, type SourceExcerpt } from "../source-lines.ts";
import { coloursFor, type Colours } from "../terminal/colours.ts";
import { err, out } from "../terminal/output.ts";
import { print, say } from "../terminal/print.ts";

interface Options {
  readonly returned?: true;
  readonly rom?: readonly string[];
  readonly source?: true;
  readonly json?: true;
}

const ADDRESS = /^(?:0x)?[0-9a-fA-F]{1,8}$/;

export function define(command: Command): void {
  command
    .argument("[elf]", "the firmware's .elf or project folder; without it, the project around the current folder")
    .argument("[address...]", "addresses in hexadecimal; without any, addresses or a log are read from standard input")
    .option("-r, --returned", "the addresses are return addresses: show the calls in front of them")
    .option("--rom <elf>", "the chip's ROM ELF, for addresses in ROM; may be given several times", collect)
    .option("--source", "show the source around each call where its file is on this disk")
    .option("--json", "print JSON, one line for an address")
    .addHelpText(
      "after",
      `
Calls that the compiler inlined are shown with the function that they ended up
in, innermost first. A log is printed as it is, with lines that begin with "---"
below those that hold addresses of code: Backtrace lines, register dumps, stack
memory (RISC-V), heap traces and any other address.

Examples:
  memmap symbolize build/app.elf 0x400d3cf8
  memmap symbolize . 42009351
  memmap symbolize build/app.elf < panic.log
  idf.py monitor | memmap symbolize`,
    )
    .action(async (elf: string | undefined, addresses: readonly string[], options: Options) => {
      await run(elf, addresses, options);
    });
}

/** A variadic option would take the ELF and the addresses for its own values. */
function collect(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value];
}

async function run(first: string | undefined, rest: readonly string[], options: Options): Promise<void> {
  // "memmap symbolize 0x400d3cf8" means the project that the user stands in.
  const isElf = first !== undefined && !/^0x[0-9a-fA-F]{1,8}$/.test(first);
  const addresses = (isElf || first === undefined ? rest : [first, ...rest]).map(parseAddress);
  const found = findElf(isElf ? first : undefined);
  if (!isElf) say(coloursFor(err).dim(`using ${safeText(found.path)}`));
  const plain = openElfFile(found.path);
  const rom = (options.rom ?? []).map((path) => fittingRom(readElfFile(path), path, plain));
  const symbols = rom.length === 0 ? plain : openElfFile(found.path, rom);
  if (symbols.knows === "nothing") {
    const elsewhere = symbols.problems.find(({ code }) => code.startsWith("debug-link"));
    throw new MemmapError(`${found.path} is stripped: it has neither debug information nor a symbol table`, {
      code: "elf-stripped",
      hint:
        elsewhere !== undefined
          ? `What it says of itself: ${elsewhere.message}.`
          : "Use the .elf as the build left it (build/<project>.elf), not a copy that strip or objcopy has been over.",
    });
  }
  const source = options.source === undefined ? () => undefined : sourceReader(found.path);
  const printer = new Printer(symbols, options, coloursFor(out), source);

  if (addresses.length > 0) for (const address of addresses) printer.address(address);
  else await annotate(printer, symbols, options);
  for (const { message, count } of symbols.problems) {
    const times = count > 1 ? ` (${count} times)` : "";
    say(`${coloursFor(err).yellow("note:")} ${safeText(message)}${times}`);
  }
}

function parseAddress(text: string): number {
  if (!ADDRESS.test(text)) {
    throw new MemmapError(`${text} is no address`, {
      code: "usage-address",
      hint: "Addresses are hexadecimal, with or without 0x: 0x400d3cf8. Logs go to standard input.",
    });
  }
  return parseInt(text, 16);
}

/** A line may be followed by what a monitor makes of it; after this long it is not. */
const SILENCE_MS = 300;

async function annotate(printer: Printer, symbols: Symbols, options: Options): Promise<void> {
  if (process.stdin.isTTY) say("Paste addresses or a log; end with Ctrl-D.");
  const annotator = new LogAnnotator(symbols, { returned: options.returned ?? false });
  let silence: NodeJS.Timeout | undefined;
  let isList = true;
  for await (const line of rawLines(process.stdin)) {
    clearTimeout(silence);
    const text = decoder.decode(line).replace(/\r?\n$/, "");
    // A list of addresses, as long as there is nothing else: in a log a line of digits is a line of the log.
    const bare: number | undefined = isList ? bareAddress(text, symbols) : undefined;
    isList &&= bare !== undefined || text.trim() === "";
    printer.notes(annotator.line(bare === undefined ? text : ""));
    if (bare !== undefined) printer.address(bare);
    else printer.logLine(line);
    silence = setTimeout(() => {
      printer.notes(annotator.flush());
    }, SILENCE_MS);
  }
  clearTimeout(silence);
  printer.notes(annotator.end());
  printer.endOfLog();
}

const decoder = new TextDecoder();

/** For a terminal; a pipe gets every byte as it came. */
function shownLine(line: Uint8Array): string {
  const [, text = "", end = ""] = /^([^]*?)(\r?\n)?$/.exec(decoder.decode(line)) ?? [];
  return safeLogLine(text) + end;
}

/** Lines with their ends, as the bytes that they are: what is no UTF-8 passes through too. */
async function* rawLines(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of input) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end + 1)]);
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

/** A line that is nothing but an address of code: eight digits or 0x, so that a number or a word of a log is not taken for one. */
function bareAddress(text: string, symbols: Symbols): number | undefined {
  const digits = /^\s*(?:0x([0-9a-fA-F]{1,8})|([0-9a-fA-F]{8}))\s*$/.exec(text);
  if (digits === null) return undefined;
  const address = parseInt(digits[1] ?? digits[2] ?? "", 16);
  return digits[1] !== undefined || symbols.isCode(address) ? address : undefined;
}

const NOT_IN_CODE = "is not in the code of this ELF";
const IN_ROM = "is in the chip's ROM";
/** Said once. */
const ROM_HINT = "its names come with ESP-IDF's tools (ESP_ROM_ELF_DIR) or --rom";

const endText: Record<Exclude<UnwindEnd, "complete">, string> = {
  "memory-unknown": "the printed stack memory ends here; a core dump has all of it",
  "no-frame-information":
    "the caller is code without frame information, such as the chip's ROM: --rom gives names, not frames",
  corrupt: "what comes next is no return address: the stack is damaged here, or this is not the ELF that was running",
  "too-deep": "and so on: the first 256 calls are shown; a recursion that does not end?",
};

function noteAsJson(note: LogNote, source: SourceFinder): string {
  switch (note.kind) {
    case "address":
      return asJsonLine("symbolize", viewAddress(note.address, note.frames, note.what, source));
    case "variable":
      return asJsonLine("symbolize", viewVariable(note.address, note.variable, note.what));
    case "stack":
      return asJsonLine("stack", viewStack(note, source));
    case "elf":
      return asJsonLine("elf-match", viewElfMatch(note.match));
    case "contradiction":
      return asJsonLine("contradiction", viewContradiction(note));
  }
}

function whatOf(what: string): string {
  return what === "address" || what === "backtrace" ? "" : ` (${what})`;
}

class Printer {
  private readonly symbols: Symbols;
  private readonly options: Options;
  private readonly colours: Colours;
  private readonly source: (frame: AttributedFrame) => SourceExcerpt | undefined;
  private readonly outdated = new Set<string>();
  private atLineStart = true;
  private romTold = false;
  private mismatch: string | undefined;

  constructor(
    symbols: Symbols,
    options: Options,
    colours: Colours,
    source: (frame: AttributedFrame) => SourceExcerpt | undefined,
  ) {
    this.source = source;
    this.symbols = symbols;
    this.options = options;
    this.colours = colours;
  }

  address(address: number): void {
    const lookUp = this.options.returned ? this.symbols.callSite(address) : address;
    const { frames } = this.symbols.attribute(this.symbols.symbolize(lookUp));
    const variable = this.symbols.isCode(lookUp) ? undefined : this.symbols.variableAt(address);
    if (variable !== undefined) {
      if (this.options.json) out.write(asJsonLine("symbolize", viewVariable(address, variable)));
      else print(`${formatAddress(address)} ${safeText(describeVariable(address, variable))}`);
    } else if (this.options.json) {
      out.write(asJsonLine("symbolize", viewAddress(address, frames, undefined, this.source)));
    } else if (!this.symbols.isCode(lookUp)) {
      print(`${formatAddress(address)} ${this.colours.dim(this.nameless(lookUp))}`);
    } else {
      this.frames(`${formatAddress(address)} `, frames, isRom(lookUp));
    }
  }

  logLine(line: Uint8Array): void {
    if (!this.options.json) out.write(out.isTTY ? shownLine(line) : line);
    this.atLineStart = line.at(-1) === 10;
  }

  notes(notes: readonly LogNote[]): void {
    if (notes.length > 0 && !this.atLineStart && !this.options.json) print("");
    this.atLineStart = true;
    for (const note of notes) {
      if (note.kind === "elf" && note.match.kind === "different") this.mismatch = note.match.message;
      if (this.options.json) out.write(noteAsJson(note, this.source));
      else this.note(note);
    }
  }

  /** Once more at the end, where it is seen: everything above may be wrong. */
  endOfLog(): void {
    if (this.mismatch === undefined) return;
    say(`${coloursFor(err).red("warning:")} ${safeText(this.mismatch)}`);
  }

  private note(note: LogNote): void {
    const { dim, red, yellow } = this.colours;
    switch (note.kind) {
      case "address":
        this.frames(`--- ${formatAddress(note.address)}${whatOf(note.what)} `, note.frames, isRom(note.address));
        break;
      case "variable":
        print(
          `--- ${formatAddress(note.address)}${whatOf(note.what)} ${safeText(describeVariable(note.address, note.variable))}`,
        );
        break;
      case "elf":
        if (note.match.kind === "different") print(`--- ${red(safeText(note.match.message))}`);
        break;
      case "contradiction":
        print(
          `--- ${yellow(`${formatAddress(note.address)} is decoded above as`)} ${safeText(note.monitor)}${yellow("; this ELF has there:")}`,
        );
        this.frames(`--- ${formatAddress(note.address)} `, note.frames);
        break;
      case "stack":
        this.stack(note, dim);
    }
  }

  private stack({ calls, end, possible, stale }: StackAnnotation, dim: (text: string) => string): void {
    if (calls.length > 0) print("--- call stack, from the registers and the stack memory:");
    for (const { address, frames, certainty } of calls) {
      const doubt = certainty === "guess" ? dim("(not certain) ") : "";
      if (frames.length > 0) this.frames(`--- ${formatAddress(address)} ${doubt}`, frames, isRom(address));
      else print(`--- ${formatAddress(address)} ${doubt}${dim(this.nameless(address))}`);
    }
    if (end !== undefined && end !== "complete") print(`--- ${dim(endText[end])}`);
    if (possible.length > 0) {
      print("--- further up in the stack memory, calls that may be under way or long over:");
      for (const { address, frames } of possible) this.frames(`---   ${formatAddress(address)} `, frames);
    }
    if (stale > 0)
      print(`--- ${dim(`${stale} more words there look like calls; they are left over from calls that have ended`)}`);
  }

  private frames(start: string, frames: readonly AttributedFrame[], isInRom = false): void {
    const isInLog = start.startsWith("---");
    const indent = isInLog ? `---${" ".repeat(8)}` : " ".repeat(8);
    for (const [i, frame] of frames.entries()) {
      const text = this.paint(frame, isInRom);
      print(i === 0 ? start + text : `${indent}${this.colours.dim("inlined into")} ${text}`);
      this.sourceOf(frame, isInLog ? "---" : "");
    }
  }

  private nameless(address: number): string {
    if (!isRom(address)) return NOT_IN_CODE;
    const isTold = this.romTold;
    this.romTold = true;
    return isTold ? IN_ROM : `${IN_ROM}: ${ROM_HINT}`;
  }

  private sourceOf(frame: AttributedFrame, start: string): void {
    const { bold, dim, yellow } = this.colours;
    const excerpt = this.source(frame);
    if (excerpt === undefined) return;
    if (excerpt.isNewer && !this.outdated.has(excerpt.path)) {
      this.outdated.add(excerpt.path);
      print(
        `${start}${" ".repeat(8)}${yellow(`${safeText(excerpt.path)} was changed after the build: its lines may have moved`)}`,
      );
    }
    for (const { line, text } of excerpt.lines) {
      const isCall = line === frame.line;
      const shown = `${isCall ? ">" : " "}${String(line).padStart(6)} | ${safeText(text)}`.trimEnd();
      print(`${start}${" ".repeat(4)}${isCall ? bold(shown) : dim(shown)}`);
    }
  }

  /** Own code stands out, libraries and the chip's ROM have a colour of their own; the framework is plain. */
  private paint(frame: AttributedFrame, isInRom: boolean): string {
    const { bold, cyan, magenta } = this.colours;
    const text = safeText(describeFrame(frame));
    if (isInRom) return magenta(text);
    return frame.origin === "user" ? bold(text) : frame.origin === "dependency" ? cyan(text) : text;
  }
}

// `memmap symbolize`: addresses to functions, lines and components, from arguments or out of a log on standard input.
import { createInterface } from "node:readline";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatAddress } from "../../base/format.ts";
import {
  describeFrame,
  LogAnnotator,
  openSymbols,
  type AttributedFrame,
  type ElfMatch,
  type Symbols,
} from "../../symbols/index.ts";
import { findElf, readElfFile, symbolOptions } from "../find-elf.ts";
import { coloursFor, type Colours } from "../terminal/colours.ts";

interface Options {
  readonly returned?: true;
  readonly rom?: readonly string[];
  readonly json?: true;
}

const ADDRESS = /^(?:0x)?[0-9a-fA-F]{1,8}$/;

export function define(command: Command): void {
  command
    .argument("[elf]", "the firmware's .elf or project folder; without it, the project around the current folder")
    .argument("[address...]", "addresses in hexadecimal; without any, addresses or a log are read from standard input")
    .option("-r, --returned", "the addresses are return addresses: show the calls in front of them")
    .option("--rom <elf>", "the chip's ROM ELF, for addresses in ROM; may be given several times", collect)
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
  if (!isElf) process.stderr.write(`${coloursFor(process.stderr).dim(`using ${found.path}`)}\n`);
  const rom = (options.rom ?? []).map(readElfFile);
  const symbols = openSymbols(readElfFile(found.path), { ...symbolOptions(found.path), rom });
  const printer = new Printer(symbols, options, coloursFor(process.stdout));

  if (addresses.length > 0) for (const address of addresses) printer.address(address);
  else await annotate(printer, symbols);
  for (const { message, count } of symbols.problems) {
    const times = count > 1 ? ` (${count} times)` : "";
    process.stderr.write(`${coloursFor(process.stderr).yellow("note:")} ${message}${times}\n`);
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

async function annotate(printer: Printer, symbols: Symbols): Promise<void> {
  if (process.stdin.isTTY) process.stderr.write("Paste addresses or a log; end with Ctrl-D.\n");
  const annotator = new LogAnnotator(symbols);
  let mismatch: ElfMatch | undefined;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (ADDRESS.test(line.trim()) && line.trim().length >= 6) {
      printer.address(parseAddress(line.trim()));
      continue;
    }
    const { annotations, elf } = annotator.line(line);
    printer.logLine(line);
    for (const { address, what, frames } of annotations) printer.annotation(address, what, frames);
    if (elf?.kind === "different") {
      printer.warning(elf.message);
      mismatch = elf;
    }
  }
  // Once more at the end, where it is seen: everything above may be wrong.
  if (mismatch?.kind === "different") {
    process.stderr.write(`${coloursFor(process.stderr).red("warning:")} ${mismatch.message}\n`);
  }
}

class Printer {
  private readonly symbols: Symbols;
  private readonly options: Options;
  private readonly colours: Colours;

  constructor(symbols: Symbols, options: Options, colours: Colours) {
    this.symbols = symbols;
    this.options = options;
    this.colours = colours;
  }

  address(address: number): void {
    const lookUp = this.options.returned ? this.symbols.callSite(address) : address;
    const { frames } = this.symbols.attribute(this.symbols.symbolize(lookUp));
    if (this.options.json) {
      this.print(JSON.stringify({ address: formatAddress(address), frames }));
    } else if (!this.symbols.isCode(lookUp)) {
      this.print(`${formatAddress(address)} ${this.colours.dim("is not in the code of this ELF")}`);
    } else {
      this.frames(`${formatAddress(address)} `, frames);
    }
  }

  logLine(line: string): void {
    if (!this.options.json) this.print(line);
  }

  annotation(address: number, what: string, frames: readonly AttributedFrame[]): void {
    if (this.options.json) this.print(JSON.stringify({ address: formatAddress(address), what, frames }));
    else
      this.frames(
        `--- ${formatAddress(address)} ${what === "address" || what === "backtrace" ? "" : `(${what}) `}`,
        frames,
      );
  }

  warning(message: string): void {
    if (!this.options.json) this.print(`--- ${this.colours.red(message)}`);
  }

  private frames(start: string, frames: readonly AttributedFrame[]): void {
    const indent = start.startsWith("---") ? `---${" ".repeat(8)}` : " ".repeat(8);
    for (const [i, frame] of frames.entries()) {
      const text = this.paint(frame);
      this.print(i === 0 ? start + text : `${indent}${this.colours.dim("inlined into")} ${text}`);
    }
  }

  private paint(frame: AttributedFrame): string {
    const text = describeFrame(frame);
    return frame.origin === "user" ? this.colours.bold(text) : text;
  }

  private print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

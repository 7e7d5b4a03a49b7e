// A console log's lines as readers see them, and what a whole log tells before they begin: its boots, and the addresses that a monitor has
// decoded, which stand after the lines that name them.

import { BootList, type Boots, type LogBoot } from "./boot-list.ts";
import { BootSigns } from "./boot-signs.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { Boot } from "../wire/records.ts";
import { withoutCommands } from "../base/text.ts";
import { BANNER } from "../symbols/log/boot-lines.ts";
import { type DecodedFrame, decodedLine, inlinedLine } from "../symbols/log/monitor-lines.ts";
import { type StrippedLine, stripPrefix } from "./log-prefix.ts";

export interface LogLine extends StrippedLine {
  /** From 1. */
  readonly number: number;
  /** Without colours, quotes, stamps and line end. */
  readonly text: string;
}

/** Reads a line of one log. */
export type LineOf = (bytes: Uint8Array, number: number) => LogLine;

/** Names that terminal programs and programming languages write for a line's end. */
const NAMED_END = /(?:<CR>(?:<LF>)?|<LF>|\\r\\n|\\n)$/;
/** A line's first letters are enough to know it by; the rest of a longer one is passed on and not read. */
export const LINE_BYTES = 1 << 16;

/** Control characters and their pictures. */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2400-\u241f]/;
const CONTROLS = new RegExp(CONTROL, "g");

/** Nothing that is seen, at a line's end. */
function isBlank(code: number): boolean {
  return code <= 0x20 || code === 0xa0;
}

const utf8 = new TextDecoder();
const latin1 = new TextDecoder("latin1");

/** UTF-8, or letters of western Europe as editors and terminals of other times keep them. */
function decoded(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  return text.includes("\ufffd") && isLatin1(bytes, text) ? latin1.decode(bytes) : text;
}

/** Where nothing is UTF-8 and nothing a control character it is no damage. */
function isLatin1(bytes: Uint8Array, asUtf8: string): boolean {
  if (/[^\0-\x7f\ufffd]/.test(asUtf8)) return false;
  // What stands for letters that were lost before, in UTF-8, is none of these either.
  return bytes.every(
    (byte, i) => byte < 0x80 || (byte >= 0xa0 && !(byte === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd)),
  );
}

/**
 * A line as readers see it.
 * @param common what stands before all lines of this log (common-prefix.ts)
 */
export function logLine(bytes: Uint8Array, number: number, common?: RegExp): LogLine {
  let raw = decoded(bytes.length > LINE_BYTES ? bytes.subarray(0, LINE_BYTES) : bytes);
  if (raw.includes("[") || raw.includes("\x1b")) raw = withoutCommands(raw);
  // A lone carriage return goes back to the line's beginning, as progress bars do: what was written last counts.
  let end = raw.length;
  while (isBlank(raw.charCodeAt(end - 1))) end--; // before the first letter there is no number
  raw = raw.slice(0, end);
  raw = raw.slice(raw.lastIndexOf("\r") + 1);
  if (raw.endsWith(">") || raw.endsWith("\\n")) raw = raw.replace(NAMED_END, "");
  // What goes into findings is shown in terminals.
  return stripPrefix(CONTROL.test(raw) ? raw.replace(CONTROLS, "") : raw, number, common);
}

/** What a whole log tells before its lines are read one by one: decoded addresses stand after the lines that name them. */
export interface LogOverview {
  /** Frames by program counter, innermost first. */
  readonly decoded: ReadonlyMap<number, readonly NamedFrame[]>;
  /** Boots by the number of their first line; the first entry stands for what lies before any boot message. */
  readonly boots: Boots;
  /** Of several boards in one log, lines at which one of them starts again while the others go on, and its name. */
  readonly starts: ReadonlyMap<number, string>;
}

/** A decoded address somewhere in a sentence. */
const IN_PROSE =
  /\b(0x4[0-9a-f]{7})(?::0x[0-9a-f]{8})?(?:: | is | is in | in | = )([\w:~]+(?:\([^()]*\))?) (?:at |in |\()([^\s()]+?\.\w{1,3}):(\d+)/gi;
/**
 * addr2line without -p and esp-backtrace: the address, the function, its place; then functions and places of what that was inlined into. espflash's
 * monitor has the function behind the address.
 */
const BARE_ADDRESS = /^(0x[0-9a-f]{8,16})(?: - (\S.*))?$/i;
const BARE_PLACE = /^\s*(?:at )?(\S.*?):(\d+|\?)(?::\d+)?(?: \(discriminator \d+\))?$/;

/** False where the line's first address is not followed as in a decoded line. */
export function mayDecode(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && !(bytes[at] === 0x78 && bytes[at - 1] === 0x30)) at++;
  const isHex = (byte = 0): boolean =>
    (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
  at++;
  for (let digits = 0; digits < 8; digits++, at++) if (!isHex(bytes[at])) return false;
  return bytes[at] === 0x3a || (bytes[at] === 0x20 && (bytes[at + 1] === 0x69 || bytes[at + 1] === 0x2d));
}

/** Reads a log once before its readers do. */
export class OverviewReader {
  private readonly decoded = new Map<number, NamedFrame[]>();
  private readonly boots = new BootList();
  private open: NamedFrame[] | undefined;
  /** Of addr2line's lines, the frames of the address that they are about and the function that was named last. */
  private bare: { readonly frames: NamedFrame[]; readonly address: number; function: string | undefined } | undefined;
  /** Of several boards in one log. */
  private readonly starts = new Map<number, string>();
  private readonly signs = new BootSigns((line, board) => {
    if (board === undefined) this.boots.begin(line);
    else if (this.starts.size < MOST_STARTS) this.starts.set(line, board);
  });

  line(line: LogLine): void {
    const { text, tags } = line;
    if (this.decodedLine(text) || this.bareLine(text)) return;
    if (text.includes("0x4")) this.prose(text);
    this.signs.line(line);
    learnBoot(this.boots.current, text, tags);
  }

  get overview(): LogOverview {
    this.signs.finish();
    return { decoded: this.decoded, boots: this.boots.all, starts: this.starts };
  }

  private decodedLine(text: string): boolean {
    const first = decodedLine(text);
    if (first !== undefined && (first.function !== "" || first.isCut)) {
      const { address, function: name } = first;
      this.open = [frame(first, address)];
      if (first.isCut) this.bare = { frames: [], address, function: name };
      if (this.decoded.size < MOST_DECODED) this.decoded.set(address, this.open);
      return true;
    }
    const outer = inlinedLine(text);
    if (outer !== undefined) {
      this.open?.push(frame(outer));
      return true;
    }
    this.open = undefined;
    return false;
  }

  private prose(text: string): void {
    for (const [, digits, name = "", file = "", line = ""] of text.matchAll(IN_PROSE)) {
      const address = Number(digits);
      if (!this.decoded.has(address) && this.decoded.size < MOST_DECODED)
        this.decoded.set(address, [frame({ function: name, file, line }, address)]);
    }
  }

  private bareLine(text: string): boolean {
    const address = BARE_ADDRESS.exec(text);
    if (address !== null) {
      this.bare = { frames: [], address: Number(address[1]), function: address[2] };
      return true;
    }
    const { bare } = this;
    if (bare === undefined) return false;
    const place = bare.function === undefined ? null : BARE_PLACE.exec(text);
    if (bare.function !== undefined && place === null) this.bare = undefined;
    else if (bare.function === undefined) bare.function = text;
    else {
      const { frames, address, function: name } = bare;
      const [, file = "", line = ""] = place ?? [];
      if (name !== "??") frames.push(frame({ function: name, file, line }, frames.length === 0 ? address : undefined));
      if (frames.length === 1 && this.decoded.size < MOST_DECODED) this.decoded.set(address, frames);
      bare.function = undefined;
      return true;
    }
    return false;
  }
}

/** No program has more places that a log would decode. */
const MOST_DECODED = 1 << 16;
/** Of several boards; those after them are told with the last. */
const MOST_STARTS = 1 << 14;

function frame({ function: name, file, line }: DecodedFrame, address?: number): NamedFrame {
  const known = file !== "" && file !== "??";
  return {
    function: name,
    ...(known ? { file } : {}),
    ...(known && line !== "?" && Number(line) > 0 ? { line: Number(line) } : {}),
    ...(address === undefined ? {} : { address }),
  };
}

function learnBoot(boot: LogBoot, text: string, tags: readonly string[]): void {
  const chip = BANNER.exec(text)?.[1];
  if (chip !== undefined) boot.chip = chip;
  const isProject = tags.includes("cpu_start") || tags.includes("app_init");
  const project = isProject ? /^(Project name|App version|ESP-IDF|ELF file SHA256|cpu freq): +(\S+)/.exec(text) : null;
  const value = project?.[2] ?? "";
  if (project?.[1] === "Project name") boot.appName = value;
  else if (project?.[1] === "App version") boot.appVersion = value;
  else if (project?.[1] === "ESP-IDF") boot.idfVersion = value;
  else if (project?.[1] === "cpu freq") boot.cpuFrequency = Number.parseInt(value, 10) || 0;
  else if (project !== null && /^[0-9a-f]{64}$/.test(value)) boot.elfSha256 = value;
  if (/^MEPC +:/.test(text) || /^esp32(c|h|p|s31)/.test(boot.chip ?? "")) boot.isRiscV = true;
}

/** What of a boot goes into its record. */
export function bootFields(boot: LogBoot): Partial<Boot> {
  const { chip, idfVersion, appName, appVersion, elfSha256, furtherStarts } = boot;
  return {
    ...(chip === undefined ? {} : { chip }),
    ...(idfVersion === undefined ? {} : { idfVersion }),
    ...(appName === undefined ? {} : { appName }),
    ...(appVersion === undefined ? {} : { appVersion }),
    ...(elfSha256 === undefined ? {} : { elfSha256 }),
    ...(furtherStarts === undefined ? {} : { furtherStarts }),
  };
}

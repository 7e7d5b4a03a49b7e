// Reads a console log line by line, whatever wrote it: colours, idf-monitor's timestamps and line ends are taken off, and the
// lines in which idf-monitor decodes addresses are understood. Every reader of a text format sees lines that passed here.

import type { Boot } from "../wire/records.ts";
import type { NamedFrame } from "../wire/fields.ts";

export interface LogLine {
  /** From 1. */
  readonly number: number;
  /** Without colours, timestamps of the terminal program, and line end. */
  readonly text: string;
  /** Time of an ESP_LOG line, in milliseconds since boot. */
  readonly milliseconds?: number;
  /** The line as it stands in the file, line end included. */
  readonly bytes: Uint8Array;
}

// eslint-disable-next-line no-control-regex -- colours begin with an escape character
const COLOURS = /\x1b\[[0-9;]*[A-Za-z]/g;
/** idf-monitor --timestamps, PlatformIO's filter `time`, tio, ts and the like: a time of day, a date before it or not, in brackets or not. */
const TERMINAL_TIME =
  /^\[?(?:\d{4}[-/]\d\d[-/]\d\d[ T]|[A-Z][a-z]{2} {1,2}\d{1,2} )?\[?\d\d:\d\d:\d\d(?:[.,:]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: -> | > |: |[ \t]|$)/;
const LOG_TIME = /^[EWIDV] \((?:(\d+)|(\d\d):(\d\d):(\d\d)\.(\d{3}))\) /;

/** The lines of a log. UTF-16 with a byte order mark, as PowerShell writes it, is read as well. */
export function* logLines(source: Uint8Array): Generator<LogLine> {
  const bytes = withoutUtf16(source);
  const decoder = new TextDecoder();
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found + 1;
    const line = bytes.subarray(start, end);
    const raw = decoder.decode(line).replace(COLOURS, "").replace(/\r/g, "").trimEnd();
    // The monitor and the program around it may both have written the time.
    const text = raw.replace(TERMINAL_TIME, "").replace(TERMINAL_TIME, "");
    const milliseconds = logTime(text);
    yield { number: ++number, text, bytes: line, ...(milliseconds === undefined ? {} : { milliseconds }) };
    start = end;
  }
}

function withoutUtf16(bytes: Uint8Array): Uint8Array {
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : undefined;
  return label === undefined ? bytes : new TextEncoder().encode(new TextDecoder(label).decode(bytes));
}

function logTime(text: string): number | undefined {
  const match = LOG_TIME.exec(text);
  if (match === null) return undefined;
  const [, milliseconds, h, m, s, ms] = match;
  if (milliseconds !== undefined) return Number(milliseconds);
  return ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms);
}

/** What a whole log tells before its lines are read one by one: decoded addresses stand after the lines that name them. */
export interface LogOverview {
  /** Frames by program counter, innermost first. */
  readonly decoded: ReadonlyMap<number, readonly NamedFrame[]>;
  /** Boots by the number of their first line; the first entry stands for what lies before any boot message. */
  readonly boots: readonly LogBoot[];
}

export interface LogBoot {
  readonly line: number;
  chip?: string;
  idfVersion?: string;
  appName?: string;
  appVersion?: string;
  elfSha256?: string;
  /** Hz. */
  cpuFrequency?: number;
  isRiscV: boolean;
}

const DECODED = /^\s*(?:--- )?(0x[0-9a-f]{8}): (.*?) at (.*):(\d+|\?)(?: \(discriminator \d+\))?$/i;
const INLINED = /^\s*(?:--- )?\s*\(inlined by\) (.*?) at (.*):(\d+|\?)(?: \(discriminator \d+\))?$/;
/** The first words of the ROM, and the cause of the reset, which it names a line or two later. */
const BANNER = /^(ESP-ROM:esp32|ets [A-Z][a-z]{2} +\d+ \d{4})/;
const RESET = /\brst:0x[0-9a-f]+ \([A-Z0-9_]+\)/;
const HEAP_INIT = /heap_init: Initializing/;

export function isDecodedLine(text: string): boolean {
  return DECODED.test(text) || INLINED.test(text);
}

export function overviewOf(lines: readonly LogLine[]): LogOverview {
  const decoded = new Map<number, NamedFrame[]>();
  const boots: LogBoot[] = [{ line: 1, isRiscV: false }];
  let open: NamedFrame[] | undefined;
  let initialized = false;
  let bannerLine = -Infinity;
  let atStart = true;
  for (const { text, number } of lines) {
    const first = DECODED.exec(text);
    if (first !== null) {
      const address = Number(first[1]);
      open = [frame(first[2] ?? "", first[3] ?? "", first[4] ?? "", address)];
      decoded.set(address, open);
      continue;
    }
    const outer = INLINED.exec(text);
    if (outer !== null) {
      open?.push(frame(outer[1] ?? "", outer[2] ?? "", outer[3] ?? ""));
      continue;
    }
    open = undefined;
    const isBanner = BANNER.test(text);
    const isHeapInit = HEAP_INIT.test(text);
    const bannerIsNear = number - bannerLine <= 3;
    if (!atStart && (isBanner || (RESET.test(text) && !bannerIsNear) || (isHeapInit && initialized))) {
      boots.push({ line: number, isRiscV: false });
      initialized = false;
    }
    if (isBanner) bannerLine = number;
    if (text !== "") atStart = false;
    initialized ||= isHeapInit;
    const boot = boots.at(-1);
    if (boot !== undefined) learnBoot(boot, text);
  }
  return { decoded, boots };
}

function frame(name: string, file: string, line: string, address?: number): NamedFrame {
  const known = file !== "" && file !== "??";
  return {
    function: name,
    ...(known ? { file } : {}),
    ...(known && line !== "?" && Number(line) > 0 ? { line: Number(line) } : {}),
    ...(address === undefined ? {} : { address }),
  };
}

function learnBoot(boot: LogBoot, text: string): void {
  const chip = /^ESP-ROM:(esp32[a-z0-9]*)-/.exec(text)?.[1];
  if (chip !== undefined) boot.chip = chip;
  const project = /(?:cpu_start|app_init): (Project name|App version|ESP-IDF|ELF file SHA256|cpu freq): +(\S+)/.exec(
    text,
  );
  const value = project?.[2] ?? "";
  if (project?.[1] === "Project name") boot.appName = value;
  else if (project?.[1] === "App version") boot.appVersion = value;
  else if (project?.[1] === "ESP-IDF") boot.idfVersion = value;
  else if (project?.[1] === "cpu freq") boot.cpuFrequency = Number.parseInt(value, 10) || 0;
  else if (project !== null && /^[0-9a-f]{64}$/.test(value)) boot.elfSha256 = value;
  if (/^MEPC +:/.test(text) || /^esp32(c|h|p)/.test(boot.chip ?? "")) boot.isRiscV = true;
}

/** What of a boot goes into its record. */
export function bootFields(boot: LogBoot): Partial<Boot> {
  const { chip, idfVersion, appName, appVersion, elfSha256 } = boot;
  return {
    ...(chip === undefined ? {} : { chip }),
    ...(idfVersion === undefined ? {} : { idfVersion }),
    ...(appName === undefined ? {} : { appName }),
    ...(appVersion === undefined ? {} : { appVersion }),
    ...(elfSha256 === undefined ? {} : { elfSha256 }),
  };
}

/** Program counters in text: 0x400d1234:0x400d5678, with or without a last colon. */
export function addressesIn(text: string): number[] {
  return (text.match(/0x[0-9a-f]{1,8}/gi) ?? []).map(Number).filter((address) => address !== 0);
}

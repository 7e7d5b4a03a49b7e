// What a line tells of a request that the heap refused: who asked for how much of what, and what was free.

import { Cap, parseCaps } from "../wire/caps.ts";
import { WORDING_PATTERNS, WORDINGS } from "./failed-allocation-wordings.ts";

export interface FailedAllocation {
  readonly known: string;
  readonly component?: string;
  readonly function?: string;
  readonly size?: number;
  readonly caps?: number;
  readonly free?: number;
  readonly largest?: number;
  /** The return address of the call, where the line tells it. */
  readonly caller?: number;
  /** A code that another component passes on: of an accident that a line before has told already. */
  readonly isEcho: boolean;
}

/** Whoever says that memory was refused says it in its first letters. */
const MOST_LETTERS = 2048;

/** Memory is not what could not be had. */
const OTHER_RESOURCE =
  /\b(?:interrupt|intr|irq|channel|gpio|pin|port number|ip address|address range|dhcp|pad|ledc|rmt|pcnt|timer group|slot|handle|socket|fd\b|file descriptor|partition|nvs|flash|spiffs|sd card|disk|littlefs|sector|cluster|inode|eeprom|storage)\b/i;
/** Advice, counters and states, and no accident. */
const NO_ACCIDENT =
  /\b(?:alloc\w*|malloc\w*|mem\w*|oom)[ _-]?(?:fail\w*|errors?|count)\s*(?:count\w*)?\s*[:=]\s*0\b|\bfail\w*\s*(?:allocs?|allocations?)\s*[:=]\s*\d|\bno (?:memory|heap) (?:leak|error|corruption|fault|problem|issue|fragmentation)|\b(?:if|when|in case of|avoid|prevent|to prevent|may|might|would|could(?! ?n[o']t)|can(?! ?n[o']t)) (?:\w+ ){0,3}(?:out of memory|memory|oom)|without (?:running )?out of|never|retry ok|recovered|no memory (?:card|stick)/i;

/** The numbers that stand in the wordings, which are not how often or one of which letters: a line of codes means the same with any others. */
export const TELLING_NUMBERS: ReadonlySet<number> = new Set(
  [...WORDING_PATTERNS, NO_ACCIDENT].flatMap(({ source }) =>
    (source.replace(/\{[\d,]+\}|\[[^\]]*\]/g, " ").match(/\d+/g) ?? []).map(Number),
  ),
);

/**
 * @param tags of the line, that of the program that wrote it last
 * @param mayBe which of `WORDING_PATTERNS` the line may match
 */
export function failedAllocationIn(
  line: string,
  tags: readonly string[],
  mayBe: (wording: number) => boolean,
): FailedAllocation | undefined {
  // Blanks may stand at many places of a wording: thousands of them would be tried in all divisions.
  const text = line.slice(0, MOST_LETTERS).replace(/\s{8,}/g, " ");
  let index = -1;
  for (const wording of WORDINGS) {
    index++;
    if (!mayBe(index)) continue;
    if (wording.tag !== undefined && !tags.some((tag) => wording.tag?.test(tag))) continue;
    const match = wording.pattern.exec(text);
    if (match === null || wording.behind?.test(text.slice(0, match.index)) === false) continue;
    const told = match.groups ?? {};
    const isVague = wording.known === "generic" || wording.known === "task";
    if (isVague && (NO_ACCIDENT.test(text) || isOtherResource(text, wording.known))) return undefined;
    const hexsize = told["hexsize"] ?? /\bsize\W{0,2}0x([0-9a-f]{1,8})\b/i.exec(text)?.[1];
    const product = /\bcalloc ?\((\d+) ?, ?(\d+)/i.exec(text);
    const size =
      product !== null
        ? String(Number(product[1]) * Number(product[2]))
        : (told["size"] ?? told["size2"] ?? told["size3"] ?? sizeIn(text, wording.known));
    const caps = told["caps"] ?? capsIn(text);
    const calledBack =
      wording.known === "generic" && size !== undefined && /^0x/i.test(caps ?? "")
        ? CALLED_BACK.exec(text)?.[0]
        : undefined;
    const known = calledBack === undefined ? wording.known : "callback";
    // Who prints what the callback is told is not who asked.
    const component = known === "callback" ? undefined : (wording.component ?? componentOf(tags, told["what"]));
    const fn = told["fn"] ?? told["fn2"] ?? calledBack ?? /\bfunc(?:tion)?[ :=]+(\w+)/i.exec(text)?.[1];
    const caller = told["caller"] ?? CALLER.exec(text)?.[1];
    const rest = text.slice(match.index + match[0].length);
    const free =
      // The driver takes DMA-capable memory alone.
      (wording.known === "wifi-eb"
        ? /\b(?:dma|internal)\b[^\d,;]{0,16}[:=]\s*(\d{3,8})\b/i.exec(text)?.[1]
        : undefined) ??
      told["free"] ??
      (wording.known === "refused-low" ? /^[^\w,;]{0,3}(\d{3,8})\b/.exec(rest)?.[1] : undefined) ??
      /(?<!\b(?:largest|biggest|max(?:imum)?|contiguous)\b[^\d,;]{0,24})\b(?:free(?! block)|available|heap|left|remaining)\b[^\d,;]{0,16}[:=]?\s*(\d{3,8})\b/i.exec(
        rest,
      )?.[1] ??
      /(?:(?<!\b(?:largest|biggest|max(?:imum)?|contiguous)\b[^\d,;]{0,24})\b(?:free|have|available|left|remaining|libres?|livres?|frei)(?: heap| memory| ram)?|剩[余餘]|空[闲閒])[\s=:：]+(\d{3,8})\b/i.exec(
        text,
      )?.[1];
    const largest =
      /(?:\b(?:largest|biggest|plus grand|mayor|maior|(?:max_?)?blk(?==))\b|größte|最大)[^\d]{0,24}(?:8BIT MEMORY: )?(\d{2,8})\b/i.exec(
        text,
      )?.[1];
    return {
      known,
      isEcho: wording.isEcho === true,
      ...(component === undefined ? {} : { component }),
      ...(fn === undefined ? {} : { function: fn }),
      ...(hexsize === undefined
        ? size === undefined
          ? {}
          : { size: Number(size) }
        : { size: Number.parseInt(hexsize, 16) }),
      ...(caps === undefined ? {} : { caps: Number(caps) >>> 0 }),
      ...(free === undefined ? {} : { free: Number(free) }),
      ...(largest === undefined ? {} : { largest: Number(largest) }),
      ...(caller === undefined ? {} : { caller: Number.parseInt(caller, 16) }),
    };
  }
  return undefined;
}

/** What the failed-allocation callback is told beside size and capabilities: the heap's function, without arguments. */
const CALLED_BACK = /\bheap_caps_\w+(?!\w| ?\(| (?:fail|return))/;

/** "Failed to allocate an RMT channel" needs no memory; "failed to allocate 1234 bytes for the channel" does. */
function isOtherResource(text: string, known: string): boolean {
  if (!OTHER_RESOURCE.test(text)) return false;
  if (known === "task") return !/\b(?:task|thread|queue|semaphore|mutex)\b/i.test(text);
  return !/\b(?:bytes?|memory|heap|ram|psram|malloc|calloc|buffers?)\b|\d+ ?B\b/i.test(text);
}

/** What is free is not what was asked for. */
const WHAT_IS_FREE =
  /\b(?:free|available|left|remaining|largest|biggest|minimum|used|usage)\b[^\d,;]{0,20}[=: ]\d+ ?(?:bytes|B)?\b/gi;

/** Their numbers are of something else. */
const TELLS_NO_SIZE: ReadonlySet<string> = new Set([
  "wifi-eb",
  "wifi-pool",
  "mbedtls",
  "enomem",
  "enobufs",
  "no-mem",
  "refused-low",
]);

/** A return address, as of `__builtin_return_address(0)`. */
const CALLER = /\bcaller ?[=:] ?0x(4[0-9a-f]{7})\b/i;

/** `esp_himem_alloc(5242880) failed`; `my_alloc(123): failed` tells a line. */
const CALL = /\b\w*alloc\w*\((\d{3,9})\)(?!:)/i;

function sizeIn(line: string, known: string): string | undefined {
  const argument = CALL.exec(line)?.[1];
  if (argument !== undefined) return argument;
  if (TELLS_NO_SIZE.has(known)) return undefined;
  const text = line.replace(WHAT_IS_FREE, "");
  const stack = known === "task" ? STACK.exec(text) : null;
  if (stack !== null) return stack[1] ?? stack[2];
  const match =
    /\b(?:size|length|len|bytes|requested|request|need(?:ed|s)?|want(?:ed|s)?|from \d+ to|(?:m|c|re)?alloc(?:at\w+)?|of)\b(?!\(\d+\):)\s*[:=]?\s*\(?(\d{1,9})\)?(?:\s*(?:bytes|B)\b)?/i.exec(
      text,
    ) ?? undefined;
  const bytes = /\b(\d{1,9})\s*-?(?:(?:bytes?|B|octets?)\b|字节|位元組|バイト|байт)/i.exec(text)?.[1];
  const kilobytes = /\b(\d{1,6})\s*(?:KB|KiB|kB|k)\b/.exec(text)?.[1];
  const told = bytes ?? (kilobytes === undefined ? match?.[1] : String(Number(kilobytes) * 1024));
  return told ?? IN_BRACKETS.exec(text)?.[1];
}

/** `xTaskCreate(ota_task, "ota", 16384, …)`, `failed to create task "ota", stack 16384` */
const STACK =
  /\w*Create\w*\([^()]*?,\s*(\d{3,6})\s*[,)]|\bstack(?:[ _-]?(?:size|depth))?\b\W{0,4}(?:of )?(\d{3,6})\b(?! ?(?:words|free))/i;

/** `malloc failed (153600)`: no code and no line. */
const IN_BRACKETS =
  /alloc\w*(?:\(\))?(?!.*\b(?:err|error|code|line|ret|rc|status)\b)[^\d()]{0,24}\((?!257\))(\d{3,9})\)\W*$/i;

/** `Allocating 115200 Byte frame buffer in PSRAM`: what is asked for next, and may fail. */
export const ANNOUNCED =
  /\ballocating\b\D{0,40}\d{2,9} ?(?:bytes?|kB|B)\b|\b(?:len|length|size|bytes) to alloc\w*\W{0,3}\d{2,9}\b/i;

export function announcedRequest(text: string): Pick<FailedAllocation, "size" | "caps"> | undefined {
  if (!ANNOUNCED.test(text)) return undefined;
  const size = sizeIn(text, "generic");
  const caps = capsIn(text);
  return {
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(caps === undefined ? {} : { caps: Number(caps) >>> 0 }),
  };
}

function capsIn(text: string): string | undefined {
  const number = /\bcap(?:s|abilit\w*)\b\s*[:=]?\s*\(?(0x[0-9a-f]+|\d+)\b/i.exec(text)?.[1];
  if (number !== undefined) return number;
  const names = [...text.matchAll(/MALLOC_CAP_\w+/g)].map(([name]) => parseCaps(name));
  if (
    names.length === 0 &&
    /\b(?:in|from|to|into) (?:the )?(?:psram|spiram|external (?:ram|memory))\b|\b(?:psram|spiram) (?:m|c|re)?alloc|\bps_(?:m|c|re)alloc/i.test(
      text,
    )
  )
    return String(Cap.SPIRAM);
  return names.length === 0
    ? undefined
    : String(names.reduce<number>((all, mask) => (typeof mask === "number" ? (all | mask) >>> 0 : all), 0));
}

function componentOf(tags: readonly string[], what: string | undefined): string | undefined {
  const tag = tags.at(-1);
  const named = what?.trim().replace(/^(?:the|a|an) /, "");
  if (named !== undefined && named !== "") return tag === undefined ? named : `${tag} (${named})`;
  // A source file asks for nobody.
  if (tag === undefined || tag === "" || /\.(?:c|cpp|cc|h|hpp|ino|py|rs)(?::\d+)?$/.test(tag)) return undefined;
  return tag.replace(/:\d+$/, "");
}

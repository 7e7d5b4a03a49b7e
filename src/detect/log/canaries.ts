// Damaged canaries and fills, read as someone does who knows multi_heap_poisoning.c: what was written, by whom it can have been, and who is innocent.

import { greatest, lastValue, smallest, valueAt } from "../../base/values.ts";
import { formatAddress, formatBytes, formatNumberOf } from "../../base/format.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import type { Names } from "../names.ts";
import { factOf, placeName } from "./places.ts";
import { FIND_UMM_WRITER, FIND_WRITER, FREED, FRESH, HEAD, lower, type Reading, TAIL, word } from "./reading.ts";

export function bytesOf(word: number): number[] {
  return [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);
}

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, "0").toUpperCase()}`;

/** At least two letters, and at most one character that is none. */
export function asText(bytes: readonly number[]): string | undefined {
  const text = String.fromCharCode(...bytes);
  const letters = text.replace(/[^ -~]/g, "").length;
  if (/[^ -~\0\t\n\r]/.test(text) || letters < Math.max(2, text.length - 1)) return undefined;
  return text.replace(/\0/g, "\\0").replace(/\t/g, "\\t").replace(/\n/g, "\\n").replace(/\r/g, "\\r");
}

/** A pointer to RAM that a heap may use, on any of the chips. */
export function isHeapPointer(value: number): boolean {
  return (
    value % 4 === 0 &&
    ((value >= 0x3ff90000 && value < 0x40000000) || (value >= 0x3fc80000 && value < 0x3fd00000) || (value >= 0x3f500000 && value < 0x3fc00000) ||
      (value >= 0x3c000000 && value < 0x3e000000) || (value >= 0x40800000 && value < 0x40890000) || (value >= 0x4ff00000 && value < 0x4ffc0000) ||
      (value >= 0x48000000 && value < 0x4c000000) || (value >= 0x2f000000 && value < 0x2f080000))
  ); // prettier-ignore
}

const CHECKED =
  "A check of the whole heap complains of it and goes on to the next block: nothing was freed there, and the write happened any time before";

/** A block's header, which stands between a canary and the fill of free memory behind it. */
const HEADER = 24;

/** Where an overrun ends that goes on from a canary into free memory: words of its fill that the same check found damaged, one behind the other. */
function writtenUpTo(address: number, also: readonly string[]): number | undefined {
  let end = address + 4;
  for (const line of also) {
    const at = Number(/Invalid data at (0x[0-9a-f]{8})\. Expected 0xfefefefe /i.exec(line)?.[1]);
    if (at >= end && at - end <= (end === address + 4 ? HEADER : 0)) end = at + 4;
  }
  return end === address + 4 ? undefined : end;
}

/** The canary behind a block, of whichever heap. */
export function tail(incident: RunIncident, names: Names): Reading {
  const { address = 0, expected = TAIL, found = 0, blockSize, blockAddress, quote, also = [] } = incident;
  // Where a free has noticed it, it is the block's owner that frees.
  const isFreed = [quote, ...also].some((line) => /multi_heap_(?:free|realloc)/.test(line));
  const owner = isFreed ? placeName(names, incident) : undefined;
  const wrote = bytesOf(found);
  const canary = bytesOf(expected);
  const damaged = wrote.flatMap((byte, i) => (byte === canary[i] ? [] : [i]));
  const block =
    blockSize === undefined || blockAddress === undefined
      ? undefined
      : { of: `block of ${formatBytes(blockSize)}`, at: formatAddress(blockAddress) };
  const end =
    block === undefined
      ? `The block ends at ${formatAddress(address)}; its size is not told${address % 4 === 0 ? ", but a multiple of 4" : `, but ${address % 4} more than a multiple of 4 (from the unaligned address of its end)`}`
      : `The ${block.of} at ${block.at} ends there, by an earlier line of the log`;
  const title = `a ${block?.of ?? "block"} was written past its end`;
  if (expected === TAIL && (found === FRESH || found === FREED)) return fillBehind(found, end);
  if (damaged.length === 0) {
    return {
      ...{ rule: "overflow", severity: "error", confidence: 1, next: findWriter(expected) },
      title: `${title}, and its canary was back when the heap printed it`,
      evidence: [
        `The canary behind the block, at ${formatAddress(address)}, is printed as ${word(found)}, which is right, and was another one when it was checked: a task, an interrupt or DMA writes there at the same time`,
        end,
      ],
    };
  }
  const first = valueAt(damaged, 0);
  const last = lastValue(damaged);
  const length = last - first + 1;
  const written = wrote.slice(first, last + 1);
  const text = asText(written);
  const isNul = damaged.length === 1 && wrote[first] === 0 && first === 0;
  const what = text !== undefined && length > 1 ? `“${text}”` : written.map(hex).join(" ");
  const behind = last === 3 ? writtenUpTo(address, also) : undefined;
  const exactly =
    last < 3
      ? damaged.length === 1 && first === 0
        ? "exactly one byte"
        : formatNumberOf(length, "byte")
      : first > 0
        ? undefined
        : `at least ${behind === undefined ? formatNumberOf(length, "byte") : formatBytes(behind - address)}`;
  const evidence = [
    `The canary behind the block, ${word(expected)} at ${formatAddress(address)}, reads ${word(found)}: of its four bytes ${damaged.length === 4 ? "all were" : `only ${damaged.length === 1 ? `number ${first + 1} was` : `numbers ${damaged.map((i) => i + 1).join(", ")} were`}`} written (${what})`,
    end,
    ...(first > 0
      ? ["What was written does not begin at the end: an index or a field beyond it, no copy or string that ran on"]
      : []),
    ...countedSentence(found, expected),
    ...(isNul
      ? [
          "One 0x00 right behind the end is nearly always a missing + 1 for a string's terminating NUL: malloc(strlen(s)), new char[length], or a buffer length passed as length + 1",
        ]
      : []),
    ...(behind === undefined
      ? []
      : [
          `The free memory behind it was written over too, up to ${formatAddress(behind)}: it ran on for ${formatBytes(behind - address)}`,
        ]),
    ...(text !== undefined && length > 1 ? [`The bytes read as text: “${text}”`] : []),
    factOf(incident, "checked") !== undefined
      ? CHECKED
      : owner === undefined
        ? "It was noticed when the block was freed or checked; the write happened any time before"
        : `It was noticed when ${owner} freed the block, which is therefore its owner or near it; the write happened any time before`,
  ];
  return {
    rule: "overflow",
    severity: "error",
    confidence: 1,
    title: `${title}${exactly === undefined ? `, with a gap: the first ${first === 1 ? "byte behind it is" : `${first} bytes behind it are`} untouched, byte ${first + 1} is not` : ` by ${exactly}`}${isNul ? " of 0x00: a string's NUL without room" : ""}`,
    evidence,
    next: isNul
      ? "Look for malloc(strlen(s)) or a size without + 1 where this block is allocated; the caller of free in the backtrace names the block's owner"
      : text !== undefined && length > 1
        ? `Look for text that is copied without regard to the room for it (strcpy, strcat, sprintf, memcpy) into the block${owner === undefined ? "" : ` that ${owner} frees`}; if it cannot be found, ${lower(findWriter(expected, also))}`
        : findWriter(expected, also),
  };
}

/** Counts of references and the like change by a few. */
const FEW = 4;

function countedSentence(found: number, expected: number): string[] {
  const change = found - expected;
  if (change === 0 || Math.abs(change) > FEW) return [];
  return [
    `It is the canary ${change < 0 ? "less" : "plus"} ${Math.abs(change)}: something was counted ${change < 0 ? "down" : "up"} there, as counts of references and locks are, through a pointer to an object that is larger than this block or was freed before it`,
  ];
}

/** Fills are words of the heap's own, and no overflow writes them: where a block ends by its head, another one begins or has ended. */
function fillBehind(found: number, end: string): Reading {
  const isFreed = found === FREED;
  return {
    rule: "heap-corruption",
    severity: "error",
    confidence: 0.7,
    title: `where a block ends stands the fill of ${isFreed ? "freed" : "new"} memory: its head was overwritten, or blocks overlap`,
    evidence: [
      `Where the canary ${word(TAIL)} should stand stands ${word(found)}, with which comprehensive poisoning fills ${isFreed ? "what is freed" : "what malloc gives"}: most likely the heap itself has written it; a copy of memory that was ${isFreed ? "freed" : "never filled"} past the block's end looks the same`,
      end,
      `So the size in the block's head is not the one that it was made with (an overflow of the block before it), or ${isFreed ? "its neighbour was freed" : "another block was made"} over its end, which a broken list of free blocks or two tasks in the heap at once lead to`,
    ],
    next: "Call heap_caps_check_integrity_all(true) between suspects: the first call that complains brackets the culprit; look at the block before this one first; memmap's probe names block, owner and time",
  };
}

/** umm_malloc of the ESP8266 core has a switch of its own. */
function findWriter(canary: number, also: readonly string[] = []): string {
  // Fills are looked at in this build already.
  const isComprehensive = also.some((line) => /Expected 0x(?:fe){4}\b/i.test(line));
  return canary === TAIL || canary === HEAD
    ? isComprehensive
      ? FIND_WRITER.replace(/^Set CONFIG_HEAP_POISONING_COMPREHENSIVE and call/, "Call")
      : FIND_WRITER
    : FIND_UMM_WRITER;
}

export function head(incident: RunIncident, names: Names): Reading {
  const { expected = HEAD } = incident;
  if (expected !== HEAD) return before(incident, expected);
  const { address = 0, found = 0, blockAddress, blockSize, allocSite, freeSite } = incident;
  const user = address + 8;
  const name =
    blockSize === undefined
      ? `the block at ${formatAddress(user)}`
      : `the ${formatBytes(blockSize)} block at ${formatAddress(blockAddress ?? user)}`;
  const isTracedFree = freeSite !== undefined;
  const isOfCheck = factOf(incident, "checked") !== undefined && !isTracedFree;
  const story = isTracedFree
    ? [
        `The heap trace in this log tells it: allocated at ${names.site(allocSite ?? 0).text}, first freed at ${names.site(freeSite).text}, freed again here`,
      ]
    : allocSite === undefined
      ? []
      : [`The heap trace in this log tells who allocated it: ${names.site(allocSite).text}`];
  const innocent =
    "The block before it is not to blame: an overflow would have had to pass its own tail canary, of which nothing complained";
  if (found === FREED) {
    return {
      rule: "double-free", severity: "error", confidence: 0.98,
      title: `double free of ${name}: its head holds the fill of freed memory`,
      evidence: [
        `Where the canary ${word(HEAD)} should stand, at ${formatAddress(address)}, stands ${word(FREED)}, with which comprehensive poisoning fills what is freed: as far as poisoning goes, this proves that it had been freed before`,
        ...story, innocent,
      ],
      next: "Look at the caller of free in the backtrace, and for the first free of the same pointer (set it to NULL there); memmap's probe tells both sites",
    }; // prettier-ignore
  }
  if (!isOfCheck && (isHeapPointer(found) || isTracedFree)) {
    return {
      rule: "double-free", severity: "error", confidence: isTracedFree ? 0.97 : 0.85,
      title: isTracedFree ? `double free of ${name}` : `free of ${name}, which is no live block: most likely a double free`,
      evidence: [
        `Where the canary ${word(HEAD)} should stand, at ${formatAddress(address)}, stands ${word(found)}${isHeapPointer(found) ? ", a pointer into the heap: a free block keeps the links of the free list there, so the block had been freed (or freed and joined with its neighbour)" : ""}`,
        ...story, innocent,
      ],
      next: "Look at the caller of free in the backtrace, and for the first free of the same pointer (set it to NULL there); memmap's probe tells both sites",
    }; // prettier-ignore
  }
  const { stackLow = Infinity, stackHigh = -Infinity } = incident;
  if (!isOfCheck && address >= stackLow && address <= stackHigh) {
    return {
      rule: "wild-free", severity: "error", confidence: 0.95,
      title: `free of a pointer into the running task's own stack, ${formatAddress(user)}`,
      evidence: [
        `It lies among the stack pointers of the backtrace (${formatAddress(stackLow)} to ${formatAddress(stackHigh)}), where malloc gives nothing; so no canary stands before it`,
        "An object or an array that is a local variable is freed, or a String or another object that was never made: a function that returns nothing although it is declared to",
      ],
      next: "Look at what the caller of free or of the destructor in the backtrace gives back, and compile with -Wall -Werror=return-type",
    }; // prettier-ignore
  }
  const text = asText(bytesOf(found));
  if (isOfCheck) {
    return {
      rule: "overflow", severity: "error", confidence: 0.8,
      title: `the bytes before ${name} were overwritten${text === undefined ? "" : ` with text, “${text}”`}`,
      evidence: [
        `Where the canary ${word(HEAD)} should stand, at ${formatAddress(address)}, stands ${word(found)}${isHeapPointer(found) ? ", a pointer into memory" : ""}`,
        ...story,
        CHECKED,
        "The block before it was written past its end, over its own tail canary as well, or somebody writes through a pointer to a block that was freed and handed out anew",
      ],
      next: FIND_WRITER,
    }; // prettier-ignore
  }
  const meaning =
    found === 0
      ? "zeros"
      : found === FRESH
        ? "the fill of new memory"
        : found === HEAD
          ? "the canary itself"
          : found === TAIL
            ? "a tail canary: the pointer lies off by some bytes"
            : text === undefined
              ? "neither a canary, nor a fill, nor a pointer"
              : `text, “${text}”`;
  return {
    rule: "overflow", severity: "error", confidence: 0.7,
    title: `the bytes before ${name} were overwritten${text === undefined ? "" : ` with text, “${text}”`}: an overflow of the block before it, or a free of a pointer that malloc never gave`,
    evidence: [
      `Where the canary ${word(HEAD)} should stand, at ${formatAddress(address)}, stands ${word(found)}: ${meaning}`,
      ...story,
      "A write past the end of the block before it that reaches so far, a write to p[-1], or a pointer that was moved before it was freed: the message cannot tell which",
    ],
    next: FIND_WRITER,
  }; // prettier-ignore
}

/** Of a heap whose blocks begin with nothing but a canary. */
function before({ address = 0, found = 0 }: RunIncident, expected: number): Reading {
  const text = asText(bytesOf(found));
  return {
    rule: "overflow",
    severity: "error",
    confidence: 0.8,
    title: `the bytes before a block were overwritten${text === undefined ? "" : ` with text, “${text}”`}: an overflow of the block before it, or an underflow of its own`,
    evidence: [
      `Where the canary ${word(expected)} should stand, at ${formatAddress(address)}, stands ${word(found)}`,
      "It was noticed when a block was allocated, freed or checked; the write happened any time before",
    ],
    next: findWriter(expected),
  };
}

/** What a changed fill tells of how it was changed. */
function changeOf(found: number, expected: number): string[] {
  if (found === expected - 1 || found === expected + 1)
    return [
      `It is the fill ${found < expected ? "less" : "plus"} one: something was counted ${found < expected ? "down" : "up"} there, as counts of references and semaphores are`,
    ];
  const changed = (found ^ expected) >>> 0;
  if (changed === 0 || (changed & (changed - 1)) !== 0) return [];
  const isCleared = (expected & changed) !== 0;
  return [
    `Of the fill one bit differs, 0x${changed.toString(16)}, which was ${isCleared ? "cleared" : "set"}: a flag of an object that was freed (x->flags ${isCleared ? "&= ~" : "|= "}0x${changed.toString(16)}); where PSRAM or a weak supply is suspected, a bit that falls over by itself looks the same`,
  ];
}

/** Places at one distance from each other, of the lines of one accident. */
function strideOf(address: number, also: readonly string[]): string[] {
  const places = [address, ...also.flatMap((line) => /Invalid data at (0x[0-9a-f]{8})/i.exec(line)?.[1] ?? []).map(Number)]; // prettier-ignore
  const sorted = [...new Set(places)].sort((a, b) => a - b);
  const steps = new Set(sorted.slice(1).map((place, i) => place - valueAt(sorted, i)));
  const [step] = steps;
  return sorted.length < 3 || steps.size !== 1 || step === undefined || step <= 4
    ? []
    : [
        `${sorted.length} places, each ${formatBytes(step)} behind the one before it: one field of each element of an array with elements of ${formatBytes(step)}`,
      ];
}

/** From how many damaged words on they are told together. */
const MANY_WORDS = 6;

/** What many damaged words have in common. */
function extentOf(address: number, found: number, also: readonly string[]): string[] {
  const more = also.flatMap((line) => {
    const [, at, word] = /Invalid data at (0x[0-9a-f]{8})\. Expected \S+ got (0x[0-9a-f]{8})/i.exec(line) ?? [];
    return at === undefined ? [] : [{ at: Number(at), word: Number(word) }];
  });
  const words = [{ at: address, word: found }, ...more];
  if (words.length < MANY_WORDS) return [];
  const low = smallest(words.map(({ at }) => at));
  const high = greatest(words.map(({ at }) => at)) + 4;
  const halves = words.flatMap(({ word }) => (word >>> 16 === (word & 0xffff) ? [word & 0xffff] : []));
  const repeated = halves.find((half) => half !== 0 && halves.filter((other) => other === half).length > 2);
  return [
    `${words.length} words of ${formatBytes(high - low)} are written over, from ${formatAddress(low)} to ${formatAddress(high)}: a buffer that is still filled, rather than one field`,
    ...(repeated === undefined
      ? []
      : [
          `The same 16 bits, 0x${repeated.toString(16).padStart(4, "0")}, stand there again and again, as pixels of one colour (RGB565) or silent samples do: look at frame buffers and DMA transfers that go on after their buffer was freed`,
        ]),
  ];
}

export function afterFree({
  address = 0,
  found = 0,
  expected = FREED,
  foundBytes,
  blockSize,
  blockAddress,
  allocSite,
  freeSite,
  also = [],
}: RunIncident): Reading {
  const shown = foundBytes === 1 ? hex(found & 0xff) : word(found);
  const text = foundBytes === 1 ? undefined : asText(bytesOf(found));
  const isFresh = expected === FRESH || expected === 0xce;
  const known =
    blockSize === undefined
      ? ""
      : `, ${formatBytes(address - (blockAddress ?? address))} into a block of ${formatBytes(blockSize)} that the log knows`;
  const fill = foundBytes === 1 ? hex(expected & 0xff) : word(expected);
  return {
    rule: "write-after-free",
    severity: "error",
    confidence: 0.97,
    title: `memory was written after it had been freed, at ${formatAddress(address)}`,
    evidence: [
      `A free block is filled with ${fill} (comprehensive poisoning)${isFresh ? ", here that of new memory" : ""}; ${shown} stands there instead${known}`,
      ...changeOf(found, expected),
      ...strideOf(address, also),
      ...extentOf(address, found, also),
      ...(text === undefined ? [] : [`The bytes read as text: “${text}”`]),
      ...(isHeapPointer(found)
        ? ["The value is a pointer into the heap: a list or an object goes on using the block"]
        : []),
      "It was noticed when the block was handed out again or checked; who wrote is another one than who is in the backtrace",
      ...(allocSite !== undefined || freeSite !== undefined
        ? ["The heap trace in this log tells who had the block"]
        : []),
    ],
    next: "Look for who still holds a pointer to that block: callbacks, timers and lists that outlive their object; memmap's probe with quarantine (CONFIG_MEMMAP_QUARANTINE_BYTES) tells who had it and who freed it",
  };
}

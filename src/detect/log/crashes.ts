// Crashes and aborts: what a fault address, a register or a frame says about the heap, and that nothing does where nothing does.

import { formatAddress, formatBytes } from "../../base/format.ts";
import { capital } from "../../base/text.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { isHeapFrame } from "../../symbols/system-frames.ts";
import { isNameless, readableName } from "../../symbols/whose-code.ts";
import type { Names } from "../names.ts";
import { NEAR_NULL, readFault, returnedTo } from "./fault-addresses.ts";
import { knownAssertions, knownCall, knownReasons } from "./knowledge.ts";
import { type LibraryCrash, readLibraryCrash } from "./library-calls.ts";
import { allFramesOf, errorBefore, factOf, ownName, quoteOf } from "./places.ts";
import {
  FIND_UMM_WRITER,
  FIND_WRITER,
  FREED,
  FRESH,
  HEAD,
  NO_CACHE,
  type Reading,
  STACK_FILL,
  TAIL,
  word,
} from "./reading.ts";

/** With less than this, tasks, sockets and TLS cannot be had any more. */
const LITTLE = 16 * 1024;

/** Panics in which an address of memory was wrong. */
const IS_ACCESS =
  /prohibited|access fault|LoadStore|Alignment|misaligned|FetchError|page fault|^exception (?:2|3|9|20|28|29)$/i;

/** Of what a decoder tells the address alone. */
const UNTOLD_ACCESS = "prohibited access";

/** Compiled C++ methods: with their class in front, and arguments. */
const METHOD = /^(?:[\w ]+ )?(?:[\w]+(?:<.*>)?::)+~?\w+\(/;

/** That end a program with a message of their own, by the incident's `known`. */
const LANGUAGES: Readonly<Record<string, string>> = { rust: "Rust", go: "Go" };

export function crash(incident: RunIncident, before: readonly RunIncident[], names: Names): Reading {
  const { kind, detail = "", registers = [], core, task } = incident;
  const values = new Map(registers.map((text) => [text.split(" ")[0] ?? "", Number(text.split(" ")[1])]));
  // Of other exceptions the register holds what the one before left, or an instruction.
  const fault = IS_ACCESS.test(detail)
    ? (values.get("EXCVADDR") ?? values.get("MTVAL") ?? values.get("excvaddr"))
    : undefined;
  // On RISC-V the registers are those of the trap with which abort() ends.
  const aborted = kind === "abort" ? /at PC (?:0x)?([0-9a-f]{8})/i.exec(incident.quote)?.[1] : undefined;
  const pc =
    aborted === undefined ? (values.get("PC") ?? values.get("MEPC") ?? values.get("epc1")) : Number.parseInt(aborted, 16); // prettier-ignore
  const isWrite = /store|exception 29/i.test(detail) || values.get("MCAUSE") === 7;
  const access = detail === UNTOLD_ACCESS ? "an access" : isWrite ? "a write" : "a read";
  const frames = allFramesOf(names, incident).map((frame) => frame.function);
  // What hits a watchpoint is the culprit, the heap's own accesses included.
  const isWatched = /^Watchpoint \d/.test(detail);
  const inHeap = isWatched
    ? undefined
    : (incident.function ?? frames.slice(0, kind === "abort" ? 8 : 4).find((name) => isHeapFrame(name)));
  const found = poisonOf([...(fault === undefined ? [] : [fault]), ...values.values()]);
  const isStackInHeap =
    inHeap !== undefined && found !== undefined && found.word >= STACK_FILL && found.word < STACK_FILL + 256;
  const poisoned = isStackInHeap ? stackInHeap(found.word) : found;
  const failedBefore = before.findLast((one) => one.kind === "failed-allocation" && one.boot === incident.boot);
  const isNamed = frames.some((name) => !isNameless(name));
  const place = pc === undefined ? "" : ` at PC ${formatAddress(pc)}`;
  const evidence: string[] = [];
  if (poisoned !== undefined) evidence.push(poisoned.evidence);
  // FreeRTOS says it before it aborts.
  const isReturn =
    kind === "abort" && /^\d+ FreeRTOS Task ".*" should not return/.test(factOf(incident, "error before") ?? "");
  const isInInterrupt = factOf(incident, "in interrupt") !== undefined;
  const call =
    inHeap === undefined && poisoned === undefined
      ? knownCall(
          isReturn ? ["prvTaskExitError"] : isInInterrupt ? ["vPortAssertIfInISR"] : frames,
          kind === "abort",
          fault !== undefined,
        )
      : undefined;
  const assertedIn = factOf(incident, "asserted");
  const known = knownAssertions.find(({ pattern }) => assertedIn !== undefined && pattern.test(assertedIn));
  const isXtensa = !values.has("MEPC");
  const isJump = /InstrFetch|Instruction (?:access fault|page fault)|^exception (?:2|20)$/i.test(detail);
  const library =
    inHeap === undefined && poisoned === undefined && !isJump
      ? readLibraryCrash(
          { names: frames, pc, fault, isWrite, registers: values, stack: incident.stackWords ?? [] },
          ownName(names, incident),
          factOf(incident, "stack scan") === undefined ? incident.pc : undefined,
        )
      : undefined;
  const caller = values.get("RA");
  const returned = isJump && pc !== undefined && poisoned === undefined ? returnedTo(pc, caller) : undefined;
  if (returned !== undefined) evidence.push(returned);
  else if (isJump && pc !== undefined && pc < 0x1000 && poisoned === undefined)
    evidence.push(
      `The program counter is ${formatAddress(pc)}: a function was called through a pointer that is NULL (a callback that nobody has set, or a method of an object without its table)${caller === undefined ? "" : `, right before ${formatAddress(caller)} (RA)`}`,
    );
  else if (fault !== undefined && fault < 0x1000 && poisoned === undefined && inHeap === undefined) {
    evidence.push(
      `The address of the access is ${formatAddress(fault)}${fault === 0 ? "" : `, a field ${fault} B into a structure`}: ${access} through a NULL pointer${fault > 0 && library?.function !== undefined ? ", or a small number that was taken for one" : ""}`,
      ...(call === undefined
        ? nullPointerOf(frames[0] ?? "", failedBefore, factOf(incident, "null argument"), library)
        : []),
    );
  }
  if (inHeap !== undefined)
    evidence.push(
      `The program died inside the heap (${inHeap}): its blocks or lists had been overwritten before; the caller is the victim`,
    );
  const isCheck = incident.known === "error-check";
  const errorLine = errorBefore(incident, before)?.line;
  const language = LANGUAGES[incident.known ?? ""];
  if (language !== undefined)
    evidence.push(`A panic of ${language}: a check of the program's own or of a library failed`);
  else if (isCheck)
    evidence.push(
      "ESP_ERROR_CHECK ends the program at any error: the call that gave it is what to look at, not the abort",
    );
  else if (call !== undefined) evidence.push(call.means);
  else if (kind === "abort") {
    evidence.push(
      assertedIn !== undefined
        ? `An assertion failed (__assert_func${/\w/.test(assertedIn) ? `, called in ${readableName(assertedIn)},` : ""} stands in its calls); its words are not in the log${known === undefined ? "" : `. Most likely ${known.proves}`}`
        : frames.some((name) => /^operator new|__throw_bad_alloc/.test(name))
          ? "operator new stands in its calls: no block could be had, std::bad_alloc was thrown and nobody caught it"
          : frames.some((name) => /terminate|__cxa_throw/.test(name))
            ? "An exception that nobody caught ended in std::terminate"
            : "abort() is how failed checks end: std::bad_alloc that nobody caught, ESP_ERROR_CHECK, an assertion; the lines before it tell which",
    );
  }
  const isHandler = factOf(incident, "isr") !== undefined && call === undefined;
  if (isHandler)
    evidence.push(
      "It happened in an interrupt: its handler, and what that was given, are to look at, and not the task that ran",
    );
  const low = wantOfMemory(incident);
  if (low !== undefined) evidence.push(low);
  if (library !== undefined) evidence.push(...library.evidence);
  const address =
    fault === undefined || poisoned !== undefined
      ? undefined
      : readFault(fault, isWrite, isXtensa && values.has("A0"), isJump ? pc : undefined, pointersOf(values));
  const isText = address?.kind === "text";
  // What the heap followed is a link of its own, and no pointer that somebody forgot to check.
  const isLink = inHeap !== undefined && address?.kind === "near-null";
  if (address?.evidence !== undefined && returned === undefined && !isLink) evidence.push(address.evidence);
  const dump = factOf(incident, "memory");
  const isUnread = dump !== undefined && /^bad00bad\b/i.test(dump);
  const isErased = dump !== undefined && /^(?:f{8} ?)+$/.test(dump);
  const reason =
    poisoned === undefined &&
    inHeap === undefined &&
    call === undefined &&
    returned === undefined &&
    (!isText || isJump)
      ? knownReasons.find(({ pattern }) => pattern.test(detail))
      : undefined;
  if (reason !== undefined && !isErased && !isUnread) evidence.push(capital(reason.means));
  if (isErased)
    evidence.push(
      "The code there reads 0xFFFFFFFF, as erased flash does: it could not be read (flash voltage, GPIO 12, flash mode or frequency), or the image is not whole",
    );
  if (isUnread && poisoned === undefined)
    evidence.push(
      "The code there reads 0xBAD00BAD, as all of flash and PSRAM does while the ESP32's cache is off: the instructions were not those of the program, nothing of it is broken",
    );
  const argument = fault === undefined && kind === "panic" ? factOf(incident, "null argument") : undefined;
  if (argument !== undefined && evidence.length === 0) evidence.push(nullOf(frames[0] ?? "", argument));
  if (evidence.length === 0 || (reason !== undefined && evidence.length === 1))
    evidence.push("Nothing here proves a fault of the heap");
  const isHeap = poisoned !== undefined || inHeap !== undefined;
  return {
    rule: poisoned?.rule ?? (inHeap === undefined ? "crash" : "heap-corruption"),
    severity: reason?.title === undefined || isWatched ? "error" : "warning",
    confidence: isHeap ? 0.85 : 0.6,
    title:
      (reason?.title === undefined ? undefined : `${reason.title}${isWatched ? place : ""}`) ??
      titleOfCrash(
        inHeap === undefined ? incident : { ...incident, function: inHeap },
        poisoned,
        fault,
        access,
        isJump,
        place,
        `${factOf(incident, "isr") !== undefined ? " in an interrupt" : task === undefined ? "" : ` in task ${task}`}${core === undefined ? "" : ` on core ${core}`}`,
        library?.title,
      ),
    evidence,
    next:
      poisoned?.next ??
      call?.next ??
      (known === undefined || inHeap !== undefined ? undefined : capital(known.next)) ??
      address?.next ??
      (returned === undefined ? undefined : RETURNED_NEXT) ??
      (isJump &&
      fault !== undefined &&
      fault >= 0x1000 &&
      incident.pc === undefined &&
      (incident.frames ?? 0) < 2 &&
      !values.has("RA")
        ? JUMPED_NEXT
        : undefined) ??
      (isUnread ? NO_CACHE_NEXT : undefined) ??
      (isErased
        ? "Check supply, flash mode and strapping pins, and write the image again (`esptool.py verify_flash`)"
        : placedNext(reason?.next, ownName(names, incident), isNamed, incident.pc)) ??
      (language !== undefined && incident.component !== undefined
        ? `Look at ${incident.component}, and at who calls it with what it refuses`
        : isCheck
          ? `${errorLine === undefined ? "Look" : `Look at what the program calls an error in line ${quoteOf(incident, "first error before")?.line ?? errorLine}, and look`} up what that call's error means in its documentation; handle it instead of ending the program`
          : isText && /^exception \d/.test(detail)
            ? "Look for text that is copied without regard to the room for it near the object that the first frame reads; build with -DUMM_POISON_CHECK, with which each call of the heap looks at all blocks"
            : inHeap !== undefined || isText
              ? /^_?umm_/.test(inHeap ?? "")
                ? FIND_UMM_WRITER
                : FIND_WRITER
              : address?.kind === "garbage"
                ? `${isNamed ? "Look" : "Decode the backtrace (`--elf build/APP.elf`) and look"} at the object from which ${library === undefined ? "the first frame reads" : "the caller has"} that pointer; with CONFIG_HEAP_POISONING_COMPREHENSIVE the address tells whether it was freed (0xFEFEFEFE) or never filled (0xCECECECE)`
                : library !== undefined
                  ? library.next
                  : fault !== undefined && (fault < NEAR_NULL || address?.kind === "near-null")
                    ? `${isNamed ? "Check" : "Decode the address (`--elf build/APP.elf`) and check"} there whether the pointer came from malloc, new or a create function that may return NULL`
                    : kind === "abort" && errorLine !== undefined
                      ? `Look first at what the program calls an error in line ${errorLine}, right before it: most likely the check that failed${isNamed ? "" : "; decode the backtrace too (`--elf build/APP.elf`)"}`
                      : isNamed
                        ? "Look at the first frame that is yours; print free heap and largest block shortly before it, to see whether memory plays a part"
                        : `Decode ${kind === "abort" && incident.pc !== undefined ? `${formatAddress(incident.pc)}, where abort() was called, and what called that` : "the backtrace"} (\`--elf build/APP.elf\`); print free heap and largest block shortly before it, to see whether memory plays a part`),
  };
}

/** Registers that a pointer may be in. */
const pointersOf = (values: ReadonlyMap<string, number>): readonly (readonly [string, number])[] =>
  [...values].filter(([name]) => /^(?:A(?:[2-9]|1[0-5])|[AST]\d{1,2}|S0\/FP)$/.test(name));

/** A step that names a frame, with what that frame is called. */
function placedNext(
  next: string | undefined,
  own: string | undefined,
  isNamed: boolean,
  at: number | undefined,
): string | undefined {
  const place = own !== undefined ? `Look at ${own}` : at === undefined ? undefined : `Decode ${formatAddress(at)}`;
  return next?.replace(/^Decode the (.{1,20}?)( \(`--elf [^`]+`\))/, (step, frame: string, how: string) =>
    place === undefined || !frame.endsWith(" frame")
      ? isNamed
        ? `Look at the ${frame}`
        : step
      : own === undefined
        ? `${place}${how}`
        : place,
  );
}

const RETURNED_NEXT =
  "Print uxTaskGetStackHighWaterMark() of the task that ran, give it a larger stack, and look for arrays on the stack that are written past their end";

const JUMPED_NEXT =
  "No backtrace leads to who made the call: set CONFIG_HEAP_POISONING_COMPREHENSIVE, which tells of overruns at each free, and look for callbacks and objects with virtual functions that are freed or overwritten";

/** What a NULL pointer nearly always comes of. */
function nullPointerOf(
  first: string,
  failedBefore: RunIncident | undefined,
  argument: string | undefined,
  library: LibraryCrash | undefined,
): string[] {
  if (failedBefore !== undefined)
    return [`An allocation had failed shortly before (line ${failedBefore.line}): its result was probably not checked`];
  if (library?.function !== undefined) return [];
  return [nullOf(first, argument)];
}

/** @param argument of the function, one that is NULL */
function nullOf(first: string, argument: string | undefined): string {
  if (argument !== undefined && argument !== "this")
    return `${readableName(first)} was called with ${argument} = NULL: a pointer that was never set, or what malloc() or a create function gave and nobody checked; nothing here proves a fault of the heap`;
  if (argument === "this")
    return `${readableName(first)} was called on an object that is NULL (\`this\` is 0x0): a pointer that was never set, or an object that could not be made; nothing here proves a fault of the heap`;
  return METHOD.test(first)
    ? `${readableName(first)} is a method: most likely its object itself is NULL (\`this\`), a pointer that was never set or whose object could not be made; nothing here proves a fault of the heap`
    : "That is typical after malloc() whose result was not checked, but nothing here proves a fault of the heap";
}

/** Where little was free. */
export function wantOfMemory({ free, freeLine, line }: RunIncident): string | undefined {
  if (free === undefined || free >= LITTLE) return undefined;
  const when = freeLine !== undefined && freeLine > line ? "next" : "last";
  return `Only ${formatBytes(free)} were free when it was ${when} told${freeLine === undefined ? "" : ` (line ${freeLine})`}: want of memory is the likely reason`;
}

function titleOfCrash(
  { kind, known, component, detail = "", function: name }: RunIncident,
  poison: Poison | undefined,
  fault: number | undefined,
  access: string,
  isJump: boolean,
  place: string,
  on: string,
  given: string | undefined,
): string {
  const reason = detail === "" ? "" : ` (${detail})`;
  if (poison !== undefined) return `${poison.title}: ${detail === "" ? "crash" : detail}${place}${on}`;
  if (name !== undefined) return `the program crashed inside the heap, in ${name}()${place}${reason}${on}`;
  if (given !== undefined) return `${given}${reason}${on}`;
  if (fault !== undefined && fault < 0x1000)
    return isJump
      ? `a call through a NULL pointer${reason}${on}`
      : `${access} through a NULL pointer${place}${reason}${on}`;
  if (LANGUAGES[known ?? ""] !== undefined)
    return `the program panicked${component === undefined ? place : ` at ${component === "" ? "an unknown place" : component}`}: ${detail}`;
  if (known === "error-check") return `ESP_ERROR_CHECK failed: ${detail}`;
  return kind === "abort"
    ? `abort() was called${place}${on}`
    : `the program crashed${detail === "" ? "" : `: ${detail}`}${place}${on}`;
}

/** The heap's own lists lead to what FreeRTOS has filled. */
function stackInHeap(found: number): Poison {
  return {
    word: found,
    rule: "heap-corruption",
    title: "the heap's lists were overwritten with the fill of a stack",
    evidence: `The heap read ${word(found)} from its own lists: FreeRTOS fills a new task's stack with 0xA5, so a stack was laid over free memory`,
    next: "Look at xTaskCreateStatic() with a buffer smaller than the depth it is given, at stacks that are freed while their task is still created or runs, and at pointers to freed buffers that become stacks",
  };
}

const NO_CACHE_NEXT =
  "Look at interrupts, timers and callbacks that run while flash is written or erased (NVS, OTA, SPIFFS): what they call and read must lie in internal memory (IRAM_ATTR, DRAM_ATTR, virtual tables too), or they must not be ESP_INTR_FLAG_IRAM";

interface Poison {
  /** The value that tells it. */
  readonly word: number;
  readonly rule: Reading["rule"];
  readonly title: string;
  readonly evidence: string;
  readonly next: string;
}

/** What poisoning and canaries leave in a pointer that was read from the wrong memory; a field lies a little above the pointer. */
function poisonOf(values: readonly number[]): Poison | undefined {
  const near = (pattern: number): number | undefined =>
    values.find((value) => value >= pattern && value - pattern < 256);
  const freed = near(FREED);
  if (freed !== undefined) {
    return {
      word: freed,
      rule: "use-after-free",
      title: "freed memory was used",
      evidence: `A register holds ${word(freed)}: 0xFEFEFEFE fills freed memory (comprehensive poisoning), so a pointer was read from a block that had been freed`,
      next: "Look at what the first frame reads its pointer from, and who frees that object; memmap's probe tells who freed it",
    };
  }
  const fresh = near(FRESH);
  if (fresh !== undefined) {
    return {
      word: fresh,
      rule: "uninitialized",
      title: "memory was used that was never written",
      evidence: `A register holds ${word(fresh)}: 0xCECECECE fills new memory (comprehensive poisoning), so a pointer was read from a block that malloc gave and nobody filled`,
      next: "Initialize the structure after malloc (or use calloc) where the first frame's object is created",
    };
  }
  const canary = near(HEAD) ?? near(TAIL);
  if (canary !== undefined) {
    return {
      word: canary,
      rule: "out-of-bounds",
      title: "memory outside a block was read",
      evidence: `A register holds ${word(canary)}, a canary of the heap: a pointer was read from beside a block`,
      next: "Look at the index or the length with which the first frame reads",
    };
  }
  const unread = near(NO_CACHE);
  if (unread !== undefined) {
    return {
      word: unread,
      rule: "crash",
      title: "flash or PSRAM was read while the cache was off",
      evidence: `A register holds ${word(unread)}: the ESP32 reads 0xBAD00BAD from flash and PSRAM while their cache is off (flash is being written, or the address is mapped to nothing), so a pointer or a value was taken from there`,
      next: NO_CACHE_NEXT,
    };
  }
  const stack = near(STACK_FILL);
  if (stack === undefined) return undefined;
  return {
    word: stack,
    rule: "uninitialized",
    title: "never written stack was used as a pointer",
    evidence: `A register holds ${word(stack)}: FreeRTOS fills unused stack with 0xA5`,
    next: "Look for an uninitialized local variable, or a stack that another task has left",
  };
}

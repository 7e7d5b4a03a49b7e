// Failed requests of a log as incidents: each with the figures that the log gives around it; lines that only pass a failure on join the one
// that they echo.

import type { Microseconds } from "../base/units.ts";
import { Method } from "../wire/protocol.ts";
import { decodedLine } from "../symbols/log/monitor-lines.ts";
import { ANNOUNCED, announcedRequest, type FailedAllocation, failedAllocationIn } from "./failed-allocation-text.ts";
import { WORDING_PATTERNS, WORDINGS } from "./failed-allocation-wordings.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import { isCode } from "./own-frame.ts";
import { templateOf } from "./template.ts";

/** An echo comes within so many lines of what failed. */
const ECHO_LINES = 8;
/** The ESP8266 core repeats the request that failed below the crash that came of it. */
const REPEATED = /last failed alloc call/;
const REPEAT_LINES = 100;
/** What one layer after the other says comes right after each other. */
const LAYER_LINES = 2;
/** What any layer says of a failure below it, in the same moment. */
const OF_ANY_LAYER: ReadonlySet<string> = new Set(["generic", "no-mem", "memory-exhausted", "enomem", "enobufs"]);
const MOMENT: Microseconds = 20_000;
/** A task whose stack was refused is not created either. */
const ABOVE_ALLOCATORS: ReadonlySet<string> = new Set([...OF_ANY_LAYER, "task"]);
/** What sockets say of a packet for which lwIP had no buffer. */
const OF_SOCKETS: ReadonlySet<string> = new Set(["enomem", "enobufs"]);
/** What an allocator itself tells comes before what those say who asked it. */
const ALLOCATORS: ReadonlySet<string> = new Set(["callback", "abort-on-failure", "esp8266-em", "esp8266-oom"]);
const CALLER_LINES = 4;
/** A layer below may add its header, and round up. */
const ROUNDING = 64;

interface Last {
  readonly line: number;
  readonly key: string;
  readonly known: string;
  readonly component: string | undefined;
  /** Of its lines so far. */
  readonly templates: Set<number>;
  /** Of the line that began it. */
  readonly first: number;
  readonly size: number | undefined;
  readonly caps: number | undefined;
  readonly uptime: Microseconds | undefined;
}

/** A line of a traceback of Python's, outermost first. */
const PYTHON_FRAME = /^\s*File "([^"<>]+)", line (\d+)(?:, in (\S+))?/;
/** So many lines before a failure stands what was asked for. */
const ANNOUNCING_LINES = 2;
/** A traceback ends right before its error. */
const TRACEBACK_LINES = 2;

/** What a line is asked, the wordings in their order first: each with patterns of which the line's words must match all. */
export const ASKED_OF_LINES: readonly (readonly [RegExp, ...RegExp[]])[] = [
  ...WORDINGS.map(
    ({ pattern, tag, behind }) => [pattern, ...[tag, behind].filter((one) => one !== undefined)] as const,
  ),
  [PYTHON_FRAME],
  [ANNOUNCED],
];
const FRAME = WORDINGS.length;
const ANNOUNCEMENT = FRAME + 1;

/** Which of `ASKED_OF_LINES` the words of the line that is read allow. */
export interface Asks {
  readonly mayBe: (asked: number) => boolean;
  readonly some: () => boolean;
}

const STARTS = [...WORDING_PATTERNS, PYTHON_FRAME, ANNOUNCED];

export class FailedAllocationReader implements SectionReader {
  readonly notesAccidents = true;
  readonly starts = STARTS;
  private readonly run: LogRun;
  private readonly asks: Asks;
  private last: Last | undefined;
  private announced: { readonly line: number; readonly tag: string | undefined; readonly text: string } | undefined;
  /** The last frame of a traceback. */
  private frame: { readonly line: number; readonly match: RegExpExecArray } | undefined;

  constructor(run: LogRun, asks: Asks) {
    this.run = run;
    this.asks = asks;
  }

  mayTake(line?: LogLine): boolean {
    if (line === undefined) return this.asks.some();
    const { text, tags } = line;
    return this.frameIn(text) !== undefined || this.announces(text) || this.failedIn(text, tags) !== undefined;
  }

  /** A decoder's names of calls, such as those of a hook, tell of no failure. */
  private failedIn(text: string, tags: readonly string[]): FailedAllocation | undefined {
    const failed = failedAllocationIn(text, tags, this.asks.mayBe);
    return failed === undefined || decodedLine(text) !== undefined ? undefined : failed;
  }

  private frameIn(text: string): RegExpExecArray | undefined {
    return (this.asks.mayBe(FRAME) && PYTHON_FRAME.exec(text)) || undefined;
  }

  private announces(text: string): boolean {
    return this.asks.mayBe(ANNOUNCEMENT) && ANNOUNCED.test(text);
  }

  line({ text, number, tags, uptime, caller: speaker }: LogLine): boolean {
    const frame = this.frameIn(text);
    if (frame !== undefined) this.frame = { line: number, match: frame };
    const failed = this.failedIn(text, tags);
    if (failed === undefined) {
      if (this.announces(text)) this.announced = { line: number, tag: tags.at(-1), text };
      return false;
    }
    const { isEcho, caller, ...rest } = failed;
    const isNameless = rest.component === undefined && rest.function === undefined;
    const told = {
      ...this.askedFor(number, tags, failed),
      ...(isNameless && speaker !== undefined && { function: speaker }),
      ...rest,
    };
    const site = this.siteOf(caller, number);
    const last = this.last;
    const isNear = last !== undefined && number - last.line <= ECHO_LINES;
    const template = templateOf(text);
    // The layers of one driver each say it in words of their own; the same words again are a failure of their own.
    const isSame =
      last !== undefined &&
      number - last.line <= LAYER_LINES &&
      (last.known === told.known ||
        last.known === "generic" ||
        (last.known === "wifi-eb" && told.known === "wifi-init")) &&
      last.component === told.component &&
      (told.size === undefined || Math.abs(told.size - (last.size ?? -Infinity)) <= ROUNDING) &&
      told.free === undefined &&
      !last.templates.has(template);
    const isUnknown = told.size === undefined && told.free === undefined && told.caps === undefined;
    const isLayer =
      last !== undefined &&
      isUnknown &&
      !last.templates.has(template) &&
      ((last.known === "lwip" && OF_SOCKETS.has(told.known)) ||
        ((last.known === "generic" ? ABOVE_ALLOCATORS : OF_ANY_LAYER).has(told.known) &&
          number - last.line <= LAYER_LINES &&
          uptime !== undefined &&
          Math.abs(uptime - (last.uptime ?? Infinity)) <= MOMENT));
    // The callback and the heap, which ends the program then, tell of one request.
    const isToldTwice =
      last !== undefined &&
      number - last.line <= ECHO_LINES &&
      last.known === "callback" &&
      told.known === "abort-on-failure" &&
      told.size === last.size &&
      (last.caps === undefined || last.caps === told.caps);
    const isCaller =
      last !== undefined &&
      number - last.line <= CALLER_LINES &&
      ALLOCATORS.has(last.known) &&
      !ALLOCATORS.has(told.known) &&
      (told.size === undefined || told.size === last.size);
    const isRepeated =
      last !== undefined &&
      REPEATED.test(text) &&
      (last.known === told.known ? last.size === told.size : last.known === "bad-alloc") &&
      number - last.line <= REPEAT_LINES;
    // What began it, again: the next failure.
    const isNext = last?.first === template;
    if (isRepeated || (isNear && !isNext && (isEcho || isSame || isCaller || isLayer || isToldTwice))) {
      if (isRepeated) this.run.amend(last.key, { ...(told.size !== undefined && { size: told.size }), ...site });
      // What only said that memory was refused is explained by who says more of it.
      const known = (isSame && !OF_ANY_LAYER.has(told.known)) || isToldTwice ? told.known : last.known;
      if (known !== last.known) this.run.amend(last.key, { known });
      // Who asked says what for; the callback is the heap's.
      const { component: asker } = told;
      const isAsker = isCaller && last.known === "callback" && asker !== undefined;
      if (isAsker && !ABOVE_ALLOCATORS.has(told.known))
        this.run.amend(last.key, { known: told.known === "wifi-eb" ? "wifi-heap" : told.known, component: asker });
      else if (isAsker && last.component === undefined && told.known === "generic")
        this.run.amend(last.key, { component: asker });
      this.run.alsoSaid(last.key, `${number}: ${text.trim().slice(0, 160)}`);
      // Error codes travel up the layers: the next one is an echo of the same failure.
      last.templates.add(template);
      this.last = { ...last, known, line: number, uptime, component: last.component ?? (isAsker ? asker : undefined) };
      return true;
    }
    // "what(): std::bad_alloc" repeats the line before.
    if (isNear && !isNext && last.known === told.known && told.known === "bad-alloc") return true;
    const key = this.run.incident({
      kind: "failed-allocation",
      line: number,
      quote: text.trim().slice(0, 240),
      ...told,
      ...site,
    });
    this.last = {
      line: number,
      key,
      known: told.known,
      component: told.component,
      templates: new Set([template]),
      first: template,
      size: told.size,
      caps: told.caps,
      uptime,
    };
    this.run.section({
      kind: "failed allocation",
      firstLine: number,
      lastLine: number,
      records: 1,
      whole: true,
    });
    return true;
  }

  /** What was announced right before, by the same one. */
  private askedFor(
    line: number,
    tags: readonly string[],
    { known, size }: FailedAllocation,
  ): { readonly size?: number; readonly caps?: number } {
    const { announced } = this;
    if (announced === undefined || line - announced.line > ANNOUNCING_LINES) return {};
    const request = announcedRequest(announced.text) ?? {};
    // The heap's own callback speaks of the same size.
    const isOwn =
      announced.tag === tags.at(-1) || (ALLOCATORS.has(known) && size !== undefined && size === request.size);
    if (!isOwn) return {};
    this.announced = undefined;
    return request;
  }

  /** Who asked: by the return address of its call, or by the traceback that ends here. */
  private siteOf(caller: number | undefined, line: number): { readonly site?: number; readonly pc?: number } {
    const { run, frame } = this;
    if (caller !== undefined && isCode(caller))
      return { site: run.site({ method: Method.UNKNOWN, caps: 0, callers: [caller] }), pc: caller };
    if (frame === undefined || line - frame.line > TRACEBACK_LINES) return {};
    const [, file = "", at = "", name = "<module>"] = frame.match;
    return { site: run.site({ method: Method.UNKNOWN, caps: 0, file, line: Number(at), function: name }) };
  }

  flush(): void {
    // Each line is complete in itself.
  }
}

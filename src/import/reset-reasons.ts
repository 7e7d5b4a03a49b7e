// Why a board restarted, as its program says after it, or the ESP8266's boot code: a watchdog, a crash, or too low a voltage.

import { romReason } from "../symbols/log/boot-lines.ts";
import {
  EXCEPTION_CAUSE,
  FOUND_DUMP,
  RESET_CALLS,
  RESET_FIELD,
  RESET_INFO,
  RESET_NUMBER,
  RESET_REASON,
  RESET_TASK,
  SAFE_MODE,
} from "./crash-wordings.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LogLine } from "./log-text.ts";

const ALONE = "reason alone 1";
/** Settings, and what did not happen. */
const NO_REASON = /\b(?:no|not|none|without|disabled?|enabled?|init\w*|start(?:ed|ing)?)\b/i;

export function resetReasonIn(text: string): Pick<IncidentDraft, "kind" | "detail" | "facts"> | undefined {
  const interpreters = SAFE_MODE.exec(text)?.[0];
  if (interpreters !== undefined) return { kind: "panic", detail: interpreters, facts: [ALONE] };
  const dump = FOUND_DUMP.exec(text)?.[0];
  if (dump !== undefined) return { kind: "panic", detail: dump, facts: [ALONE] };
  const match = RESET_REASON.exec(text);
  if (match === null) return undefined;
  const words = (match[1] ?? match[2] ?? match[3] ?? "").trim();
  if (NO_REASON.test(words)) return undefined;
  if (/brown-?out/i.test(words)) return { kind: "panic", detail: "Brownout detector", facts: [ALONE] };
  return { kind: /dog|wdt/i.test(words) ? "watchdog" : "panic", detail: words, facts: [ALONE] };
}

interface ResetInfo {
  readonly what: Pick<IncidentDraft, "kind" | "detail" | "task">;
  readonly registers: readonly (readonly [string, number])[];
  /** As they are told. */
  readonly calls: readonly number[];
}

/** REASON_WDT_RST and REASON_SOFT_WDT_RST. */
const NUMBERED: Readonly<Record<string, string>> = { "1": "Hardware Watchdog", "3": "Software Watchdog" };

/** The fields of one crash stand in so many lines. */
const FIELD_LINES = 3;

/** The ESP8266's struct rst_info: as ESP.getResetInfo() words it, or its fields as programs print or publish them, ESP-IDF's summary of a core dump too. */
export class ResetFields {
  /** A cause whose place has not been told yet. */
  private cause: { readonly line: number; readonly number: string; readonly name: string | undefined } | undefined;

  /** A line without the words of a reset may tell the place. */
  get isOpen(): boolean {
    return this.cause !== undefined;
  }

  /** @param isInCrash fields are the registers of an accident that is being told */
  in({ text, number: line }: Pick<LogLine, "text" | "number">, isInCrash: boolean): ResetInfo | undefined {
    const info = RESET_INFO.exec(text);
    if (info === null && isInCrash) return undefined;
    const registers = Array.from(text.matchAll(RESET_FIELD), ([, name = "", hex, decimal]) => {
      return [registerOf(name), hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)] as const;
    });
    const calls = (RESET_CALLS.exec(text)?.[1]?.match(/\b(?:0x)?4[0-9a-f]{7}\b|\b1\d{9}\b/gi) ?? []).map(addressIn);
    if (info !== null) {
      const [, number = "", reason, name = ""] = info;
      return { what: reason === "2" ? { kind: "panic", detail: `exception ${number}` } : { kind: "watchdog", detail: name }, registers, calls }; // prettier-ignore
    }
    const [, number, name] = EXCEPTION_CAUSE.exec(text) ?? [];
    const isNear = this.cause !== undefined && line - this.cause.line <= FIELD_LINES;
    const cause = number === undefined ? (isNear ? this.cause : undefined) : { line, number, name };
    this.cause = cause;
    const stopped = registers.find(([register]) => register === "epc1" || register === "PC")?.[1] ?? 0;
    const [, reason = ""] = RESET_NUMBER.exec(text) ?? [];
    // Another start than by a crash leaves zeros, or old values.
    if (cause === undefined || stopped === 0 || /^[0456]$/.test(reason)) return undefined;
    this.cause = undefined;
    // An interrupt of level 1: how the ESP8266's software watchdog comes.
    const isBitten = reason === "" && cause.number === "4";
    const watchdog = isBitten ? "Watchdog" : (NUMBERED[reason] ?? (/wdt|watchdog/i.test(reason) ? reason : undefined));
    const task = RESET_TASK.exec(text)?.[1];
    const what =
      watchdog === undefined
        ? ({ kind: "panic", detail: cause.name ?? `exception ${cause.number}` } as const)
        : ({ kind: "watchdog", detail: watchdog } as const);
    return { what: { ...what, ...(task === undefined ? {} : { task }) }, registers, calls };
  }
}

/** In hexadecimal digits, or as decimal numbers where JSON has no others. */
const addressIn = (text: string): number => (/^1\d{9}$/.test(text) ? Number(text) : Number.parseInt(text, 16));

/** In the words of a panic: `PC` of ESP-IDF's summary, `epc1` of the ESP8266. */
function registerOf(name: string): string {
  const plain = name.toLowerCase().replace("_", "");
  return /^(?:exc)?pc$/.test(plain) ? "PC" : plain;
}

/** @param last what the boot before said at its end */
export function romReasonIn(
  name: string,
  last: { readonly line: number; readonly quote: string } | undefined,
): Pick<IncidentDraft, "kind" | "detail" | "facts"> | undefined {
  const facts = [ALONE, "rom 1", ...(last === undefined ? [] : [`last line ${last.line} ${last.quote}`])];
  const reason = romReason(name);
  if (reason === "brownout") return { kind: "panic", detail: "Brownout detector", facts };
  if (reason === "lockup") return { kind: "panic", detail: name, facts };
  return reason === "watchdog" ? { kind: "watchdog", detail: name, facts } : undefined;
}

/** Nothing but the reason of a restart: what comes next tells it in full, or is another accident. */
export function isReasonAlone({ facts = [] }: Pick<IncidentDraft, "facts">): boolean {
  return facts.includes(ALONE);
}

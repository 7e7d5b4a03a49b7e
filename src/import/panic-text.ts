// Panics and watchdogs of which one line tells what happened: ESP-IDF's in all generations, and those of others.

import type { IncidentDraft } from "./incident-book.ts";
import { WATCHDOG } from "../symbols/log/last-words.ts";
import {
  CORE_DUMP_TASK,
  DECODED_CRASH,
  DECODED_DEATH,
  GO_PANIC,
  NUTTX_RISCV,
  NUTTX_XTENSA,
  NO_PROGRAM,
  OLD_PANIC,
  OTHER_PANIC,
  PANIC,
} from "./crash-wordings.ts";

type Panic = Pick<IncidentDraft, "kind" | "known" | "detail" | "core" | "task" | "registers">;

export function panicIn(text: string): Panic | undefined {
  const panic = PANIC.exec(text);
  const oldPanic = OLD_PANIC.exec(text);
  if (panic !== null || oldPanic !== null) {
    const reason = panic?.[2] ?? oldPanic?.[1] ?? "";
    const core = panic?.[1] ?? oldPanic?.[2] ?? "";
    return {
      kind: WATCHDOG.test(reason) ? "watchdog" : "panic",
      detail: reason,
      ...(/^\d+$/.test(core) ? { core: Number(core) } : {}),
    };
  }
  const noProgram = NO_PROGRAM.exec(text)?.[0];
  if (noProgram !== undefined) return { kind: "panic", known: "no-program", detail: noProgram };
  return WATCHDOG.test(text) ? { kind: "watchdog", detail: text.replace(BEHIND_OTHERS, "").trim() } : undefined;
}

/** What another task was printing when the watchdog spoke. */
const BEHIND_OTHERS = /^.*\S[EW] \(\d+\) task_wdt: (?=Task watchdog)/;

/** What a decoder has made of an end that is not in the log: of abort() the first call, of a crash its place. */
export function decodedEndIn(text: string): { readonly kind: "abort" | "panic"; readonly address: number } | undefined {
  const call = DECODED_DEATH.exec(text)?.[1];
  if (call !== undefined) return { kind: "abort", address: Number(call) };
  const place = DECODED_CRASH.exec(text)?.[1];
  return place === undefined ? undefined : { kind: "panic", address: Number(place) };
}

/** NuttX's. */
function nuttxPanicIn(text: string): Panic | undefined {
  const xtensa = NUTTX_XTENSA.exec(text);
  if (xtensa !== null) {
    const [, cause = "", task] = xtensa;
    return {
      kind: "panic",
      detail: `exception ${Number.parseInt(cause, 16)}`,
      ...(task === undefined ? {} : { task }),
    };
  }
  const riscv = NUTTX_RISCV.exec(text);
  if (riscv === null) return undefined;
  const [, detail = "", ...values] = riscv;
  const registers = values.flatMap((value, i) => (value === undefined ? [] : [`${["MCAUSE", "MEPC", "MTVAL"][i] ?? ""} 0x${value}`])); // prettier-ignore
  return { kind: "panic", detail, registers };
}

/** What Zephyr calls Xtensa's exceptions, as ESP-IDF's panic handler does. */
const ZEPHYR_CAUSES: Readonly<Record<string, string>> = {
  "illegal instruction": "IllegalInstruction",
  "instr fetch error": "InstructionFetchError",
  "load/store error": "LoadStoreError",
  "divide by zero": "IntegerDivideByZero",
  "load/store alignment": "LoadStoreAlignment",
  "instr fetch prohibited": "InstrFetchProhibited",
  "load prohibited": "LoadProhibited",
  "store prohibited": "StoreProhibited",
};

/** Words that others have for it, asked last. */
export function otherPanicIn(text: string): Panic | undefined {
  const crashed = CORE_DUMP_TASK.exec(text);
  if (crashed !== null) return { kind: "panic", ...(crashed[1] === undefined ? {} : { task: crashed[1] }) };
  const nuttx = nuttxPanicIn(text);
  if (nuttx !== undefined) return nuttx;
  const go = GO_PANIC.exec(text);
  if (go !== null) {
    const [, at, detail = ""] = go;
    return {
      kind: "abort",
      known: "go",
      detail: detail.trim(),
      ...(at === undefined ? {} : { registers: [`PC ${at}`] }),
    };
  }
  const other = OTHER_PANIC.exec(text);
  if (other === null) return undefined;
  if (other[9] !== undefined) return { kind: "panic", detail: `undefined behavior: ${other[10] ?? ""}` };
  if (other[7] !== undefined) return { kind: "panic", detail: ZEPHYR_CAUSES[other[7]] ?? other[7] };
  const number = other[1] ?? other[2];
  const words = other[3] ?? other[4] ?? other[5] ?? other[8];
  return { kind: "panic", detail: number === undefined ? (words ?? text).trim() : `exception ${number}` };
}

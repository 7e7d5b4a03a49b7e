// The lines that an accident goes on with once it has begun: registers, backtraces, rows of its stack, and what monitors and decoders add.

import { kindOfLine } from "../symbols/log/line-kinds.ts";
import { decodedLine, isMonitorLine } from "../symbols/log/monitor-lines.ts";
import { takeAccount } from "./crash-accounts.ts";
import {
  type Group,
  architectureOf,
  takeBacktrace,
  takeBounds,
  takeDecoded,
  takeFromStack,
  takeRegisters,
  takeRow,
  takeWords,
} from "./crash-group.ts";
import {
  CACHE_ERROR,
  ZEPHYR_THREAD,
  DEBUG_REASON,
  DETECTED_IN,
  STACK_WORDS,
  DECODED_FRAME,
  GDB_FRAME,
  GDB_CALL,
  GOES_ON,
  NULL_ARGUMENT,
  IN_INTERRUPT,
  RELATED,
} from "./crash-wordings.ts";
import type { LogRun } from "./log-run.ts";
import { takeRegisterRow } from "./register-rows.ts";
import type { LogLine } from "./log-text.ts";
import { isCode } from "./own-frame.ts";

const encoder = new TextEncoder();

/** True for a row of registers, or a blank line. */
export function takesRow(group: Group, bytes: Uint8Array, start: number, end: number): boolean {
  if (group.isRust || !takeRegisterRow(group.registers, bytes, start, end)) return false;
  group.isAfterCall = false;
  group.inBacktrace = false;
  return true;
}

/** True for lines that an open accident goes on with. */
export function goesWith(group: Group, { text, number }: LogLine, run: LogRun): boolean {
  // Behind a stamp.
  const row = text === "" || text.includes(": 0x") ? encoder.encode(text) : undefined;
  if (row !== undefined && takesRow(group, row, 0, row.length)) return true;
  const frame = GDB_FRAME.exec(text)?.[1];
  const isNull = group.draft?.kind === "panic" ? NULL_ARGUMENT.exec(text)?.[1] : undefined;
  if (isNull !== undefined && group.draft !== undefined)
    group.draft = { ...group.draft, facts: [...(group.draft.facts ?? []), `null argument ${isNull}`] };
  // Without a backtrace of its own, as in esp-coredump's account: return addresses.
  if (frame !== undefined && !group.hasBacktrace) group.callers.push(Number(frame));
  if (takeAccount(group, text, number)) return true;
  if (isMonitorLine(text)) {
    group.inBacktrace = false;
    // Of a backtrace the numbers are there already; of the stacks of the ESP8266 and of RISC-V only these lines say which words are calls.
    const isOnStack =
      group.isBareStack || (group.memory.length > 0 && !group.hasBacktrace && group.registers.has("MEPC"));
    const address = isOnStack || group.isDecoded ? (decodedLine(text)?.address ?? 0) : 0;
    if (isCode(address) && group.isDecoded) takeDecoded(group, address);
    else if (isCode(address)) takeFromStack(group, address);
    return true;
  }
  const whole = group.inBacktrace && GOES_ON.test(text) ? `${group.cut}${text}` : text;
  const line = kindOfLine(whole, group.inBacktrace);
  group.inBacktrace = line.kind === "backtrace";
  if (line.kind === "backtrace") {
    takeBacktrace(group, line, whole, architectureOf(group, run.boot.isRiscV));
    if (text.includes("CORRUPTED"))
      run.damage({ line: number, reason: "the device could not walk the stack to its end" });
    return true;
  }
  if (line.kind === "stack-start" || (text.includes("Stack ") && takeBounds(group, text))) return true;
  if (line.kind === "stack-row") {
    takeRow(group, line.address, line.words);
    return true;
  }
  if (group.draft?.detail === "Cache error" && CACHE_ERROR.test(text)) {
    group.draft = { ...group.draft, detail: text.trim() };
    return true;
  }
  const reason = DEBUG_REASON.exec(text)?.[1];
  const { draft } = group;
  if (reason !== undefined && draft !== undefined) {
    group.draft = { ...draft, detail: reason };
    return true;
  }
  const detectedIn = DETECTED_IN.exec(text)?.[1] ?? ZEPHYR_THREAD.exec(text)?.[1];
  if (detectedIn !== undefined && draft !== undefined) {
    group.draft = { ...draft, task: draft.task ?? detectedIn };
    return true;
  }
  if (IN_INTERRUPT.test(text)) {
    group.isInInterrupt = true;
    return true;
  }
  const hasRegisters = takeRegisters(group, text, line);
  const isStack = STACK_WORDS.test(text);
  group.isBareStack ||= isStack;
  if (line.kind === "stack-words") takeWords(group, line.words);
  return hasRegisters || isStack || DECODED_FRAME.test(text) || RELATED.test(text) || GDB_CALL.test(text);
}

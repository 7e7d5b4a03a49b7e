// Restarts of which the log has nothing but their reason, as the program or the boot code told it afterwards.

import type { RunIncident } from "../../heap/run-records.ts";
import { factOf, quoteOf } from "./places.ts";
import { isInFlash } from "../../symbols/whose-code.ts";
import type { Reading } from "./reading.ts";

/** Whose watchdog it is that the ROM names, and what it means that it did not end in a panic. */
const WATCHDOGS: readonly { readonly name: RegExp; readonly means: string }[] = [
  { name: /^TG1|^HP_SYS_.*1/, means: "Timer group 1 has ESP-IDF's interrupt watchdog. Its first stage ends in a panic that is printed; that the second one reset the chip means that no processor came to the panic handler: interrupts were off for long, or the code was not readable (flash, cache, supply)" },
  { name: /^TG/, means: "Timer group 0 has ESP-IDF's task watchdog, and guards the panic handler: the chip was reset without a panic, so the panic itself hung (a console that nobody reads, a core dump that is written), or no processor came to it" },
  { name: /LOCKUP/, means: "A processor locked up: a second exception came while the first was being handled, so that nothing could be printed; nearly always a stack that has overflowed, or a stack pointer that was overwritten" },
  { name: /^RTC|^LP_WDT|^SUPER|^SWD/, means: "The RTC's watchdog guards start and sleep until the program is under way: it hung there (flash that could not be read, a supply that is weak), or the program feeds this watchdog itself and stopped to" },
]; // prettier-ignore

export function toldRestart(incident: RunIncident): Reading | undefined {
  const { kind, detail = "", frames, registers = [] } = incident;
  const isOfRom = factOf(incident, "rom") !== undefined;
  const isAlone = factOf(incident, "reason alone") !== undefined && frames === undefined;
  if (!isAlone || /^Brownout/.test(detail)) return undefined;
  const isDump = / bytes$/.test(detail);
  const isWatchdog = kind === "watchdog";
  const isEsp8266 = /^(?:hardware|software|hard|soft|hw|sw|wdt reset)/i.test(detail) && isWatchdog;
  const last = quoteOf(incident, "last line");
  const saved = isOfRom ? registers.find((text) => text.startsWith("PC "))?.slice("PC ".length) : undefined;
  const whose = isOfRom ? WATCHDOGS.find(({ name }) => name.test(detail)) : undefined;
  return {
    rule: "crash",
    severity: "warning",
    confidence: 0.6,
    title: isWatchdog
      ? `a watchdog had restarted the board: ${detail}`
      : `the program had crashed before a start: ${isDump ? "a core dump of it lies in flash" : detail}`,
    evidence: [
      isDump
        ? "It is of the boot before or of an earlier one: a core dump stays until the next one or until it is erased; nothing here proves a fault of the heap"
        : isOfRom
          ? "Only the reason is told, by the ROM at the start; nothing here proves a fault of the heap"
          : "Only the reason is told, after the restart: what the program did last is not said, and nothing here proves a fault of the heap",
      ...(whose === undefined ? [] : [whose.means]),
      ...(last === undefined
        ? []
        : [`The last that the program said before it, in line ${last.line}: “${last.quote}”`]),
      ...(saved === undefined ? [] : [`The ROM kept where the processor stood when it was reset: ${saved} (Saved PC)`]),
      ...(isEsp8266
        ? [
            "The ESP8266's watchdogs bite where neither loop() returns nor yield() or delay() is called for about 3 s (software) or 8 s (hardware); a weak supply can hang it as well",
          ]
        : []),
    ],
    next: isWatchdog
      ? saved !== undefined && isInFlash(Number(saved))
        ? "Decode Saved PC with the firmware's ELF (`--elf build/APP.elf`): that code waited or went round, or was called by what did"
        : last !== undefined
          ? "Look at what runs after that line: a loop that never blocks, a wait with interrupts off, a driver that waits for hardware; print more there until the last line names it"
          : "Keep the console's log until it happens again: its last lines tell what ran; look there for a loop that neither blocks nor calls yield() or delay()"
      : isDump
        ? "Read it with the ELF of the firmware that crashed: `idf.py coredump-info`, or esp_core_dump_get_summary() in the program"
        : "Keep the console's log until it happens again: the panic's own lines and their backtrace tell where; print free heap and largest block now and then, to see whether memory plays a part",
  };
}

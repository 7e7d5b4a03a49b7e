// Restarts of which the log has nothing but their reason, as the program or the boot code told it afterwards.

import type { RunIncident } from "../../heap/run-records.ts";
import { factOf } from "./places.ts";
import type { Reading } from "./reading.ts";

export function toldRestart(incident: RunIncident): Reading | undefined {
  const { kind, detail = "", frames } = incident;
  const isAlone = factOf(incident, "reason alone") !== undefined && frames === undefined;
  if (!isAlone || /^Brownout/.test(detail)) return undefined;
  const isWatchdog = kind === "watchdog";
  const isEsp8266 = /^(?:hardware|software|hard|soft|hw|sw|wdt reset)/i.test(detail) && isWatchdog;
  return {
    rule: "crash",
    severity: "warning",
    confidence: 0.6,
    title: isWatchdog
      ? `a watchdog had restarted the board: ${detail}`
      : `the program had crashed before a start: ${detail}`,
    evidence: [
      `Only the reason is told, after the restart: what the program did last is not said, and nothing here proves a fault of the heap`,
      ...(isEsp8266
        ? [
            "The ESP8266's watchdogs bite where neither loop() returns nor yield() or delay() is called for about 3 s (software) or 8 s (hardware); a weak supply can hang it as well",
          ]
        : []),
    ],
    next: isWatchdog
      ? "Keep the console's log until it happens again: its last lines tell what ran; look there for a loop that neither blocks nor calls yield() or delay()"
      : "Keep the console's log until it happens again: the panic's own lines and their backtrace tell where; print free heap and largest block now and then, to see whether memory plays a part",
  };
}

// A request that is refused where a leak has taken most of what was free: the leak is what to mend, and the request is only where it shows.

import { valueAt } from "../../base/values.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import type { Finding } from "../finding.ts";
import { memoryName, told } from "./judged.ts";
import { capital } from "../../base/text.ts";
import type { LogSeries } from "./read-series.ts";

/** Of what was free at first no more than this part is left. */
const TAKEN = 0.5;

/** Where only what is used is told, in bytes, how much there is is not known. */
function isTaken({ quantity, unit }: LogSeries, first: number, last: number): boolean {
  if (quantity === "free") return last <= TAKEN * first;
  return unit === "percent" ? 100 - last <= TAKEN * (100 - first) : last - first >= TAKEN * first;
}

type Refusal = Finding<"allocation-failure">;

/** @param leaks of figures, which stand in the series */
export function endsOfLeaks(
  failed: readonly Refusal[],
  leaks: readonly Finding[],
  series: readonly LogSeries[],
  incidents: readonly RunIncident[],
): readonly Refusal[] {
  const leaking = series.filter(
    ({ quantity, memory, line, quote }) =>
      (quantity === "free" || quantity === "used") &&
      memory !== "psram" &&
      leaks.some(({ log }) => log?.line === line && log.quote === quote),
  );
  if (leaking.length === 0) return failed;
  return failed.map((refusal) => {
    const line = refusal.log?.line ?? 0;
    const boot = incidents.find((incident) => incident.line === line)?.boot;
    for (const one of leaking.filter((some) => some.boot === boot)) {
      const at = one.lines.findLastIndex((read) => read <= line);
      if (at < 0 || !isTaken(one, valueAt(one.values, 0), valueAt(one.values, at))) continue;
      const [from, to] = [valueAt(one.values, 0), valueAt(one.values, at)].map((value) => told(value, one.unit));
      const taken = `${told(Math.abs(valueAt(one.values, 0) - valueAt(one.values, at)), one.unit)}${one.unit === "percent" ? " of the heap" : ""}`;
      return {
        ...refusal,
        title: `${refusal.title}, after a leak had taken ${taken}`,
        evidence: [
          `${capital(memoryName(one))} had ${one.quantity === "free" ? "fallen" : "grown"} from ${from ?? ""} (line ${one.line}) to ${to ?? ""} (line ${valueAt(one.lines, at)}) by then: a leak, which is a finding of its own and the reason of this`,
          ...refusal.evidence,
        ],
        next: `Mend the leak of “${one.label}” (line ${one.line}): what makes requests smaller only puts this off. ${refusal.next}`,
      };
    }
    return refusal;
  });
}

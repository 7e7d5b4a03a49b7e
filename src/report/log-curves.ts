// The timeline of a console log, loaded only for one: its figures over time or, where it tells none, over its lines.
import { greatest } from "../base/values.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { RunIncident } from "../heap/run-records.ts";
import { isShown } from "./blind-run.ts";
import type { MemoryCurves } from "./curves.ts";
import { accident, type Happening } from "./happenings.ts";
import { figureCurves, linesTo } from "./series-view.ts";

export function logCurves(model: HeapModel, empty: MemoryCurves, samples: number): MemoryCurves {
  const { series, incidents } = model.tables;
  const isTimed = model.span.to > model.span.from;
  const lastLine = greatest([...series.map(({ line }) => line), ...incidents.map(({ lastLine: line }) => line)]);
  const figures = figureCurves(model, empty.window, empty.time, samples);
  const { axis, window, time } = figures ?? (isTimed ? empty : { axis: "line", ...linesTo(lastLine, samples) });
  const none = new Float64Array(time.length).fill(NaN);
  const { freeBytes, leastFreeBytes, mostFreeBytes, largestFreeBytes, totalBytes } = figures ?? {
    ...{ freeBytes: none, leastFreeBytes: none, mostFreeBytes: none, largestFreeBytes: none, totalBytes: 0 },
  };
  const usedOf = (column: Float64Array): Float64Array =>
    column.map((bytes) => (totalBytes > 0 ? totalBytes - bytes : NaN));
  return {
    ...empty,
    ...{ axis, window, time, totalBytes, freeBytes, leastFreeBytes, mostFreeBytes, largestFreeBytes },
    usedBytes: usedOf(freeBytes),
    leastUsedBytes: usedOf(mostFreeBytes),
    mostUsedBytes: usedOf(leastFreeBytes),
    estimated: new Uint8Array(time.length),
    ...(axis === "line" && { gapSpans: [], happenings: incidents.filter(isShown).map(atLine) }),
  };
}

function atLine(incident: RunIncident): Happening {
  return { ...accident(incident, incident.line), to: incident.lastLine };
}

// A heaptrack file as the importer gets it, whatever its first bytes are.

import type { ReportBuilder } from "../src/import/import-report.ts";
import type { ImporterInput } from "../src/import/importer.ts";
import { packingOf, unpack } from "../src/import/unpack.ts";

export function heaptrackInput(bytes: Uint8Array, report: ReportBuilder): ImporterInput {
  const { chunks, problem } = unpack(report.path, packingOf(bytes), () => [bytes]);
  return { report, chunks, problem, contentNumber: () => Promise.resolve(1), options: {} };
}

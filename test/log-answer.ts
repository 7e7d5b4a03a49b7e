// What memmap answers to a console log, as its reader gets it: all words of all findings.

import { RunRecorder } from "../src/heap/run-recorder.ts";
import { openModel } from "../src/heap/model.ts";
import type { ImportReport } from "../src/import/import-report.ts";
import type { ImportOptions } from "../src/import/importer.ts";
import { importFile } from "../src/import/recognize.ts";
import type { FindingView } from "../src/report/finding-view.ts";
import { makeVerdict, type VerdictView } from "../src/report/verdict.ts";

export interface Answer {
  readonly verdict: VerdictView;
  readonly report: ImportReport;
  /** `severity rule: title` and what stands below it, one text a finding. */
  readonly texts: readonly string[];
}

export async function answerTo(log: string | Uint8Array, options: ImportOptions = {}): Promise<Answer> {
  const recorder = new RunRecorder();
  const bytes = typeof log === "string" ? new TextEncoder().encode(log) : log;
  const report = await importFile([{ name: "console.log", bytes }], recorder, options);
  recorder.flush();
  const verdict = await makeVerdict(await openModel(recorder.run));
  return { verdict, report, texts: verdict.findings.map(textOf) };
}

function textOf(finding: FindingView): string {
  const { severity, rule, title, stations, evidence, next, log } = finding;
  const places = stations.map(({ role, site }) => `${role} ${site.text}`);
  const line = log === undefined ? [] : [`in the log, line ${log.line}: ${log.quote}`];
  return [`${severity} ${rule}: ${title}`, ...places, ...line, ...evidence, `Next: ${next}`].join("\n");
}

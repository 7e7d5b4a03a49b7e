// Writes the one-file report: the verdict with its pictures, to be mailed and opened without network.
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { MemmapError } from "../base/errors.ts";
import { openOutput, unwritable } from "../capture/output-file.ts";
import { htmlReport } from "../export/html-report.ts";
import { redact } from "../export/redact.ts";
import { askedOf, type Asked } from "../report/asked.ts";
import { freeze } from "../report/frozen.ts";
import type { Question } from "./run-options.ts";
import { packagePath } from "./package.ts";

export interface HtmlReportOptions {
  readonly recording: string;
  readonly output: string;
  readonly isRedacted: boolean;
  /** Replaces an older report. */
  readonly force: boolean;
  readonly detectOptions: NonNullable<Asked["detectOptions"]>;
}

/** @returns what was folded to keep it small, and its length */
export async function writeHtmlReport(
  { model, window, resolver }: Question,
  { recording, output, isRedacted, force, detectOptions }: HtmlReportOptions,
): Promise<{ readonly bytes: number; readonly folded: readonly string[] }> {
  const asked = { ...askedOf(model, resolver), detectOptions };
  const isInput = recording === "-";
  const size = isInput ? 0 : (statSync(recording, { throwIfNoEntry: false })?.size ?? 0);
  const whole = await freeze({ asked, window, name: isInput ? "standard input" : basename(recording), size });
  const frozen = isRedacted ? redact(whole, model.tables, resolver) : whole;
  const { gzipSync } = await import("node:zlib");
  const html = await htmlReport(readTemplate(), frozen, (bytes) => gzipSync(bytes, { level: 9 }));
  const file = openOutput(output, { force, others: [isInput ? 0 : recording] });
  try {
    file.write(new TextEncoder().encode(html));
    file.commit();
  } catch (error) {
    file.discard();
    throw unwritable(output, error);
  }
  return { bytes: html.length, folded: frozen.folded };
}

function readTemplate(): string {
  const path = packagePath("dist", "site", "report.html");
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new MemmapError(`the report's page is missing: ${path}`, {
      code: "page-missing",
      hint: "In a clone of the project, `npm run build` makes it; in an installed package, install it again.",
      cause,
    });
  }
}

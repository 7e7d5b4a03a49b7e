// Findings and the verdict as text: what is wrong first, each with where, evidence and next step; numbers and their trust after it.
import { greatest } from "../../base/values.ts";
import { formatAddress, formatBytes, formatNumberOf, formatQuantity, formatTime } from "../../base/format.ts";
import type { Quantity } from "../../base/quantity.ts";
import { capital } from "../../base/text.ts";
import type { Severity } from "../../detect/finding.ts";
import { moduleInPlaceOfName } from "../../heap/site-names.ts";
import { suppressionName } from "../../detect/suppressions.ts";
import { stationSentence, type FindingView } from "../../report/finding-view.ts";
import type { FrameView } from "../../report/site-view.ts";
import type { SuppressedView } from "../../report/suppressed.ts";
import type { VerdictView } from "../../report/verdict.ts";
import { runOf, tellsBlocks } from "../../report/verdict-words.ts";
import type { Colours } from "./colours.ts";
import { estimateLine, memoryTable } from "./memory.ts";
import type { TextOptions } from "./text-options.ts";
import { wrap } from "./wrap.ts";

/** Notes are advice: in the report the first few say enough. */
const NOTES_SHOWN = 3;

export function verdictLines(verdict: VerdictView, options: TextOptions): string[] {
  const { colours, width, verbose } = options;
  const { totals, coverage } = verdict;
  const findings = verdict.findings.filter((finding) => verbose || finding.suppressedBy === undefined);
  const notes = findings.filter(({ severity }) => severity === "note");
  const shown = verbose ? findings : findings.filter((finding) => !notes.slice(NOTES_SHOWN).includes(finding));
  const hidden = findings.length - shown.length;
  const [first = "", ...rest] = wrap(`${verdict.headline} in ${runOf(verdict)}`, width - 2);
  // Indented, so that no word of a name can pass for the start of a finding.
  const lines = [first, ...rest.map((line) => `  ${line}`)];
  lines[0] = (lines[0] ?? "").replace(verdict.headline, colours.bold(verdict.headline));
  for (const finding of shown) lines.push("", ...findingLines(finding, options));
  if (hidden > 0) lines.push("", `and ${formatNumberOf(hidden, "more note")} (--verbose)`);
  lines.push(...suppressedLines(verdict.suppressed, options));
  lines.push("", colours.bold("Memory"));
  lines.push(
    ...wrap(
      tellsBlocks(verdict)
        ? `Live at the end: ${formatQuantity(totals.liveBytes, formatBytes)} in ${numberOf(totals.liveBlocks, "block")}. ` +
            `Peak: ${formatQuantity(totals.peakBytes, formatBytes)} at ${formatTime(totals.peakTime)}. ` +
            `${capital(numberOf(totals.allocations, "allocation"))}, ${numberOf(totals.frees, "free")}.`
        : `The ${verdict.device.origin ?? "file"} tells of no single blocks.`,
      width,
      "  ",
    ),
  );
  const { regions, caps } = totals;
  if (regions.length > 0) {
    const narrow = { ...options, width: width - 2 };
    const tables = [
      ...memoryTable("region", regions, narrow),
      ...(verbose ? ["", ...memoryTable("capability", caps, narrow)] : []),
      ...estimateLine(regions),
    ];
    lines.push(...tables.map((line) => (line === "" ? "" : `  ${line}`)));
  }
  lines.push("", colours.bold(coverage.complete ? "Trust" : colours.yellow("Trust: the record is not complete")));
  for (const sentence of coverage.sentences) lines.push(...wrap(`${sentence}.`, width, "  "));
  return lines;
}

/** The headline once more behind a verdict that is longer than the screen, whose beginning has scrolled away. */
export function headlineAgain({ headline }: VerdictView, lines: readonly string[], { colours }: TextOptions): string[] {
  const { isTTY, rows } = process.stdout;
  return isTTY && lines.length >= rows ? ["", `${colours.bold(headline)}: from the top, most urgent first`] : [];
}

/** What was found and is expected, with the reasons; nothing where there is none. */
export function suppressedLines(suppressed: readonly SuppressedView[], { colours, width }: TextOptions): string[] {
  if (suppressed.length === 0) return [];
  const lines = suppressed.flatMap((one) =>
    wrap(
      `${formatNumberOf(one.findingCount, "finding")}, ${formatBytes(one.affectedBytes)} in ${formatNumberOf(one.affectedBlocks, "block")}: ` +
        `${one.reason} (${suppressionName(one)})`,
      width,
      "  - ",
    ),
  );
  return ["", colours.bold("Suppressed"), ...lines];
}

/** Of an error's stack, unless all is asked for. */
const CALLERS_SHOWN = 5;

export function findingLines(finding: FindingView, { colours, width, verbose }: TextOptions): string[] {
  const [title = "", ...more] = wrap(capital(finding.title), width - 9, "");
  const label = severityLabel(finding.severity, colours);
  const lines = [`${label}  ${colours.bold(title)}`, ...more.map((line) => `         ${colours.bold(line)}`)];
  const roles = greatest(finding.stations.map(({ role }) => role.length));
  for (const station of finding.stations) {
    const role = finding.stations.length === 1 ? "at" : station.role.padEnd(roles);
    lines.push(...wrap(stationSentence(station), width, `  ${role}  `));
    // An error has one stack in any case: that of the place it is about.
    const isMain = finding.severity === "error" && station === finding.stations[0];
    lines.push(
      ...stackLines(
        station.frames.slice((station.place ?? 0) + 1),
        verbose ? Infinity : isMain ? CALLERS_SHOWN : 0,
        width,
      ),
    );
  }
  if (finding.log !== undefined) {
    lines.push(...wrap(`in the log, line ${finding.log.line}: “${finding.log.quote}”`, width, "  "));
  }
  const since = sinceSentence(finding);
  if (since !== undefined) lines.push(...wrap(since, width, "  "));
  for (const sentence of finding.evidence) {
    // Evidence that begins with blanks details the sentence before it.
    lines.push(...(sentence.startsWith(" ") ? wrap(sentence.trim(), width, "      ") : wrap(sentence, width, "  - ")));
  }
  if (verbose) lines.push(...blockLines(finding, width));
  const [next = "", ...rest] = wrap(`${finding.next}.`, width, "  Next: ");
  lines.push(next.replace("Next:", colours.green("Next:")), ...rest);
  return lines;
}

/** Innermost first, so that the user's own code comes before what called it. */
function stackLines(callers: readonly FrameView[], most: number, width: number): string[] {
  const lines = callers.slice(0, most).flatMap((frame) => {
    const place = frame.file === undefined ? "" : ` (${frame.file}${frame.line === undefined ? "" : `:${frame.line}`})`;
    const name = frameName(frame);
    return wrap(place.endsWith(`${name})`) ? name : `${name}${place}`, width, "      called from ");
  });
  const omitted = callers.length - most;
  return most > 0 && omitted > 0 ? [...lines, `      and ${formatNumberOf(omitted, "more frame")} (--verbose)`] : lines;
}

function frameName({ function: name, component, address }: FrameView): string {
  return moduleInPlaceOfName(name, component) ?? name ?? (address === undefined ? "?" : formatAddress(address));
}

function blockLines({ blocks }: FindingView, width: number): string[] {
  return blocks.flatMap(({ address, size, site, born, task }) => {
    const age = born === undefined ? "" : `, since ${formatTime(born)}`;
    const block = `${formatBytes(size)}, ${site.text}${task === undefined ? "" : `, ${task}`}${age}`;
    return wrap(block, width, `    ${formatAddress(address)}  `);
  });
}

/** What lasts has a beginning; what happened once has its time in its stations. */
function sinceSentence({ since, until, bytesPerHour, stations }: FindingView): string | undefined {
  if (since === undefined || stations.some(({ time }) => time !== undefined)) return undefined;
  const span = until === undefined ? "" : `, for ${formatTime(until - since)}`;
  return bytesPerHour === undefined ? `since ${formatTime(since)}` : `since ${formatTime(since)}${span}`;
}

function severityLabel(severity: Severity, colours: Colours): string {
  switch (severity) {
    case "error":
      return colours.red(" ERROR ");
    case "warning":
      return colours.yellow("WARNING");
    case "note":
      return colours.cyan(" note  ");
  }
}

function numberOf(count: Quantity, what: string): string {
  return formatQuantity(count, (value) => formatNumberOf(value, what));
}

// The tools for agents, eight of them: each asks the command line and says the same in few words, with the places and ids that prove it.
import { formatBytes, formatTime } from "../../base/format.ts";
import { MemmapError } from "../../base/errors.ts";
import { likely, type Quantity } from "../../base/quantity.ts";
import type { DiffView } from "../../report/diff.ts";
import type { FindingView } from "../../report/finding-view.ts";
import type { FindingsView } from "../../report/findings-view.ts";
import type { FragmentationView } from "../../report/fragmentation-view.ts";
import type { LiveListView } from "../../report/live-list.ts";
import type { QueryView } from "../../report/query-view.ts";
import type { SiteRow, SitesView } from "../../report/top-sites.ts";
import type { VerdictView } from "../../report/verdict.ts";
import { runOf, tellsBlocks } from "../../report/verdict-words.ts";
import { bytes, count, findingHead, fit, idLine, placeOf } from "./answer.ts";
import { askView } from "./ask-cli.ts";
import { heapRecord } from "./record-tool.ts";
import { fileOf, fileProperty, needed, optionsOf, windowProperties, word, type Arguments, type Tool } from "./tool.ts";

const WINDOW = ["from", "to", "elf"] as const;

/** The command that says all of it, for a shell. */
function shell(...words: readonly string[]): string {
  const quoted = words.map((one) => (/^[\w./:=%@+-]+$/.test(one) ? one : `'${one.replaceAll("'", `'\\''`)}'`));
  return `\`memmap ${quoted.join(" ")}\``;
}

function verdictOf(args: Arguments, signal: AbortSignal | undefined): Promise<VerdictView> {
  return askView<VerdictView>(["report", "--json", ...optionsOf(args, WINDOW), "--", fileOf(args)], signal);
}

const heapVerdict: Tool = {
  name: "heap_verdict",
  title: "What is wrong with this heap",
  description:
    "The ranked findings of a recording (leaks, double frees, overflows, failures, fragmentation) with call sites, memory totals, and how far to trust them. Begin here.",
  properties: { ...fileProperty, ...windowProperties },
  required: ["file"],
  async answer(args, { signal }) {
    const verdict = await verdictOf(args, signal);
    const { window, device, totals, coverage } = verdict;
    const shown = verdict.findings.filter(({ suppressedBy }) => suppressedBy === undefined);
    const expected = verdict.findings.length - shown.length;
    const regions = totals.regions.map((region) => {
      const { freeBytes, largestFreeBytes } = region;
      return `${region.name}: ${bytes(freeBytes)} free, largest ${bytes(largestFreeBytes)}`;
    });
    return fit(
      [
        `${verdict.headline} in ${runOf(verdict)}, ${formatTime(window.from)} to ${formatTime(window.to)}`,
        ...(coverage.complete ? [] : ["The record is NOT complete: read the lines on trust below"]),
        ...shown.flatMap((finding) => [findingHead(finding), idLine(finding), `   next: ${finding.next}`]),
        ...(expected > 0 ? [`${expected} more are expected (suppressed)`] : []),
        ...(tellsBlocks(verdict)
          ? [
              `Memory at the end: ${bytes(totals.liveBytes)} live in ${count(totals.liveBlocks, "block")}, peak ${bytes(totals.peakBytes)} at ${formatTime(totals.peakTime)}`,
              ...(regions.length === 0 ? ["Free memory: not known, the device did not report its regions"] : regions),
            ]
          : [`The ${device.origin ?? "file"} tells of no single blocks`, ...regions]),
        ...coverage.sentences.map((sentence) => `Trust: ${sentence}`),
        "Evidence of one: heap_finding with its number or id",
      ],
      shell("report", fileOf(args), "--verbose"),
    );
  },
};

/** All that is known of a finding. */
function findingLines(finding: FindingView): string[] {
  const { stations, evidence, next, blocks, since, until, bytesPerHour, log } = finding;
  return [
    findingHead(finding),
    idLine(finding),
    ...stations.flatMap(({ role, site, task, time, frames, place = 0 }) => [
      `${role}: ${placeOf(site)}, task ${task ?? "not known"}, ${time === undefined ? "time not known" : `at ${formatTime(time)}`}`,
      ...frames.slice(place + 1).map((frame) => {
        const place =
          frame.file === undefined ? "" : ` [${frame.file}${frame.line === undefined ? "" : `:${frame.line}`}]`;
        return `   called from ${frame.function ?? "not known"}${place}`;
      }),
    ]),
    ...(log === undefined ? [] : [`log line ${log.line}: ${log.quote}`]),
    ...evidence.map((sentence) => `evidence: ${sentence.trim()}`),
    ...(since === undefined
      ? []
      : [`since ${formatTime(since)}${until === undefined ? "" : ` until ${formatTime(until)}`}`]),
    ...(bytesPerHour === undefined ? [] : [`grows by ${formatBytes(bytesPerHour)} an hour`]),
    `next: ${next}`,
    ...blocks.map(
      ({ address, size, site, task, born }) =>
        `block ${String(address)}, ${formatBytes(size)}, ${site.text}, task ${task ?? "not known"}, ${born === undefined ? "born before the recording" : `born ${formatTime(born)}`}`,
    ),
    `What this rule means and when it is wrong: resource memmap://rules/${finding.rule}`,
  ];
}

function pick(findings: readonly FindingView[], wanted: string): FindingView {
  const found = findings.find(
    ({ number, fingerprint }) => wanted === fingerprint || wanted.replace(/^F/i, "") === String(number),
  );
  if (found !== undefined) return found;
  throw new MemmapError(`there is no finding ${wanted}`, {
    code: "usage-mcp",
    hint:
      findings.length === 0
        ? "Nothing was found here."
        : `There are F1 to F${findings.length}; heap_verdict lists them.`,
  });
}

const heapFinding: Tool = {
  name: "heap_finding",
  title: "One finding in full",
  description:
    "All evidence of a finding of heap_verdict: who allocated, freed, detected, call stacks, times, damaged bytes, blocks.",
  properties: {
    ...fileProperty,
    finding: { type: "string", description: "its number (F2) or its id" },
    ...windowProperties,
  },
  required: ["file", "finding"],
  async answer(args, { signal }) {
    const { findings } = await verdictOf(args, signal);
    return fit(findingLines(pick(findings, needed(args, "finding"))), shell("report", fileOf(args), "--verbose"));
  },
};

function findingsOf(command: string, args: Arguments, signal: AbortSignal | undefined): Promise<FindingsView> {
  return askView<FindingsView>([command, "--json", ...optionsOf(args, WINDOW), "--", fileOf(args)], signal);
}

const heapLeaks: Tool = {
  name: "heap_leaks",
  title: "What leaks",
  description:
    "Leaks, with how fast each grows, since when, its call site and the evidence; what is expected is named apart.",
  properties: { ...fileProperty, ...windowProperties },
  required: ["file"],
  async answer(args, { signal }) {
    const view = await findingsOf("leaks", args, signal);
    const shown = view.findings.filter(({ suppressedBy }) => suppressedBy === undefined);
    return fit(
      [
        ...(shown.length === 0 ? ["No leak was found in this time. That says nothing of what was not exercised."] : []),
        ...shown.flatMap(findingLines),
        ...view.suppressed.map(({ reason, affectedBytes }) => `expected: ${formatBytes(affectedBytes)}: ${reason}`),
      ],
      shell("leaks", fileOf(args)),
    );
  },
};

function siteLine(row: SiteRow): string {
  const { site, liveBytes, liveBlocks, allocations, frees, peakBytes } = row;
  return `${placeOf(site)}: ${bytes(liveBytes)} live in ${count(liveBlocks, "block")}; ${count(allocations, "allocation")}, ${count(frees, "free")}; peak ${bytes(peakBytes)}; oldest ${formatTime(row.oldestAge)}`;
}

/** A query's words, or a name as it stands. */
function siteQuery(site: string): string {
  if (site.includes('"'))
    throw new MemmapError("a site's name has no quotes in it", { code: "usage-mcp", hint: "Give part of it." });
  return `site:"${site}"`;
}

const heapSite: Tool = {
  name: "heap_site",
  title: "One call site",
  description: "What a place in the code holds, did and had at most, and its oldest live blocks.",
  properties: {
    ...fileProperty,
    site: { type: "string", description: "as findings name it, or part of it: http_client.c:104, fetch_page" },
    ...windowProperties,
  },
  required: ["file", "site"],
  async answer(args, { signal }) {
    const query = siteQuery(needed(args, "site"));
    const [file, options] = [fileOf(args), optionsOf(args, WINDOW)];
    const view = await askView<QueryView>(["query", "--json", ...options, "--", file, query], signal);
    const at = optionsOf(args, ["to", "elf"]);
    const oldest = await askView<LiveListView>(
      ["list", "--json", "--sort", "age", "--limit", "12", "--filter", query, ...at, "--", file],
      signal,
    );
    return fit(
      [
        ...(view.sites.length === 0 ? [`Nothing was allocated at a place that matches ${needed(args, "site")}`] : []),
        ...view.sites.map(siteLine),
        ...(view.blocks.length > 0 ? [`oldest of ${view.blocks.length} live blocks:`] : []),
        ...oldest.blocks.map(blockLine),
      ],
      shell("query", file, query),
    );
  },
};

function blockLine({ address, size, age, site, task, uncertain }: LiveListView["blocks"][number]): string {
  return `block ${String(address)}, ${formatBytes(size)}, ${formatTime(age)} old, ${site.text}, task ${task}${uncertain ? ", may have been freed: history is missing" : ""}`;
}

function signed(quantity: Quantity): string {
  const sign = likely(quantity) > 0 ? "+" : "";
  return `${sign}${bytes(quantity)}`;
}

const heapMoment: Tool = {
  name: "heap_moment",
  title: "A moment, or the difference of two",
  description:
    "What was live at a moment, by call site, with free memory of each region. With `since` or `other`: what changed, by call site.",
  properties: {
    ...fileProperty,
    at: { type: "string", description: "12.5s, 50%, -30s, mark:NAME, peak, end (default)" },
    since: { type: "string", description: "an earlier moment of the same file to compare with" },
    other: { type: "string", description: "an earlier recording to compare with, at its end" },
  },
  required: ["file"],
  async answer(args, { signal }) {
    const [file, at, since, other] = [fileOf(args), word(args, "at"), word(args, "since"), word(args, "other")];
    const elf = optionsOf(args, ["elf"]);
    const to = at === undefined ? [] : [`--to=${at}`];
    if (since !== undefined || other !== undefined) {
      const sides = other === undefined ? [file] : [fileOf(args, "other"), file];
      const from = since === undefined ? [] : [`--from=${since}`];
      const diff = await askView<DiffView>(
        ["diff", "--json", "--limit", "20", ...from, ...to, ...elf, "--", ...sides],
        signal,
      );
      const { before, after, change } = diff;
      return fit(
        [
          `${bytes(before.liveBytes)} in ${count(before.liveBlocks, "block")} at ${formatTime(before.time)}, ${bytes(after.liveBytes)} in ${count(after.liveBlocks, "block")} at ${formatTime(after.time)}: ${signed(change.liveBytes)}`,
          ...diff.sites.map(
            (row) =>
              `${signed(row.change.liveBytes)}: ${placeOf(row.site)} (${bytes(row.before.liveBytes)} before, ${bytes(row.after.liveBytes)} after)`,
          ),
          `${diff.unchangedSites} sites unchanged, ${diff.omittedSites} more changed`,
        ],
        shell("diff", ...sides, ...from, ...to, "--limit=all"),
      );
    }
    const top = await askView<SitesView>(["top", "--json", "--limit", "15", ...to, ...elf, "--", file], signal);
    const { total } = await askView<LiveListView>(
      ["list", "--json", "--limit", "1", ...to, ...elf, "--", file],
      signal,
    );
    const { regions } = await askView<FragmentationView>(
      ["fragmentation", "--json", ...to, ...elf, "--", file],
      signal,
    );
    return fit(
      [
        `${bytes(total.liveBytes)} live in ${count(total.liveBlocks, "block")} at ${formatTime(top.window.to)}`,
        ...(regions.length === 0 ? ["free memory: not known, the device did not report its regions by then"] : []),
        ...regions.map(
          ({ name, freeBytes, largestFreeBytes }) =>
            `${name}: ${bytes(freeBytes)} free, largest ${bytes(largestFreeBytes)}`,
        ),
        ...top.sites.map(siteLine),
        ...(top.omittedSites > 0 ? [`${top.omittedSites} more sites`] : []),
      ],
      shell("top", file, ...to, "--limit=all"),
    );
  },
};

const heapFailure: Tool = {
  name: "heap_failure",
  title: "Why an allocation failed",
  description:
    "Failed allocations: what was asked for, what each region had, who keeps it split, what would have made room.",
  properties: { ...fileProperty, ...windowProperties },
  required: ["file"],
  async answer(args, { signal }) {
    const view = await findingsOf("failures", args, signal);
    const lines = view.findings.flatMap(findingLines);
    return fit(
      lines.length === 0 ? ["No allocation failed in this time, as far as the recording tells."] : lines,
      shell("failures", fileOf(args)),
    );
  },
};

const heapQuery: Tool = {
  name: "heap_query",
  title: "Blocks and sites that match a query",
  description:
    "Live blocks and call sites that match: task:wifi size>1k, site:http_client.c, component:lwip, caps:DMA, live>1m (age), born:50%..end; words are and-ed, `or`, `not`.",
  properties: { ...fileProperty, query: { type: "string", description: "the query" }, ...windowProperties },
  required: ["file", "query"],
  async answer(args, { signal }) {
    const [file, query] = [fileOf(args), needed(args, "query")];
    const view = await askView<QueryView>(["query", "--json", ...optionsOf(args, WINDOW), "--", file, query], signal);
    return fit(
      [
        `${view.filter}: ${bytes(view.liveBytes)} live in ${count(view.liveBlocks, "block")} at ${formatTime(view.window.to)}; peak ${view.peakBytes === undefined ? "not known for queries about age" : bytes(view.peakBytes)}`,
        ...view.sites.slice(0, 12).map(siteLine),
        ...(view.sites.length > 12 ? [`${view.sites.length - 12} more sites`] : []),
        ...view.blocks.slice(0, 12).map(blockLine),
        ...(view.blocks.length > 12 ? [`${view.blocks.length - 12} more blocks, smaller ones`] : []),
      ],
      shell("query", file, query, "--limit=all"),
    );
  },
};

export const tools: readonly Tool[] = [
  heapVerdict,
  heapFinding,
  heapLeaks,
  heapSite,
  heapMoment,
  heapFailure,
  heapQuery,
  heapRecord,
];

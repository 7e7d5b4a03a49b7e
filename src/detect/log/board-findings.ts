// What the figures of several boards in one log say: each finding names its board, what several have in common is told once, and beside those that lose
// memory stands how many do not.

import { formatNumberOf } from "../../base/format.ts";
import type { Finding } from "../finding.ts";
import type { FigureRule } from "./figure-rules.ts";

type Figures = Finding<FigureRule>;

export interface BoardFindings {
  /** Undefined: the log's own lines, which name none. */
  readonly board: string | undefined;
  readonly findings: readonly Figures[];
}

/** More boards than these are counted. */
const MOST_NAMED = 4;

export function ofBoards(each: readonly BoardFindings[]): readonly Figures[] {
  const heard = each.filter(({ findings }) => findings.length > 0);
  const told = heard.flatMap(({ board, findings }) =>
    findings.map((finding) => ({ board, finding: onBoard(finding, board) })),
  );
  // The same of several boards, the worst first.
  const groups = new Map<string, { readonly board: string | undefined; readonly finding: Figures }[]>();
  for (const one of told) {
    const key = one.finding.fingerprint;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const isAnyBad = told.some(({ finding }) => finding.rule !== "log-readings");
  return [...groups.values()].flatMap((group): readonly Figures[] => {
    const [{ finding, board }, ...others] = [...group].sort((a, b) => urgency(a.finding) - urgency(b.finding)) as [(typeof group)[0], ...typeof group]; // prettier-ignore
    // Beside boards that lose memory the steady ones are their evidence.
    if (finding.rule === "log-readings" && isAnyBad) return [];
    const rest = others.length - MOST_NAMED;
    const evidence = [
      ...finding.evidence,
      ...others.slice(0, MOST_NAMED).map((other) => `So it is on another board: ${other.finding.title}`),
      ...(rest > 0 ? [`And on ${formatNumberOf(rest, "more board")}`] : []),
      ...comparison(finding, group.length, heard.length, board),
    ];
    const fingerprint = `${finding.fingerprint}|${board ?? ""}`;
    return [{ ...finding, evidence, fingerprint }];
  });
}

/** What is gone first, or is least. */
function urgency({ expected, expectedReadings, bytes = 0, rule }: Figures): number {
  return expected?.likely ?? expectedReadings ?? (rule === "leak" ? -bytes : bytes);
}

function comparison({ rule }: Figures, with_: number, all: number, board: string | undefined): string[] {
  if (rule !== "leak" || all < 2) return [];
  if (with_ === all)
    return [`${all === 2 ? "Both" : `All ${all}`} boards of this log do so: it is in what they have in common`];
  const others = all - with_;
  const who =
    others === 1 ? "Another board of this log loses" : `${formatNumberOf(others, "other board")} of this log lose`;
  const these = with_ === 1 ? `what ${board ?? "this one"} does` : "what these do";
  return [`${who} nothing: ${these} and ${others === 1 ? "that does" : "those do"} not is where to look`];
}

/** Of several boards in one log, which one it is about. */
export function onBoard<Rule extends string>(finding: Finding<Rule>, board: string | undefined): Finding<Rule> {
  return board === undefined ? finding : { ...finding, title: `on ${board}, ${finding.title}` };
}

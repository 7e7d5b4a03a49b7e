// The accidents of one boot as its readers note them: the same one again only counts, and later lines are added to it.

import type { Incident } from "../wire/log-records.ts";
import { SITE_UNKNOWN } from "../wire/protocol.ts";
import type { Refused } from "./open-series.ts";
import type { ReportBuilder } from "./import-report.ts";

/** What a reader knows of an incident; time and repetition are the book's. */
export type IncidentDraft = Omit<Incident, "time" | "count" | "lastLine">;

/** The detail of incidents that tell one call site's share of a heap trace. */
export const BY_SITE = "by site";

/** A fact of a check for leaks that found none. */
export const PASSED = "passed 1";

/** A fact of crashes at more places than are told apart. */
const ELSEWHERE = "elsewhere 1";

/** Kinds of accidents of one boot that are told apart. */
const MOST_INCIDENTS = 2000;
/** Beyond these crashes are counted by what they are, wherever they were. */
const MOST_ELSEWHERE = 64;
/** Letters of a line that are quoted. */
const QUOTE_LETTERS = 240;
/** Lines of one accident that are kept. */
const MOST_ALSO = 12;

export class IncidentBook {
  private readonly report: ReportBuilder;
  private readonly incidents = new Map<string, { -readonly [Field in keyof Incident]: Incident[Field] }>();

  constructor(report: ReportBuilder) {
    this.report = report;
  }

  /** No further kind of accident is told apart. */
  get isFull(): boolean {
    return this.incidents.size >= MOST_INCIDENTS;
  }

  /**
   * @param details what else is kept of it the first time
   * @returns its key, for `alsoSaid`
   */
  note(draft: IncidentDraft, time: number, details?: () => Partial<IncidentDraft>): string {
    const key = keyOf(draft);
    const before = this.incidents.get(key);
    if (before === undefined) {
      const isPlaced = !isElsewhere(draft);
      if (isPlaced && this.isFull) return this.note(elsewhere(draft), time);
      const hasRoom = isPlaced || (draft.kind === "panic" && this.incidents.size < MOST_INCIDENTS + MOST_ELSEWHERE);
      const quote = draft.quote.slice(0, QUOTE_LETTERS);
      if (hasRoom) this.incidents.set(key, { ...draft, ...details?.(), quote, time, count: 1, lastLine: draft.line });
      else this.report.droppedRecords++;
      return key;
    }
    before.count++;
    before.lastLine = draft.line;
    const free = draft.free ?? before.free;
    if (free === undefined) return key;
    // The largest block is of the moment when least was free.
    if (draft.largest !== undefined && draft.free !== undefined && draft.free < (before.free ?? Infinity))
      before.largest = draft.largest;
    before.freeHighest = Math.max(free, before.freeHighest ?? before.free ?? free);
    before.free = Math.min(free, before.free ?? free);
    return key;
  }

  /** The same one again, with the same figures. */
  again(key: string, line: number): void {
    const incident = this.incidents.get(key);
    if (incident === undefined) {
      this.report.droppedRecords++;
      return;
    }
    incident.count++;
    incident.lastLine = line;
  }

  /** What a later line adds to it. */
  amend(key: string, more: Partial<IncidentDraft>): void {
    const incident = this.incidents.get(key);
    if (incident !== undefined) this.incidents.set(key, { ...incident, ...more });
  }

  /** Who asked. Where others have asked for the same, it is nobody's. */
  place(key: string, place: Pick<IncidentDraft, "site" | "frames" | "ownFrame" | "pc">): void {
    const incident = this.incidents.get(key);
    if (incident === undefined || incident.site === place.site) return;
    const isFirst = incident.site === undefined && incident.count === 1;
    this.incidents.set(key, isFirst ? { ...incident, ...place } : { ...incident, site: SITE_UNKNOWN });
  }

  alsoSaid(key: string, words: string): void {
    const incident = this.incidents.get(key);
    const also = incident?.also ?? [];
    if (incident !== undefined && also.length < MOST_ALSO)
      this.incidents.set(key, { ...incident, also: [...also, words] });
  }

  complete(complete: (incident: Incident) => Partial<Incident>): void {
    for (const [key, incident] of this.incidents) this.incidents.set(key, { ...incident, ...complete(incident) });
  }

  /** Requests that the heap has refused, as far as their size is told. */
  refusals(): readonly Refused[] {
    return this.inOrder().flatMap(({ kind, line, lastLine, size = 0 }) => {
      if (kind !== "failed-allocation" || size === 0) return [];
      return lastLine === line
        ? [{ line, size }]
        : [
            { line, size },
            { line: lastLine, size },
          ];
    });
  }

  inOrder(): readonly Incident[] {
    return [...this.incidents.values()].sort((a, b) => a.line - b.line);
  }
}

function keyOf(draft: IncidentDraft): string {
  const { kind, known, component, size, caps, address, function: name, detail, site, found, task, board } = draft;
  // Each dump of a heap trace is one, even where it says the same as the one before.
  const dumpLine = kind === "heap-trace" ? draft.line : undefined;
  const place = isElsewhere(draft) ? ELSEWHERE : site;
  return [kind, dumpLine, known, component, name, size, caps, address, detail, place, found, task, board].join("\n");
}

const isElsewhere = ({ facts = [] }: IncidentDraft): boolean => facts.includes(ELSEWHERE);

/** What of an accident is kept where its place is not. */
export function elsewhere({ kind, line, quote, detail }: IncidentDraft): IncidentDraft {
  return { kind, line, quote, facts: [ELSEWHERE], ...(detail === undefined ? {} : { detail }) };
}

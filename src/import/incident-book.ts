// The accidents of one boot as its readers note them: the same one again only counts, and later lines are added to it.

import type { Incident } from "../wire/log-records.ts";
import { SITE_UNKNOWN } from "../wire/protocol.ts";
import type { ReportBuilder } from "./import-report.ts";

/** What a reader knows of an incident; time and repetition are the book's. */
export type IncidentDraft = Omit<Incident, "time" | "count" | "lastLine">;

/** The detail of incidents that tell one call site's share of a heap trace. */
export const BY_SITE = "by site";

/** Kinds of accidents of one boot beyond which the rest is only counted. */
const MOST_INCIDENTS = 2000;
/** Letters of a line that are quoted. */
const QUOTE_LETTERS = 240;
/** Lines of one accident that are kept. */
const MOST_ALSO = 12;

export class IncidentBook {
  private readonly report: ReportBuilder;
  private readonly incidents = new Map<string, Incident>();

  constructor(report: ReportBuilder) {
    this.report = report;
  }

  /** @returns its key, for `alsoSaid` */
  note(draft: IncidentDraft, time: number): string {
    const { kind, known, component, size, caps, address, function: name, detail, site, found, task } = draft;
    // Each dump of a heap trace is one, even where it says the same as the one before.
    const dumpLine = kind === "heap-trace" ? draft.line : undefined;
    const key = JSON.stringify([
      kind,
      dumpLine,
      known,
      component,
      name,
      size,
      caps,
      address,
      detail,
      site,
      found,
      task,
    ]);
    const before = this.incidents.get(key);
    if (before === undefined) {
      if (this.incidents.size >= MOST_INCIDENTS) this.report.droppedRecords++;
      else {
        const quote = draft.quote.slice(0, QUOTE_LETTERS);
        this.incidents.set(key, { ...draft, quote, time, count: 1, lastLine: draft.line });
      }
      return key;
    }
    const free = draft.free ?? before.free;
    this.incidents.set(key, {
      ...before,
      count: before.count + 1,
      lastLine: draft.line,
      // The largest block is of the moment when least was free.
      ...(draft.largest !== undefined &&
        draft.free !== undefined &&
        draft.free < (before.free ?? Infinity) && { largest: draft.largest }),
      ...(free === undefined ? {} : { free: Math.min(free, before.free ?? free) }),
      ...(free === undefined ? {} : { freeHighest: Math.max(free, before.freeHighest ?? before.free ?? free) }),
    });
    return key;
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

  inOrder(): readonly Incident[] {
    return [...this.incidents.values()].sort((a, b) => a.line - b.line);
  }
}

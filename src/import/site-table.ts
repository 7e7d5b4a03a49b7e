// Gives call sites their numbers: the same stack, place and caps is the same site, told to the sink on first use.

import type { EventSink } from "../wire/events.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { SITE_UNKNOWN } from "../wire/protocol.ts";
import type { Site } from "../wire/records.ts";
import type { ReportBuilder } from "./import-report.ts";

/** Call stacks of one boot of a device that are told apart: no firmware has so many. */
const MOST_SITES = 1 << 14;
const TOO_MANY = `more than ${MOST_SITES} different call stacks: blocks of further ones are told without theirs`;

export class SiteTable {
  private readonly sink: EventSink;
  private readonly report: ReportBuilder | undefined;
  private readonly ids = new Map<string, number>();

  /** @param report told when there are more sites than a device has; without it, there may be any number */
  constructor(sink: EventSink, report?: ReportBuilder) {
    this.sink = sink;
    this.report = report;
  }

  /** The site's id, from 1; 0 for those that are too many. */
  id(site: Omit<Site, "id">): number {
    const key = keyOf(site);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.report !== undefined && this.ids.size >= MOST_SITES) {
      if (!this.report.hasDamage(TOO_MANY)) this.report.damage({ reason: TOO_MANY });
      return SITE_UNKNOWN;
    }
    const id = this.ids.size + 1;
    this.ids.set(key, id);
    this.sink.record({ kind: "site", value: { id, ...site } });
    return id;
  }

  /** Of one that was told before. */
  known(site: Omit<Site, "id">): number | undefined {
    return this.ids.get(keyOf(site));
  }
}

function keyOf(site: Omit<Site, "id">): string {
  const { method, caps, file, line, function: name, variable, callers, frames } = site;
  return [method, caps, file, line, name, variable, callers, frames?.map(frameKey).join("\n")].join("\n");
}

function frameKey(frame: NamedFrame): string {
  return `${frame.function}@${frame.file ?? ""}:${String(frame.line ?? 0)}`;
}

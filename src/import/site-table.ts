// Gives call sites their numbers: the same stack, place and caps is the same site, told to the sink on first use.

import type { EventSink } from "../wire/events.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { Site } from "../wire/records.ts";

export class SiteTable {
  private readonly sink: EventSink;
  private readonly ids = new Map<string, number>();

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  /** The site's id, from 1. */
  id(site: Omit<Site, "id">): number {
    const key = JSON.stringify([
      site.method,
      site.caps,
      site.file,
      site.line,
      site.function,
      site.variable,
      site.callers,
      site.frames?.map(frameKey),
    ]);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.ids.size + 1;
    this.ids.set(key, id);
    this.sink.record({ kind: "site", value: { id, ...site } });
    return id;
  }
}

function frameKey(frame: NamedFrame): string {
  return `${frame.function}@${frame.file ?? ""}:${String(frame.line ?? 0)}`;
}

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
    const key = keyOf(site);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
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
  return JSON.stringify([
    site.method,
    site.caps,
    site.file,
    site.line,
    site.function,
    site.variable,
    site.callers,
    site.frames?.map(frameKey),
  ]);
}

function frameKey(frame: NamedFrame): string {
  return `${frame.function}@${frame.file ?? ""}:${String(frame.line ?? 0)}`;
}

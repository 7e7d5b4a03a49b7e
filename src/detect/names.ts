// Names for sites and tasks as findings say them. One place, so that a sentence, a table and a fingerprint agree.
import { fileName } from "../base/paths.ts";
import { framesOf, isAllocatorFrame, labelOf, nameOf, placeOfFrames, type PlaceName } from "../heap/site-names.ts";
import type { FrameResolver, RunTables } from "../heap/types.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { RunIncident, RunSite } from "../heap/run-records.ts";

/** A call site: the innermost frame that is the program's own, where it asks for memory. */
export interface SiteName extends PlaceName {
  readonly variable?: string;
  /** `client.c:120 http_get (buffer)`: the file without its folders, or the caller's address where there are no names. */
  readonly text: string;
  /** Call stack, innermost first; empty where nothing is known. */
  readonly stack: readonly NamedFrame[];
  /** The same without the allocator's frames at its beginning. */
  readonly frames: readonly NamedFrame[];
  /** The part of it that begins with the place: it and what called it. */
  readonly callers: readonly NamedFrame[];
}

export interface Names {
  site(id: number): SiteName;
  /** The calls that an accident's registers and stack lead to, innermost first; empty without the ELF. */
  stackOf(incident: RunIncident): readonly NamedFrame[];
  /** The task's name, `interrupt` and `startup` for the fixed ones. */
  task(id: number): string;
}

const NOT_KNOWN = "a place that is not known";

export function makeNames(tables: RunTables, resolver?: FrameResolver): Names {
  const cache = new Map<number, SiteName>();
  return {
    site(id) {
      let name = cache.get(id);
      if (name === undefined) cache.set(id, (name = nameSite(tables.sites[id], resolver)));
      return name;
    },
    stackOf({ registers = [], stackAt, stackWords }) {
      if (stackAt === undefined || stackWords === undefined || resolver?.unwind === undefined) return [];
      const values = registers.map((text): [string, number] => {
        const [name = "", value] = text.split(" ");
        return [name, Number(value)];
      });
      return resolver.unwind(new Map(values), stackAt, stackWords);
    },
    task(id) {
      const name = tables.tasks[id]?.name;
      if (name !== undefined && name !== "") return name;
      return ["startup", "interrupt", "other tasks"][id] ?? `task ${id}`;
    },
  };
}

function nameSite(site: RunSite | undefined, resolver: FrameResolver | undefined): SiteName {
  if (site === undefined || site.id === 0) return { text: NOT_KNOWN, stack: [], frames: [], callers: [] };
  const name = nameOf(site, resolver);
  const stack = framesOf(site, resolver);
  const first = stack.findIndex((frame) => !isAllocatorFrame(frame));
  // A site that is described, and not one whose description was lost: that one has its number.
  const isNobodys = site.caps !== 0 && stack.length === 0 && (site.callers ?? []).length === 0;
  const label = isNobodys ? NOT_KNOWN : labelOf(site, name);
  return {
    ...name,
    text: site.variable === undefined ? label : `${label} (${site.variable})`,
    stack,
    frames: first < 0 ? stack : stack.slice(first),
    callers: stack.slice(placeOfFrames(stack).at),
    ...(site.variable !== undefined && { variable: site.variable }),
  };
}

/** What stays when lines move and addresses change: function, file and variable; the line only where there is no function. */
function stableKey(name: SiteName): string {
  const file = name.file === undefined ? "" : fileName(name.file);
  const place = name.function !== undefined && name.function !== "" ? name.function : String(name.line ?? name.text);
  return [file, place, name.variable ?? "", ...(name.through === undefined ? [] : [name.through])].join(":");
}

/** @param sites ids, or names that are a part of it */
export function fingerprint(rule: string, names: Names, sites: readonly (number | string)[]): string {
  return [rule, ...sites.map((site) => (typeof site === "string" ? site : stableKey(names.site(site))))].join("|");
}

// The call stack of each site as other tools want it: every site has at least one frame, every frame a name, and no string can do harm.
import { formatAddress } from "../base/format.ts";
import { safeText } from "../base/safe-text.ts";
import type { Address } from "../base/units.ts";
import { methodName } from "../heap/group.ts";
import type { SiteActivity } from "../heap/types.ts";
import type { Asked } from "../report/asked.ts";
import { formatCaps } from "../wire/caps.ts";

export interface ExportFrame {
  readonly name: string;
  /** As the compiler saw it; empty where not known. */
  readonly file: string;
  /** 0 where not known. */
  readonly line: number;
  readonly address?: Address;
}

export interface ExportSite {
  /** Innermost first. */
  readonly frames: readonly ExportFrame[];
  /** `client.c:120 http_get (buffer)` */
  readonly text: string;
  readonly component?: string;
  readonly variable?: string;
  /** malloc, calloc … */
  readonly method: string;
  readonly caps: string;
}

/** Makes each site once. */
export function exportSites({ model, names }: Asked): (id: number) => ExportSite {
  const made = new Map<number, ExportSite>();
  return (id) => {
    let site = made.get(id);
    if (site === undefined) made.set(id, (site = siteOf(id)));
    return site;
  };

  function siteOf(id: number): ExportSite {
    const name = names.site(id);
    const told = model.tables.sites[id];
    const frames = name.frames.map(({ function: called, file, line, address }) => ({
      name: safeText(called !== "" ? called : address === undefined ? "?" : formatAddress(address)),
      file: safeText(file ?? ""),
      line: line ?? 0,
      ...(address !== undefined && { address }),
    }));
    const callers = told?.callers ?? [];
    const unnamed = callers.map((address) => ({ name: formatAddress(address), file: "", line: 0, address }));
    const alone = [{ name: safeText(name.text), file: safeText(name.file ?? ""), line: name.line ?? 0 }];
    return {
      frames: frames.length > 0 ? frames : unnamed.length > 0 ? unnamed : alone,
      text: safeText(name.text),
      method: methodName(told?.method ?? 0),
      caps: told === undefined || told.caps === 0 ? "" : formatCaps(told.caps),
      ...(name.component !== undefined && { component: safeText(name.component) }),
      ...(name.variable !== undefined && { variable: safeText(name.variable) }),
    };
  }
}

/** Sites that did or hold anything. */
export function activeSites(activity: SiteActivity): number[] {
  const ids: number[] = [];
  for (let id = 0; id < activity.sites; id++) {
    if (activity.allocations[id] !== 0 || activity.liveBlocks[id] !== 0 || activity.frees[id] !== 0) ids.push(id);
  }
  return ids;
}

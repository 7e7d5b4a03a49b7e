// Call sites, frames and blocks as every view shows them.
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import type { BlockTable } from "../heap/types.ts";
import type { NamedFrame } from "../wire/fields.ts";

/** A call site. */
export interface SiteView {
  /** As sentences and tables say it: `client.c:120 http_get (buffer)`, or a return address where there are no names. */
  readonly text: string;
  readonly function?: string;
  readonly file?: string;
  readonly line?: number;
  /** Name of the variable that receives the block, where the macro was told. */
  readonly variable?: string;
  readonly component?: string;
  /** The library's function through which the place asked; where all frames are libraries', their innermost one. */
  readonly through?: string;
}

/** One call of a stack. */
export interface FrameView {
  readonly function?: string;
  readonly file?: string;
  readonly line?: number;
  /** Component, library or executable. */
  readonly component?: string;
  readonly address?: Address;
}

/** A block. */
export interface BlockView {
  readonly address: Address;
  /** Bytes asked for. */
  readonly size: Bytes;
  readonly site: SiteView;
  readonly task?: string;
  /** When it was allocated, reallocs not counted; absent where that lies before the recording. */
  readonly born?: Microseconds;
}

/** Views of sites by run-wide id, each made once. */
export function siteViews(names: Names): (site: number) => SiteView {
  const views = new Map<number, SiteView>();
  return (site) => {
    let view = views.get(site);
    if (view === undefined) views.set(site, (view = viewSite(names, site)));
    return view;
  };
}

export function viewSite(names: Names, site: number): SiteView {
  const { stack: _stack, frames: _frames, callers: _callers, ...view } = names.site(site);
  return view;
}

/** Views of a table's blocks by row. */
export function blockViews(live: BlockTable, names: Names): (row: number) => Required<BlockView> {
  const siteOf = siteViews(names);
  return (row) => ({
    address: live.address[row] ?? 0,
    size: live.size[row] ?? 0,
    site: siteOf(live.site[row] ?? 0),
    task: names.task(live.task[row] ?? 0),
    born: live.origin[row] ?? 0,
  });
}

export function viewFrame({ function: name, file, line, module, address }: NamedFrame): FrameView {
  return {
    function: name,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(module !== undefined && { component: module }),
    ...(address !== undefined && { address }),
  };
}

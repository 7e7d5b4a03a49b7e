// The vocabulary: every view of a run by its name, with one version, and how a view is written as JSON. docs/json.md is generated from
// this list (tools/generate-json-docs.ts). One thing has one name in all of them:
//
// - An amount of memory is `…Bytes`, a count of blocks `…Blocks`, other counts are plural nouns or end in `Count`. A number that a gap or a
//   sample can make uncertain is a Quantity. A block's own size is `size`.
// - `time` is a moment, `from` and `to` are the ends of a stretch, `born` is when a block was allocated, `age` how long it has lived.
// - `site` is a call site, `frames` a call stack, `caps` capabilities as text, `share` a part of a whole from 0 to 1.
// - What a limit left out is counted as `omitted…`; of a table of which only a stretch is in view, `rowCount` and `firstRow`.
//
// What only the page asks (questions.ts) has the same names; where it comes in columns, `site` and `task` may be numbers of `siteNames` and
// `taskNames`. test/vocabulary.test.ts holds both to it.
import { formatAddress } from "../base/format.ts";
import { safeJson } from "../base/safe-text.ts";
import type { Address } from "../base/units.ts";
import type { BlockStoryView } from "./block-view.ts";
import type { DiffView } from "./diff.ts";
import type { ElfView, LayoutsView } from "./elf-view.ts";
import type { FindingsView } from "./findings-view.ts";
import type { FitView } from "./fit-view.ts";
import type { FragmentationView } from "./fragmentation-view.ts";
import type { HeapMapView } from "./heap-map.ts";
import type { ImportView } from "./import-view.ts";
import type { LiveListView } from "./live-list.ts";
import type { QueryView } from "./query-view.ts";
import type { ContradictionView, ElfMatchView, StackView, SymbolizeView } from "./symbolize-view.ts";
import type { TimelineView } from "./timeline-view.ts";
import type { GroupsView, SitesView } from "./top-sites.ts";
import type { VerdictView } from "./verdict.ts";

/** Counts up when a field goes, or means something else; a new field leaves it as it is. */
export const VIEWS_VERSION = 1;

export interface Views {
  /** `memmap report`: the verdict. */
  readonly report: VerdictView;
  /** `memmap leaks`, `faults` and `failures`. */
  readonly findings: FindingsView;
  /** `memmap fragmentation`. */
  readonly fragmentation: FragmentationView;
  /** `memmap fits`. */
  readonly fits: FitView;
  /** `memmap list`. */
  readonly list: LiveListView;
  /** `memmap top`. */
  readonly sites: SitesView;
  /** `memmap top --by KEY`, other than by site. */
  readonly groups: GroupsView;
  /** `memmap timeline`. */
  readonly timeline: TimelineView;
  /** `memmap map`. */
  readonly map: HeapMapView;
  /** `memmap diff`. */
  readonly diff: DiffView;
  /** `memmap block`. */
  readonly block: BlockStoryView;
  /** `memmap query`. */
  readonly query: QueryView;
  /** `memmap import`: the account of it. */
  readonly import: ImportView;
  /** `memmap symbolize`: a line for each address. */
  readonly symbolize: SymbolizeView;
  /** `memmap symbolize`: below the stack dump of a log. */
  readonly stack: StackView;
  /** `memmap symbolize`: where a log says which ELF was running. */
  readonly "elf-match": ElfMatchView;
  /** `memmap symbolize`: where a log has decoded an address differently. */
  readonly contradiction: ContradictionView;
  /** `memmap elf`. */
  readonly elf: ElfView;
  /** `memmap elf --layout NAME`. */
  readonly layouts: LayoutsView;
}

/** Fields that are addresses: numbers in a view, hexadecimal text in JSON. The generator of docs/json.md holds them to the type Address. */
export const ADDRESS_FIELDS: readonly string[] = ["address", "start", "end", "executableStart", "callers"];

/** With the view's name and version in front; on one line where `indent` is 0. */
export function viewAsJson(view: string, value: object, indent = 2): string {
  return safeJson(JSON.stringify({ view, version: VIEWS_VERSION, ...value }, plain, indent));
}

function plain(key: string, value: unknown): unknown {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return undefined; // no such number in JSON: not known, like everything that is absent
    return ADDRESS_FIELDS.includes(key) ? formatAddress(value) : value;
  }
  if (Array.isArray(value) && ADDRESS_FIELDS.includes(key)) return value.map((item) => formatAddress(item as Address));
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return value;
}

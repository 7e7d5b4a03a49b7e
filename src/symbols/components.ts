// How much RAM each component takes before the program runs: variables by the unit that defines them, code in RAM by the
// unit that it was compiled in.
import type { Address, Bytes } from "../base/units.ts";
import type { FileOwner } from "./file-owner.ts";
import { unitFile, type Unit } from "./dwarf/units.ts";
import { unitOfVariable } from "./dwarf/variables.ts";
import { isCode, isLoaded, isWritable, SHT_NOBITS, type ElfSection } from "./elf.ts";
import { inputAt, type LinkerMap } from "./map-file.ts";
import type { Symbolizer } from "./symbolizer.ts";
import { forEachSized, sizedSymbols } from "./symtab.ts";

export interface ComponentRam {
  /**
   * "(unknown)" for what neither debug information nor the map says anything about. Strings, literals and padding have no symbol: by the map, by the
   * code around them, else "(no symbol)"; "(merged strings)" for those which the linker has folded together from several components.
   */
  readonly component: string;
  readonly origin: FileOwner["origin"];
  /** Variables with an initial value, which take flash as well. */
  readonly data: Bytes;
  /** Variables that begin as zero, and those that are not initialized. */
  readonly bss: Bytes;
  /** Code that runs from RAM. */
  readonly iram: Bytes;
}

type Kind = "data" | "bss" | "iram";
type Owner = Pick<FileOwner, "component" | "origin">;

const unknown: Owner = { component: undefined, origin: "unknown" };
const nobody: Owner = { component: "(no symbol)", origin: "unknown" };
const merged: Owner = { component: "(merged strings)", origin: "unknown" };

/** What of the static RAM a section is; undefined when it is in flash or takes no memory. */
function kindOf(section: ElfSection): Kind | undefined {
  if (!isLoaded(section) || section.name.includes("dummy") || section.name.includes("reserved")) return undefined;
  if (isCode(section)) return /iram|rtc|tcm/.test(section.name) ? "iram" : undefined;
  // ESP-IDF marks .flash.rodata as writable, for constructors' sake; its name says where it is.
  if (!isWritable(section) || section.name.startsWith(".flash")) return undefined;
  if (section.type === SHT_NOBITS) return section.name.endsWith("text_end") ? undefined : "bss";
  return "data";
}

/** Largest first. The sums over all components are the sizes of the sections. */
export function componentsOf(
  symbolizer: Symbolizer,
  ownerOf: (file: string) => FileOwner,
  map: LinkerMap | undefined,
): ComponentRam[] {
  const { elf } = symbolizer;
  const found = new Map<
    string,
    { component: string; origin: FileOwner["origin"]; data: Bytes; bss: Bytes; iram: Bytes }
  >();
  const add = (owner: Owner, kind: Kind, size: Bytes): void => {
    if (size <= 0) return;
    const component = owner.component ?? "(unknown)";
    let row = found.get(component);
    if (row === undefined) found.set(component, (row = { component, origin: owner.origin, data: 0, bss: 0, iram: 0 }));
    row[kind] += size;
  };

  const { variables } = symbolizer;
  const owners = new Map<Unit, FileOwner>();
  const ownerOfUnit = (unit: Unit): FileOwner => {
    let owner = owners.get(unit);
    if (owner === undefined) owners.set(unit, (owner = ownerOf(unitFile(unit))));
    return owner;
  };
  const sized = sizedSymbols(symbolizer.symbolTable);
  const ownerAt = (address: Address, kind: Kind): Owner => {
    const unit = kind === "iram" ? symbolizer.unitOf(address) : unitOfVariable(variables, address);
    if (unit !== undefined) return ownerOfUnit(unit);
    const input = map === undefined ? undefined : inputAt(map, address);
    return input === undefined ? unknown : ownerOf(input.file);
  };
  /** What has no symbol of a size, between two things that have: strings, literal pools, assembler code, padding. */
  const addGap = (
    from: Address,
    to: Address,
    kind: Kind,
    before: Owner | undefined,
    after: Owner | undefined,
  ): void => {
    const isOne = before?.component === after?.component;
    // Up to an alignment of 8 it is padding, and belongs to what it stands behind. Xtensa's literals stand in front of their function.
    const around = to - from < 8 ? (before ?? after) : isOne ? before : kind === "iram" ? after : undefined;
    let at = from;
    while (at < to) {
      const input = map === undefined ? undefined : inputAt(map, at);
      const unit = kind === "iram" ? symbolizer.unitOf(at) : undefined;
      const end = Math.min(to, input?.end ?? (unit === undefined ? to : at + 2));
      if (input?.isMerged === true) add(merged, kind, end - at);
      else
        add(
          input !== undefined ? ownerOf(input.file) : unit !== undefined ? ownerOfUnit(unit) : (around ?? nobody),
          kind,
          end - at,
        );
      at = end;
    }
  };
  for (const section of elf.sections) {
    const kind = kindOf(section);
    if (kind === undefined) continue;
    const end = section.address + section.size;
    let covered = section.address;
    let before: Owner | undefined;
    forEachSized(sized, section.address, end, (address, size) => {
      // Aliases and nested symbols count once.
      const from = Math.max(address, covered);
      const to = Math.min(address + size, end);
      if (to <= from) return;
      const owner = ownerAt(address, kind);
      addGap(covered, from, kind, before, owner);
      add(owner, kind, to - from);
      before = owner;
      covered = to;
    });
    addGap(covered, end, kind, before, undefined);
  }
  const total = (row: ComponentRam): Bytes => row.data + row.bss + row.iram;
  return [...found.values()].sort((a, b) => total(b) - total(a) || a.component.localeCompare(b.component));
}

// How much RAM each component takes before the program runs: variables by the unit that defines them, code in RAM by the
// unit that it was compiled in.
import type { Address, Bytes } from "../base/units.ts";
import type { FileOwner } from "./attribution.ts";
import { unitFile, type Unit } from "./dwarf/units.ts";
import { unitOfVariable } from "./dwarf/variables.ts";
import { isCode, isLoaded, isWritable, type ElfSection } from "./elf.ts";
import type { Symbolizer } from "./symbolizer.ts";
import { forEachSized, sizedSymbols } from "./symtab.ts";

export interface ComponentRam {
  /** "(unknown)" for what no debug information says anything about, "(no symbol)" for strings, literals and padding. */
  readonly component: string;
  readonly origin: FileOwner["origin"];
  /** Variables with an initial value, which take flash as well. */
  readonly data: Bytes;
  /** Variables that begin as zero, and those that are not initialized. */
  readonly bss: Bytes;
  /** Code that runs from RAM. */
  readonly iram: Bytes;
}

const SHT_NOBITS = 8;

type Kind = "data" | "bss" | "iram";

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
  archiveAt: (address: Address) => string | undefined,
): ComponentRam[] {
  const { elf } = symbolizer;
  const found = new Map<
    string,
    { component: string; origin: FileOwner["origin"]; data: Bytes; bss: Bytes; iram: Bytes }
  >();
  const add = (owner: Pick<FileOwner, "component" | "origin">, kind: Kind, size: Bytes): void => {
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
  const unknown = { component: undefined, origin: "unknown" } as const;
  const sized = sizedSymbols(symbolizer.symbolTable);
  for (const section of elf.sections) {
    const kind = kindOf(section);
    if (kind === undefined) continue;
    const end = section.address + section.size;
    let covered = section.address;
    forEachSized(sized, section.address, end, (address, size) => {
      // Aliases and nested symbols count once.
      const from = Math.max(address, covered);
      const to = Math.min(address + size, end);
      if (to <= from) return;
      const unit = kind === "iram" ? symbolizer.unitOf(address) : unitOfVariable(variables, address);
      const archive = unit === undefined ? archiveAt(address) : undefined;
      const owner = unit !== undefined ? ownerOfUnit(unit) : archive === undefined ? unknown : ownerOf(archive);
      add(owner, kind, to - from);
      if (from > covered) add({ component: "(no symbol)", origin: "unknown" }, kind, from - covered);
      covered = to;
    });
    if (end > covered) add({ component: "(no symbol)", origin: "unknown" }, kind, end - covered);
  }
  const total = (row: ComponentRam): Bytes => row.data + row.bss + row.iram;
  return [...found.values()].sort((a, b) => total(b) - total(a) || a.component.localeCompare(b.component));
}

// Split debug information: the ELF has a unit's addresses and lines, the rest is in a .dwo file of its own (-gsplit-dwarf), or in a .dwp package of
// all of them. Format: DWARF 5 sections 7.3.2 and 7.3.5; before that GNU's DebugFission, whose package has version 2.
import type { CompanionFinder } from "../companions.ts";
import { Cursor } from "../cursor.ts";
import { debugSection, tryReadElf, type Elf } from "../elf.ts";
import { textOf } from "./forms.ts";
import type { DebugSections } from "./sections.ts";
import { readUnits, Unit, type Dwarf } from "./units.ts";

/** A unit with the sections that it is written in. */
export interface DwarfUnit {
  readonly dwarf: Dwarf;
  readonly unit: Unit;
}

/** Columns of a package's index (DW_SECT_*) that are needed: what each is called as a section, and as a part of `DebugSections`. */
const COLUMNS = new Map<number, readonly [name: string, part: "info" | "abbrev" | "strOffsets" | "rnglists"]>([
  [1, [".debug_info.dwo", "info"]],
  [3, [".debug_abbrev.dwo", "abbrev"]],
  [6, [".debug_str_offsets.dwo", "strOffsets"]],
  [8, [".debug_rnglists.dwo", "rnglists"]],
]);

/**
 * The rest of a unit that names a .dwo file; undefined, with a problem noted, where it cannot be had. Its lines and addresses stay those of the ELF.
 */
export function readSplitUnit(
  main: Dwarf,
  unit: Unit,
  find: CompanionFinder,
  packaged: Elf | undefined,
): DwarfUnit | undefined {
  const name = textOf(unit.root.dwoName);
  const bytes =
    packaged === undefined ? find({ kind: "split-unit", name, folder: textOf(unit.root.compDir) }) : undefined;
  const elf = packaged ?? (bytes === undefined ? undefined : tryReadElf(bytes, main.elf.inflaters));
  if (elf === undefined) {
    main.problems.add(
      "dwarf-split",
      `functions, inlined calls and types are in ${name}, which is neither where it was built nor beside the ELF`,
    );
    return undefined;
  }
  const sections = packaged === undefined ? ownSections(elf, main) : sectionsInPackage(elf, main, unit.root.dwoId);
  const own = sections && readUnits(sections, main.problems).find(({ root }) => root.dwoId === unit.root.dwoId);
  if (sections === undefined || own === undefined) {
    main.problems.add("dwarf-split-other", `${name} is of another build than this ELF: it is not used`);
    return undefined;
  }
  const { low, high, ranges, addrBase, lineOffset, compDir, dwoRangesBase } = unit.root;
  const root = { ...own.root, low, high, ranges, addrBase, lineOffset, compDir, rangesBase: dwoRangesBase };
  const merged = new Unit(own, unit.index, { abbrevs: () => own.abbrevs, root: () => root });
  return { dwarf: { ...main, sections, units: [merged] }, unit: merged };
}

function ownSections(elf: Elf, main: Dwarf): DebugSections {
  const of = (name: string): Uint8Array => debugSection(elf, name);
  return {
    ...main.sections,
    info: of(".debug_info.dwo"),
    abbrev: of(".debug_abbrev.dwo"),
    str: of(".debug_str.dwo"),
    strOffsets: of(".debug_str_offsets.dwo"),
    rnglists: of(".debug_rnglists.dwo"),
  };
}

/** The stretches of a package's sections that belong to one unit. */
function sectionsInPackage(elf: Elf, main: Dwarf, dwoId: string | undefined): DebugSections | undefined {
  const bytes = debugSection(elf, ".debug_cu_index");
  const index = new Cursor(bytes, 0);
  const version = index.u16(); // of 4 bytes in version 2, of 2 and padding in version 5
  index.pos = 4;
  const columns = index.u32();
  const units = index.u32();
  const slots = index.u32();
  const ids = 16;
  const rows = ids + 8 * slots;
  const table = rows + 4 * slots;
  if ((version !== 2 && version !== 5) || table + 4 * columns * (1 + 2 * units) > bytes.length) return undefined;
  const word = (at: number): number => new Cursor(bytes, at).u32();
  for (let slot = 0; slot < slots; slot++) {
    const at = ids + 8 * slot;
    const id =
      word(at + 4)
        .toString(16)
        .padStart(8, "0") + word(at).toString(16).padStart(8, "0");
    const row = word(rows + 4 * slot);
    if (id !== dwoId || row === 0 || row > units) continue;
    const parts: Partial<Record<"info" | "abbrev" | "strOffsets" | "rnglists", Uint8Array>> = {};
    for (let column = 0; column < columns; column++) {
      const known = COLUMNS.get(word(table + 4 * column));
      if (known === undefined) continue;
      const offset = word(table + 4 * columns * row + 4 * column);
      const size = word(table + 4 * columns * (units + row) + 4 * column);
      parts[known[1]] = debugSection(elf, known[0]).subarray(offset, offset + size);
    }
    return { ...main.sections, ...noParts, ...parts, str: debugSection(elf, ".debug_str.dwo") };
  }
  return undefined;
}

const none = new Uint8Array(0);
const noParts = { info: none, abbrev: none, strOffsets: none, rnglists: none };

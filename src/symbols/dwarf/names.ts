// A function's name from its DIE: through abstract origins and specifications, the linker's name (which tells overloads and
// namespaces apart) before the plain one.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- `specs` is indexed in steps of three within its own bounds */
import { Cursor } from "../cursor.ts";
import { DW_AT } from "./constants.ts";
import { readNumber, readText, skipForm, textOf } from "./forms.ts";
import { unitAt, type Dwarf } from "./units.ts";

export interface DieName {
  /** As the linker sees it: mangled in C++ and Rust, absent in C. */
  readonly linkage: string | undefined;
  readonly plain: string | undefined;
}

/** An instance refers to its abstract instance, that one to its declaration; more steps than this are a loop. */
const MAX_STEPS = 16;

export function nameOfDie(dwarf: Dwarf, die: number): DieName {
  let plain: string | undefined;
  let at: number | undefined = die;
  for (let step = 0; at !== undefined && step < MAX_STEPS; step++) {
    const unit = unitAt(dwarf, at);
    if (unit === undefined || at < unit.dieOffset) break;
    const cursor = new Cursor(dwarf.sections.info, at, unit.end);
    const abbreviation = unit.abbrevs.get(cursor.uleb());
    at = undefined;
    if (abbreviation === undefined) break;
    const { specs } = unit.abbrevs;
    for (let i = abbreviation.first; i < abbreviation.last && !cursor.overrun; i += 3) {
      const form = specs[i + 1]!;
      switch (specs[i]!) {
        case DW_AT.linkageName:
        case DW_AT.mipsLinkageName: {
          const linkage = textOf(readText(cursor, form, unit, dwarf.sections));
          if (linkage !== "") return { linkage, plain };
          break;
        }
        case DW_AT.name: {
          const own = textOf(readText(cursor, form, unit, dwarf.sections));
          if (own !== "") plain ??= own;
          break;
        }
        case DW_AT.abstractOrigin:
        case DW_AT.specification:
          at = readNumber(cursor, form, unit);
          break;
        default:
          skipForm(cursor, form, unit);
      }
    }
  }
  return { linkage: undefined, plain };
}

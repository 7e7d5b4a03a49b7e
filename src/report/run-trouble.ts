// What every view of a run says where all of it is in doubt: the file that it comes from is damaged, the names are another firmware's.
import { damageRemarks } from "../heap/damage.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { RunTables } from "../heap/types.ts";

/** How a recording's file is damaged. */
export interface DamageView {
  /** Places in the file that are not as they were written. */
  readonly places: number;
  /** Places of which something is missing; of the others all stands elsewhere too. */
  readonly lostPlaces: number;
  readonly lostEvents: number;
  /** The same for people. */
  readonly sentences: readonly string[];
}

/** What makes all of a view doubtful. */
export interface TroubleView {
  /** Absent where the file is whole. */
  readonly damage?: DamageView;
  /** The ELF that was given is not the one that ran: functions, files and lines may be wrong throughout. Says how that is known. */
  readonly wrongElf?: string;
}

export function viewTrouble({ tables, nameMismatch }: Pick<HeapModel, "tables" | "nameMismatch">): TroubleView {
  return { ...viewDamage(tables.damage), ...(nameMismatch !== undefined && { wrongElf: nameMismatch }) };
}

function viewDamage(damage: RunTables["damage"]): Pick<TroubleView, "damage"> {
  if (damage.length === 0) return {};
  return {
    damage: {
      places: damage.length,
      lostPlaces: damage.filter(({ isLost }) => isLost).length,
      lostEvents: damage.reduce((sum, { rows }) => sum + rows, 0),
      sentences: damageRemarks(damage),
    },
  };
}

// What every view of a run says where the file that it comes from is damaged.
import { damageRemarks } from "../heap/damage.ts";
import type { HeapModel } from "../heap/model-api.ts";

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

/** A view of a run. */
export interface RunView {
  /** Absent where the file is whole. */
  readonly damage?: DamageView;
}

export function viewDamage({ tables }: Pick<HeapModel, "tables">): RunView {
  const { damage } = tables;
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

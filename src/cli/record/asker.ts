// Asks the device for a snapshot, over the same line: regularly where the user wants that, and whenever the reconstruction needs one.
import type { Microseconds } from "../../base/units.ts";
import type { ByteSource } from "../../capture/source.ts";
import type { RunTables } from "../../heap/types.ts";
import { commandBytes } from "../../wire/encode-frames.ts";

export interface Asker {
  /** Called several times a second. */
  tick(tables: RunTables): void;
}

/**
 * After a loss, so long until the next snapshot is asked for: what arrives of each counts, also where none comes whole. While losses go on the wait
 * doubles, up to the longest: a snapshot takes its share of the line, and on one that is full asking more often would lose more.
 */
const HEAL_MILLISECONDS = 2_000;
const LONGEST_HEAL_MILLISECONDS = 16_000;
/** A loss so long after the last one that was asked for is the first of its kind. */
const CALM_MILLISECONDS = 2 * LONGEST_HEAL_MILLISECONDS;

/** `now`: the time of this machine, in milliseconds. */
export function makeAsker(
  source: Pick<ByteSource, "write">,
  every: Microseconds | undefined,
  now: () => number = Date.now,
): Asker {
  let asked = now();
  let gapsSeen = 0;
  let bootsSeen = 0;
  let patience = HEAL_MILLISECONDS;
  return {
    tick(tables) {
      if (source.write === undefined) return;
      const waited = now() - asked;
      // Nothing is sent before frames have come: what listens there may be a console that takes bytes for commands.
      const isConnected = tables.boots.length > 0;
      const joinedLate = tables.boots.length > bootsSeen && tables.boots.at(-1)?.provisional === true;
      const hasGap = tables.gaps.length > gapsSeen && waited > patience;
      const isDue = every !== undefined && waited > every / 1000;
      if (!isConnected || !(joinedLate || hasGap || isDue)) return;
      patience =
        hasGap && waited < CALM_MILLISECONDS ? Math.min(patience * 2, LONGEST_HEAL_MILLISECONDS) : HEAL_MILLISECONDS;
      bootsSeen = tables.boots.length;
      gapsSeen = tables.gaps.length;
      asked = now();
      // A line that cannot be written to is no reason to stop listening to it.
      source.write(commandBytes({ kind: "snapshot" })).catch(() => undefined);
    },
  };
}

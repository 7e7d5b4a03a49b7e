// The one hover card: size and place first, then what else is known of a block or a hole.
import { formatAddress, formatBytes, formatTime } from "../../base/format.ts";
import { neighboursOf, type BlockMap } from "../../report/block-map.ts";
import { BlockFlag } from "../../heap/types.ts";

interface CardPlace {
  readonly at: { readonly x: number; readonly y: number };
  readonly within: { readonly width: number; readonly height: number };
}

const CARD_WIDTH = 330;
const CARD_HEIGHT = 190;

function styleOf({ at, within }: CardPlace): { left: string; top: string } {
  const left = at.x + 18 + CARD_WIDTH > within.width ? Math.max(4, at.x - CARD_WIDTH - 12) : at.x + 18;
  const top = at.y + 18 + CARD_HEIGHT > within.height ? Math.max(4, at.y - CARD_HEIGHT - 8) : at.y + 18;
  return { left: `${left}px`, top: `${top}px` };
}

export function BlockCard({ map, row, ...place }: { map: BlockMap; row: number } & CardPlace) {
  const text = map.siteNames[map.site[row] ?? 0] ?? "";
  const [, where = text, variable] = /^(.*) \(([^()]*)\)$/.exec(text) ?? [];
  const { holeBefore, holeAfter, before, after, without } = neighboursOf(map, row);
  const gain = map.gainBytes[row] ?? 0;
  const flags = map.flags[row] ?? 0;
  const added = (map.end[row] ?? 0) - (map.address[row] ?? 0) - (map.size[row] ?? 0);
  const side = (hole: number | undefined, other: number | undefined): string =>
    hole !== undefined
      ? `${formatBytes(hole)} free`
      : other === undefined
        ? "the region's end"
        : `${formatBytes(map.size[other] ?? 0)} of ${map.siteNames[map.site[other] ?? 0] ?? ""}`;
  return (
    <div class="card" style={styleOf(place)}>
      <h3>
        <strong>{formatBytes(map.size[row] ?? 0)}</strong>
        <code>{where}</code>
      </h3>
      <dl>
        {variable !== undefined && (
          <>
            <dt>variable</dt>
            <dd>
              <code>{variable}</code>
            </dd>
          </>
        )}
        <dt>address</dt>
        <dd>
          <code>{formatAddress(map.address[row] ?? 0)}</code>
          {added > 0 && <span class="muted"> + {added} B added</span>}
        </dd>
        <dt>task, age</dt>
        <dd>
          {map.taskNames[map.task[row] ?? 0]}, {(flags & BlockFlag.FOUND) !== 0 && "more than "}
          {formatTime(Math.max(0, map.time - (map.born[row] ?? map.time)))}
        </dd>
        <dt>before</dt>
        <dd>{side(holeBefore, before)}</dd>
        <dt>behind</dt>
        <dd>{side(holeAfter, after)}</dd>
        {(holeBefore !== undefined || holeAfter !== undefined) && (
          <>
            <dt>without it</dt>
            <dd>a hole of {formatBytes(without)}</dd>
          </>
        )}
        {gain > 0 && (
          <>
            <dt>keeps apart</dt>
            <dd class="error">{formatBytes(gain)} more in one piece without it</dd>
          </>
        )}
        {(flags & BlockFlag.UNCERTAIN) !== 0 && (
          <>
            <dt>but</dt>
            <dd class="amber">history is missing: it may be gone</dd>
          </>
        )}
      </dl>
    </div>
  );
}

export function HoleCard({ map, hole, ...place }: { map: BlockMap; hole: number } & CardPlace) {
  const isUnknown = map.holeUnknown[hole] === 1;
  return (
    <div class="card" style={styleOf(place)}>
      <h3>
        <strong>{formatBytes(map.holeBytes[hole] ?? 0)}</strong>
        {isUnknown ? "not shown by the stream" : "free"}
      </h3>
      <dl>
        <dt>address</dt>
        <dd>
          <code>{formatAddress(map.holeStart[hole] ?? 0)}</code>
        </dd>
        {isUnknown && (
          <>
            <dt>why</dt>
            <dd>it is larger than the largest free block that the device tells of: others hold a part of it</dd>
          </>
        )}
      </dl>
    </div>
  );
}

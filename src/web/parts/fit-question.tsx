// "Would a block of N bytes with these capabilities fit?", answered for the moment that is shown.
import { useState } from "preact/hooks";
import { formatAbout, formatBytes } from "../../base/format.ts";
import { parseSize } from "../../base/size.ts";
import type { BlockMap } from "../../report/block-map.ts";
import { bestFit, fitIn } from "../../heap/fit.ts";
import { capsChoices } from "../../report/asked-caps.ts";
import { formatCaps } from "../../wire/caps.ts";

const answers = { fits: "yes", could: "could, as not all blocks there are known", refused: "no" } as const;

export function FitQuestion({ map }: { map: BlockMap }) {
  const [text, setText] = useState("16k");
  const [caps, setCaps] = useState<number | undefined>(undefined);
  const known = map.regions.filter(({ largestFreeBytes }) => largestFreeBytes.certainty !== "unknown");
  if (known.length === 0) return undefined;
  const choices = [...capsChoices(known), 0];
  const wanted = caps ?? choices.find((one) => formatCaps(one) === "DMA") ?? choices[0] ?? 0;
  const bytes = parseSize(text);
  const fit = bytes === undefined ? undefined : bestFit(fitIn(known, Math.round(bytes), wanted, map.redZoneBytes));
  return (
    <span class="fit right">
      would{" "}
      <input
        type="text"
        aria-label="Size of the block, as in 16k"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        aria-invalid={bytes === undefined}
      />
      <select
        aria-label="Capabilities of the block"
        value={wanted}
        onChange={(event) => setCaps(Number(event.currentTarget.value))}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice === 0 ? "any" : formatCaps(choice)}
          </option>
        ))}
      </select>{" "}
      fit?{" "}
      <output class={fit?.answer === "refused" ? "error" : ""}>
        {bytes === undefined
          ? "a size such as 64, 4k or 1M"
          : fit === undefined
            ? "no region has that"
            : `${answers[fit.answer]}: needs ${formatBytes(fit.neededBytes)}, largest ${formatAbout(fit.region.largestFreeBytes, formatBytes)}`}
      </output>
    </span>
  );
}

// "Would a block of N bytes with these capabilities fit?", answered for the moment that is shown.
import { useState } from "preact/hooks";
import { formatBytes } from "../../base/format.ts";
import { fitsIn, type BlockMap } from "../../report/block-map.ts";
import { capsChoices } from "../../report/memory-curves.ts";
import { formatCaps } from "../../wire/caps.ts";

export function FitQuestion({ map }: { map: BlockMap }) {
  const [text, setText] = useState("16k");
  const [caps, setCaps] = useState<number | undefined>(undefined);
  const known = map.regions.filter(({ largestFree }) => !Number.isNaN(largestFree));
  if (known.length === 0) return undefined;
  const choices = [...capsChoices(known), 0];
  const wanted = caps ?? choices.find((one) => formatCaps(one) === "DMA") ?? choices[0] ?? 0;
  const bytes = parseSize(text);
  const fit = bytes === undefined ? undefined : fitsIn(map, bytes, wanted);
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
      <output class={fit?.fits === false ? "error" : ""}>
        {fit === undefined
          ? "a size such as 64, 4k or 1M"
          : fit.largest === undefined
            ? "no region has that"
            : `${fit.fits ? "yes" : "no"}: largest ${fit.estimated ? "~" : ""}${formatBytes(fit.largest)}`}
      </output>
    </span>
  );
}

function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*(b|k|kb|kib|m|mb|mib)?\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const scales: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024 };
  return Math.round(Number(digits) * (scales[(unit ?? "").toLowerCase().charAt(0)] ?? 1));
}

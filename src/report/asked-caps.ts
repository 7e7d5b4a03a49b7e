// Which capabilities can be asked about, apart from what answers: the page offers them.
import type { Caps } from "../base/units.ts";
import { Cap } from "../wire/caps.ts";

/** What requests name, what most of them name first. */
export const ASKED_CAPS = [Cap["8BIT"], Cap.DMA, Cap.INTERNAL, Cap.SPIRAM, Cap.EXEC] as const;

/** Capabilities that a request may name and that any of these regions has. */
export function capsChoices(regions: readonly { readonly capBits: Caps }[]): readonly Caps[] {
  return [...ASKED_CAPS, Cap["32BIT"]].filter((caps) => regions.some(({ capBits }) => (capBits & caps) !== 0));
}

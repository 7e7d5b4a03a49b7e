// Names for the return addresses of a recording, out of the firmware's ELF file.
import type { FrameResolver } from "../heap/types.ts";
import type { Symbols } from "../symbols/symbols.ts";
import type { NamedFrame } from "../wire/fields.ts";

export function resolverOf(symbols: Symbols): FrameResolver {
  return {
    frames(address) {
      const { frames } = symbols.attribute(symbols.symbolizeReturn(address));
      return frames.flatMap((frame): NamedFrame[] =>
        frame.function === undefined
          ? []
          : [
              {
                function: frame.function,
                address,
                ...(frame.path !== "" && { file: frame.path }),
                ...(frame.line !== undefined && { line: frame.line }),
                ...(frame.component !== undefined && { module: frame.component }),
              },
            ],
      );
    },
  };
}

// Names for the return addresses of a recording, out of the firmware's ELF file.
import type { Address } from "../base/units.ts";
import type { FrameResolver } from "../heap/types.ts";
import { describeFrame, describeVariable } from "../symbols/log/annotator.ts";
import { StackDump } from "../symbols/log/stack-dump.ts";
import type { Symbols } from "../symbols/symbols.ts";
import type { NamedFrame } from "../wire/fields.ts";

/** Code is called by its start and returned to behind a call; data is a static variable, down to the member. */
function pointeeOf(symbols: Symbols, pointer: Address): string | undefined {
  if (symbols.isCode(pointer)) {
    const isReturn = !symbols.startsFunction(pointer) && symbols.followsCall(pointer);
    const { frames } = symbols.attribute(isReturn ? symbols.symbolizeReturn(pointer) : symbols.symbolize(pointer));
    const [frame] = frames;
    if (frame?.function === undefined) return undefined;
    return `${isReturn ? "which a call returns to, in" : "which is code of"} ${describeFrame(frame)}`;
  }
  const variable = symbols.variableAt(pointer);
  return variable === undefined ? undefined : `which is ${describeVariable(pointer, variable)}`;
}

export function resolverOf(symbols: Symbols): FrameResolver {
  const framesAt = (place: number, address: number): NamedFrame[] =>
    symbols.attribute(symbols.symbolize(place)).frames.flatMap((frame): NamedFrame[] =>
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
  return {
    pointee: (pointer) => pointeeOf(symbols, pointer),
    mismatch(elfSha256) {
      const match = symbols.matches(elfSha256);
      return match.kind === "different" ? match.message : undefined;
    },
    frames: (address) => framesAt(symbols.callSite(address), address),
    unwind(registers, stackAt, words) {
      if (symbols.architecture !== "riscv") return [];
      const dump = new StackDump();
      dump.takeRegisters(registers);
      dump.takeRow(stackAt, words);
      if (dump.state === undefined) return [];
      const { frames } = symbols.unwind(dump.state, (at) => dump.words.get(at));
      return frames.flatMap(({ pc, isReturn }) => framesAt(isReturn ? symbols.callSite(pc) : pc, pc));
    },
  };
}

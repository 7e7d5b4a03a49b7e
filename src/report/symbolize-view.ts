// What addresses of code are: the function that one lies in and those that this one was inlined into; and what a log says with them.
import type { Address, Bytes } from "../base/units.ts";
import type { AttributedFrame } from "../symbols/attribution.ts";
import type { Origin } from "../symbols/file-owner.ts";
import type { Contradiction, StackAnnotation } from "../symbols/log/annotator.ts";
import type { ElfMatch } from "../symbols/sha256.ts";
import type { VariablePlace } from "../symbols/symbols.ts";
import type { UnwindEnd } from "../symbols/unwind/stack.ts";
import type { FrameView } from "./site-view.ts";

/** A frame as the ELF has it. `file` is for showing: relative to the project or from the framework's or library's folder on. */
export interface SymbolFrameView extends FrameView {
  readonly column?: number;
  /** The file's path as the compiler saw it. */
  readonly compiledPath?: string;
  /** Where the function's name came from. */
  readonly source: AttributedFrame["source"];
  /** Whose the code is. */
  readonly origin: Origin;
  /** Whether this call was inlined into the next frame. */
  readonly inlined: boolean;
  /** Whether it only passes an allocation on, as `malloc` and `operator new` do. */
  readonly isAllocator: boolean;
  /** With `--source`, where the file is on this disk: the lines around the call. */
  readonly sourceLines?: readonly SourceLineView[];
}

export interface SourceLineView {
  readonly line: number;
  readonly text: string;
}

/** Finds a frame's source. */
export type SourceFinder = (frame: AttributedFrame) => { readonly lines: readonly SourceLineView[] } | undefined;

const NO_SOURCE: SourceFinder = () => undefined;

export interface SymbolizeView {
  readonly address: Address;
  /** What it is in the log: a register's name, `backtrace`, `caller` or `address`; absent for an address that was asked for. */
  readonly what?: string;
  /** Innermost first; one without a function where nothing is known; none for an address of data. */
  readonly frames: readonly SymbolFrameView[];
  /** The static variable that an address of data lies in. */
  readonly variable?: VariableView;
}

/** Part of a static variable. */
export interface VariableView {
  readonly name: string;
  /** From the variable's beginning. */
  readonly offset: Bytes;
  /** Size of the whole variable; 0 where the ELF does not say. */
  readonly size: Bytes;
  /** What of it lies there, as C writes it behind the name; empty for the variable itself or where the ELF does not say. */
  readonly member: string;
  /** Where it is declared, for showing. */
  readonly file?: string;
  readonly line?: number;
  readonly component?: string;
}

export function viewVariable(address: Address, place: VariablePlace, what?: string): SymbolizeView {
  const { name, start, size, member, path, line, component } = place;
  const variable: VariableView = {
    name,
    offset: address - start,
    size,
    member,
    ...(path !== "" && { file: path }),
    ...(line !== undefined && { line }),
    ...(component !== undefined && { component }),
  };
  return { address, ...(what !== undefined && { what }), frames: [], variable };
}

export function viewAddress(
  address: Address,
  frames: readonly AttributedFrame[],
  what?: string,
  source = NO_SOURCE,
): SymbolizeView {
  return {
    address,
    ...(what !== undefined && { what }),
    frames: frames.map((frame) => viewSymbolFrame(frame, source)),
  };
}

/** A call that may be under way. */
export interface CallView {
  /** The return address. */
  readonly address: Address;
  readonly frames: readonly SymbolFrameView[];
}

/** A call of an unwound stack. */
export interface UnwoundCallView extends CallView {
  /** False from the first call on that hangs on a function without frame information. */
  readonly certain: boolean;
}

/** The call stack behind a panic's registers and stack memory. */
export interface StackView {
  /** Innermost first. */
  readonly calls: readonly UnwoundCallView[];
  /** Why the calls end where they do; absent where the log has no registers to start from. */
  readonly ending?: UnwindEnd;
  /** Words beyond, in front of which a call stands: these may be under way, or left over. */
  readonly possible: readonly CallView[];
  /** How many such words the unwound frames did not need: left over from calls that have ended. */
  readonly stale: number;
}

/** Whether the log's device ran this ELF. */
export interface ElfMatchView {
  readonly match: ElfMatch["kind"];
  readonly message?: string;
}

/** A monitor has decoded an address already, to another function than this ELF has there. */
export interface ContradictionView extends CallView {
  /** What the log says. */
  readonly monitor: string;
}

export function viewStack({ calls, end, possible, stale }: StackAnnotation, source = NO_SOURCE): StackView {
  return {
    calls: calls.map(({ address, frames, certainty }) => ({
      ...viewAddress(address, frames, undefined, source),
      certain: certainty === "certain",
    })),
    ...(end !== undefined && { ending: end }),
    possible: possible.map(({ address, frames }) => viewAddress(address, frames, undefined, source)),
    stale,
  };
}

export function viewElfMatch(match: ElfMatch): ElfMatchView {
  return { match: match.kind, ...("message" in match && { message: match.message }) };
}

export function viewContradiction({ address, frames, monitor }: Contradiction): ContradictionView {
  return { ...viewAddress(address, frames), monitor };
}

function viewSymbolFrame(frame: AttributedFrame, findSource: SourceFinder): SymbolFrameView {
  const { function: name, file, path, line, column, component, source, origin, inlined, isAllocator } = frame;
  const lines = findSource(frame)?.lines;
  return {
    ...(name !== undefined && { function: name }),
    ...(path !== "" && { file: path }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(component !== undefined && { component }),
    ...(file !== undefined && { compiledPath: file }),
    source,
    origin,
    inlined,
    isAllocator,
    ...(lines !== undefined && { sourceLines: lines }),
  };
}

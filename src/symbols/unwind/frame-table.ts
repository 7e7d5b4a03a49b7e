// Call frame information: .debug_frame and .eh_frame, read into an index of functions, and the rules that hold at one address. Formats: DWARF 5,
// section 6.4; .eh_frame as in the Linux Standard Base, "Exception Frames".
/* eslint-disable @typescript-eslint/no-non-null-assertion -- binary search on typed arrays that are sized before */
import { countUpTo } from "../../base/bisect.ts";
import type { Address } from "../../base/units.ts";
import { Cursor } from "../cursor.ts";
import { debugSection, sectionContents, sectionNamed, type Elf } from "../elf.ts";

/** How a caller's register is found, by what is known in the callee's frame. CFA: the callee's stack pointer at the call. */
export type RegisterRule =
  | { readonly kind: "undefined" }
  | { readonly kind: "same" }
  /** Saved at CFA + offset. */
  | { readonly kind: "saved"; readonly offset: number }
  /** Is CFA + offset. */
  | { readonly kind: "value"; readonly offset: number }
  | { readonly kind: "register"; readonly register: number }
  /** Saved at (or, with `isValue`, is) what a DWARF expression gives that begins with the CFA on its stack. */
  | { readonly kind: "expression"; readonly code: Uint8Array; readonly isValue: boolean };

export type CfaRule =
  { readonly register: number; readonly offset: number } | { readonly code: Uint8Array } | undefined;

export interface FrameRules {
  readonly cfa: CfaRule;
  /** By DWARF register number; what is not in here is as the calling convention says. */
  readonly registers: ReadonlyMap<number, RegisterRule>;
  readonly returnColumn: number;
  /** The frame was made by an interrupt or exception: its address is where it happened, not a return address. */
  readonly isSignalFrame: boolean;
}

interface CommonInformation {
  readonly codeAlign: number;
  readonly dataAlign: number;
  readonly returnColumn: number;
  readonly isSignalFrame: boolean;
  /** How addresses in its FDEs are written (DW_EH_PE_*). */
  readonly encoding: number;
  readonly hasAugmentationData: boolean;
  readonly initial: Uint8Array;
}

interface FrameDescription {
  readonly low: Address;
  readonly high: Address;
  readonly common: CommonInformation;
  readonly code: Uint8Array;
}

/** Functions with frame information, ascending by address. */
export interface FrameTable {
  readonly lows: Float64Array;
  readonly descriptions: readonly FrameDescription[];
}

const ABSOLUTE = 0x00;
const DEBUG_FRAME_CIE = 0xffffffff;

/** No program of a function is longer; a damaged one ends here. */
const MAX_INSTRUCTIONS = 20_000;
/** remember_state nests two or three deep. */
const MAX_REMEMBERED = 64;

export function readFrameTable(elf: Elf): FrameTable {
  const found: FrameDescription[] = [];
  readSection(debugSection(elf, ".debug_frame"), undefined, found);
  const eh = sectionNamed(elf, ".eh_frame");
  if (eh !== undefined) readSection(sectionContents(elf, eh), eh.address, found);
  found.sort((a, b) => a.low - b.low || a.high - b.high);
  return { lows: Float64Array.from(found, ({ low }) => low), descriptions: found };
}

/** The rules at an address of code; undefined where no function with frame information holds it. */
export function rulesAt(table: FrameTable, address: Address): FrameRules | undefined {
  const { lows, descriptions } = table;
  const last = countUpTo(lows, address) - 1;
  // Functions do not nest; one that was thrown away by the linker may still stand here with an empty range.
  for (let i = last; i >= 0 && i > last - 4; i--) {
    const description = descriptions[i]!;
    if (address < description.high) return execute(description, address);
  }
  return undefined;
}

/** @param sectionAddress of .eh_frame, whose numbers are relative to where they stand; undefined for .debug_frame */
function readSection(bytes: Uint8Array, sectionAddress: Address | undefined, found: FrameDescription[]): void {
  const commons = new Map<number, CommonInformation | undefined>();
  const at = new Cursor(bytes);
  while (at.pos + 4 <= bytes.length) {
    const start = at.pos;
    let length = at.u32();
    const is64 = length === 0xffffffff;
    if (is64) length = at.u64();
    // A zero ends .eh_frame; the linker may have put another one behind it.
    if (length === 0) continue;
    const end = at.pos + length;
    if (end > bytes.length) return;
    const idAt = at.pos;
    const id = is64 ? at.u64() : at.u32();
    const isCommon = sectionAddress === undefined ? id >= DEBUG_FRAME_CIE : id === 0;
    if (!isCommon) {
      const offset = sectionAddress === undefined ? id : idAt - id;
      if (!commons.has(offset)) commons.set(offset, readCommon(bytes, offset, sectionAddress === undefined));
      const common = commons.get(offset);
      if (common !== undefined) {
        const description = readDescription(bytes, at.pos, end, common, sectionAddress);
        if (description !== undefined) found.push(description);
      }
    }
    at.pos = Math.max(end, start + 4);
  }
}

function readCommon(bytes: Uint8Array, offset: number, isDebugFrame: boolean): CommonInformation | undefined {
  const header = new Cursor(bytes, offset);
  let length = header.u32();
  const is64 = length === 0xffffffff;
  if (is64) length = header.u64();
  const end = header.pos + length;
  const id = is64 ? header.u64() : header.u32();
  if (header.overrun || (isDebugFrame ? id < DEBUG_FRAME_CIE : id !== 0)) return undefined;
  const at = new Cursor(bytes, header.pos, end);
  const version = at.u8();
  if (version !== 1 && version !== 3 && version !== 4) return undefined;
  const augmentation = at.string();
  if (version === 4) at.skip(2); // sizes of an address and of a segment selector
  const codeAlign = at.uleb();
  const dataAlign = at.sleb();
  const returnColumn = version === 1 ? at.u8() : at.uleb();
  let encoding = ABSOLUTE;
  const hasAugmentationData = augmentation.startsWith("z");
  if (hasAugmentationData) {
    const dataLength = at.uleb();
    const after = at.pos + dataLength;
    for (const letter of augmentation.slice(1)) {
      if (letter === "R") encoding = at.u8();
      else if (letter === "L") at.skip(1);
      else if (letter === "P") skipEncoded(at, at.u8());
      else if (letter !== "S" && letter !== "B") break;
    }
    at.pos = after;
  } else if (augmentation !== "") return undefined;
  if (at.overrun || at.pos > at.end) return undefined;
  const isSignalFrame = augmentation.includes("S");
  const initial = bytes.subarray(at.pos, at.end);
  return { codeAlign, dataAlign, returnColumn, isSignalFrame, encoding, hasAugmentationData, initial };
}

function skipEncoded(at: Cursor, encoding: number): void {
  const size = encodedSize(encoding);
  if (size === undefined) at.uleb();
  else at.skip(size);
}

/** Bytes of a pointer of this encoding (DW_EH_PE_*); undefined for LEB128. */
function encodedSize(encoding: number): number | undefined {
  switch (encoding & 0x0f) {
    case 0x02: // udata2
    case 0x0a: // sdata2
      return 2;
    case 0x04: // udata8
    case 0x0c: // sdata8
      return 8;
    case 0x01: // uleb128
    case 0x09: // sleb128
      return undefined;
    default: // absptr, udata4, sdata4
      return 4;
  }
}

function readDescription(
  bytes: Uint8Array,
  offset: number,
  end: number,
  common: CommonInformation,
  sectionAddress: Address | undefined,
): FrameDescription | undefined {
  const at = new Cursor(bytes, offset, end);
  const place = (sectionAddress ?? 0) + at.pos;
  const raw = readEncoded(at, common.encoding);
  // DW_EH_PE_pcrel; anything else relative (to text, data, function) is not used on these chips.
  const relative = common.encoding & 0x70;
  if (relative !== 0 && relative !== 0x10) return undefined;
  const low = (relative === 0x10 ? place + raw : raw) >>> 0;
  const size = readEncoded(at, common.encoding & 0x0f) >>> 0;
  if (common.hasAugmentationData) at.skip(at.uleb());
  // Address 0: a function that the linker threw away.
  if (at.overrun || size === 0 || low === 0) return undefined;
  return { low, high: low + size, common, code: bytes.subarray(at.pos, end) };
}

function readEncoded(at: Cursor, encoding: number): number {
  const size = encodedSize(encoding);
  if (size === undefined) return (encoding & 0x08) !== 0 ? at.sleb() : at.uleb();
  // Addresses have 32 bits, however wide they are written.
  const value = at.unsigned(Math.min(size, 4));
  if (size === 8) at.skip(4);
  if ((encoding & 0x08) === 0) return value;
  return size === 2 ? (value << 16) >> 16 : value | 0;
}

interface State {
  cfa: CfaRule;
  registers: Map<number, RegisterRule>;
}

function execute(description: FrameDescription, address: Address): FrameRules {
  const { common } = description;
  const budget = { left: MAX_INSTRUCTIONS };
  const state: State = { cfa: undefined, registers: new Map() };
  run(common.initial, common, state, new Map(), description.low, Infinity, budget);
  const initial = new Map(state.registers);
  run(description.code, common, state, initial, description.low, address, budget);
  const { returnColumn, isSignalFrame } = common;
  return { cfa: state.cfa, registers: state.registers, returnColumn, isSignalFrame };
}

/** Runs instructions up to those that hold behind `address`. */
function run(
  code: Uint8Array,
  common: CommonInformation,
  state: State,
  initial: ReadonlyMap<number, RegisterRule>,
  start: Address,
  address: Address,
  budget: { left: number },
): void {
  const at = new Cursor(code);
  const remembered: State[] = [];
  let location = start;
  const { codeAlign, dataAlign } = common;
  const set = (register: number, rule: RegisterRule): void => void state.registers.set(register, rule);
  const restore = (register: number): void => {
    const rule = initial.get(register);
    if (rule === undefined) state.registers.delete(register);
    else set(register, rule);
  };
  const block = (): Uint8Array => {
    const length = at.uleb();
    const from = at.pos;
    at.skip(length);
    return at.overrun ? code.subarray(0, 0) : code.subarray(from, from + length);
  };
  const moveCfa = (offset: number): void => {
    if (state.cfa !== undefined && "register" in state.cfa) state.cfa = { register: state.cfa.register, offset };
  };
  /** GCC for RISC-V begins with this one, and means an offset of 0. */
  const replaceCfaRegister = (register: number): void => {
    state.cfa = { register, offset: state.cfa !== undefined && "register" in state.cfa ? state.cfa.offset : 0 };
  };
  while (!at.atEnd && budget.left-- > 0) {
    const byte = at.u8();
    const low = byte & 0x3f;
    switch (byte >> 6) {
      case 1: // advance_loc
        location += low * codeAlign;
        if (location > address) return;
        continue;
      case 2: // offset
        set(low, { kind: "saved", offset: at.uleb() * dataAlign });
        continue;
      case 3: // restore
        restore(low);
        continue;
    }
    switch (byte) {
      case 0x00: // nop
        break;
      case 0x01: // set_loc
        location = readEncoded(at, common.encoding & 0x0f) >>> 0;
        if (location > address) return;
        break;
      case 0x02: // advance_loc1
      case 0x03: // advance_loc2
      case 0x04: // advance_loc4
        location += at.unsigned(byte === 0x02 ? 1 : byte === 0x03 ? 2 : 4) * codeAlign;
        if (location > address) return;
        break;
      case 0x05: // offset_extended
        set(at.uleb(), { kind: "saved", offset: at.uleb() * dataAlign });
        break;
      case 0x06: // restore_extended
        restore(at.uleb());
        break;
      case 0x07: // undefined
        set(at.uleb(), { kind: "undefined" });
        break;
      case 0x08: // same_value
        set(at.uleb(), { kind: "same" });
        break;
      case 0x09: // register
        set(at.uleb(), { kind: "register", register: at.uleb() });
        break;
      case 0x0a: // remember_state
        if (remembered.length < MAX_REMEMBERED)
          remembered.push({ cfa: state.cfa, registers: new Map(state.registers) });
        break;
      case 0x0b: {
        // restore_state
        const last = remembered.pop();
        if (last !== undefined) Object.assign(state, last);
        break;
      }
      case 0x0c: // def_cfa
        state.cfa = { register: at.uleb(), offset: at.uleb() };
        break;
      case 0x0d: // def_cfa_register
        replaceCfaRegister(at.uleb());
        break;
      case 0x0e: // def_cfa_offset
        moveCfa(at.uleb());
        break;
      case 0x0f: // def_cfa_expression
        state.cfa = { code: block() };
        break;
      case 0x10: // expression
        set(at.uleb(), { kind: "expression", code: block(), isValue: false });
        break;
      case 0x11: // offset_extended_sf
        set(at.uleb(), { kind: "saved", offset: at.sleb() * dataAlign });
        break;
      case 0x12: // def_cfa_sf
        state.cfa = { register: at.uleb(), offset: at.sleb() * dataAlign };
        break;
      case 0x13: // def_cfa_offset_sf
        moveCfa(at.sleb() * dataAlign);
        break;
      case 0x14: // val_offset
        set(at.uleb(), { kind: "value", offset: at.uleb() * dataAlign });
        break;
      case 0x15: // val_offset_sf
        set(at.uleb(), { kind: "value", offset: at.sleb() * dataAlign });
        break;
      case 0x16: // val_expression
        set(at.uleb(), { kind: "expression", code: block(), isValue: true });
        break;
      case 0x2e: // GNU_args_size
        at.uleb();
        break;
      default:
        return; // not known: what was said so far holds
    }
  }
}

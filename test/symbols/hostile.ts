// Damaged ELFs: how they are made, and everything that may be asked of one. Used by the property test (some files in every
// run) and by the long one.
import fc from "fast-check";
import { MemmapError } from "../../src/base/errors.ts";
import { LogAnnotator, openSymbols } from "../../src/symbols/index.ts";

/** One damage: what is done, where (as a part of the file, so that it shrinks and fits all files), and with what. */
interface Damage {
  readonly kind: "flip" | "byte" | "word" | "copy" | "cut" | "fill";
  readonly at: number;
  readonly value: number;
}

/** Values that lengths, counts, offsets and LEB128 numbers break on. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0xfffe, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

export const damages: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.record({
    // A cut takes the table of sections, and with it everything: rarely, or nothing behind it would be tried.
    kind: fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom<Damage["kind"]>("flip", "byte", "word", "copy", "fill") },
      { weight: 1, arbitrary: fc.constant<Damage["kind"]>("cut") },
    ),
    // Without bias, which would go for the first bytes of the file again and again.
    at: fc.noBias(fc.nat(0xffffff)).map((part) => part / 0x1000000),
    value: fc.oneof(fc.constantFrom(...EXTREMES), fc.nat(0xffffffff)),
  }),
  { minLength: 1, maxLength: 12 },
);

export function damage(elf: Uint8Array, list: readonly Damage[]): Uint8Array {
  let bytes = elf.slice();
  for (const { kind, at, value } of list) {
    if (bytes.length < 64) break;
    const offset = Math.floor(at * bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (kind === "flip") bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (value & 7));
    else if (kind === "byte") bytes[offset] = value & 0xff;
    else if (kind === "word") view.setUint32(Math.min(offset, bytes.length - 4), value >>> 0, true);
    else if (kind === "copy") bytes.copyWithin(offset, value % bytes.length, (value % bytes.length) + 64);
    else if (kind === "fill") bytes.fill(value & 0xff, offset, offset + 16);
    else bytes = bytes.slice(0, offset);
  }
  return bytes;
}

/** Asks everything that there is to ask. Only a MemmapError may come of it. Gives how many frames had a line. */
export function askEverything(bytes: Uint8Array): number {
  let lines = 0;
  try {
    const symbols = openSymbols(bytes);
    const { executable } = symbols.elf;
    for (let i = 0; i + 1 < Math.min(executable.length, 8); i += 2) {
      const start = executable[i] ?? 0;
      const size = Math.min((executable[i + 1] ?? 0) - start, 512);
      for (let offset = 0; offset < size; offset += 7) {
        const { frames } = symbols.attribute(symbols.symbolize(start + offset));
        lines += frames.filter(({ line }) => line !== undefined).length;
      }
    }
    for (const address of [0, 0x42000040, 0x400d0050, 0x82000040, 0xffffffff]) symbols.symbolizeReturn(address);
    symbols.layout("reading");
    symbols.layout("esp_app_desc_t");
    symbols.find("malloc");
    symbols.read(0x42000040, 64);
    const annotator = new LogAnnotator(symbols);
    annotator.line("MEPC    : 0x42000040  RA      : 0x42000050  SP      : 0x3fc80000");
    annotator.line("3fc80000: 0x42000050 0x42000060 0x400d0050 0x00000000");
    annotator.end();
    for (const pc of [0x42000040, 0x400d0050]) {
      symbols.unwind({ pc, registers: [0x800d0050, pc, 0x3fc80000, 0x3fc80100] }, (at) => at ^ 0x7d080050);
    }
    void [symbols.app, symbols.chip, symbols.regions, symbols.components, symbols.dwarfVersions, symbols.problems];
  } catch (error) {
    if (!(error instanceof MemmapError)) throw error;
  }
  return lines;
}

/** What reading a file of this size may take beyond the file itself, garbage included; documented in docs/symbols.md. */
export function memoryBound(fileSize: number): number {
  return 64 * fileSize + 8 * 2 ** 20;
}

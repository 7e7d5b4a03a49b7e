// The firmware fixtures that are kept as files (fixtures/firmware/build.sh makes them), and copies of one with its debug
// sections compressed.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { zlibSync } from "fflate";

export type FixtureName = "riscv" | "xtensa";

export function fixturePath(name: FixtureName): string {
  return fileURLToPath(new URL(`./fixtures/${name}.elf`, import.meta.url));
}

export function fixture(name: FixtureName): Uint8Array {
  return new Uint8Array(readFileSync(fixturePath(name)));
}

const SHF_COMPRESSED = 0x800;

/** A Zstandard frame that stores its one block as it is (RFC 8878): right for what is below 128 KiB. */
function zstdFrame(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(12 + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  frame[4] = 0xa0; // a single segment, its size in four bytes
  view.setUint32(5, bytes.length, true);
  const block = (bytes.length << 3) | 1; // the last block, stored
  frame.set([block & 0xff, (block >> 8) & 0xff, block >> 16], 9);
  frame.set(bytes, 12);
  return frame;
}

/** The ELF with each debug section compressed as `ld --compress-debug-sections` does it. */
export function compressed(elf: Uint8Array, kind: "zlib" | "zstd" = "zlib"): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  const table = view.getUint32(32, true);
  const count = view.getUint16(48, true);
  const pieces: Uint8Array[] = [elf.slice()];
  let end = elf.length;
  const out = new DataView(pieces[0]?.buffer ?? new ArrayBuffer(0));
  for (let i = 0; i < count; i++) {
    const at = table + i * 40;
    const type = view.getUint32(at + 4, true);
    const flags = view.getUint32(at + 8, true);
    const address = view.getUint32(at + 12, true);
    // Debug sections: contents in the file that take no memory on the chip.
    if (type !== 1 || (flags & 2) !== 0 || address !== 0) continue;
    const offset = view.getUint32(at + 16, true);
    const size = view.getUint32(at + 20, true);
    const section = elf.subarray(offset, offset + size);
    const packed = kind === "zlib" ? zlibSync(section) : zstdFrame(section);
    const piece = new Uint8Array(12 + packed.length);
    const header = new DataView(piece.buffer);
    header.setUint32(0, kind === "zlib" ? 1 : 2, true);
    header.setUint32(4, size, true);
    header.setUint32(8, 1, true);
    piece.set(packed, 12);
    out.setUint32(at + 8, flags | SHF_COMPRESSED, true);
    out.setUint32(at + 16, end, true);
    out.setUint32(at + 20, piece.length, true);
    pieces.push(piece);
    end += piece.length;
  }
  const whole = new Uint8Array(end);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

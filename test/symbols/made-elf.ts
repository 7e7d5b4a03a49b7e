// Small ELF files, made byte by byte.
export const text = (value: string): number[] => [...Buffer.from(`${value}\0`, "latin1")];
export const u16 = (value: number): number[] => [value & 255, value >> 8];
export const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];

export interface MadeSection {
  readonly name: string;
  /** 1, contents of the program, when not given. */
  readonly type?: number;
  /** Index of another one, from 1 in the order of the list. */
  readonly link?: number;
  readonly flags: number;
  readonly address: number;
  readonly bytes: readonly number[];
  /** Of one of type 8 (NOBITS), which has no bytes in the file. */
  readonly size?: number;
}

/** An ELF of RISC-V with these sections and nothing else. */
export function elf(sections: readonly MadeSection[]): Uint8Array {
  const names = [0];
  const nameAt = [...sections.map(({ name }) => name), ".shstrtab"].map(
    (name) => names.push(...text(name)) - name.length - 1,
  );
  const all: readonly MadeSection[] = [...sections, { name: ".shstrtab", type: 3, flags: 0, address: 0, bytes: names }];
  const body: number[] = [];
  const headers = [new Array<number>(40).fill(0)];
  for (const [i, { type = 1, link = 0, flags, address, bytes, size = bytes.length }] of all.entries()) {
    headers.push([nameAt[i] ?? 0, type, flags, address, 52 + body.length, size, link, 0, 4, 0].flatMap(u32));
    body.push(...bytes);
  }
  const ident = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, ...new Array<number>(9).fill(0)];
  const table = 52 + body.length;
  const header = [ident, u16(2), u16(243), u32(1), u32(0x42000000), u32(0), u32(table), u32(0), u16(52)];
  const counts = [u16(32), u16(0), u16(40), u16(headers.length), u16(headers.length - 1)];
  return Uint8Array.from([...header, ...counts, body, ...headers].flat());
}

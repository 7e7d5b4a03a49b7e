// SystemView recordings, written packet by packet.

export const sync = new Array<number>(10).fill(0);
export const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];
export const headerOf = (...lines: string[]): number[] => ascii([";", "; Version     SEGGER SystemViewer V2.42", ...lines, ";", ""].join("\n")); // prettier-ignore
export const header = headerOf();

export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

export const string = (value: string): number[] => [value.length, ...ascii(value)];

export function packet(id: number, delta: number, payload: readonly number[] = []): number[] {
  if (id < 24) return [id, ...payload, ...leb(delta)];
  const idBytes = id < 0x80 ? [id] : [(id & 0x7f) | 0x80, id >> 7];
  return [...idBytes, ...leb(payload.length), ...payload, ...leb(delta)];
}

export const BASE = 0x3f400000;
export const init = packet(24, 0, [...leb(2e6), ...leb(160e6), ...leb(BASE), ...leb(2)]);
export const module = (offset: number, name = "M=ESP32 SystemView Heap Tracing Module"): number[] =>
  packet(22, 0, [...leb(0), ...leb(offset), ...string(name)]);
const idOf = (address: number): number => (address - BASE) >> 2;
export const taskInfo = (address: number, name: string): number[] =>
  packet(9, 2, [...leb(idOf(address)), ...leb(5), ...string(name)]);
export const starts = (address: number): number[] => packet(4, 2, leb(idOf(address)));
export const alloc = (address: number, size: number, callers: number[] = [], id = 512): number[] =>
  packet(id, 20, [...leb(address), ...leb(size), ...callers.flatMap(leb), 0, 0]);
export const free = (address: number, callers: number[] = [], id = 513): number[] =>
  packet(id, 20, [...leb(address), ...callers.flatMap(leb), 0, 0]);

export const WIFI = 0x3ffb8000;
export const UI = 0x3ffb9000;
export const file = (name: string, ...parts: number[][]): { name: string; bytes: Uint8Array } => ({
  name,
  bytes: Uint8Array.from(parts.flat()),
});

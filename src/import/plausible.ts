// What no chip prints: cut addresses, blocks that reach past the address space, more bytes than any memory has. Such lines are damage.

/** No chip has more memory. */
export const MOST_BYTES = 2 ** 28;
const ADDRESS_SPACE = 2 ** 32;
/** No chip has memory for data below. */
const LOWEST_ADDRESS = 0x1000_0000;
/** Cores of the chips. */
const MOST_CORES = 2;

/** The address of eight digits, as `%p` prints those of memory on these chips; undefined for a cut one. */
export function addressOf(digits: string | undefined): number | undefined {
  return digits?.length === 8 ? Number.parseInt(digits, 16) : undefined;
}

/** Whether so many bytes can lie there. */
export function isBlock(address: number | undefined, size: number): address is number {
  return address !== undefined && size <= MOST_BYTES && address + size <= ADDRESS_SPACE;
}

/** Whether a heap's block can lie there. */
export function isHeapBlock(address: number, size: number): boolean {
  return address >= LOWEST_ADDRESS && isBlock(address, size);
}

export function isCore(core: number): boolean {
  return core < MOST_CORES;
}

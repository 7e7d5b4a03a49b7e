// The heap of each simulated chip: regions, names and caps as ESP-IDF's boot log and memory_layout.c have them, for firmware of ordinary
// size. RTC memory is left out.
import type { Address, Caps } from "../src/base/units.ts";

export interface ChipRegion {
  readonly name: string;
  readonly start: Address;
  /** First byte behind the region. */
  readonly end: Address;
  /** For which requests this region is the first, the second and the last choice. */
  readonly caps: readonly [Caps, Caps, Caps];
  /** On the instruction bus: the only place for executable memory. */
  readonly instructionBus?: boolean;
}

export interface Chip {
  readonly name: string;
  readonly cores: number;
  readonly regions: readonly ChipRegion[];
}

const DRAM = [0x1004, 0x080a, 0] as const;
const D_IRAM = [0, 0x180c, 0x3] as const;
const IRAM = [0x0803, 0, 0] as const;
const SPIRAM = [0x1400, 0, 0x6] as const;
/** One bus for all: RETENTION, DEFAULT, INTERNAL, DMA, 8BIT, 32BIT; on the S3 also SIMD. */
const RAM_S3 = [0x0010580e, 0, 0] as const;
const RAM_C3 = [0x0000580e, 0, 0] as const;

const chips = {
  esp32: {
    name: "ESP32",
    cores: 2,
    regions: [
      { name: "DRAM", start: 0x3ffae6e0, end: 0x3ffb0000, caps: DRAM },
      { name: "DRAM", start: 0x3ffb8a58, end: 0x3ffe0000, caps: DRAM },
      { name: "D/IRAM", start: 0x3ffe0440, end: 0x3ffe3f20, caps: D_IRAM },
      { name: "D/IRAM", start: 0x3ffe4350, end: 0x40000000, caps: D_IRAM },
      { name: "IRAM", start: 0x40093ba4, end: 0x400a0000, caps: IRAM, instructionBus: true },
    ],
  },
  esp32s3: {
    name: "ESP32-S3",
    cores: 2,
    regions: [
      { name: "RAM", start: 0x3fc9a3c8, end: 0x3fce9710, caps: RAM_S3 },
      { name: "RAM", start: 0x3fce9710, end: 0x3fceee34, caps: RAM_S3 },
      { name: "DRAM", start: 0x3fcf0000, end: 0x3fcf8000, caps: [0, 0x0010580e, 0] },
      { name: "SPIRAM", start: 0x3c0a0000, end: 0x3c8a0000, caps: SPIRAM },
    ],
  },
  esp32c3: {
    name: "ESP32-C3",
    cores: 1,
    regions: [
      { name: "DRAM", start: 0x3fc91bc0, end: 0x3fcde710, caps: RAM_C3 },
      { name: "STACK/DRAM", start: 0x3fcde710, end: 0x3fce0000, caps: RAM_C3 },
    ],
  },
} satisfies Readonly<Record<string, Chip>>;

export type ChipName = keyof typeof chips;

export const CHIPS: Readonly<Record<ChipName, Chip>> = chips;

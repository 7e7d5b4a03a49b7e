import { expect, test } from "vitest";
import { formatCaps } from "./caps.ts";

test("every capability is named, the rest is shown as bits", () => {
  expect(formatCaps(0)).toBe("0");
  expect(formatCaps((1 << 2) | (1 << 11))).toBe("8BIT|INTERNAL");
  expect(formatCaps(0x8000_1000)).toBe("DEFAULT|INVALID");
  expect(formatCaps((1 << 3) | (1 << 22) | (1 << 30))).toBe("DMA|0x40400000");
});

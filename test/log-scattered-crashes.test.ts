// A board that dies at ever other places: the first are told one by one, the others together, with what that means.
import { expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";

const hex = (value: number): string => value.toString(16).padStart(8, "0");
const panic = (pc: number, reason = "LoadProhibited"): string =>
  `Guru Meditation Error: Core  0 panic'ed (${reason}). Exception was unhandled.\n\nCore  0 register dump:\nPC      : 0x${hex(pc)}  PS      : 0x00060730  A0      : 0x800d1234  A1      : 0x3ffb5c10\nEXCVADDR: 0x5f6c7275  LBEG    : 0x00000000  LEND    : 0x00000000  LCOUNT  : 0x00000000\n\nBacktrace: 0x${hex(pc)}:0x3ffb5c10 0x400d1234:0x3ffb5c30\n\nRebooting...\nets Jul 29 2019 12:21:46\n\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n`; // prettier-ignore
const places = (count: number): number[] => Array.from({ length: count }, (_, i) => 0x400d2000 + i * 0x1230);

async function saidOf(pcs: readonly number[]): Promise<readonly string[]> {
  const { texts } = await answerTo(pcs.map((pc) => panic(pc)).join(""));
  return texts;
}

test("eight places are eight crashes", async () => {
  const texts = await saidOf(places(8));
  expect(texts.filter((text) => text.includes("at PC 0x"))).toHaveLength(8);
  expect(texts.join("\n")).not.toMatch(/further place/);
});

test("of nine, none of which has half of all, three are told and what the rest means", async () => {
  const texts = await saidOf([...places(9), 0x400d2000, 0x400d2000]);
  expect(texts.filter((text) => /at PC 0x/.test(text))).toHaveLength(3);
  expect(texts.join("\n")).toMatch(/at PC 0x400d2000[^]*Told 3 times/);
  expect(texts.join("\n")).toMatch(/6 crashes at 6 further places[^]*11 crashes at 9 places[^]*overwritten/);
});

test("beside one place that has most of them, the others may follow from it", async () => {
  const texts = await saidOf([...places(10), ...Array.from({ length: 20 }, () => 0x400d2000)]);
  expect(texts.join("\n")).toMatch(/7 crashes at 7 further places[^]*may be its consequences/);
  expect(texts.join("\n")).not.toMatch(/hardly has so many defects/);
});

test("of more places than are told apart all crashes are counted", async () => {
  const texts = await saidOf(places(3200));
  expect(texts.join("\n")).toMatch(/3,197 crashes at more than 2,\d{3} further places/);
  expect(texts.join("\n")).toMatch(/LoadProhibited \(3,197\)[^]*3,200 crashes at more than 2,\d{3} places, none/);
});

test("at starts that are not told one by one a sanitizer's accident counts as any other does", async () => {
  const start = "ets Jun  8 2016 00:22:57\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n";
  const error =
    "==5==ERROR: AddressSanitizer: attempting double-free on 0x602000000010 in thread T0:\n    #1 0x5581 in conn_close /w/main/conn.c:58\nSUMMARY: AddressSanitizer: double-free\n";
  const { texts } = await answerTo(`${start}${error}`.repeat(900));
  expect(texts.join("\n")).toMatch(/AddressSanitizer caught double-free[^]*Told 900 times/);
});

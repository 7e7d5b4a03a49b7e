// Ends outside the program: in the chip's ROM, before a bootloader has found a program, on one of several boards of a log.

import { expect, test } from "vitest";
import { type Accident, panic, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const riscv = (pc: string, sp: string, rest: string): string =>
  panic("Load access fault", `MEPC    : ${pc}  RA      : 0x40002ec2  SP      : ${sp}  GP      : 0x3fc8a800\nA0      : 0x00000000  A1      : 0x00000001\nMCAUSE  : 0x00000005  MTVAL   : 0x00000064`, `Stack memory:\n${rest}`); // prettier-ignore
const ROW = "3fc8f5c0: 0x00000000 0x00000000 0x00000000 0x40002ec2 0x00000000 0x3fc9d9b0 0x00000000 0x42034f2a";
const boot = (...lines: readonly string[]): string =>
  `ets Jul 29 2019 12:21:46\n\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nI (68) boot: ESP-IDF v5.1 2nd stage bootloader\n${lines.join("\n")}\nE (866) boot: No bootable app partitions in the partition table\n`;
const SPLIT = "PC      : 0x400570e8  PS      : 0x00060230  A0      : 0x8200e0f5  A1      : 0x3fcf3620\nA2      : 0x00000384  A3      : 0xffffffff\nEXCVADDR: 0x00000384  LBEG    : 0x400570e8  LEND    : 0x400570f3"; // prettier-ignore

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "in the ROM of a RISC-V chip: what called it lies on the stack": {
    log: riscv("0x40002b3e", "0x3fc8f5c0", ROW),
    says: ["error crash", /PC 0x40002b3e lies in the chip's ROM, which has .*Bluetooth/, /Next: Decode 0x42034f2a \(/],
  },
  "at the same address the P4 has its flash": {
    log: riscv("0x40002b3e", "0x4ff178b0", ROW.replace("3fc8f5c0", "4ff178b0")),
    says: ["error crash", /PC 0x40002b3e/],
    never: [/chip's ROM/],
  },
  "the P4's ROM lies elsewhere": {
    log: riscv("0x4fc0a1a2", "0x4ff178b0", ROW.replace("3fc8f5c0", "4ff178b0")),
    says: ["error crash", /PC 0x4fc0a1a2 lies in the chip's ROM/],
  },
  "a backtrace that ends in the ROM goes on with the return address among the registers": {
    log: panic("StoreProhibited", SPLIT, "Backtrace: 0x400570e5:0x3fcf3620 |<-CORRUPTED"),
    says: ["error crash", /\ndetected 0x4200e0f2\n/, /Next: Decode 0x4200e0f2 \(/],
  },
  "where it stopped comes before what was found on the stack": {
    log: '17:13:55 MQT: stat/t/STATUS12 = {"StatusSTK":{"Exception":29,"Reason":"Exception","EPC":["4025abad","00000000","00000000"],"EXCVADDR":"00000000","DEPC":"00000000","CallChain":["402485ed","40248929"]}}\n',
    says: ["error crash", /\ndetected 0x4025abad\n/],
  },
  "a signature that secure boot refuses": {
    log: boot("I (757) secure_boot: Verifying with RSA-PSS...", "E (759) secure_boot: Secure Boot V2 verification failed.", "I (771) esp_image: Calculating simple hash to check for corruption...", "E (835) esp_image: image at 0x120000 has invalid magic byte"),
    says: ["warning crash", /: the board finds no program that it can start: Secure Boot V2 verification failed/, /line 6: “Secure Boot V2/, /Next: Sign what is flashed/],
    never: [/erase-flash/],
  },
  "a program that is not whole": {
    log: boot("E (512) esp_image: Checksum failed. Calculated 0x8c read 0x1f", "W (520) boot: Factory app partition is not bootable"),
    says: ["warning crash", /: Checksum failed\./, /not whole/, /Next: Flash all of it again/],
  },
  "a program for a later revision": {
    log: boot("E (190) boot_comm: Image requires chip rev >= v3.0, but chip is v1.0"),
    says: ["warning crash", /built for another chip, or for a later revision/, /Next: Build for this chip/],
  },
  "umm_malloc is given a block that is free already": {
    log: "check_poison_block is called for free block 0x3fff2bb8\nFatal exception 3(LoadStoreErrorCause):\nepc1=0x40100cb1, epc2=0x00000000, epc3=0x00000000, excvaddr=0x40032c80, depc=0x00000000\n",
    says: ["error double-free", /The block is at 0x3fff2bb8/, /Next: Look at who calls free\(\)/],
  },
}; // prettier-ignore

test.each(Object.entries(ACCIDENTS))("%s", (_, accident) => tells(accident));

test("a check sum of the ROM's that it goes on after is no board without a program", async () => {
  const { texts } = await answerTo(
    "I (9) app: free heap 180000\nSHA-256 comparison failed:\nCalculated: 9b30\nExpected: 0000\nAttempting to boot anyway...\nentry 0x40374f6c\n*** Booting NuttX ***\nnsh>\n",
  );
  expect(texts.map((text) => text.split(":")[0])).toEqual(["note log-readings"]);
});

const status = (name: string, second: number, heap: number): string =>
  `${name.padEnd(9)} | [${String(1000 * second).padStart(7)}] status: heap=${heap}\n`;
const fleet = (of: (second: number) => string): string =>
  Array.from({ length: 4 }, (_, i) => status("garage-1", 61 + 10 * i, 142_212) + status("hall-1", 60 + 10 * i, 139_004) + of(i)).join(""); // prettier-ignore

test("of several boards the one that it happened to is named, whatever others print meanwhile", async () => {
  const { texts } = await answerTo(
    fleet((i) =>
      i === 1
        ? `hall-1    | CORRUPT HEAP: Bad tail at 0x3ffd8aef. Expected 0xbaad5678 got 0xbaad5600\n${status("garage-1", 79, 142_212)}hall-1    | assert failed: multi_heap_free multi_heap_poisoning.c:259 (head != NULL)\n`
        : i === 2
          ? "hall-1    | E (81200) http: malloc(4096) failed\ngarage-1  | E (81200) http: malloc(4096) failed\n"
          : "",
    ),
  );
  expect(texts[0]).toMatch(/^error overflow: on hall-1, a block was written past its end/);
  expect(texts.filter((text) => text.startsWith("error allocation-failure: on ")).map((text) => text.slice(0, 40))).toEqual([
    expect.stringContaining("on hall-1, "),
    expect.stringContaining("on garage-1, "),
  ]); // prettier-ignore
});

test("clocks of several boards that go forth and back damage no recording", async () => {
  const { report } = await answerTo(
    `${status("garage-1", 81, 142_212)}${status("hall-1", 80, 139_004)}ets Jul 29 2019 12:21:46\n${status("hall-1", 1, 139_004)}`,
  );
  expect(JSON.stringify(report)).not.toMatch(/damaged/);
});

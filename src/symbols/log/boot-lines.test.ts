import { expect, test } from "vitest";
import { BANNER, ROM_RESET, romReason, type RomReason } from "./boot-lines.ts";

test("the ROM's first words, and the chip that they name", () => {
  const chipIn = (line: string): string | undefined => BANNER.exec(line)?.[1];
  expect(chipIn("ESP-ROM:esp32s3-20210327")).toBe("esp32s3");
  // A line that is cut may have named another chip.
  for (const line of ["ESP-ROM:esp32", "ets Jul 29 2019 12:21:46"])
    expect([BANNER.test(line), chipIn(line)], line).toEqual([true, undefined]);
  for (const line of ["ESP-ROM: none", "ets closed", "I app: ets Jul 29 2019"]) expect(BANNER.test(line), line).toBe(false);
}); // prettier-ignore

test.for<readonly [string, RomReason]>([
  ["rst:0x1 (POWERON_RESET),boot:0x13", "ordinary"],
  ["rst:0x5 (DEEPSLEEP_RESET)", "ordinary"],
  ["rst:0x10 (RTCWDT_RTC_RST)", "ordinary"],
  ["rst:0x15 (USB_UART_CHIP_RESET)", "ordinary"],
  ["rst:0x7 (TG0WDT_SYS_RST)", "watchdog"],
  ["rst:0x9 (RTCWDT_SYS_RST)", "watchdog"],
  ["rst:0xf (BROWN_OUT_RST)", "brownout"],
  ["rst:0x1a (CPU0_LOCKUP_RESET)", "lockup"],
  ["rst:0xc (SW_CPU_RESET)", "other"],
])("%s is %s", ([line, reason]) => {
  expect(romReason(ROM_RESET.exec(line)?.[1] ?? "")).toBe(reason);
});

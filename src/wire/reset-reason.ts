// Why a board started, as ESP-IDF tells it: esp_reset_reason_t.

export const ResetReason = {
  UNKNOWN: 0,
  POWERON: 1,
  EXT: 2,
  SW: 3,
  PANIC: 4,
  INT_WDT: 5,
  TASK_WDT: 6,
  WDT: 7,
  DEEPSLEEP: 8,
  BROWNOUT: 9,
  SDIO: 10,
  USB: 11,
  JTAG: 12,
  EFUSE: 13,
  PWR_GLITCH: 14,
  CPU_LOCKUP: 15,
} as const;

/** What stands behind "the board restarted". */
const WORDS: ReadonlyMap<number | undefined, string> = new Map([
  [ResetReason.UNKNOWN, "for an unknown reason"],
  [ResetReason.POWERON, "by power-on"],
  [ResetReason.EXT, "by its reset pin"],
  [ResetReason.SW, "by esp_restart()"],
  [ResetReason.PANIC, "by a panic"],
  [ResetReason.INT_WDT, "by the interrupt watchdog"],
  [ResetReason.TASK_WDT, "by the task watchdog"],
  [ResetReason.WDT, "by a watchdog"],
  [ResetReason.DEEPSLEEP, "out of deep sleep"],
  [ResetReason.BROWNOUT, "by a brownout"],
  [ResetReason.SDIO, "over SDIO"],
  [ResetReason.USB, "over USB"],
  [ResetReason.JTAG, "over JTAG"],
  [ResetReason.EFUSE, "after an eFuse error"],
  [ResetReason.PWR_GLITCH, "by a power glitch"],
  [ResetReason.CPU_LOCKUP, "by a lock-up of its processor"],
]);

/** Undefined where the reason is not told, or is none that ESP-IDF has. */
export function resetReasonWords(reason: number | undefined): string | undefined {
  return WORDS.get(reason);
}

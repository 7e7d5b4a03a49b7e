// What a chip's ROM says as it starts, and why it says that it does.

/** Its first words, of any chip; behind ESP-ROM stands which one it is. */
export const BANNER = /^(?:ESP-ROM:(?=esp32)(?:([a-z0-9]+)-)?|ets [A-Z][a-z]{2} +\d+ \d{4})/;
/** The cause, in the banner's line or two below it. */
export const ROM_RESET = /\brst:0x[0-9a-f]+ \(([A-Z0-9_]+)\)/;
/** The panic handler's last line. */
export const REBOOTING = /^\s*Rebooting\.\.\./;

/** "ordinary" for power, a button, sleep, a debugger, the flash tool, which lets the watchdog of the RTC bite: nobody has to explain these. */
export type RomReason = "ordinary" | "brownout" | "lockup" | "watchdog" | "other";

const ORDINARY = /POWERON|POWER_ON|D(?:EEP)?_?SLEEP|RTCWDT_RTC|LP_WDT_CHIP|EXT_|USB_|SDIO|JTAG/;

/** @param name as it stands behind `rst:` */
export function romReason(name: string): RomReason {
  if (ORDINARY.test(name)) return "ordinary";
  if (/BROWN_?OUT/.test(name)) return "brownout";
  if (/LOCKUP/.test(name)) return "lockup";
  return /WDT|WATCHDOG/.test(name) ? "watchdog" : "other";
}

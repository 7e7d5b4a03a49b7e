// What a chip prints besides the firmware's own log: boot messages and panics, in ESP-IDF's words and layout.
import type { Address } from "../src/base/units.ts";
import type { Chip } from "./chips.ts";
import type { Identity } from "./module.ts";

export function bootText(chip: Chip, identity: Identity): string {
  const regions = chip.regions.map(({ name, start, end }, index) => {
    const kibibytes = Math.floor((end - start) / 1024);
    return `I (${252 + 6 * index}) heap_init: At ${hex(start)} len ${hex(end - start)} (${kibibytes} KiB): ${name}\n`;
  });
  return [
    `\nrst:0x${identity.resetReason.toString(16)},boot:0x13 (SPI_FAST_FLASH_BOOT)\n`,
    `I (31) boot: ESP-IDF ${identity.idfVersion} 2nd stage bootloader\n`,
    `I (238) cpu_start: ${chip.name}, ${chip.cores} core${chip.cores > 1 ? "s" : ""}\n`,
    `I (245) app_init: Project name:     ${identity.appName}\n`,
    `I (248) app_init: App version:      ${identity.appVersion}\n`,
    ...regions,
    `I (296) main_task: Calling app_main()\n`,
  ].join("");
}

export function panicText(message: string, address: Address | undefined, core: number): string {
  const where = address === undefined ? "" : ` at 0x${address.toString(16).padStart(8, "0")}`;
  return [
    `\nassert failed: ${message}${where}\n`,
    `\nGuru Meditation Error: Core  ${core} panic'ed (abort)\n`,
    `Rebooting...\n`,
  ].join("");
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}

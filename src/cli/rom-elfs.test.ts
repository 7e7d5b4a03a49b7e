// Where ESP-IDF's tools have put the ROM ELFs, in folders laid as they lay them.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixture } from "../../test/symbols/fixtures.ts";
import { findRomElf, fittingRom } from "./rom-elfs.ts";

function folderWith(...files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "memmap-rom-"));
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

test("the newest revision of the chip, of the folder that is named, else of the newest version that is installed", () => {
  const named = folderWith("esp32_rev0_rom.elf", "esp32_rev300_rom.elf", "esp32s3_rev0_rom.elf");
  expect(findRomElf("esp32", { ESP_ROM_ELF_DIR: named })).toBe(join(named, "esp32_rev300_rom.elf"));
  const tools = folderWith(
    "tools/esp-rom-elfs/20230320/esp32c3_rev3_rom.elf",
    "tools/esp-rom-elfs/20241011/esp32c3_rev3_rom.elf",
  );
  const installed = join(tools, "tools/esp-rom-elfs/20241011/esp32c3_rev3_rom.elf");
  expect(findRomElf("esp32c3", { ESP_ROM_ELF_DIR: named, IDF_TOOLS_PATH: tools })).toBe(installed);
  expect(findRomElf("esp32p4", { ESP_ROM_ELF_DIR: named, IDF_TOOLS_PATH: tools })).toBeUndefined();
});

test("a ROM of another chip is refused", () => {
  const rom = fixture("riscv");
  const c3 = { architecture: "riscv", chip: "esp32c3" } as const;
  expect(fittingRom(rom, "roms/esp32c3_rev3_rom.elf", c3)).toBe(rom);
  expect(fittingRom(rom, "my.elf", c3)).toBe(rom);
  expect(() => fittingRom(rom, "roms/esp32c6_rev0_rom.elf", c3)).toThrow(/another chip \(esp32c6\)/);
  expect(() => fittingRom(fixture("xtensa"), "my.elf", c3)).toThrow(/another chip \(xtensa\)/);
});

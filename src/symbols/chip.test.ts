// What firmware says of itself, in small ELF files that are made here.
import { describe, expect, test } from "vitest";
import { debugInfo, uleb, usualShape, type Attribute, type MadeDie } from "../../test/symbols/made-dwarf.ts";
import { at, die, member, name, size, type, unitOf } from "../../test/symbols/made-types.ts";
import { elf, text, u16, u32, type MadeSection } from "../../test/symbols/made-elf.ts";
import type { AppDescription } from "./chip.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./dwarf/constants.ts";
import { openSymbols } from "./index.ts";

const MAGIC = 0xabcd5432;

/** `esp_app_desc_t`, each field filled to its end or ended by a zero. */
function described(
  magic: number,
  fill: (letter: string, size: number) => string,
  size = 256,
): AppDescription | undefined {
  const field = (letter: string, length: number): number[] => [
    ...Buffer.from(fill(letter, length).padEnd(length, "\0"), "latin1"),
  ];
  const bytes = [
    ...u32(magic),
    ...u32(0),
    ...u32(0),
    ...u32(0),
    ...field("v", 32),
    ...field("p", 32),
    ...field("t", 16),
    ...field("d", 16),
    ...field("i", 32),
    ...new Array<number>(112).fill(0x78),
  ];
  const section = { name: ".flash.appdesc", flags: 2, address: 0x3c00_0020, bytes: bytes.slice(0, size) };
  return openSymbols(elf([section])).app;
}

test("each field of the application's description ends where the next one begins", () => {
  expect(described(MAGIC, (letter, size) => letter.repeat(size))).toEqual({
    version: "v".repeat(32),
    project: "p".repeat(32),
    built: `${"d".repeat(16)} ${"t".repeat(16)}`,
    idfVersion: "i".repeat(32),
  });
  expect(described(MAGIC, (letter) => letter)).toEqual({ version: "v", project: "p", built: "d t", idfVersion: "i" });
  expect(described(MAGIC, () => "")).toEqual({ version: "", project: "", built: "", idfVersion: "" });
});

test("without its magic number, or cut, it is none", () => {
  expect(described(MAGIC + 1, (letter) => letter)).toBeUndefined();
  expect(described(MAGIC, (letter) => letter, 143)).toBeUndefined();
  expect(described(MAGIC, (letter) => letter, 144)).toBeDefined();
});

test("by its symbol, where it has no section of its own", () => {
  const bytes = [...u32(MAGIC), ...new Array<number>(12).fill(0), ...text("1.2"), ...new Array<number>(300).fill(0)];
  const data = { name: ".rodata", flags: 2, address: 0x3c00_0000, bytes: [...new Array<number>(16).fill(9), ...bytes] };
  const found = openSymbols(elf(withSymbols([data], [["esp_app_desc", 0x3c00_0010, 256]]))).app;
  expect(found).toEqual({ version: "1.2", project: "", built: "", idfVersion: "" });
  expect(openSymbols(elf(withSymbols([data], [["esp_app_desc", 0x3d00_0000, 256]]))).app).toBeUndefined();
});

type Symbol = readonly [name: string, address: number, size: number];

/** The sections with a table of symbols of data, all of the first one. */
function withSymbols(sections: readonly MadeSection[], symbols: readonly Symbol[]): MadeSection[] {
  const strings = [0];
  const rows = symbols.flatMap(([label, address, bytes]) => {
    const start = strings.length;
    strings.push(...text(label));
    return [...u32(start), ...u32(address), ...u32(bytes), 0x11, 0, ...u16(1)];
  });
  const link = sections.length + 2;
  return [
    ...sections,
    { name: ".symtab", type: 2, link, flags: 0, address: 0, bytes: [...new Array<number>(16).fill(0), ...rows] },
    { name: ".strtab", type: 3, flags: 0, address: 0, bytes: strings },
  ];
}

describe("memory regions", () => {
  const RODATA = 0x3c00_0000;
  const array = (label: string, count: number): MadeDie =>
    die("arrayType", label, [type("int")], [die("subrangeType", "", [[DW_AT.count, DW_FORM.data1, [count]]])]);
  const flag = (offset: number): MadeDie => member(name("startup_stack"), type("char"), at(offset));

  /** Two types and three regions; `hasOwnFlag`: newer ones say themselves whether start-up code has its stack there. */
  function regions({
    hasOwnFlag = true,
    types = true,
    size: rowSize = 20,
    cut = 0,
    symbol = 60,
    more = 0,
  } = {}): readonly unknown[] {
    const typeRow = die(
      "structureType",
      "",
      [name("soc_memory_type_desc_t"), size(20)],
      [
        member(name("name"), type("int"), at(0)),
        member(name("caps"), type("caps"), at(4)),
        ...(hasOwnFlag ? [] : [flag(16)]),
      ],
    );
    const regionRow = die(
      "structureType",
      "",
      [name("soc_memory_region_t"), size(rowSize)],
      [
        member(name("start"), type("int"), at(0)),
        member(name("size"), type("int"), at(4)),
        member(name("type"), type("int"), at(8)),
        member(name("iram_address"), type("int"), at(12)),
        ...(hasOwnFlag ? [flag(16)] : []),
      ],
    );
    const names = [...text("DRAM"), ...text("SPIRAM")];
    const table = [
      [RODATA, 1, 2, 4, 1].flatMap(u32),
      [RODATA + 5, 8, 0, 0x10, 0].flatMap(u32),
      [0x3fc8_0000, 0x1000, 0, 0x4037_8000, 0].flatMap(u32),
      [0x3c10_0000, 0x2000, 1, 0, 1].flatMap(u32),
      [0x3fd0_0000, 0x3000, 7, 0, 0x100].flatMap(u32),
      new Array<number>(20 * more).fill(0),
    ].flat();
    const data = [...names, ...table];
    const at0 = RODATA + names.length;
    const made = debugInfo([unitOf([array("caps", 3), regionRow, ...(types ? [typeRow] : [])])]);
    return openSymbols(
      elf(
        withSymbols(
          [
            { name: ".rodata", flags: 2, address: RODATA, bytes: data.slice(0, data.length - cut) },
            { name: ".debug_info", flags: 0, address: 0, bytes: [...made.info] },
            { name: ".debug_abbrev", flags: 0, address: 0, bytes: [...made.abbrev] },
          ],
          [
            ["soc_memory_types", at0, 40],
            ["soc_memory_regions", at0 + 40, symbol + 20 * more],
          ],
        ),
      ),
    ).regions;
  }

  const [dram, spiram, other] = [
    { name: "DRAM", start: 0x3fc8_0000, size: 0x1000, caps: [1, 2, 4], iramAddress: 0x4037_8000, startupStack: false },
    {
      name: "SPIRAM",
      start: 0x3c10_0000,
      size: 0x2000,
      caps: [8, 0, 0x10],
      iramAddress: undefined,
      startupStack: true,
    },
    // Of a type that there is not.
    { name: "", start: 0x3fd0_0000, size: 0x3000, caps: [], iramAddress: undefined, startupStack: false },
  ];

  test("each with its type's name and capabilities", () => {
    expect(regions()).toEqual([dram, spiram, other]);
    expect(regions({ hasOwnFlag: false })).toEqual([
      { ...dram, startupStack: true },
      { ...spiram, startupStack: false },
      other,
    ]);
    const bare = { name: "", caps: [] };
    expect(regions({ types: false })).toEqual([{ ...dram, ...bare }, { ...spiram, ...bare }, other]);
  });

  test("as many as are there", () => {
    expect(regions({ symbol: 59 })).toEqual([dram, spiram]);
    expect(regions({ cut: 1 })).toEqual([dram, spiram]);
    expect(regions({ cut: 60 })).toEqual([]);
    expect(regions({ size: 0 })).toEqual([]);
    expect(regions({ size: 60 })).toEqual([dram]);
    expect(regions({ symbol: 0 })).toEqual([]);
    expect([1020, 1021, 1022].map((more) => regions({ more }).length)).toEqual([1023, 1024, 1024]);
  });
});

describe("the chip", () => {
  const chipOf = (...units: readonly (readonly [file: string, producer?: string])[]): string | undefined => {
    const roots = units.map(([file, producer]): MadeDie => {
      const attributes: Attribute[] = [name(file)];
      if (producer !== undefined) attributes.push([DW_AT.producer, DW_FORM.string, text(producer)]);
      return { tag: DW_TAG.compileUnit, attributes: [...attributes, [DW_AT.language, DW_FORM.udata, uleb(12)]] };
    });
    const { info, abbrev } = debugInfo(roots.map((root) => ({ ...usualShape, root })));
    return openSymbols(
      elf([
        { name: ".text", flags: 6, address: 0x4200_0000, bytes: [0, 0, 0, 0] },
        { name: ".debug_info", flags: 0, address: 0, bytes: [...info] },
        { name: ".debug_abbrev", flags: 0, address: 0, bytes: [...abbrev] },
      ]),
    ).chip;
  };

  test.each([
    ["/idf/components/soc/esp32c3/gpio_periph.c", "esp32c3"],
    ["/idf/components/hal/esp32s3/efuse_hal.c", "esp32s3"],
    ["/idf/components/esp_hw_support/port/esp32h2/rtc.c", "esp32h2"],
    ["/idf/components/esp_rom/patches/esp32/x.c", "esp32"],
    ["C:\\idf\\components\\soc\\esp32\\x.c", "esp32"],
    ["/home/a/.platformio/framework-arduino/tools/sdk/esp32s2/include/x.c", "esp32s2"],
    ["/x/esp32-arduino-libs/esp32p4/x.c", "esp32p4"],
    ["/home/esp32c6/main.c", undefined],
    ["/idf/components/soc/esp8266/x.c", undefined],
    [`/${"a".repeat(1976)}/components/soc/esp32/x.c`, undefined],
  ])("%s", (file, chip) => {
    expect(chipOf([file])).toBe(chip);
  });

  test("the longest path that is looked at", () => {
    const file = "/components/soc/esp32/x.c";
    expect(chipOf([`/${"a".repeat(1999 - file.length)}${file}`])).toBe("esp32");
    expect(chipOf([`/${"a".repeat(2000 - file.length)}${file}`])).toBeUndefined();
  });

  test("compilers' options, and what most units say, the first of equals", () => {
    expect(chipOf(["a.c", "GNU C17 -mdynconfig=xtensa_esp32s3.so -mlongcalls"])).toBe("esp32s3");
    const [one, two] = ["/soc/esp32c2/a.c", "/soc/esp32c5/a.c"];
    expect(chipOf([one], [two], [two])).toBe("esp32c5");
    expect(chipOf([two], [one], [two], [one])).toBe("esp32c5");
    expect(chipOf([one], [two])).toBe("esp32c2");
    expect(chipOf(["a.c"])).toBeUndefined();
  });
});

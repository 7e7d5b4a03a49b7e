// What is said about the small firmware fixtures, without a toolchain.
import { describe, expect, test } from "vitest";
import { describeFrame, openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { compressed, fixture, type FixtureName } from "./fixtures.ts";

function open(name: FixtureName): Symbols {
  return openSymbols(fixture(name));
}

/** All distinct chains in the order of their addresses, as text. */
function chainsOf(symbols: Symbols): string[] {
  const chains: string[] = [];
  const [start = 0, end = 0] = symbols.elf.executable;
  for (let address = start; address < end; address++) {
    const { frames } = symbols.attribute(symbols.symbolize(address));
    const text = frames.map(describeFrame).join(" < ");
    if (chains.at(-1) !== text) chains.push(text);
  }
  return chains;
}

describe("frames", () => {
  test("a chain of inlined calls, innermost first, with lines and columns", () => {
    const symbols = open("riscv");
    const [address = 0] = symbols.find("poll_sensor").map((symbol) => symbol.address + 0x14);
    expect(symbols.symbolize(address)).toEqual([
      {
        function: "reading_create",
        file: "/home/ada/greenhouse/main/app.c",
        line: 50,
        column: 31,
        source: "dwarf",
        inlined: true,
      },
      {
        function: "record",
        file: "/home/ada/greenhouse/main/app.c",
        line: 60,
        column: 14,
        source: "dwarf",
        inlined: true,
      },
      {
        function: "poll_sensor",
        file: "/home/ada/greenhouse/main/app.c",
        line: 66,
        column: 5,
        source: "dwarf",
        inlined: false,
      },
    ]);
  });

  test("C++ names are readable, in and out of line", () => {
    expect(chainsOf(open("xtensa"))).toContain(
      "sensor::Filter<unsigned int>::step(unsigned int) at main/sensor.cpp:7:31 [main]" +
        " < sensor::smooth(unsigned int, char const*) at main/sensor.cpp:16:23 [main]",
    );
  });

  test("what the linker removed is not found", () => {
    for (const name of ["riscv", "xtensa"] as const) {
      const symbols = open(name);
      expect(symbols.symbolize(0)).toEqual([expect.objectContaining({ function: undefined, source: "none" })]);
      expect(chainsOf(symbols).join("\n")).not.toContain("never_called");
    }
  });

  test("padding after a function has its name from the symbol table, and no line", () => {
    const symbols = open("xtensa");
    const [main] = symbols.find("main_task");
    const end = (main?.address ?? 0) + (main?.size ?? 0);
    expect(symbols.symbolize(end)).toMatchObject([{ function: "main_task", line: undefined, source: "symtab" }]);
  });

  test("an address outside of all code has one frame that knows nothing", () => {
    expect(open("riscv").symbolize(0x3fc80000)).toMatchObject([
      { function: undefined, file: undefined, source: "none" },
    ]);
  });

  test("a ROM is asked where the application has no code", () => {
    const symbols = openSymbols(fixture("riscv"), { rom: [fixture("xtensa")] });
    const [inRom] = open("xtensa").find("app_main");
    expect(symbols.symbolize((inRom?.address ?? 0) + 8)[0]).toMatchObject({ function: "app_main" });
  });

  test.each(["zlib", "zstd"] as const)("compressed sections read the same: %s", (kind) => {
    for (const name of ["riscv", "xtensa"] as const) {
      const symbols = openSymbols(compressed(fixture(name), kind));
      expect(chainsOf(symbols)).toEqual(chainsOf(open(name)));
      expect(symbols.problems).toEqual([]);
    }
  });
});

describe("attribution", () => {
  test("the site is the user's frame behind the allocator's", () => {
    const symbols = open("riscv");
    const at = (name: string, offset: number): number => (symbols.find(name)[0]?.address ?? 0) + offset;
    // malloc and heap_caps_malloc as a stack would have them, then the caller of malloc.
    const stack = [at("heap_caps_malloc", 4), at("malloc", 8), at("poll_sensor", 0x14)];
    const { frames, user, site } = symbols.attribute(stack.flatMap((address) => symbols.symbolize(address)));
    expect(frames.map(({ function: name, isAllocator, component }) => [name, isAllocator, component])).toEqual([
      ["heap_caps_malloc", true, "heap"],
      ["malloc", true, "heap"],
      ["reading_create", false, "main"],
      ["record", false, "main"],
      ["poll_sensor", false, "main"],
    ]);
    expect([user, site]).toEqual([2, 2]);
  });

  test("wrappers of the user's own can be named", () => {
    const symbols = openSymbols(fixture("riscv"), { allocators: ["reading_create", /^rec/] });
    const [poll] = symbols.find("poll_sensor");
    const { frames, site } = symbols.attribute(symbols.symbolize((poll?.address ?? 0) + 0x14));
    expect(frames[site]?.function).toBe("poll_sensor");
  });

  test("without a user's frame the site is the first that is no allocator, else the last", () => {
    const symbols = open("xtensa");
    const [task] = symbols.find("main_task");
    const [malloc] = symbols.find("malloc");
    const inMalloc = symbols.symbolize((malloc?.address ?? 0) + 8);
    const chain = symbols.attribute([...inMalloc, ...symbols.symbolize(task?.address ?? 0)]);
    expect(chain.user).toBeUndefined();
    expect(chain.frames[chain.site]?.function).toBe("main_task");
    expect(symbols.attribute(inMalloc).site).toBe(0);
  });

  test("static RAM is counted by component", () => {
    const rows = open("riscv").components;
    expect(rows[0]).toEqual({ component: "heap", origin: "framework", data: 4, bss: 4100, iram: 0 });
    expect(rows.find(({ component }) => component === "main")).toMatchObject({ origin: "user", data: 4 });
  });
});

describe("what the firmware says of itself", () => {
  test("application, IDF version and hash", () => {
    const symbols = open("riscv");
    expect(symbols.app).toEqual({
      project: "greenhouse",
      version: "1.4.2",
      built: "Nov 22 2026 12:34:56",
      idfVersion: "v5.5.1",
    });
    expect(symbols.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(symbols.matches(symbols.sha256.slice(0, 16))).toEqual({ kind: "same" });
    expect(symbols.matches("0123456789abcdef")).toMatchObject({ kind: "different" });
    expect(symbols.matches("00000000")).toEqual({ kind: "unknown" });
  });

  test("memory regions, laid out by the debug information's types", () => {
    expect(open("xtensa").regions).toEqual([
      {
        name: "RAM",
        start: 0x3fc80000,
        size: 0x20000,
        caps: [0x180e, 0, 0],
        iramAddress: 0x40380000,
        startupStack: false,
      },
      {
        name: "RAM",
        start: 0x3fca0000,
        size: 0x10000,
        caps: [0x180e, 0, 0],
        iramAddress: 0x403a0000,
        startupStack: true,
      },
      {
        name: "SPIRAM",
        start: 0x3c000000,
        size: 0x800000,
        caps: [0x1400, 0, 6],
        iramAddress: undefined,
        startupStack: false,
      },
    ]);
  });

  test("structure layouts with bit fields, unions and structures inside", () => {
    for (const name of ["riscv", "xtensa"] as const) {
      const layout = open(name).layout("struct reading");
      const members = [...(layout?.members.values() ?? [])].map(({ name: member, offset, size }) => [
        member,
        offset,
        size,
      ]);
      expect(layout?.size).toBe(20);
      expect(members).toEqual([
        ["time", 0, 4],
        ["value", 4, 2],
        ["valid", 6, 4],
        ["channel", 6, 4],
        ["raw", 8, 4],
        ["bytes", 8, 4],
        ["list", 12, 8],
        ["list.next", 12, 4],
        ["list.count", 16, 4],
      ]);
      expect(layout?.members.get("channel")?.bits).toEqual({ first: 1, count: 5 });
      expect(layout?.members.get("bytes")).toMatchObject({ count: 4, type: "unsigned char [4]" });
    }
    expect(open("riscv").layout("no_such_type")).toBeUndefined();
  });

  test("initialized memory by symbol", () => {
    const symbols = open("riscv");
    const [total] = symbols.find("total_readings");
    expect(symbols.read(total?.address ?? 0, 4)).toEqual(new Uint8Array([7, 0, 0, 0]));
  });
});

test("what is no ELF, or one for another machine, is said in one sentence with a hint", () => {
  const image = new Uint8Array(100).fill(0xe9);
  expect(() => openSymbols(image)).toThrow(expect.objectContaining({ name: "MemmapError", code: "elf-invalid" }));
  const wide = fixture("riscv");
  wide[4] = 2;
  expect(() => openSymbols(wide)).toThrow(expect.objectContaining({ code: "elf-unsupported" }));
});

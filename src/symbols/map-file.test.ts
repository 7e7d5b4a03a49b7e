import { expect, test } from "vitest";
import { ownerOfFile } from "./file-owner.ts";
import { inputAt, readLinkerMap } from "./map-file.ts";

const text = `Discarded input sections

 .text          0x0000000000000000        0x0 esp-idf/main/libmain.a(app.c.obj)
 .text.unused   0x0000000000000000       0x24 esp-idf/main/libmain.a(app.c.obj)

Linker script and memory map

.flash.text     0x0000000042000020    0x5ed18
                0x0000000042000020                _stext = .
 .text.app_main
                0x0000000042000020       0x36 esp-idf/main/libmain.a(app.c.obj)
                0x0000000042000020                app_main
 .text.pp_post  0x0000000042000058       0x10 /opt/esp-idf/components/esp_wifi/lib/esp32c3/libpp.a(pp.o)
 *fill*         0x0000000042000068        0x8 
 .text          0x0000000042000070       0x20 /tools/riscv32-esp-elf/lib/rv32imc/libc.a(libc_a-memcpy.o)\r
`;

test("addresses to archives, in the one-line and the two-line form", () => {
  const map = readLinkerMap(text);
  const fileAt = (address: number): string | undefined => inputAt(map, address)?.file;
  expect(fileAt(0x42000020)).toBe("esp-idf/main/libmain.a(app.c.obj)");
  expect(fileAt(0x42000055)).toBe("esp-idf/main/libmain.a(app.c.obj)");
  expect(fileAt(0x42000056)).toBeUndefined();
  expect(fileAt(0x42000060)).toBe("/opt/esp-idf/components/esp_wifi/lib/esp32c3/libpp.a(pp.o)");
  expect(fileAt(0x4200006c)).toBeUndefined();
  expect(fileAt(0x4200008f)).toBe("/tools/riscv32-esp-elf/lib/rv32imc/libc.a(libc_a-memcpy.o)");
  expect(inputAt(readLinkerMap(""), 0x42000020)).toBeUndefined();
});

test("strings that the linker has folded together are nobody's alone", () => {
  const map = readLinkerMap(` .rodata.str1.4
                0x000000003ffb1984      0xc30 esp-idf/app_trace/libapp_trace.a(host_file_io.c.obj)
                                         0x9d (size before relaxing)
 .rodata.str1.4
                0x000000003ffb25b4       0x20 esp-idf/heap/libheap.a(multi_heap.c.obj)
                                         0x48 (size before relaxing)
`);
  expect(inputAt(map, 0x3ffb1990)).toMatchObject({ end: 0x3ffb25b4, isMerged: true });
  expect(inputAt(map, 0x3ffb25b4)).toEqual({
    file: "esp-idf/heap/libheap.a(multi_heap.c.obj)",
    end: 0x3ffb25d4,
    isMerged: false,
  });
});

test("they are folded where there was less of one before than there is now, in hexadecimal numbers", () => {
  const isMerged = (own: string, now: string): boolean | undefined =>
    inputAt(
      readLinkerMap(` .rodata.str1.4
                0x000000003ffb1984     0x${now} esp-idf/heap/libheap.a(multi_heap.c.obj)
                                        0x${own} (size before relaxing)
`),
      0x3ffb_1984,
    )?.isMerged;
  expect([isMerged("f7", "f8"), isMerged("f8", "f8"), isMerged("f9", "f8"), isMerged("9", "10")]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test("archives have owners as files do", () => {
  const roots = { project: "/home/ada/greenhouse", idf: "/opt/esp-idf" };
  const owner = (file: string): string[] => {
    const { origin, component, path } = ownerOfFile(file, roots);
    return [origin, component ?? "", path];
  };
  expect(owner("esp-idf/main/libmain.a(app.c.obj)")).toEqual(["user", "main", "libmain.a(app.c.obj)"]);
  expect(owner("esp-idf/heap/libheap.a(heap_caps.c.obj)")).toEqual(["framework", "heap", "libheap.a(heap_caps.c.obj)"]);
  expect(owner("esp-idf/espressif__cjson/libespressif__cjson.a(cJSON.c.obj)")).toEqual([
    "dependency",
    "espressif/cjson",
    "libespressif__cjson.a(cJSON.c.obj)",
  ]);
  expect(owner("/opt/esp-idf/components/esp_wifi/lib/esp32c3/libpp.a(pp.o)")).toEqual([
    "framework",
    "esp_wifi",
    "libpp.a(pp.o)",
  ]);
  expect(owner("/tools/riscv32-esp-elf/lib/rv32imc/libc.a(libc_a-memcpy.o)")).toEqual([
    "toolchain",
    "libc",
    "libc.a(libc_a-memcpy.o)",
  ]);
  expect(owner(".pio/build/esp32/lib1a2/libAsyncTCP.a(AsyncTCP.cpp.o)")).toEqual([
    "dependency",
    "AsyncTCP",
    "libAsyncTCP.a(AsyncTCP.cpp.o)",
  ]);
});

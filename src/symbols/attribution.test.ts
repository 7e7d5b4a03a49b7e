import { describe, expect, test } from "vitest";
import { allocatorTest } from "./allocators.ts";
import { findRoots } from "./attribution.ts";
import { ownerOfFile } from "./file-owner.ts";

describe("files", () => {
  const roots = { project: "/home/ada/greenhouse", idf: "/opt/esp-idf" };
  test.each([
    ["/home/ada/greenhouse/main/app.c", "user", "main", "main/app.c"],
    ["/home/ada/greenhouse/components/pump/pump.c", "user", "pump", "components/pump/pump.c"],
    ["/home/ada/greenhouse/src/main.cpp", "user", "src", "src/main.cpp"],
    ["/home/ada/greenhouse/lib/dht/dht.c", "user", "dht", "lib/dht/dht.c"],
    [
      "/home/ada/greenhouse/managed_components/espressif__cjson/cJSON.c",
      "dependency",
      "espressif/cjson",
      "managed_components/espressif__cjson/cJSON.c",
    ],
    [
      "/home/ada/greenhouse/.pio/libdeps/esp32/PubSubClient/src/PubSubClient.cpp",
      "dependency",
      "PubSubClient",
      ".pio/libdeps/esp32/PubSubClient/src/PubSubClient.cpp",
    ],
    ["/opt/esp-idf/components/heap/heap_caps.c", "framework", "heap", "esp-idf/components/heap/heap_caps.c"],
    [
      "/builds/idf/crosstool-NG/.build/src/newlib/newlib/libc/stdio/vfprintf.c",
      "toolchain",
      "newlib",
      "newlib/libc/stdio/vfprintf.c",
    ],
    ["/x/.build/src/gcc/libgcc/libgcc2.c", "toolchain", "libgcc", "libgcc/libgcc2.c"],
    [
      "/builds/espressif/esp-idf/components/lwip/lwip/src/core/pbuf.c",
      "framework",
      "lwip",
      "esp-idf/components/lwip/lwip/src/core/pbuf.c",
    ],
    ["/IDF/components/vfs/vfs.c", "framework", "vfs", "esp-idf/components/vfs/vfs.c"],
    ["/COMPONENT_MAIN_DIR/app.c", "user", "main", "main/app.c"],
    ["/srv/shared/components/modem/modem.c", "user", "modem", "modem/modem.c"],
    ["/somewhere/else.c", "unknown", "", "/somewhere/else.c"],
  ])("%s", (file, origin, component, path) => {
    const owner = ownerOfFile(file, roots);
    expect([owner.origin, owner.component ?? "", owner.path]).toEqual([origin, component, path]);
  });

  const nowhere = { project: undefined, idf: undefined };
  test.each([
    [
      "/p/managed_components/espressif__led_strip/src/a.c",
      "dependency",
      "espressif/led_strip",
      "managed_components/espressif__led_strip/src/a.c",
    ],
    ["/p/.pio/libdeps/esp32dev/RF24/RF24.cpp", "dependency", "RF24", "libdeps/esp32dev/RF24/RF24.cpp"],
    ["/Arduino/libraries/FastLED/src/a.cpp", "dependency", "FastLED", "libraries/FastLED/src/a.cpp"],
    [
      "/root/.cargo/registry/src/index.crates.io-6f17/heapless-0.8.0/src/vec.rs",
      "dependency",
      "heapless",
      "heapless/src/vec.rs",
    ],
    ["/cargo/git/checkouts/esp-hal-1a2b/77aa/src/lib.rs", "dependency", "77aa", "77aa/src/lib.rs"],
    ["/x/v5.2.1/components/lwip/a.c", "framework", "lwip", "esp-idf/components/lwip/a.c"],
    ["/IDF/tools/x.c", "framework", "tools", "esp-idf/tools/x.c"],
    ["/x/picolibc/newlib/libc/string/memcpy.c", "toolchain", "picolibc", "picolibc/newlib/libc/string/memcpy.c"],
    ["/x/libstdc++-v3/src/c++11/string.cc", "toolchain", "libstdc++", "libstdc++-v3/src/c++11/string.cc"],
    ["/tools/xtensa-esp-elf/include/sys/lock.h", "toolchain", "toolchain", "/tools/xtensa-esp-elf/include/sys/lock.h"],
    [
      "/rustc/0a1b2c/library/alloc/src/vec/mod.rs",
      "toolchain",
      "toolchain",
      "/rustc/0a1b2c/library/alloc/src/vec/mod.rs",
    ],
    ["/p/framework-arduinoespressif32@3/cores/esp32/main.cpp", "framework", "arduino", "arduino/cores/esp32/main.cpp"],
    ["/a/hardware/esp32/2.0.9/cores/esp32/main.cpp", "framework", "arduino", "arduino/cores/esp32/main.cpp"],
    ["/w/zephyr/kernel/kheap.c", "framework", "zephyr", "zephyr/kernel/kheap.c"],
    ["/COMPONENT_LVGL_DIR/src/a.c", "user", "lvgl", "lvgl/src/a.c"],
    ["/srv/components/modem/src/a.c", "user", "modem", "modem/src/a.c"],
    [`/${"a".repeat(1993)}/main.c`, "unknown", "", `/${"a".repeat(1993)}/main.c`],
    [
      `/v5.1/components/heap/${"a".repeat(1976)}.c`,
      "framework",
      "heap",
      `esp-idf/components/heap/${"a".repeat(1976)}.c`,
    ],
    [`/v5.1/components/heap/${"a".repeat(1977)}.c`, "unknown", "", `/v5.1/components/heap/${"a".repeat(1977)}.c`],
    ["/x/esp-idf/main/libmain.a(a.c.obj)", "user", "main", "libmain.a(a.c.obj)"],
    ["esp-idf/src/libsrc.a(a.c.obj)", "user", "src", "libsrc.a(a.c.obj)"],
    ["/x/esp-idf/lwip/libl.a(a.c.obj)", "framework", "lwip", "libl.a(a.c.obj)"],
    ["/x/my-esp-idf/lwip/libl.a(a.c.obj)", "unknown", "l", "libl.a(a.c.obj)"],
    ["/p/.pio/build/x/libRF24.a(a.o)", "dependency", "RF24", "libRF24.a(a.o)"],
    ["/p/managed_components/a__b/libb.a(a.o)", "dependency", "a/b", "libb.a(a.o)"],
    ["libwhat.a(a.o)", "unknown", "what", "libwhat.a(a.o)"],
    ...["c", "m", "g", "gcc", "stdc++", "supc++", "nosys", "gloss"].map(
      (library) => [`/t/lib${library}.a(a.o)`, "toolchain", `lib${library}`, `lib${library}.a(a.o)`] as const,
    ),
  ] as const)("%s, of folders that are not known", (file, origin, component, path) => {
    const owner = ownerOfFile(file, nowhere);
    expect([owner.origin, owner.component ?? "", owner.path]).toEqual([origin, component, path]);
  });

  test.each([
    ["/p/a.c", "user", "main", "a.c"],
    ["/p/build/esp-idf/lwip/gen.c", "framework", "lwip", "build/esp-idf/lwip/gen.c"],
    ["/p/build-2/esp-idf/lwip/gen.c", "framework", "lwip", "build-2/esp-idf/lwip/gen.c"],
    ["/p/build/x.c", "user", "build", "build/x.c"],
    ["/p/libraries/FastLED/a.cpp", "dependency", "FastLED", "libraries/FastLED/a.cpp"],
    ["/p/third/v5.1/components/heap/a.c", "user", "third", "third/v5.1/components/heap/a.c"],
    ["/idf/tools/a.c", "framework", "tools", "esp-idf/tools/a.c"],
    ["/idf/examples/common_components/led/a.c", "framework", "examples", "esp-idf/examples/common_components/led/a.c"],
    ["/idf/examples/wifi/main/a.c", "unknown", "", "/idf/examples/wifi/main/a.c"],
  ])("%s, in a project or the IDF", (file, origin, component, path) => {
    const owner = ownerOfFile(file, { project: "/p", idf: "/idf" });
    expect([owner.origin, owner.component ?? "", owner.path]).toEqual([origin, component, path]);
  });

  test("a project inside of the IDF, and the IDF inside of a project", () => {
    const example = { project: "/opt/esp-idf/examples/system/demo", idf: "/opt/esp-idf" };
    expect(ownerOfFile("/opt/esp-idf/examples/system/demo/main/demo.c", example)).toMatchObject({
      origin: "user",
      path: "main/demo.c",
    });
    expect(ownerOfFile("/opt/esp-idf/components/heap/heap_caps.c", example)).toMatchObject({ component: "heap" });
    const itself = { project: "/opt/esp-idf", idf: "/opt/esp-idf" };
    expect(ownerOfFile("/opt/esp-idf/components/heap/heap_caps.c", itself)).toMatchObject({ origin: "user" });
    const submodule = { project: "/home/ada/greenhouse", idf: "/home/ada/greenhouse/third/esp-idf" };
    expect(ownerOfFile("/home/ada/greenhouse/third/esp-idf/examples/a/main/a.c", submodule)).toMatchObject({
      origin: "unknown",
      path: "/home/ada/greenhouse/third/esp-idf/examples/a/main/a.c",
    });
    expect(ownerOfFile("/home/ada/greenhouse/third/esp-idf/components/heap/heap_caps.c", submodule)).toMatchObject({
      origin: "framework",
      component: "heap",
    });
  });
});

describe("allocators", () => {
  const isAllocator = allocatorTest(["pool_take"]);
  test.each([
    ..."malloc calloc realloc free heap_caps_malloc heap_caps_calloc_prefer heap_caps_malloc_default _malloc_r pvPortMalloc".split(
      " ",
    ),
    ..."strdup multi_heap_malloc tlsf_memalign __wrap_heap_caps_malloc_base memmap_record traceable_heap_caps_malloc".split(
      " ",
    ),
    "operator new(unsigned int)",
    "operator delete[](void*, unsigned int)",
    "std::__new_allocator<int>::allocate(unsigned int, void const*)",
    "heap_caps_malloc [clone .constprop.0]",
    "pool_take",
  ])("%s", (name) => {
    expect(isAllocator(name)).toBe(true);
  });
  test.each(["app_main", "free_all_sockets", "mallocate", "esp_mbedtls_setup", "Pool::operator newest()", undefined])(
    "not %s",
    (name) => {
      expect(isAllocator(name)).toBe(false);
    },
  );
});

describe("roots", () => {
  const text = (value: string) => ({ bytes: new TextEncoder().encode(`${value}\0`), at: 0 });
  const unit = (folder: string, file: string) => ({ root: { compDir: text(folder), name: text(file) } });
  const ours = unit("/home/ada/greenhouse/build", "/opt/esp-idf/components/heap/heap_caps.c");
  const theirs = unit("/home/bo/libs/build", "/home/bo/esp-idf/components/heap/heap_caps.c");

  test("a few units tell where all agree", () => {
    const asked = new Set<number>();
    const roots = findRoots(5000, (index) => {
      asked.add(index);
      return ours;
    });
    expect(roots).toEqual({ project: "/home/ada/greenhouse", idf: "/opt/esp-idf" });
    expect(asked.size).toBeLessThan(100);
    expect(Math.max(...asked)).toBeGreaterThan(4900);
  });

  test.each([
    ["of every third unit", (index: number) => index % 3 === 0],
    ["of the first ones", (index: number) => index < 1900],
  ])("where libraries are %s, the most of all units count", (_, isTheirs) => {
    const roots = findRoots(5000, (index) => (isTheirs(index) ? theirs : ours));
    expect(roots).toEqual({ project: "/home/ada/greenhouse", idf: "/opt/esp-idf" });
  });

  test("an IDF that few units are of is found", () => {
    const plain = unit("/home/ada/greenhouse/build", "../main/app.c");
    expect(findRoots(5000, (index) => (index === 1234 ? ours : plain)).idf).toBe("/opt/esp-idf");
  });
});

test("units that do not say where they were compiled have no part in it", () => {
  const at = (folder: string): { readonly bytes: Uint8Array; readonly at: number } => ({
    bytes: new TextEncoder().encode(`${folder}\0`),
    at: 0,
  });
  const unit =
    (folder: string | undefined, file: string): Parameters<typeof findRoots>[1] =>
    () => ({
      root: { compDir: folder === undefined ? undefined : at(folder), name: at(file) },
    });
  expect(findRoots(10, unit(undefined, "/x/main/app.c"))).toEqual({ project: undefined, idf: undefined });
  expect(findRoots(10, unit("", "app.c"))).toEqual({ project: undefined, idf: undefined });
  expect(findRoots(0, unit("/p/build", "app.c"))).toEqual({ project: undefined, idf: undefined });
  expect(findRoots(1, unit("/p/build", "../main/app.c"))).toEqual({ project: "/p", idf: undefined });
  expect(findRoots(1, unit(undefined, "/opt/idf/components/heap/heap_caps.c"))).toEqual({
    project: undefined,
    idf: "/opt/idf",
  });
  expect(findRoots(1, unit("/x/crosstool-NG/work", "vfprintf.c"))).toEqual({ project: undefined, idf: undefined });
  const long = `/p/${"a".repeat(1997)}`;
  expect(findRoots(1, unit(long, "/a.c"))).toEqual({ project: long, idf: undefined });
  expect(findRoots(1, unit(`${long}a`, "/a.c"))).toEqual({ project: undefined, idf: undefined });
});

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

  test("a project inside of the IDF, and the IDF inside of a project", () => {
    const example = { project: "/opt/esp-idf/examples/system/demo", idf: "/opt/esp-idf" };
    expect(ownerOfFile("/opt/esp-idf/examples/system/demo/main/demo.c", example)).toMatchObject({
      origin: "user",
      path: "main/demo.c",
    });
    expect(ownerOfFile("/opt/esp-idf/components/heap/heap_caps.c", example)).toMatchObject({ component: "heap" });
    const submodule = { project: "/home/ada/greenhouse", idf: "/home/ada/greenhouse/third/esp-idf" };
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

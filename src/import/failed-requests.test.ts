// What a line tells of a refused request: all of it, and why a line is none.
import { describe, expect, test } from "vitest";
import { Cap } from "../wire/caps.ts";
import { failedAllocationIn } from "./failed-allocation-text.ts";

const told = (text: string, ...tags: string[]): ReturnType<typeof failedAllocationIn> =>
  failedAllocationIn(text, tags, () => true);
const generic = { known: "generic", isEcho: false };

describe("who asked for how much of what", () => {
  test.for<readonly [string, readonly string[], object | undefined]>([
    ["malloc(100) failed", ["net"], { ...generic, function: "malloc", size: 100, component: "net" }],
    ["malloc(100) failed", [], { ...generic, function: "malloc", size: 100 }],
    ["malloc(100) failed", ["app", "net:12"], { ...generic, function: "malloc", size: 100, component: "net" }],
    ["malloc(100) failed", ["net.cpp:12"], { ...generic, function: "malloc", size: 100 }],
    ["malloc(100) failed", ["net.py"], { ...generic, function: "malloc", size: 100 }],
    ["malloc(100) failed", [""], { ...generic, function: "malloc", size: 100 }],
    ["esp_himem_alloc(5242880) failed: ESP_ERR_NO_MEM", [], { known: "no-mem", isEcho: true, size: 5_242_880 }],
    ["mem_alloc(123): failed: ESP_ERR_NO_MEM", [], { known: "no-mem", isEcho: true }],
    ["failed to allocate 12 kB", [], { ...generic, size: 12_288 }],
    ["failed to allocate 12 KiB of 99 bytes", [], { ...generic, size: 99 }],
    ["failed to allocate buffer, size=77", [], { ...generic, size: 77 }],
    ["failed to allocate in function open_it", [], { ...generic, function: "open_it" }],
    ["failed to allocate 100 bytes, caps 0x804", [], { ...generic, size: 100, caps: 0x804 }],
    ["failed to allocate 100 bytes, caps=4294967295", [], { ...generic, size: 100, caps: 0xffffffff }],
    ["failed to allocate 100 bytes from PSRAM", [], { ...generic, size: 100, caps: Cap.SPIRAM }],
    ["failed to allocate 100 bytes in the external memory", [], { ...generic, size: 100, caps: Cap.SPIRAM }],
    ["failed to allocate 100 bytes of MALLOC_CAP_DMA|MALLOC_CAP_8BIT", [], { ...generic, size: 100, caps: Cap.DMA | Cap["8BIT"] }],
    ["failed to allocate 100 bytes of MALLOC_CAP_UNHEARD", [], { ...generic, size: 100, caps: 0 }],
    ["failed to allocate 100 bytes, free 2000, largest block 1500", [], { ...generic, size: 100, free: 2000, largest: 1500 }],
    ["failed to allocate 100 bytes, free=2000", [], { ...generic, size: 100, free: 2000 }],
    ["Mem alloc fail. size 0x00000400 caps 0x00000804", ["x"], { known: "abort-on-failure", isEcho: false, size: 1024, caps: 0x804, component: "x" }],
    ["alloc eb len=76 type=3 fail, heap:23456", ["wifi"], { known: "wifi-eb", isEcho: false, component: "Wi-Fi driver", free: 23_456 }],
    ["alloc eb len=76 type=3 fail, heap:2396496, dma free: 2104", ["wifi"], { known: "wifi-eb", isEcho: false, component: "Wi-Fi driver", free: 2104 }],
    ["m f null", ["wifi"], { known: "wifi-eb", isEcho: true, component: "Wi-Fi driver" }],
    ["PacketBuffer: allocation of 1583 bytes failed", [], { known: "chip-pool", isEcho: false, component: "Matter (CHIP)", size: 1583 }],
    ["mbedtls_ssl_setup returned -0x7f00", [], { known: "mbedtls", isEcho: true, component: "mbedTLS" }],
    ["ssl handshake returned -0x3f80", [], { known: "mbedtls", isEcho: true, component: "mbedTLS" }],
    ["other returned -0x3f80", [], undefined],
    ["errno 12", [], { known: "enomem", isEcho: false, component: "sockets" }],
    ["err 257", ["x"], { known: "no-mem", isEcho: true, component: "x" }],
    ["alloc failed", ["esp-aes"], { known: "aes", isEcho: false, component: "AES driver" }],
    ["failed to create the net task", ["app"], { known: "task", isEcho: false, component: "FreeRTOS" }],
    ["said", [], undefined],
    ["tls returned -0x3f80", [], { known: "mbedtls", isEcho: true, component: "mbedTLS" }],
    ["heap 2000: failed to allocate 100 bytes", [], { ...generic, size: 100 }],
    ["free 2000: failed to allocate 100 bytes", [], { ...generic, size: 100, free: 2000 }],
    ["open(12): no memory for the buffer", ["net"], { known: "no-mem", isEcho: false, component: "net (buffer)" }],
    ["open(12): no memory for a buffer", [], { known: "no-mem", isEcho: false, component: "buffer" }],
    ["open(12): no memory", ["net"], { known: "no-mem", isEcho: false, component: "net" }],
  ])("%j by %j", ([text, tags, is]) => {
    expect(told(text, ...tags)).toEqual(is);
  }); // prettier-ignore
});

test("is sought in the first 2048 letters", () => {
  expect(told(`${"x".repeat(2000)} malloc(100) failed`)).toMatchObject({ size: 100 });
  expect(told(`${"x".repeat(2048)} malloc(100) failed`)).toBeUndefined();
});

test("only in the wordings that a first look has not ruled out", () => {
  const asked: number[] = [];
  expect(failedAllocationIn("malloc(100) failed", [], (wording) => asked.push(wording) < 0)).toBeUndefined();
  expect(asked).toEqual(asked.map((_, i) => i));
  expect(asked.length).toBeGreaterThan(40);
});

describe("what is none", () => {
  test.for([
    "failed to allocate an RMT channel",
    "failed to create a partition",
    "could not allocate a slot",
    "failed to create the flash timer",
    "alloc failures: 0",
    "failed allocs: 3",
    "no memory leak",
    "avoid running out of memory",
    "never out of memory",
    "no memory card",
  ])("%j", (text) => {
    expect(told(text)).toBeUndefined();
  });

  test.for([
    "failed to allocate an RMT channel: no memory",
    "failed to allocate 64 B for the slot",
    "failed to create a partition task",
    "could not allocate a queue for the channel",
  ])("but this is one: %j", (text) => {
    expect(told(text)).toBeDefined();
  });
});

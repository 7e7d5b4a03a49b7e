// What one line tells of a panic, of ESP-IDF's and of others'.
import { expect, test } from "vitest";
import { otherPanicIn, panicIn } from "./panic-text.ts";
import { rustPanicIn } from "./rust-panics.ts";

test.for<readonly [string, unknown]>([
  [
    "Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.",
    { kind: "panic", detail: "LoadProhibited", core: 1 },
  ],
  ["Guru Meditation Error: Core  / panic'ed (Cache error).", { kind: "panic", detail: "Cache error" }],
  [
    "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0).",
    { kind: "watchdog", detail: "Interrupt wdt timeout on CPU0", core: 0 },
  ],
  [
    "Guru Meditation Error of type StoreProhibited occurred on core  0. Exception was unhandled.",
    { kind: "panic", detail: "StoreProhibited", core: 0 },
  ],
  [" Soft WDT reset ", { kind: "watchdog", detail: "Soft WDT reset" }],
  ["flash read err, 1000", { kind: "panic", known: "no-program", detail: "flash read err, 1000" }],
  ["invalid header: 0xffffffff", { kind: "panic", known: "no-program", detail: "invalid header: 0xffffffff" }],
  [
    "Invalid image block, can't boot.",
    { kind: "panic", known: "no-program", detail: "Invalid image block, can't boot" },
  ],
  ["csum err:0xef!=0xad", { kind: "panic", known: "no-program", detail: "csum err:0xef!=0xad" }],
  [
    "No bootable app partitions in the partition table",
    { kind: "panic", known: "no-program", detail: "No bootable app partitions in the partition table" },
  ],
  // The next partition may hold one.
  ["image at 0x110000 has invalid magic byte (nothing flashed here?)", undefined],
  ["OTA app partition slot 0 is not bootable", undefined],
  ["said", undefined],
])("%s", ([text, panic]) => {
  expect(panicIn(text)).toEqual(panic);
});

test.for<readonly [string, unknown]>([
  ["Crashed task handle: 0x3ffb1234, name: 'main', GDB name: 'x'", { kind: "panic", task: "main" }],
  ["Crashed task handle: 0x3ffb1234", { kind: "panic" }],
  ["panic: index out of range ", { kind: "abort", known: "go", detail: "index out of range" }],
  [
    "panic: runtime error at 0x42001234: nil pointer dereference",
    { kind: "abort", known: "go", detail: "nil pointer dereference", registers: ["PC 0x42001234"] },
  ],
  ["Exception (28):", { kind: "panic", detail: "exception 28" }],
  ["Fatal exception (9)", { kind: "panic", detail: "exception 9" }],
  ["ZEPHYR FATAL ERROR 4: Kernel panic", { kind: "panic", detail: "Kernel panic" }],
  ["Exception occurred on ProCpu 'LoadProhibited'", { kind: "panic", detail: "LoadProhibited" }],
  ["Undefined behavior of type shift_out_of_bounds", { kind: "panic", detail: "undefined behavior: shift_out_of_bounds" }],
  ["Brownout detector was triggered", { kind: "panic", detail: "Brownout detector was triggered" }],
  [" ** CPU 0 EXCCAUSE 29 (store prohibited)", { kind: "panic", detail: "StoreProhibited" }],
  ["said", undefined],
])("of others: %s", ([text, panic]) => {
  expect(otherPanicIn(text)).toEqual(panic);
}); // prettier-ignore

test.for<readonly [string, unknown]>([
  ["thread 'main' panicked at 'no room', src/main.rs:12:5", { detail: "no room", component: "src/main.rs:12" }],
  ["panicked at src/main.rs:12:5:", { detail: "", component: "src/main.rs:12" }],
  ["A panic occured in 'src/main.rs', at line 7", { detail: "", component: "src/main.rs:7" }],
  ["PanicInfo {", { detail: "", component: "" }],
])("of Rust: %s", ([text, panic]) => {
  expect(rustPanicIn(text)).toEqual({ kind: "abort", known: "rust", ...(panic as object) });
});

test("no panic of Rust", () => {
  expect(rustPanicIn("said")).toBeUndefined();
});

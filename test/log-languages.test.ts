// Programs in other languages than C that run out of memory or panic: each has a heap of its own, and words of its own for it.

import { describe, expect, test } from "vitest";
import { type Accident, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "Moddable's XS, beside a heap that has plenty": {
    log: "I (1120) app: free heap: 140212\n# Chunk allocation: 88 bytes failed in fixed size heap\nXS abort: memory full\nabort() was called at PC 0x400e5a1b on core 0\n\nBacktrace: 0x40081d5e:0x3ffd1a10 0x400e5a1b:0x3ffd1ad0\n",
    says: ["error allocation-failure", /88 B by Moddable's XS failed$/m, /a fixed size/, /the abort is its consequence: without memory it gives up/, /Next: Raise `creation` in the manifest/],
    never: [/operator new|fragmentation/],
  },
  "Moddable's XS, and an exception that has no words": {
    log: "!!! xs: failed to allocate 1024 bytes for slots !!!\nSlot allocation: failed for 1024 bytes\nunhandled exception\n",
    says: ["error allocation-failure", /1,024 B by Moddable's XS/, /then, in line 2/],
    never: [/crash \(\)/],
  },
  "Berry, which tells what it uses": {
    log: `21:05:58.120 MQT: tele/disp/STATE = {"UptimeSec":7210,"Heap":61}\n21:06:04.882 BRY: *** MEMORY ALLOCATION FAILED *** usage 104809 bytes\n21:06:04.884 BRY: Exception> 'memory_error' - memory allocation failed\n`,
    says: ["error allocation-failure", /by Berry failed \(its size is not told\)/, /62,464 B were free then/],
    never: [/104,809/],
  },
  "a WASM module": {
    log: 'E (1215) box: Error executing game: InstantiationFailure("WASM module instantiate failed: allocate linear memory failed")\n',
    says: ["error allocation-failure", /by the WASM runtime/, /64 KiB each/],
  },
  "nanoFramework, beside the sizes of its code": {
    log: "Assembly: Sensors (1.2.0.0)  (612 RAM - 4020 ROM - 1730 METADATA)\nFailed allocation for 512 blocks, 6144 bytes\n\n    ++++ Exception System.OutOfMemoryException - CLR_E_OUT_OF_MEMORY (1) ++++\n    ++++ Sensors.Web::Handle [IP: 0042] ++++\n",
    says: ["error allocation-failure", /6,144 B by nanoFramework failed$/m, /then, in line 4/],
    never: [/626,688|nearly exhausted/],
  },
  "Toit's system, below its collector": {
    log: "[gc @ 0x3ffcf9f0* | heap: 8kb -> 4kb | external: 0kb -> 0kb | used: 66kb | free: 13kb->177kb (largest 108kb) 0.166ms]\nOut of memory in system process; restarting to attempt to recover.\n",
    says: ["error allocation-failure", /by Toit/, /The largest free block had 110,592 B/],
    never: [/8,192|4,096/],
  },
  "Toit's report, and the exception below it": {
    log: "Heap report @ out of memory in primitive 8:2:\n  │   Bytes   │  Count   │  Type       │  Description         │\n  │  118784   │    29    │ heap        │ toit                 │\nEXCEPTION error.\nMALLOC_FAILED\n",
    says: ["error allocation-failure", /an allocation by Toit failed/, /then, in line 5/],
    never: [/29,696|118,784/],
  },
  Espruino: {
    log: ">load()\nERROR: Out of Memory!\nExecution Interrupted during event processing.\nNew interpreter error: LOW_MEMORY,MEMORY\n",
    says: ["error allocation-failure", /by Espruino/, /then, in line 4/],
  },
  "Go without memory": {
    log: "http: serving on :80\npanic: runtime error at 0x42012c3e: out of memory\n",
    says: ["error allocation-failure", /by Go/, /\nrequested 0x42012c3e\n/, /runtime\.MemStats/],
  },
  "Go through a pointer that is nil": {
    log: "sensor: init\npanic: runtime error at 0x420048a2: nil pointer dereference\n[tinygo: panic at /home/u/drivers/bme280/bme280.go:112:9]\n",
    says: ["error crash", /the program panicked at \/home\/u\/drivers\/bme280\/bme280\.go:112: nil pointer dereference/, /A panic of Go/],
    never: [/Rust|tinygo/],
  },
  "Go, whose place only its address tells": {
    log: "panic: runtime error at 0x420048a2: index out of range\n",
    says: ["error crash", /the program panicked at PC 0x420048a2: index out of range/],
  },
}; // prettier-ignore

describe.each(Object.entries(ACCIDENTS))("%s", (_, accident) => {
  test("is told as an expert would", () => tells(accident));
});

test("what they say while all is well is no fault", async () => {
  const { texts } = await answerTo(
    "00:00:00.253 BRY: Berry initialized, RAM used=4041 bytes\nI (605) box: WASM module loaded, linear memory 65536 bytes\nI (1005) box: Game executed successfully\nAssembly: Sensors (1.2.0.0)  (612 RAM - 4020 ROM - 1730 METADATA)\nGC: 3msec 83904 bytes used, 28000 bytes available\npanic button pressed\n",
  );
  expect(texts.filter((text) => !text.startsWith("note"))).toEqual([]);
});

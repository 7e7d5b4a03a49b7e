// Console logs as people post them, each with what an expert concludes: kind, subject, numbers and next step must be in the answer, whatever its
// wording, and what the expert would not say must not.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";
import { sharedData } from "./shared-data.ts";

const folder = sharedData("cases");

interface Expected {
  /** The finding that answers: its severity and rule, and what it says. */
  readonly says: readonly [string, ...RegExp[]];
  /** What no finding may say. */
  readonly never?: readonly RegExp[];
}

const cases: Readonly<Record<string, Expected>> = {
  "01-arduino-free-heap-tls": { says: ["warning leak", /96 B/, /internal/, /settling/, /2,7\d0/, /TLS/, /record/i], never: [/an hour/] },
  "03-idf-mqtt-free-memory": { says: ["warning leak", /572 B/, /after publishing/, /after recieving/, /28 more|29 more/, /1[78]\.\d s/] },
  "05-esphome-heap-sensors": { says: ["warning leak", /104 B/, /BAD_INDICATOR/, /no fragmentation/] },
  "06-tasmota-status4": { says: ["warning leak", /5 h/, /an hour/, /Heap/], never: [/1,316|1\.29 MiB/] },
  "08-pixelix-tls-16717": { says: ["error allocation-failure", /16,717 B/, /8BIT\|INTERNAL/, /heap_caps_calloc/, /16,372 B/, /345 B/, /109,500 B/, /fragmentation/, /TLS/, /IN_CONTENT_LEN/, /early/] },
  "09-failed-alloc-callback": { says: ["error allocation-failure", /5 allocations/, /1,696 B ×3/, /1,096/, /170 B/, /INTERNAL\|DEFAULT/, /exhausted/, /consequence/], never: [/^error crash/] },
  "10-xiaozhi-aes": { says: ["error allocation-failure", /3 allocations/, /AES/, /DMA/, /1,988/, /29\.9 s/, /consequence/, /PSRAM|EXTERNAL_MEM/], never: [/^error crash/] },
  "12-tls-dynamic-buffer": { says: ["error allocation-failure", /2 allocations/, /4,437/, /4,770/, /0x7F00/, /restarted/] },
  "13-wifi-alloc-eb": { says: ["error allocation-failure", /5 allocations/, /Wi-Fi/, /1,600/, /5,336 to 5,424/, /6 h 15 min/, /leak/], never: [/76 B/] },
  "15-badtail-nul": { says: ["error overflow", /one byte/, /0x00/, /NUL/, /\+ 1/, /0x3fcb728c/, /0x42032605/], never: [/0 B/] },
  "17-badhead-pointer-idf3": { says: ["error double-free", /0x3ffbdc20/, /free list/, /frames? 6 to 8/i, /0x401031f6/], never: [/underflow/] },
  "18-badhead-fefefefe": { says: ["error double-free", /0xFEFEFEFE/, /proves|proven/], never: [/underflow|^error overflow/] },
  "20-multi-heap-line": { says: ["error heap-corruption", /0x3ffee3d8/, /stack/, /COMPREHENSIVE/, /without poisoning/] },
  "21-heap-trace-53-decoded": { says: ["warning heap-trace", /4 blocks/, /264 B/, /84 B/, /semaphore/, /allocator/, /STACK_DEPTH to 6/] },
  "22-heap-trace-old-tail": { says: ["warning heap-trace", /96 blocks/, /78,141 B/, /94 records/, /78,109 B/, /151/, /whole dump/] },
  "24-heap-info-badge": { says: ["note low-memory", /86 %/, /23,276 B/, /163,984/, /22,580/, /97 %/, /not fragmented/, /20,408/] },
  "26-heap-info-psram": { says: ["error internal-exhausted", /3,112 B/, /2,136 B/, /PSRAM/, /DMA/, /stack/] },
  "31-free-outside-idf3": { says: ["error wild-free", /no heap/, /0x400dfbce/] },
  "33-panic-riscv-null": { says: ["error crash", /NULL/, /0x4080a6f6/, /write/, /nothing here proves/] },
  "36-meshtastic-heap": { says: ["warning leak", /2,1\d\d B/, /25\.\d KiB an hour/, /4 h 2\d min/, /65,524/, /not split/], never: [/^warning fragmentation/] },
  "41-bad-alloc-heap-info": { says: ["error allocation-failure", /new/, /bad_alloc/, /95,724/, /62,452/, /in between/, /51,692/] },
  "45-corrupt-after-heap-trace": { says: ["error overflow", /one byte/, /\+ 1/, /3 more than a multiple of 4/] },
  "46-double-free-in-trace": { says: ["error double-free", /32 B/, /0x3ffb8e70/, /0x400d3333/, /0x400d5555/, /not to blame/], never: [/3ffb8e40/] },
  "47-heap-info-falling": { says: ["warning leak", /4,500 B/, /52\.7 KiB an hour|54,000/, /11 min/, /largest free block falls/] },
}; // prettier-ignore

describe.skipIf(folder === undefined)("an expert's answer to", () => {
  test.each(Object.entries(cases))("%s", async (name, { says, never = [] }) => {
    const { texts } = await answerTo(readFileSync(`${folder ?? ""}/${name}/input.txt`));
    const [head, ...words] = says;
    const found = texts.find((text) => text.startsWith(`${head}:`));
    expect(found, texts.join("\n\n")).toBeDefined();
    for (const word of words) expect(found).toMatch(word);
    for (const word of [...never, /found by a check of the probe/])
      for (const text of texts) expect(text).not.toMatch(word);
  });
});

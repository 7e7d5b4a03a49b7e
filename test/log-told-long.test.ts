// A log of more lines than are all looked at once before they are read: boots and decoded addresses behind them are found all the same.
import { expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";
import { toldOf } from "./told.ts";

test("behind two hundred thousand lines", async () => {
  const log = `${"x\n".repeat(200_000)}abort() was called at PC 0x400d1234 on core 0
Backtrace: 0x400d1234:0x3ffb5740
0x400d1234: f at /p/a.c:1
 (inlined by) g at /p/b.c:2
0x400d5678 said
Rebooting...
ESP-ROM:esp32c3-api1-20210207
I (30) app_init: Project name:     demo
MEPC    : 0x42001000
I (40) app: free heap: 100000
`;
  const told = await toldOf(log);
  expect(told.replaceAll(/^considered .*\n/gm, "")).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1237] frames=[{function=f file=/p/a.c line=1 address=0x400d1234}, {function=g file=/p/b.c line=2}]
    incident line=200001 quote="abort() was called at PC 0x400d1234 on core 0" kind=abort core=0 site=1 frames=1 ownFrame=1 pc=0x400d1234 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=0 count=1 lastLine=200001
    boot stackDepth=0 origin="console log" chip=esp32c3 appName=demo
    series id=1 label="free heap" quote="free heap: 100000" line=200010 quantity=free memory=any unit=bytes scale=1 readings=1 timed=true
    readings series=1 stretch=1 times=[40000] lines=[200010] values=[100000000]
    section kind=fault firstLine=200001 lastLine=200004 records=1 whole=true
    account events=2 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=200010"
  `);
});

const letters = (i: number): string => [17, 289, 4913].map((part) => "bdhjkmnpqrstvwxyz"[Math.floor((i * 17) / part) % 17]).join(""); // prettier-ignore

test.for<readonly [string, (i: number) => string]>([
  ["errors", (i) => `E (${i}) ${letters(i)}: error in ${letters(i * 7)} of ${letters(i * 31)}`],
  ["what is no figure of memory", (i) => `I (${i}) app: ${letters(i)} ${letters(i * 7)} ${letters(i * 31)}: free slots ${i % 7}`],
])("figures behind ten thousand lines of ever new words: %s", async ([, line]) => {
  const head = Array.from({ length: 10_000 }, (_, i) => line(i)).join("\n");
  const tail = Array.from({ length: 40 }, (_, i) => `I (${20_000 + i * 60_000}) stats: heap left over now: ${180_000 - i * 512}`);
  const told = await toldOf(`${head}\n${tail.join("\n")}\n`);
  expect(told).toMatch(/^series .*label="heap left over now" .*quantity=free .*readings=40 /m);
}); // prettier-ignore

test("one figure behind forty thousand errors of ever new words", async () => {
  const head = Array.from({ length: 40_000 }, (_, i) => `E (${i}) ${letters(i)}: error ${letters(i * 7)} ${letters(i * 31)} ${letters(Math.floor(i / 4913))}`); // prettier-ignore
  const told = await toldOf(`${head.join("\n")}\nI (200000) stats: heap left over now: 180000\n`);
  expect(told).toMatch(/^series .*label="heap left over now" .*readings=1 /m);
});

test("an event that goes with what is lost is counted behind ever new errors", async () => {
  const head = Array.from({ length: 10_000 }, (_, i) => `E (${100 + i}) ${letters(i)}: error in ${letters(i * 7)} of ${letters(i * 31)}`); // prettier-ignore
  const step = (i: number): string => `I (${20_000 + i * 60_000}) web: client accepted
I (${20_001 + i * 60_000}) stats: free heap ${180_000 - i * 512}`;
  const told = await toldOf(`I (50) web: client accepted\n${head.join("\n")}\n${Array.from({ length: 40 }, (_, i) => step(i)).join("\n")}\n`);
  expect(told).toMatch(/^series .*companion="client accepted"/m);
}); // prettier-ignore

test("more readings than one call has room for", async () => {
  const lines = Array.from({ length: 150_000 }, (_, i) => `heap free=${200_000 - (i % 977)} min=${190_000 - (i >> 12)}\n`); // prettier-ignore
  const { texts } = await answerTo(lines.join(""));
  expect(texts.join()).toMatch(
    /^note log-readings: no leak is in sight: free heap stays between 194 KiB and 195 KiB over 150,000 readings/,
  );
});

test("a board that restarts all night: accidents of each start, figures of the first, the last and the longest", async () => {
  let text = "";
  for (let boot = 0; boot < 1200; boot++) {
    const readings = boot === 600 ? 60 : 3;
    text += "ets Jul 29 2019 12:21:46\n\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n";
    for (let i = 0; i < readings; i++) text += `I (${300 + i * 60_000}) app: free heap ${180_000 - i * 1000}\n`;
    if (boot === 800) text += "E (1234) cam: Mem alloc fail. size 0x00009600 caps 0x00001800\n";
    text += "abort() was called at PC 0x400d1234 on core 0\n\nBacktrace: 0x400d1234:0x3ffb5740 0x400d5678:0x3ffb5760\n\nRebooting...\n";
  }
  const { texts, verdict } = await answerTo(text);
  expect(verdict.coverage).toMatchObject({ boots: 1200, briefBoots: 688 });
  expect(verdict.coverage.sentences.join("\n")).toMatch(/started 1,200 times[^]*Of 688 of these starts accidents alone are told/);
  const all = texts.join("\n");
  expect(all).toMatch(/abort\(\)/);
  expect(all).toMatch(/Told 1,200 times/);
  expect(all).toMatch(/38,400 B/);
  expect(all).toMatch(/from 180,000 B \(line \d+\) to 121,000 B \(line \d+\) over 60 readings/);
  const told = await toldOf(text);
  expect(told.match(/^boot /gm)).toHaveLength(512);
  expect(told.match(/^incident .*kind=abort/gm)?.length).toBeLessThan(900);
  const further = [...told.matchAll(/furtherStarts=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  expect(512 + further).toBe(1200);
}); // prettier-ignore

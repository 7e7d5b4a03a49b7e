// A log of more lines than are all looked at once before they are read: boots and decoded addresses behind them are found all the same.
import { expect, test } from "vitest";
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

// What is said of a fault where little of it is told, and where no probe told it.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import { FaultKind } from "../wire/protocol.ts";
import type { Boot, Fault } from "../wire/records.ts";
import type { Finding } from "./finding.ts";
import { detect } from "./run.ts";

async function found(fault: Partial<Fault> & Pick<Fault, "kind">, boot: Partial<Boot> = {}): Promise<Finding | undefined> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, ...boot } });
    const block = { pointer: 0x3ffb_0104, blockAddress: 0x3ffb_0104, blockSize: 32 };
    sink.record({ kind: "fault", value: { number: 1, time: 5e6, ...block, ...fault } });
  });
  return (await detect(await openModel(run), { group: "faults" })).findings[0];
} // prettier-ignore

test("a block waits in quarantine only where there is a probe", async () => {
  const write = { kind: FaultKind.WRITE_AFTER_FREE, damageOffset: 8 } as const;
  expect((await found(write))?.evidence[0]).toBe("The block at 0x3ffb0104 was written at offset 8 while it waited in quarantine");
  expect((await found(write, { origin: "a log" }))?.evidence[0]).toBe("The block at 0x3ffb0104 was written at offset 8 after it was freed");
}); // prettier-ignore

test("sites and bytes that are not told are not made up", async () => {
  const freed = await found({ kind: FaultKind.DOUBLE_FREE });
  expect(freed?.sites).toEqual([{ role: "freed again", site: 0, time: 5e6 }]);
  expect(freed).toMatchObject({ bytes: 32, blocks: [{ address: 0x3ffb_0104, size: 32, site: 0 }] });
  const over = await found({ kind: FaultKind.OVERFLOW, freeTask: 4 });
  expect(over?.sites).toEqual([{ role: "freed", site: 0, task: 4 }, { role: "detected", site: 0, time: 5e6 }]);
  expect([over?.title, over?.evidence[0]]).toEqual([
    "overflow: 1 byte written behind the end of a block of 32 B",
    "The block at 0x3ffb0104 ends at byte 32; bytes +1 behind its end are overwritten",
  ]);
  const under = await found({ kind: FaultKind.UNDERFLOW });
  expect([under?.title, under?.evidence[0]]).toEqual([
    "underflow: 0 B before the start of a block of 32 B overwritten",
    "The block at 0x3ffb0104 is damaged from byte ? on, before its start",
  ]);
  const late = await found({ kind: FaultKind.WRITE_AFTER_FREE, detectedSite: 0 });
  expect(late?.title).toBe("write after free: 1 byte written into a block of 32 B after it was freed");
  expect(late?.next).toBe("Find who keeps a copy of the pointer after the free");
}); // prettier-ignore

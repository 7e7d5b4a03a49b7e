// Boots that are to the letter what the one before was are told as if each had been read: as those between which one line differs, which are.
import { expect, test } from "vitest";
import type { Incident } from "../wire/log-records.ts";
import { ReportBuilder } from "./import-report.ts";
import { importLog } from "./log.ts";

const BOOT = "ets Jun  8 2016 00:27:57\nrst:0x7 (TG0WDT_SYS_RESET),boot:0x13\nflash read err, 1000\nets_main.c 371\n";
const BOOTS = 1500;

/** What is told of many boots of which some end in a line of their own. */
async function told(isOther: (boot: number) => boolean): Promise<readonly unknown[]> {
  const text = Array.from({ length: BOOTS }, (_, i) => `${BOOT}${isOther(i) ? `ready ${i}` : "ready 100"}\n`).join("");
  const incidents: Incident[] = [];
  const sink = {
    calls: () => undefined,
    text: () => undefined,
    record: (record: { readonly kind: string; readonly value?: unknown }) => {
      if (record.kind === "incident") incidents.push(record.value as Incident);
    },
  };
  const report = new ReportBuilder("a.log", "log");
  await importLog(() => [new TextEncoder().encode(text)], sink, report);
  return [incidents, report.events, report.droppedRecords];
}

test.each([2, 3, 7])("one of %i boots differs", async (each) => {
  const apart = await told(() => true);
  expect(await told((boot) => boot % each === 0)).toEqual(apart);
  expect(await told(() => false)).toEqual(apart);
});

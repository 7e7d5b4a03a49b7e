// A log means the same however it was copied: quoted, indented, stamped by a terminal, in another encoding, among other lines.

import { beforeAll, describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";
import { dresses } from "./log-dresses.ts";

/** Retyped by hand, one of each kind. */
const logs: Readonly<Record<string, string>> = {
  "a leak": Array.from({ length: 6 }, (_, i) => `Free heap at request: ${150_000 - i * 640}`).join("\n"),
  "a failed request": "heap_caps_malloc was called but failed to allocate 2312 bytes with 0x808 capabilities.",
  "a byte too many": "CORRUPT HEAP: Bad tail at 0x3ffc1a2e. Expected 0xbaad5678 got 0xbaad5600",
  "a double free": "CORRUPT HEAP: Bad head at 0x3ffc1a20. Expected 0xabba1234 got 0xfefefefe",
  "a wild free": 'assertion "heap != NULL && "free() target pointer is outside heap areas"" failed: file "heap_caps.c", line 268, function: heap_caps_free',
  "a NULL pointer": "Guru Meditation Error: Core  1 panic'ed (StoreProhibited). Exception was unhandled.\nPC      : 0x400d2f3a  PS      : 0x00060b30\nEXCVADDR: 0x00000004",
}; // prettier-ignore

async function essence(log: string | Uint8Array): Promise<unknown> {
  const { verdict } = await answerTo(log);
  return verdict.findings.map(({ rule, severity, affectedBytes }) => [rule, severity, affectedBytes]);
}

describe.each(Object.entries(logs))("%s", (_, text) => {
  let plain: unknown;
  beforeAll(async () => {
    plain = await essence(text);
  });
  test.each(Object.entries(dresses))("with %s", async (_name, dress) => {
    expect(await essence(dress(text))).toEqual(plain);
  });
});

import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSource, parseSource } from "./open.ts";

test("a source is recognised by how it is written", () => {
  expect(parseSource("/dev/ttyUSB0")).toEqual({ kind: "serial", path: "/dev/ttyUSB0" });
  expect(parseSource("/dev/cu.usbserial-0001")).toMatchObject({ kind: "serial" });
  expect(parseSource("COM3")).toEqual({ kind: "serial", path: "COM3" });
  expect(parseSource("tcp://192.168.4.1:3333")).toEqual({ kind: "tcp", host: "192.168.4.1", port: 3333 });
  expect(parseSource("tcp://[::1]:3333")).toEqual({ kind: "tcp", host: "::1", port: 3333 });
  expect(parseSource("tcp-listen://0.0.0.0:3333")).toEqual({ kind: "tcp-listen", host: "0.0.0.0", port: 3333 });
  expect(parseSource("-")).toEqual({ kind: "stdin" });
  expect(parseSource("sim:leak")).toEqual({ kind: "simulator", scenario: "leak", chip: undefined });
  expect(parseSource("sim:leak@esp32s3")).toEqual({ kind: "simulator", scenario: "leak", chip: "esp32s3" });
  expect(parseSource("captures/run.bin")).toEqual({ kind: "file", path: "captures/run.bin" });
});

test("without a host a listener stays on this machine", () => {
  expect(parseSource("tcp-listen://:3333")).toEqual({ kind: "tcp-listen", host: "127.0.0.1", port: 3333 });
  expect(parseSource("tcp://:3333")).toEqual({ kind: "tcp-listen", host: "127.0.0.1", port: 3333 });
});

test.each(["tcp://host", "tcp://host:0", "tcp://host:70000", "tcp://:x", "sim:", "http://board/", "tcp://a:b:1"])(
  "%s is refused as a usage error",
  (text) => {
    expect(() => parseSource(text)).toThrow(expect.objectContaining({ code: "usage-source" }));
  },
);

test.skipIf(!existsSync("/dev/null"))("nothing under another name is no port", async () => {
  const folder = mkdtempSync(join(tmpdir(), "memmap-open-"));
  symlinkSync("/dev/null", join(folder, "nothing"));
  const source = await openSource(join(folder, "nothing"));
  expect(source.live).toBe(false);
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  expect(chunks).toEqual([]);
  rmSync(folder, { recursive: true });
});

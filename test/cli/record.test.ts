// `memmap record` from files and pipes, and every wrong way to call it. Ports, sockets and sudden ends: record.full.test.ts.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { exactly } from "../../src/base/quantity.ts";
import { crc32 } from "../../src/base/crc32.ts";
import { sealFrame } from "../../src/wire/encode-frames.ts";
import { wrapFrame } from "../../src/wire/framing.ts";
import { FrameType, PROTOCOL_VERSION } from "../../src/wire/protocol.ts";
import { list, shortRun } from "./recordings.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a busy machine

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);

test("a capture becomes a recording; text passes through, faults are told, the next command is named", async () => {
  const board = shortRun();
  writeFileSync(at("capture.bin"), board.take());
  const { exitCode, out, err } = await runCli(["record", "capture.bin", "-o", "a.memmap"], folder);
  expect(err).toContain("connected to weather-station 1.4, ESP32, ESP-IDF v5.3.1");
  expect(err).toMatch(/fault: double free of 0x3ffb0000 \(64 B\).*client\.c:120 http_get.*main\.c:12 app_main/);
  expect(err).toMatch(/12 blocks with 948 B live at the end, verified/);
  expect(err).toMatch(/next: .* report a\.memmap/);
  expect(out).toBe("I (31) boot: hello\nI (1031) app: working\n");
  expect(exitCode).toBe(0);
  expect(await list(folder, "a.memmap")).toMatchObject({ liveBlocks: exactly(12), liveBytes: exactly(948) });
  expect(await list(folder, "a.memmap", "--at", "mark:warm")).toMatchObject({
    liveBlocks: exactly(10),
    liveBytes: exactly(640),
  });
});

test("an existing recording is not overwritten unless told", async () => {
  writeFileSync(at("precious.memmap"), "precious");
  writeFileSync(at("capture.bin"), shortRun().take());
  const refused = await runCli(["record", "capture.bin", "-o", "precious.memmap"], folder);
  expect(refused.exitCode).toBe(2);
  expect(refused.err).toContain("--force");
  expect(readFileSync(at("precious.memmap"), "utf8")).toBe("precious");
  expect((await runCli(["record", "capture.bin", "-o", "precious.memmap", "--force"], folder)).exitCode).toBe(0);
});

test("only text: nothing is recorded, and the sentence says what to do", async () => {
  const text = new TextEncoder().encode("I (31) boot: ESP-IDF v5.3\r\nI (324) app: hello\r\n".repeat(50));
  const { exitCode, err } = await runCli(["record", "-", "-o", "text.memmap"], folder, text);
  expect(exitCode).toBe(3);
  expect(err).toContain("only log text comes from standard input");
  expect(err).toContain("memmap_stream_start");
  expect(existsSync(at("text.memmap"))).toBe(false);
});

test("a newer protocol and an empty file are told apart from text", async () => {
  const frame = sealFrame(FrameType.HELLO, 0x78, 0, new Uint8Array(8));
  frame[0] = ((PROTOCOL_VERSION + 1) << 4) | FrameType.HELLO;
  const checked = frame.length - 4;
  new DataView(frame.buffer, frame.byteOffset).setUint32(checked, crc32(frame, 0, checked), true);
  const newer = await runCli(["record", "-", "-o", "newer.memmap"], folder, wrapFrame(frame));
  expect(newer.err).toContain("speaks a newer protocol");
  expect(newer.exitCode).toBe(3);
  writeFileSync(at("empty.bin"), "");
  const empty = await runCli(["record", "empty.bin", "-o", "empty.memmap"], folder);
  expect(empty.err).toContain("empty.bin is empty");
  expect(empty.exitCode).toBe(3);
});

test.each([
  [["record", "/dev/ttyUSB99", "-o", "x.memmap"], 3, "there is no port /dev/ttyUSB99"],
  [["record", "nowhere.bin", "-o", "x.memmap"], 3, "nowhere.bin does not exist"],
  [["record", "tcp://127.0.0.1:1", "--wait", "100ms", "-o", "x.memmap"], 3, "refuses connections"],
  [["record", "http://board", "-o", "x.memmap"], 2, "knows no source of the kind http://"],
  [["record", "/dev/ttyUSB0", "--baud", "fast"], 2, "--baud fast is no baud rate"],
  [["record", "-", "--duration", "soon"], 2, "--duration soon is no duration"],
  [["record"], 2, "missing required argument 'source'"],
])("%j ends with %i and says: %s", async (args, exitCode, sentence) => {
  const result = await runCli(args, folder);
  expect(result.err).toContain(sentence);
  expect(result.err).not.toContain("    at ");
  expect(result.exitCode).toBe(exitCode);
  expect(existsSync(at("x.memmap"))).toBe(false);
});

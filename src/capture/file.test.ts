import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FILE_MAGIC } from "../recording/chunk-format.ts";
import { openFileSource } from "./file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "memmap-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file gives its bytes in order and ends", async () => {
  const path = join(folder, "run.bin");
  const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 31) >>> 3);
  await writeFile(path, bytes);
  const source = await openFileSource(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  expect(source).toMatchObject({ name: path, live: false });
});

test("an absent file and a folder are told apart", async () => {
  await expect(openFileSource(join(folder, "none.bin"))).rejects.toMatchObject({ code: "file-missing" });
  await expect(openFileSource(folder)).rejects.toMatchObject({ code: "file-is-folder" });
});

test("a recording is no capture, and is named", async () => {
  const path = join(folder, "run.memmap");
  await writeFile(path, Uint8Array.from([...FILE_MAGIC, 2, 0, 0, 0]));
  await expect(openFileSource(path)).rejects.toMatchObject({
    code: "file-is-recording",
    message: `${path} is a recording already`,
  });
});

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openModel } from "../heap/model.ts";
import { playText } from "../../test/heap-text.ts";
import { createRecordingFile, openRecordingFile } from "./recording-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("what was recorded opens again from disk", async () => {
  const path = join(folder, "run.memmap");
  const file = createRecordingFile(path);
  playText("malloc A 100 main>init\n@5s malloc B 20 main>init\n@6s free A", file.writer);
  file.close();
  file.close();
  const { recording, close } = await openRecordingFile(path);
  const model = await openModel(recording);
  expect(recording.condition.remarks).toEqual([]);
  expect([...(await model.liveAt(5.5e6)).size]).toEqual([100, 20]);
  expect([...(await model.liveAt(Infinity)).size]).toEqual([20]);
  close();
});

test("what is no file, or no recording, is refused with a hint", async () => {
  await expect(openRecordingFile(join(folder, "nowhere.memmap"))).rejects.toMatchObject({ code: "file-missing" });
  await expect(openRecordingFile(folder)).rejects.toMatchObject({ code: "file-unreadable" });
  const path = join(folder, "log.txt");
  writeFileSync(path, "I (12) boot: ESP-IDF v5.3\n");
  await expect(openRecordingFile(path)).rejects.toMatchObject({ code: "not-a-recording" });
  expect(() => createRecordingFile(join(folder, "no", "such.memmap"))).toThrow(
    expect.objectContaining({ code: "file-unwritable" }) as Error,
  );
});

// Needs the compiled program, because Node 20 does not run TypeScript; `npm run check` builds it first.
test("a recorder that is killed loses at most the last second", async () => {
  const path = join(folder, "killed.memmap");
  const module = new URL("../../dist/src/capture/recording-file.js", import.meta.url).href;
  const tellerModule = new URL("../../dist/src/wire/teller.js", import.meta.url).href;
  const program = `
    import { createRecordingFile } from ${JSON.stringify(module)};
    import { Teller } from ${JSON.stringify(tellerModule)};
    const teller = new Teller(createRecordingFile(${JSON.stringify(path)}).writer);
    let n = 0;
    setInterval(() => {
      teller.alloc(n * 1000, 0x3ffb0000 + n * 16, 8, 1, 0, 0);
      teller.flush();
      process.stdout.write(\`\${Date.now()} \${++n}\\n\`);
    }, 5);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told: { readonly at: number; readonly events: number }[] = [];
  let rest = "";
  child.stdout.on("data", (data: Buffer) => {
    const lines = (rest + data.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [at = 0, events = 0] = line.split(" ").map(Number);
      told.push({ at, events });
    }
    if (told.length > 0 && (told.at(-1)?.at ?? 0) - (told[0]?.at ?? 0) > 2500) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  const { recording, close } = await openRecordingFile(path);
  const model = await openModel(recording);
  const end = told.at(-1)?.at ?? 0;
  // A timer may be late by some milliseconds on a busy machine.
  const mustBeThere = told.findLast(({ at }) => at < end - 1500)?.events ?? 0;
  expect(recording.condition.isComplete).toBe(false);
  expect((await model.liveAt(Infinity)).length).toBeGreaterThanOrEqual(mustBeThere);
  expect(mustBeThere).toBeGreaterThan(50);
  close();
}, 20_000);

import { expect, test } from "vitest";
import { MemmapError } from "../base/errors.ts";
import { keepOpen } from "./keep-open.ts";
import type { ByteSource } from "./source.ts";

const lost = (): MemmapError => new MemmapError("the port went away", { code: "source-lost", hint: "Plug it in." });

/** A live source that brings some bytes and then goes away, or ends. */
function sourceOf(bytes: readonly number[], end: "lost" | "ended"): ByteSource {
  return {
    name: "port",
    live: true,
    async close() {},
    async *[Symbol.asyncIterator]() {
      for (const byte of bytes) yield Uint8Array.of(byte);
      if (end === "lost") throw lost();
    },
  };
}

async function bytesOf(source: ByteSource): Promise<number[]> {
  const all: number[] = [];
  for await (const chunk of source) all.push(...chunk);
  return all;
}

test("a source that goes away is opened again, and the stream goes on", async () => {
  const sources = [sourceOf([1, 2], "lost"), "away", sourceOf([3], "ended")] as const;
  let opened = 0;
  const said: string[] = [];
  const kept = await keepOpen(
    async () => {
      const next = sources[opened++];
      if (next === undefined || next === "away") throw new MemmapError("no port", { code: "port-missing", hint: "" });
      return next;
    },
    (sentence) => said.push(sentence),
  );
  expect(await bytesOf(kept)).toEqual([1, 2, 3]);
  expect(said).toEqual([expect.stringContaining("waiting"), ""]);
});

test("what cannot be opened at first is an error, and a file is left alone", async () => {
  const refused = keepOpen(
    async () => {
      throw new MemmapError("no port", { code: "port-missing", hint: "" });
    },
    () => undefined,
  );
  await expect(refused).rejects.toMatchObject({ code: "port-missing" });
  const file = { ...sourceOf([1], "ended"), live: false };
  expect(
    await keepOpen(
      async () => file,
      () => undefined,
    ),
  ).toBe(file);
});

test("closing ends the waiting", async () => {
  let first = true;
  const kept = await keepOpen(
    async () => {
      if (!first) throw new MemmapError("no port", { code: "port-missing", hint: "" });
      first = false;
      return sourceOf([1], "lost");
    },
    (sentence) => {
      if (sentence.includes("waiting")) void kept.close();
    },
  );
  expect(await bytesOf(kept)).toEqual([1]);
});

import { expect, test } from "vitest";
import { ChunkQueue } from "./chunk-queue.ts";

test("chunks come out in order, whether they waited or the reader did", async () => {
  const queue = new ChunkQueue();
  queue.push(Uint8Array.of(1));
  queue.push(Uint8Array.of(2));
  const seen: number[] = [];
  const reading = (async () => {
    for await (const chunk of queue) seen.push(...chunk);
  })();
  await Promise.resolve();
  queue.push(Uint8Array.of(3));
  queue.end();
  queue.push(Uint8Array.of(4));
  await reading;
  expect(seen).toEqual([1, 2, 3]);
});

test("an error comes after the last chunk", async () => {
  const queue = new ChunkQueue();
  queue.push(Uint8Array.of(1));
  queue.end(new Error("unplugged"));
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const chunk of queue) seen.push(...chunk);
    })(),
  ).rejects.toThrow("unplugged");
  expect(seen).toEqual([1]);
});

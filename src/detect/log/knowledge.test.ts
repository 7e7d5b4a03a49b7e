import { expect, test } from "vitest";
import { incident, namesOf } from "../../../test/incidents.ts";
import { failedAllocations } from "./failed-allocations.ts";
import { knownFailures, knownObject, knownRequest } from "./knowledge.ts";

/** All small ones, and those about each picture. */
const SIZES = [
  ...Array.from({ length: 17_000 }, (_, size) => size),
  ...[38_400, 76_800, 115_200, 153_600, 307_200, 614_400].flatMap((size) => [size - 1, size, size + 1]),
];

/** The sizes that are known, as `from to means` of each stretch. */
function stretches(means: (size: number) => string | undefined): readonly string[] {
  const all: { from: number; to: number; means: string }[] = [];
  for (const size of SIZES) {
    const here = means(size);
    const last = all.at(-1);
    if (last !== undefined && last.means === here && last.to === size - 1) last.to = size;
    else if (here !== undefined) all.push({ from: size, to: size, means: here });
  }
  return all.map(({ from, to, means: text }) => `${from} ${to} ${/^[^,(]{0,24}/.exec(text)?.[0] ?? ""}`);
}

const pictures = [
  "38400 38400 a frame of 160 × 120 pix",
  "76800 76800 half a frame of 320 × 24",
  "115200 115200 a frame of 240 × 240 pix",
  "153600 153600 a frame of 320 × 240 pix",
  "307200 307200 a frame of 480 × 320 pix",
  "614400 614400 a frame of 640 × 480 pix",
];

test("sizes of requests that are known, to the byte", () => {
  expect(stretches((size) => knownRequest(size)?.means)).toEqual([
    "1460 1460 one TCP segment",
    "1500 1732 a Wi-Fi or lwIP frame bu",
    "2300 2348 the largest body of an 8",
    "4352 4512 a TLS record buffer of m",
    "16405 16800 a TLS record buffer of m",
    ...pictures,
  ]);
});

test("who has nothing to do with a network asks for none of its frames", () => {
  for (const known of ["lvgl", "camera"])
    expect(stretches((size) => knownRequest(size, known)?.means)).toEqual(pictures);
});

test("sizes of objects that are known, to the byte", () => {
  expect(stretches((size) => knownObject(size)?.means)).toEqual([
    "76 88 a FreeRTOS queue",
    "336 388 a FreeRTOS task's contro",
    "1500 1732 a Wi-Fi or lwIP frame bu",
    "2048 2048 a small task's stack",
    "3072 3072 a task's stack",
    "4096 4096 a task's stack",
    "4320 4512 a TLS record buffer of m",
    "8192 8192 a task's stack",
    "16640 16800 a TLS record buffer of m",
  ]);
});

test("who has a pool of its own may be out of it beside a heap that is not empty", () => {
  const known = Object.keys(knownFailures).filter((one) => {
    const { findings } = failedAllocations([incident("failed-allocation", { known: one, free: 100_000 })], namesOf([]));
    return findings.some(({ evidence }) => evidence.some((text) => text.includes("the pool is empty")));
  });
  expect(known.sort()).toEqual([
    "espruino",
    "lvgl",
    "nanoframework",
    "nimble",
    "openthread",
    "tensor-arena",
    "tinygo",
    "wifi-pool",
    "xs",
    "zboss",
    "zephyr-net",
  ]);
});

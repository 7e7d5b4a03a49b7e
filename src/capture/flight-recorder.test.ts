import { describe, expect, test } from "vitest";
import { isFlightRecorderImage, unrollFlightRecorder } from "./flight-recorder.ts";

const sectorBytes = 1024;
const hello = [0xff, 0x00, 0x02, 0x11, 0x00];

/** A sector as flight.c writes it. */
function sector(number: number, frames: readonly number[]): number[] {
  const header = new Uint32Array([0x5246_4d4d, sectorBytes, number, ~number]);
  const bytes = [...new Uint8Array(header.buffer), ...frames];
  return [...bytes, ...new Array<number>(sectorBytes - bytes.length).fill(0xff)];
}

const erased = new Array<number>(sectorBytes).fill(0xff);
const image = (...sectors: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(sectors.flat());
const unrolled = (bytes: Uint8Array): number[] => unrollFlightRecorder(bytes).flatMap((stream) => [...stream]);

describe("images of the flight recorder", () => {
  test("are told from captures and texts", () => {
    expect(isFlightRecorderImage(image(sector(7, hello)))).toBe(true);
    expect(isFlightRecorderImage(image(erased, sector(7, hello)))).toBe(true);
    expect(isFlightRecorderImage(image(erased))).toBe(false);
    expect(isFlightRecorderImage(Uint8Array.from(hello))).toBe(false);
    expect(isFlightRecorderImage(new Uint8Array())).toBe(false);
    const damaged = image(sector(7, hello));
    damaged[9] = 1;
    expect(isFlightRecorderImage(damaged)).toBe(false);
  });

  test("come in the order of writing, also where the numbers wrap", () => {
    const ring = image(
      sector(0, [0xff, 0, 1, 3, 0]),
      sector(1, [0xff, 0, 1, 4, 0]),
      erased,
      sector(0xffff_ffff, hello),
    );
    expect(unrolled(ring)).toEqual([...hello, 0xff, 0, 1, 3, 0, 0xff, 0, 1, 4, 0]);
  });

  test("begin with a HELLO where there is one", () => {
    expect(unrolled(image(sector(1, [0xff, 0, 1, 3, 0]), sector(2, [0xff, 0, 1, 4, 0, ...hello])))).toEqual(hello);
    expect(unrolled(image(sector(1, [0xff, 0, 1, 3, 0])))).toEqual([0xff, 0, 1, 3, 0]);
  });
});

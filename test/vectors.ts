// Reads protocol/vectors/*.txt: the golden frames and streams that the probe's C tests and the tests here replay.
import { readFileSync } from "node:fs";
import { type Line, parseLine } from "./wire-lines.ts";

/** One block of a file: its lines in order, comments left out. */
export interface Vector {
  readonly name: string;
  readonly lines: readonly string[];
}

/** The blocks of a file; each begins with a line `vector NAME`. Paths are relative to the project's root. */
export function readVectors(file: string): Vector[] {
  const vectors: { name: string; lines: string[] }[] = [];
  for (const line of readFileSync(`protocol/vectors/${file}`, "utf8").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("vector ")) vectors.push({ name: line.slice("vector ".length), lines: [] });
    else vectors.at(-1)?.lines.push(line);
  }
  return vectors;
}

/** What follows `keyword` on its line; several such lines are joined. */
export function lineOf(vector: Vector, keyword: string): string {
  return linesOf(vector, keyword).join("");
}

export function linesOf(vector: Vector, keyword: string): string[] {
  return vector.lines.filter((line) => line.startsWith(`${keyword} `)).map((line) => line.slice(keyword.length + 1));
}

export function fieldsOf(vector: Vector, keyword: string): Line["fields"] {
  return parseLine(`${keyword} ${lineOf(vector, keyword)}`).fields;
}

/** Lines that describe calls: what the frame says. */
export function callsOf(vector: Vector): string[] {
  return vector.lines.filter((line) => !/^(frame|start|plain|binary|armour|hex|decode-only)\b/.test(line));
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

// GNU addr2line and llvm-addr2line as witnesses: what they say about many addresses, in the shape that we say it in.
import { spawnSync } from "node:child_process";
import { normalizePath } from "../../src/symbols/paths.ts";

export interface WitnessFrame {
  readonly function: string;
  /** Normalized; "?" when unknown. */
  readonly file: string;
  /** 0 when unknown. */
  readonly line: number;
}

/** The chain of frames of each address, innermost first, from one run of the program. */
export function addr2line(program: string, elf: string, addresses: readonly number[]): WitnessFrame[][] {
  const input = addresses.map((address) => `0x${address.toString(16)}`).join("\n");
  const { stdout, error } = spawnSync(program, ["-i", "-f", "-C", "-a", "-e", elf], {
    input: `${input}\n`,
    maxBuffer: 1 << 30,
    stdio: ["pipe", "pipe", "ignore"],
  });
  if (error !== undefined) throw error;
  const lines = stdout.toString().split("\n");
  const chains: WitnessFrame[][] = [];
  for (let i = 0; i < lines.length;) {
    const first = lines[i] ?? "";
    if (/^0x[0-9a-f]+$/.test(first)) {
      chains.push([]);
      i++;
    } else if (i + 1 < lines.length) {
      chains.at(-1)?.push(frameOf(first, lines[i + 1] ?? ""));
      i += 2;
    } else {
      i++;
    }
  }
  return chains;
}

function frameOf(name: string, place: string): WitnessFrame {
  const match = /^(.*):([0-9?]+)(?::[0-9]+)?$/.exec(place.replace(/ \(discriminator \d+\)$/, ""));
  const file = match?.[1] ?? "??";
  return {
    function: name,
    file: file === "??" ? "?" : normalizePath(file),
    line: Number(match?.[2]?.replace("?", "0") ?? 0),
  };
}

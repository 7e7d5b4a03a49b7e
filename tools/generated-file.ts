// A file that is generated from another: written, or with `--check` compared, where a difference fails.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @param sources what the text follows from and the verb: `protocol.ts says` */
export function writeOrCheck(file: URL, text: string, sources: string): void {
  if (!process.argv.includes("--check")) {
    writeFileSync(file, text);
  } else if (readIfThere(file) !== text) {
    console.error(
      `${fileURLToPath(file)} differs from what ${sources}. Run \`npm run generate\` and commit the result.`,
    );
    process.exitCode = 1;
  }
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // never generated: a difference like any other
  }
}

// A user's own suppressions, from a file.
import { readFile } from "node:fs/promises";
import { MemmapError } from "../base/errors.ts";
import { parseSuppressions, type Suppression } from "../detect/suppressions.ts";

export async function readSuppressions(path: string): Promise<readonly Suppression[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new MemmapError(`cannot read the suppressions ${path}`, {
      code: "suppressions-unreadable",
      hint: "Check the path of --suppressions.",
      cause,
    });
  }
  const { suppressions, problems } = parseSuppressions(text, path);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new MemmapError(`${path}:${problem.line}: "${problem.text}" is no suppression`, {
      code: "suppressions-malformed",
      hint: "Write `leak:pattern`, one a line, with `*` for anything and `#` before a reason.",
    });
  }
  return suppressions;
}

import { readdirSync } from "node:fs";

/** Names of what is in a folder; none where it is absent, no folder, or not ours to read. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

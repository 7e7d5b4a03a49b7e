// Which program has a serial port open. Linux tells it in /proc; elsewhere nothing is known.
import { readdir, readFile, readlink, realpath } from "node:fs/promises";

/** "python3 (process 1234)", or undefined where that cannot be seen: another user's programs are hidden from us. */
export async function findPortHolder(path: string): Promise<string | undefined> {
  const target = await realpath(path).catch(() => path);
  const processes = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const id of processes) {
    if (Number(id) === process.pid) continue;
    const handles = await readdir(`/proc/${id}/fd`).catch(() => []);
    for (const handle of handles) {
      if ((await readlink(`/proc/${id}/fd/${handle}`).catch(() => "")) === target) return describe(id);
    }
  }
  return undefined;
}

async function describe(id: string): Promise<string> {
  const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
  const words = command.split("\0").filter((word) => word !== "");
  const names = words.slice(0, 2).map((word) => word.split("/").at(-1) ?? word);
  return `${names.join(" ")} (process ${id})`;
}

// Which programs have a serial port open to read. Linux tells it in /proc; elsewhere nothing is known.
import { readdir, readFile, readlink, realpath } from "node:fs/promises";

/** Lowest two bits of a handle's flags: opened to write only. */
const ACCESS_BITS = 3;
const WRITE_ONLY = 1;

/** "python3 (process 1234)" of each; none where that cannot be seen: other users' programs are hidden from us. */
export async function findPortHolders(path: string): Promise<readonly string[]> {
  const target = await realpath(path).catch(() => path);
  const processes = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const holders: string[] = [];
  for (const id of processes) {
    if (Number(id) === process.pid) continue;
    const handles = await readdir(`/proc/${id}/fd`).catch(() => []);
    for (const handle of handles) {
      if ((await readlink(`/proc/${id}/fd/${handle}`).catch(() => "")) !== target) continue;
      if (!(await isReader(id, handle))) continue;
      holders.push(await describe(id));
      break;
    }
  }
  return holders;
}

async function isReader(id: string, handle: string): Promise<boolean> {
  const info = await readFile(`/proc/${id}/fdinfo/${handle}`, "utf8").catch(() => "");
  const flags = parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "0", 8);
  return (flags & ACCESS_BITS) !== WRITE_ONLY;
}

async function describe(id: string): Promise<string> {
  const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
  const words = command.split("\0").filter((word) => word !== "");
  const names = words.slice(0, 2).map((word) => word.split("/").at(-1) ?? word);
  return `${names.join(" ")} (process ${id})`;
}

// Where the core dump has its room: the partition table of an ESP-IDF project, as CSV.
import type { ProjectFiles } from "../init/plan.ts";

/** Tables that come with ESP-IDF and have no coredump partition. */
const WITHOUT = [
  "PARTITION_TABLE_SINGLE_APP",
  "PARTITION_TABLE_SINGLE_APP_LARGE",
  "PARTITION_TABLE_TWO_OTA",
  "PARTITION_TABLE_TWO_OTA_LARGE",
];

export function coreDumpPartition(
  files: ProjectFiles,
  settings: ReadonlyMap<string, string>,
): number | "not known" | undefined {
  if (WITHOUT.some((name) => settings.get(`CONFIG_${name}`) === "y")) return undefined;
  const name =
    settings.get("CONFIG_PARTITION_TABLE_CUSTOM_FILENAME") ?? settings.get("CONFIG_PARTITION_TABLE_FILENAME");
  const text = name === undefined ? undefined : files.read(name);
  if (text === undefined) return "not known";
  for (const line of text.split(/\r?\n/)) {
    const [, type = "", subtype = "", , size = ""] = line
      .replace(/#.*/, "")
      .split(",")
      .map((cell) => cell.trim().toLowerCase());
    const isData = type === "data" || type === "1" || type === "0x01";
    if (isData && (subtype === "coredump" || Number(subtype) === 3)) return sizeOf(size);
  }
  return undefined;
}

/** `64K`, `1M`, `0x10000`, `65536`. */
function sizeOf(text: string): number | "not known" {
  const [, number = "", unit = ""] = /^(0x[0-9a-f]+|\d+)\s*([km]?)b?$/.exec(text) ?? [];
  if (number === "") return "not known";
  return Number(number) * (unit === "k" ? 1024 : unit === "m" ? 1024 * 1024 : 1);
}

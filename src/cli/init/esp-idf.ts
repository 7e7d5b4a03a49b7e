// ESP-IDF: the probe as a component of the project, its settings in sdkconfig.defaults, one line in app_main().
import { bodyOf, startsStream, withCall } from "./source-code.ts";
import { endOfLine, withLines, type Change, type Plan, type ProjectFiles } from "./plan.ts";

const COMPONENT = "components/memmap";
const START = "memmap_stream_start(NULL); // memmap: to the console's UART or USB";
/** Chips with RISC-V cores, on which a call stack needs frame pointers. */
const RISCV = /^esp32(c\d+|h\d+|p\d+|s31)$/;

export function isEspIdf({ read }: ProjectFiles): boolean {
  return /tools\/cmake\/(project|idf)\.cmake/.test(read("CMakeLists.txt") ?? "");
}

export function planEspIdf(files: ProjectFiles): Plan {
  const notes: string[] = [];
  const changes: Change[] = [];
  if (files.read(`${COMPONENT}/CMakeLists.txt`) === undefined && !isManaged(files)) {
    changes.push({ kind: "copy", path: COMPONENT, why: "the probe, as a component of this project" });
  }
  const defaults = planDefaults(files, notes);
  if (defaults !== undefined) changes.push(defaults);
  changes.push(...planMain(files, notes));
  return {
    title: "an ESP-IDF project",
    changes,
    notes,
    next: ["idf.py build flash", "memmap record PORT -o run.memmap"],
  };
}

/** The component manager brings it already. */
function isManaged(files: ProjectFiles): boolean {
  const manifests = ["main/idf_component.yml", "src/idf_component.yml", "idf_component.yml"];
  return manifests.some((path) => /^\s*(?:["']?)memmap\/memmap\b/m.test(files.read(path) ?? ""));
}

/** Every setting that the file sets, by its last line. */
export function settingsOf(text: string | undefined): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of (text ?? "").split(/\r?\n/)) {
    const [, name, value] = /^\s*(CONFIG_\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) settings.set(name, (value ?? "").replace(/^"(.*)"$/, "$1"));
    const [, unset] = /^#\s*(CONFIG_\w+) is not set/.exec(line) ?? [];
    if (unset !== undefined) settings.set(unset, "n");
  }
  return settings;
}

function planDefaults(files: ProjectFiles, notes: string[]): Change | undefined {
  const path = "sdkconfig.defaults";
  const before = files.read(path);
  const settings = settingsOf(before);
  const built = settingsOf(files.read("sdkconfig"));
  const target = built.get("CONFIG_IDF_TARGET") ?? settings.get("CONFIG_IDF_TARGET");
  const wanted: [string, string][] = [
    ["CONFIG_MEMMAP_ENABLE", "y"],
    ["CONFIG_HEAP_TRACING_OFF", "y"], // heap tracing wraps the functions that the probe wraps
  ];
  if (target !== undefined && RISCV.test(target)) wanted.push(["CONFIG_ESP_SYSTEM_USE_FRAME_POINTER", "y"]);
  const conflicts = ["CONFIG_HEAP_TRACING_STANDALONE", "CONFIG_HEAP_TRACING_TOHOST"];
  for (const name of [...conflicts, ...wanted.map(([one]) => one)]) {
    const isConflict = conflicts.includes(name);
    const value = built.get(name);
    if (isConflict ? value === "y" : value === "n") {
      notes.push(
        `sdkconfig exists and says otherwise (${name}): sdkconfig.defaults does not change it. In menuconfig, or delete sdkconfig and build anew.`,
      );
    }
  }
  const missing = wanted.filter(([name, value]) => settings.get(name) !== value);
  const clashing = conflicts.filter((name) => settings.get(name) === "y");
  if (missing.length === 0 && clashing.length === 0) return undefined;
  const eol = endOfLine(before ?? "");
  const overruled = [...clashing, ...missing.map(([name]) => name)];
  const kept = (before ?? "")
    .split(/\r?\n/)
    .filter((line) => !overruled.some((name) => new RegExp(`^\\s*(# )?${name}(=| is not set)`).test(line)));
  const lines = ["# memmap", ...missing.map(([name, value]) => `${name}=${value}`)];
  const after = withLines(before === undefined ? undefined : kept.join(eol), lines);
  return { kind: "file", path, before, after, why: "the probe on, heap tracing off (both wrap the same functions)" };
}

const SOURCE = /\.(c|cc|cpp|cxx)$/;

function planMain(files: ProjectFiles, notes: string[]): Change[] {
  const sources = [...allSources(files)];
  if (sources.some(({ text }) => startsStream(text))) return [];
  const found = sources.find(({ text }) => bodyOf(text, "app_main") !== undefined);
  const after = found === undefined ? undefined : withCall(found.text, "app_main", [START], '"memmap.h"');
  if (found === undefined || after === undefined) {
    notes.push(`no app_main() was found: call ${START.replace(/ \/\/.*/, "")} early in it yourself.`);
    return [];
  }
  const { path, text } = found;
  const changes: Change[] = [{ kind: "file", path, before: text, after, why: "starts the stream" }];
  const list = componentOf(files, path);
  const before = list === undefined ? undefined : files.read(list);
  if (list === undefined || before === undefined || /\bmemmap\b/.test(before)) return changes;
  const required = withRequirement(before);
  if (required === undefined) notes.push(`${list}: add memmap to its PRIV_REQUIRES.`);
  else {
    const why = "the component with app_main needs memmap";
    changes.push({ kind: "file", path: list, before, after: required, why });
  }
  return changes;
}

/** The CMakeLists.txt of the component that a source belongs to; undefined for `main`, which sees all components. */
function componentOf({ read }: ProjectFiles, source: string): string | undefined {
  for (let folder = parentOf(source); folder !== ""; folder = parentOf(folder)) {
    const list = `${folder}/CMakeLists.txt`;
    if (!/\bidf_component_register\b/.test(read(list) ?? "")) continue;
    return /(^|\/)main$/.test(folder) ? undefined : list;
  }
  return undefined;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function withRequirement(text: string): string | undefined {
  if (/\bmemmap\b/.test(text)) return undefined;
  const found = /idf_component_register\s*\(([^)]*)\)/.exec(text);
  if (found === null) return undefined;
  const [whole, inner = ""] = found;
  const changed = /\bPRIV_REQUIRES\b/.test(inner)
    ? inner.replace(/\bPRIV_REQUIRES\b/, "PRIV_REQUIRES memmap")
    : `${inner.trimEnd()} PRIV_REQUIRES memmap`;
  return text.replace(whole, () => whole.replace(inner, () => changed));
}

/** Folders in which no source of the project's own lies. */
const FOREIGN = /^(build.*|managed_components|node_modules|\..*|test.*)\/$/;

/** Where app_main usually is comes first. */
function* allSources(files: ProjectFiles): Iterable<{ readonly path: string; readonly text: string }> {
  const isFolder = (name: string): boolean => name.endsWith("/") && !FOREIGN.test(name);
  const others = files.list("").filter((name) => isFolder(name) && !["main/", "src/", "components/"].includes(name));
  const components = files.list("components").filter(isFolder);
  const own = components.map((name) => `components/${name}`).filter((folder) => folder !== `${COMPONENT}/`);
  for (const folder of ["main/", "src/", ...own, ...others, ""]) {
    for (const path of sourcesIn(files, folder, folder === "" ? 0 : MOST_DEPTH)) {
      const text = files.read(path);
      if (text !== undefined) yield { path, text };
    }
  }
}

const MOST_DEPTH = 3;

function sourcesIn(files: ProjectFiles, folder: string, depth: number): string[] {
  const names = files.list(folder);
  const here = names.filter((name) => SOURCE.test(name)).map((name) => folder + name);
  if (depth === 0) return here;
  const below = names.filter((name) => name.endsWith("/") && !FOREIGN.test(name));
  return [...here, ...below.flatMap((name) => sourcesIn(files, folder + name, depth - 1))];
}

// Whose code a frame is: its component, whether it only passes an allocation on, and where in a chain the user's own code
// begins. All of it comes from paths and names, since an ELF does not say what it was linked from.
import { joinPath, pathUnder } from "./paths.ts";
import { textOf } from "./dwarf/forms.ts";
import type { Text, UnitRoot } from "./dwarf/units.ts";
import type { Frame } from "./symbolizer.ts";

/** `user`: the project itself. `dependency`: managed components and libraries. `framework`: ESP-IDF, the Arduino core. */
export type Origin = "user" | "dependency" | "framework" | "toolchain" | "unknown";

export interface FileOwner {
  readonly origin: Origin;
  /** "heap", "main", "espressif/cjson", "newlib"; undefined when nothing says so. */
  readonly component: string | undefined;
  /** The path for showing: relative to the project, or from the framework's or library's folder on. */
  readonly path: string;
}

export interface AttributedFrame extends Frame, FileOwner {
  /** Whether it only passes an allocation on, as `malloc` and `operator new` do. */
  readonly isAllocator: boolean;
}

export interface AttributedChain {
  readonly frames: readonly AttributedFrame[];
  /** Index of the first frame that is the user's own and no allocator; undefined when there is none. */
  readonly user: number | undefined;
  /** Index of the frame to name as the site: the user's, else the first that is no allocator, else the last. */
  readonly site: number;
}

/** Folders that paths are shown relative to. */
export interface Roots {
  /** Of the project: where its top CMakeLists.txt or platformio.ini is. */
  readonly project: string | undefined;
  /** `IDF_PATH` of the build. */
  readonly idf: string | undefined;
}

/** Longer names and paths occur in damaged files only, where patterns would take long over them. */
const MAX_NAME = 2000;

/** An intact file has some ten build folders. */
const MAX_FOLDERS = 1000;

const TOOLCHAIN =
  /\/(newlib|picolibc|libgcc|libstdc\+\+-v3|compiler-rt)\/|\/crosstool-NG\/|\/(xtensa|riscv32|riscv64)-(esp|esp32|unknown)\w*-elf\//;
const TOOLCHAIN_LIBRARY = /\/(newlib|picolibc|libgcc|libstdc\+\+-v3|compiler-rt)(?=\/)(?!.*\/\1\/)/;
/** Components that every ESP-IDF project has: what is before them is the IDF's own path. */
const IDF_COMPONENTS = new Set(["freertos", "heap", "esp_system", "esp_hw_support", "spi_flash", "esp_common"]);

/** So many units, spread over the file, are asked first. */
const SAMPLED_UNITS = 48;

/**
 * Finds the project's and the IDF's folders from where the units were compiled. Nearly always a few of them agree; where they do not, all are asked.
 *
 * @param unitAt the units by index, up to `count`
 */
export function findRoots(count: number, unitAt: (index: number) => CompiledUnit): Roots {
  const step = Math.max(Math.floor(count / SAMPLED_UNITS), 1);
  const votes = countVotes(count, step, unitAt);
  const { builds, idfs } =
    step === 1 || (isClear(votes.builds) && isClear(votes.idfs)) ? votes : countVotes(count, 1, unitAt);
  const build = mostOften(builds);
  return { project: build === undefined ? undefined : projectOfBuild(joinPath(build)), idf: mostOften(idfs) };
}

/** Of a unit, where it was compiled. */
interface CompiledUnit {
  readonly root: Pick<UnitRoot, "name" | "compDir">;
}

interface Votes {
  /** Units by the folder that they were compiled in. */
  readonly builds: ReadonlyMap<string, number>;
  /** Units by the IDF that their source file is in. */
  readonly idfs: ReadonlyMap<string, number>;
}

/** Asks every `step`th unit. */
function countVotes(count: number, step: number, unitAt: (index: number) => CompiledUnit): Votes {
  const builds = new Map<string, number>();
  const idfs = new Map<string, number>();
  // Most units were compiled in the same folder, which is then the same text.
  let folder: Text | undefined;
  let compDir = "";
  let isBuild = false;
  for (let index = 0; index < count; index += step) {
    const { name, compDir: own } = unitAt(index).root;
    if (own?.at !== folder?.at || own?.bytes !== folder?.bytes) {
      folder = own;
      compDir = textOf(folder);
      isBuild = compDir !== "" && compDir.length <= MAX_NAME && !TOOLCHAIN.test(`${compDir}/`);
    }
    const file = joinPath(compDir, textOf(name));
    if (file.length > MAX_NAME || compDir.length > MAX_NAME || builds.size > MAX_FOLDERS) continue;
    if (isBuild) builds.set(compDir, (builds.get(compDir) ?? 0) + 1);
    const idf = idfOf(file);
    if (idf !== undefined) idfs.set(idf, (idfs.get(idf) ?? 0) + 1);
  }
  return { builds, idfs };
}

/** Whether there are votes enough, and of ten no more than one is for another. */
function isClear(votes: ReadonlyMap<string, number>): boolean {
  let most = 0;
  let all = 0;
  for (const count of votes.values()) {
    most = Math.max(most, count);
    all += count;
  }
  return most >= 4 && most >= all * 0.9;
}

/** What is before the last of `IDF_COMPONENTS` in a path. */
function idfOf(file: string): string | undefined {
  for (let at = file.length; at > 0;) {
    at = file.lastIndexOf("/components/", at - 1);
    if (at < 0) return undefined;
    const from = at + "/components/".length;
    const end = file.indexOf("/", from);
    if (end >= 0 && IDF_COMPONENTS.has(file.slice(from, end))) return file.slice(0, at);
  }
  return undefined;
}

/** ESP-IDF compiles in <project>/build (or build_<something>), PlatformIO and others in the project itself. */
function projectOfBuild(folder: string): string {
  return folder.replace(/\/(build[^/]*|cmake-build[^/]*|\.pio\/build\/[^/]+)$/, "");
}

function mostOften(votes: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const [text, count] of votes) if (best === undefined || count > (votes.get(best) ?? 0)) best = text;
  return best;
}

/** Whose a source file is. */
export function ownerOfFile(file: string, roots: Roots): FileOwner {
  if (file.length > MAX_NAME) return { origin: "unknown", component: undefined, path: file };
  const archive = /^(.*\/)?(lib([^/]+)\.a\(.*\))$/.exec(file);
  if (archive?.[2] !== undefined) return ownerOfArchive(archive[1] ?? "", archive[2], archive[3] ?? "", roots);
  const inProject = roots.project === undefined ? undefined : pathUnder(file, roots.project);
  const inIdf = roots.idf === undefined ? undefined : pathUnder(file, roots.idf);
  // Either may lie in the other: examples in the IDF, or the IDF as a submodule of the project. The longer one is meant.
  const projectIsMeant = inProject !== undefined && (inIdf === undefined || inProject.length <= inIdf.length);
  if (!projectIsMeant && inIdf !== undefined) return ownerInFramework(inIdf, `esp-idf/${inIdf}`);

  const managed = /\/managed_components\/([^/]+)\/(.*)$/.exec(file);
  if (managed?.[1] !== undefined) {
    return {
      origin: "dependency",
      component: managed[1].replace("__", "/"),
      path: inProject ?? `managed_components/${managed[1]}/${managed[2]}`,
    };
  }
  const library = /\/(?:libdeps\/[^/]+|libraries)\/([^/]+)\/(.*)$/.exec(file);
  if (library?.[1] !== undefined) {
    return { origin: "dependency", component: library[1], path: inProject ?? `${library[1]}/${library[2]}` };
  }
  if (projectIsMeant && inProject !== undefined) return ownerInProject(inProject);
  const idf =
    /\/(?:esp-idf[^/]*|framework-espidf[^/]*|IDF)\/(components\/.*)$/.exec(file) ?? /^\/IDF\/(.*)$/.exec(file);
  if (idf?.[1] !== undefined) return ownerInFramework(idf[1], `esp-idf/${idf[1]}`);
  if (TOOLCHAIN.test(file)) {
    const found = TOOLCHAIN_LIBRARY.exec(file);
    const component = found?.[1]?.replace("-v3", "") ?? "toolchain";
    return { origin: "toolchain", component, path: found === null ? file : file.slice(found.index + 1) };
  }
  const arduino = /\/(?:framework-arduinoespressif32[^/]*|hardware\/esp32\/[^/]+)\/(.*)$/.exec(file);
  if (arduino?.[1] !== undefined) return { origin: "framework", component: "arduino", path: `arduino/${arduino[1]}` };
  // Reproducible builds name the component in place of its path.
  const reproducible = /^\/COMPONENT_(\w+?)_DIR\/(.*)$/.exec(file);
  if (reproducible?.[1] !== undefined) {
    const component = reproducible[1].toLowerCase();
    return { origin: "user", component, path: `${component}/${reproducible[2]}` };
  }
  const extra = /\/components\/([^/]+)\/(.*)$/.exec(file);
  if (extra?.[1] !== undefined) return { origin: "user", component: extra[1], path: `${extra[1]}/${extra[2]}` };
  return { origin: "unknown", component: undefined, path: file };
}

/** Components that are the project's own by ESP-IDF's custom; others with an archive in the build folder come from the IDF. */
const OWN_COMPONENTS = new Set(["main", "src"]);
const TOOLCHAIN_ARCHIVES = new Set(["c", "m", "g", "gcc", "stdc++", "supc++", "nosys", "gloss"]);

/** An archive and object as the linker's map names them: for code without debug information. */
function ownerOfArchive(folder: string, path: string, name: string, roots: Roots): FileOwner {
  if (TOOLCHAIN_ARCHIVES.has(name)) return { origin: "toolchain", component: `lib${name}`, path };
  const built = /(?:^|\/)esp-idf\/([^/]+)\/$/.exec(folder)?.[1];
  if (built?.includes("__") === true) return { origin: "dependency", component: built.replace("__", "/"), path };
  if (built !== undefined) return { origin: OWN_COMPONENTS.has(built) ? "user" : "framework", component: built, path };
  if (/(?:^|\/)\.pio\//.test(folder)) return { origin: "dependency", component: name, path };
  const owner = ownerOfFile(`${folder}x`, roots);
  return { origin: owner.origin, component: owner.component ?? name, path };
}

function ownerInFramework(inside: string, path: string): FileOwner {
  const component = /^components\/([^/]+)\//.exec(inside)?.[1] ?? inside.split("/")[0];
  return { origin: "framework", component, path };
}

function ownerInProject(path: string): FileOwner {
  const generated = /^build[^/]*\/esp-idf\/([^/]+)\//.exec(path);
  if (generated !== null) return { origin: "framework", component: generated[1], path };
  const component =
    /^(?:components|lib)\/([^/]+)\//.exec(path)?.[1] ?? (path.includes("/") ? path.split("/")[0] : "main");
  return { origin: "user", component, path };
}

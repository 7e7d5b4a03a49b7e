// Whose a source file is, from its path: the project's, a library's, the framework's, the toolchain's.
import {
  ARDUINO,
  CRATE,
  IDF,
  IDF_ITSELF,
  isExample,
  LIBRARIES,
  MANAGED,
  MAX_NAME,
  TOOLCHAIN,
  ZEPHYR,
} from "./library-folders.ts";
import { pathUnder } from "./paths.ts";

/** `user`: the project itself. `dependency`: managed components and libraries. `framework`: ESP-IDF, the Arduino core. */
export type Origin = "user" | "dependency" | "framework" | "toolchain" | "unknown";

export interface FileOwner {
  readonly origin: Origin;
  /** "heap", "main", "espressif/cjson", "newlib"; undefined when nothing says so. */
  readonly component: string | undefined;
  /** The path for showing: relative to the project, or from the framework's or library's folder on. */
  readonly path: string;
}

/** Folders that paths are shown relative to. */
export interface Roots {
  /** Of the project: where its top CMakeLists.txt or platformio.ini is. */
  readonly project: string | undefined;
  /** `IDF_PATH` of the build. */
  readonly idf: string | undefined;
}

const TOOLCHAIN_LIBRARY = /\/(newlib|picolibc|libgcc|libstdc\+\+-v3|compiler-rt)(?=\/)(?!.*\/\1\/)/;

/** Whose a source file is. */
export function ownerOfFile(file: string, roots: Roots): FileOwner {
  if (file.length > MAX_NAME) return { origin: "unknown", component: undefined, path: file };
  const archive = /^(.*\/)?(lib([^/]+)\.a\(.*\))$/.exec(file);
  if (archive?.[2] !== undefined) return ownerOfArchive(archive[1] ?? "", archive[2], archive[3] ?? "", roots);
  const inProject = roots.project === undefined ? undefined : pathUnder(file, roots.project);
  const inIdf = roots.idf === undefined ? undefined : pathUnder(file, roots.idf);
  // Either may lie in the other: examples in the IDF, or the IDF as a submodule of the project. The longer one is meant.
  const isMeant = inProject !== undefined && (inIdf === undefined || inProject.length <= inIdf.length);
  const own = isMeant ? inProject : undefined;
  if (own === undefined && inIdf !== undefined && !isExample(inIdf)) return ownerInFramework(inIdf, `esp-idf/${inIdf}`);

  const managed = MANAGED.exec(file);
  if (managed?.[1] !== undefined) {
    return {
      origin: "dependency",
      component: managed[1].replace("__", "/"),
      path: inProject ?? `managed_components/${managed[1]}/${managed[2]}`,
    };
  }
  const library = LIBRARIES.exec(file);
  if (library?.[2] !== undefined) {
    const [, folder = "", component, rest = ""] = library;
    return { origin: "dependency", component, path: inProject ?? `${folder}/${component}/${rest}` };
  }
  const crate = CRATE.exec(file);
  if (crate?.[1] !== undefined) return { origin: "dependency", component: crate[1], path: `${crate[1]}/${crate[2]}` };
  if (own !== undefined) return ownerInProject(own);
  const idf = IDF.exec(file) ?? IDF_ITSELF.exec(file);
  if (idf?.[1] !== undefined) return ownerInFramework(idf[1], `esp-idf/${idf[1]}`);
  if (TOOLCHAIN.test(file)) {
    const found = TOOLCHAIN_LIBRARY.exec(file);
    const component = found?.[1]?.replace("-v3", "") ?? "toolchain";
    return { origin: "toolchain", component, path: found === null ? file : file.slice(found.index + 1) };
  }
  const arduino = ARDUINO.exec(file);
  if (arduino?.[1] !== undefined) return { origin: "framework", component: "arduino", path: `arduino/${arduino[1]}` };
  const zephyr = ZEPHYR.exec(file);
  if (zephyr?.[1] !== undefined) return { origin: "framework", component: "zephyr", path: `zephyr/${zephyr[1]}` };
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

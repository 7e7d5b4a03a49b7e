// The project: is the probe in its sources and settings, and in the ELF that was built from them?
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { MemmapError } from "../../base/errors.ts";
import type { Symbols } from "../../symbols/index.ts";
import { findElf, openElfFile } from "../find-elf.ts";
import { settingsOf } from "../init/esp-idf.ts";
import { filesOf, planFor } from "../init/project.ts";
import { note, ok, problem, type Check } from "./check.ts";
import { coreDumpPartition } from "./partitions.ts";
import { checkSettings } from "./sdkconfig.ts";

/** What every allocation of ESP-IDF comes down to. */
const WRAPPED = [
  "heap_caps_malloc_base",
  "heap_caps_calloc_base",
  "heap_caps_realloc_base",
  "heap_caps_aligned_alloc_base",
  "heap_caps_free",
];

export interface ProjectChecks {
  readonly checks: readonly Check[];
  readonly elf?: { readonly path: string; readonly symbols: Symbols };
}

/** @param path the project's folder, or its ELF */
export function checkProject(path: string): ProjectChecks {
  if (!statSync(path).isDirectory()) return elfChecks(path, undefined);
  const checks: Check[] = [];
  const files = filesOf(path);
  const plan = planFor(path);
  const missing = plan.changes.map((change) => change.path);
  checks.push(
    missing.length === 0
      ? ok(`${path} is ${plan.title} with memmap in it`)
      : problem(
          `${path} is ${plan.title} without all that memmap needs: ${missing.join(", ")}`,
          "memmap init shows and makes the changes",
        ),
  );
  const sdkconfig = files.read("sdkconfig");
  if (sdkconfig !== undefined) {
    const settings = settingsOf(sdkconfig);
    checks.push(...checkSettings(settings, { coreDumpPartition: coreDumpPartition(files, settings) }));
  } else if (plan.title.includes("ESP-IDF")) {
    checks.push(note("there is no sdkconfig yet: settings are checked after the first build", "idf.py build"));
  }
  try {
    const elf = elfChecks(findElf(path).path, join(path, "sdkconfig"));
    return { ...elf, checks: [...checks, ...elf.checks] };
  } catch (error) {
    if (!(error instanceof MemmapError)) throw error;
    return { checks: [...checks, note(error.message, error.hint)] };
  }
}

function elfChecks(path: string, sdkconfig: string | undefined): ProjectChecks {
  const symbols = openElfFile(path);
  const checks: Check[] = [];
  const has = (name: string): boolean => symbols.find(name).some(({ address }) => address !== 0);
  const absent = WRAPPED.filter((name) => !has(`__wrap_${name}`));
  if (!has("memmap_stream_start")) {
    checks.push(
      problem(
        `${path} has no memmap_stream_start(): nothing starts the stream`,
        "`memmap init` adds the call; then build and flash",
      ),
    );
  }
  // Linkers drop the wrap of what nobody calls; malloc and free are called by everybody.
  if (!absent.includes("heap_caps_malloc_base") && !absent.includes("heap_caps_free")) {
    const unused = absent.length === 0 ? "" : ` (nobody calls ${absent.join(", ")})`;
    checks.push(ok(`the ways into the heap are wrapped in ${path}${unused}`));
  } else if (has("memmap_mark") || has("mm_allocate")) {
    const todo = "the linker flags are missing, or another tool wraps them (heap tracing): CONFIG_MEMMAP_INTERPOSE";
    checks.push(problem(`not wrapped in ${path}: ${absent.join(", ")}`, todo));
  } else checks.push(problem(`the probe is not in ${path}`, "`memmap init`, then build and flash"));
  if (symbols.knows === "nothing")
    checks.push(
      problem(
        `${path} is stripped: call sites will be bare addresses`,
        "give memmap the .elf of the build, not one that was stripped",
      ),
    );
  if (sdkconfig !== undefined && existsSync(sdkconfig) && statSync(sdkconfig).mtimeMs > statSync(path).mtimeMs) {
    checks.push(note("sdkconfig is newer than the ELF", "build and flash again"));
  }
  return { checks, elf: { path, symbols } };
}

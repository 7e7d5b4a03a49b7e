// Which files make up the probe, for all that compile it. Relative to the project's root.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type CProgram, buildForHost, projectRoot, type Sanitizer } from "../../tools/build-c.ts";
import { HEAP_HOST_SOURCES, INTERPOSE_FLAGS } from "../../tools/c-sources.ts";

export const PROBE_SOURCES: readonly string[] = readdirSync(join(projectRoot, "firmware/memmap/src"))
  .filter((name) => name.endsWith(".c"))
  .map((name) => `firmware/memmap/src/${name}`);

export const PROBE_INCLUDES = [
  "firmware/memmap/include",
  "firmware/memmap/port",
  "firmware/memmap/port/standin",
  "firmware/memmap/src",
  "simulator/heap",
] as const;

export interface ProbeTest {
  readonly name: string;
  readonly sources: readonly string[];
  /** Objects compiled elsewhere. */
  readonly objects?: readonly string[];
  readonly interposed?: boolean;
  readonly defines?: CProgram["defines"];
  readonly sanitizer?: Sanitizer;
  readonly flags?: readonly string[];
}

/** A C test with the probe, the simulated heap and the harness. */
export function probeProgram(options: ProbeTest): CProgram {
  const interposed = options.interposed === true;
  return {
    name: interposed ? `${options.name}-interposed` : options.name,
    sources: [
      ...HEAP_HOST_SOURCES,
      ...PROBE_SOURCES,
      "test/firmware/port_host.c",
      "test/firmware/harness.c",
      ...options.sources.map((name) => `test/firmware/${name}`),
      ...(options.objects ?? []),
    ],
    includeFolders: [...PROBE_INCLUDES, "test/firmware"],
    defines: { ...(interposed ? { CONFIG_MEMMAP_INTERPOSE: 1 } : {}), ...options.defines },
    flags: [...(interposed ? INTERPOSE_FLAGS : []), ...(options.flags ?? [])],
  };
}

/** Builds it; resolves to its path. */
export async function buildProbeTest(options: ProbeTest): Promise<string> {
  return buildForHost(probeProgram(options), options.sanitizer);
}

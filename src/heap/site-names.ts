// What to call a call site: function, file and line of the frame that a reader would blame, which is the first of the program's own, and the
// library through which it asked.

import { formatAddress } from "../base/format.ts";
import { fileName } from "../base/paths.ts";
import { isAllocatorName } from "../symbols/allocators.ts";
import { isInFlash, placeIn, readableName, shortName } from "../symbols/whose-code.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { RunSite } from "./run-records.ts";
import type { FrameResolver } from "./types.ts";

/** A place in the code. */
export interface PlaceName {
  readonly function?: string;
  /** As the compiler saw it. */
  readonly file?: string;
  readonly line?: number;
  /** ESP-IDF component, library or module that asked the allocator; from the path where nothing says it. */
  readonly component?: string;
  /** The library's function that the place called and that allocated; where all frames are libraries', their innermost one. */
  readonly through?: string;
}

/** Templates of the standard library name their allocator, and what they are called by is the place that a reader looks for. */
const LIBRARY_FRAMES = [/^(std|__gnu_cxx)::.*allocat/];

export function isAllocatorFrame(frame: NamedFrame): boolean {
  return isAllocatorName(frame.function, LIBRARY_FRAMES);
}

/** All frames of a site, innermost first; those of inlined calls included where the resolver knows them. */
export function framesOf(site: RunSite, resolver: FrameResolver | undefined): readonly NamedFrame[] {
  if (site.frames !== undefined && site.frames.length > 0) return site.frames;
  if (site.callers !== undefined && resolver !== undefined) {
    const frames = site.callers.flatMap((address) => resolver.frames(address));
    if (frames.length > 0) return frames;
  }
  if (site.file === undefined && site.function === undefined) return [];
  return [
    {
      function: site.function ?? "?",
      ...(site.file === undefined ? {} : { file: site.file }),
      ...(site.line === undefined ? {} : { line: site.line }),
    },
  ];
}

export interface PlaceInFrames {
  /** Index of the place to blame; 0 where nothing has a name. */
  readonly at: number;
  /** False where all named frames are libraries'; undefined where nothing has a name. */
  readonly isOwn?: boolean;
  /** The library's function through which it asked. */
  readonly through?: NamedFrame;
}

export function placeOfFrames(frames: readonly NamedFrame[]): PlaceInFrames {
  const place = placeIn(frames, isAllocatorFrame);
  const at = place?.at ?? frames.findIndex((frame) => !isAllocatorFrame(frame));
  const through = place?.through === undefined ? undefined : frames[place.through];
  return {
    at: Math.max(0, at),
    ...(place !== undefined && { isOwn: place.isOwn }),
    ...(through !== undefined && { through }),
  };
}

/** The name of the place to blame. A macro's own file and line win over the return addresses. */
export function nameOf(site: RunSite, resolver: FrameResolver | undefined): PlaceName {
  const frames = framesOf(site, resolver);
  const asking = frames.find((candidate) => !isAllocatorFrame(candidate)) ?? frames[0];
  const isTold = site.file !== undefined || site.function !== undefined;
  const { at, through } = placeOfFrames(isTold ? [] : frames);
  const named = isTold ? site : frames[at];
  const name: PlaceName = {
    ...(named?.function !== undefined && { function: named.function }),
    ...(named?.file !== undefined && { file: named.file }),
    ...(named?.line !== undefined && { line: named.line }),
    ...(through !== undefined && { through: shortName(through.function) }),
  };
  const component = asking?.module ?? componentOf(isTold ? name.file : asking?.file);
  return component === undefined ? name : { ...name, component };
}

/** `…/components/lwip/src/x.c` → lwip; `…/managed_components/a__b/…` → a__b; `main/x.c` → main. */
function componentOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const parts = file.split(/[/\\]/);
  const folder = parts.findLastIndex((part) => part === "components" || part === "managed_components");
  if (folder >= 0 && folder + 2 < parts.length) return parts[folder + 1];
  return parts.slice(0, -1).findLast((part) => part === "main");
}

/** `somewhere in libcrypto.so`: for a function that has no name but is known to lie there; undefined where it has one, or nothing is known. */
export function moduleInPlaceOfName(name: string | undefined, module: string | undefined): string | undefined {
  const isNameless = name === undefined || /^\?*$/.test(name);
  return isNameless && module !== undefined ? `somewhere in ${module}` : undefined;
}

/** `http_client.c:412 fetch through cJSON_Parse`, or the first return address into flash, as allocators lie in RAM, or `site 7`. */
export function labelOf(site: RunSite, name: PlaceName): string {
  const label = ownLabel(site, name);
  return name.through === undefined ? label : `${label} through ${name.through}`;
}

function ownLabel(site: RunSite, name: PlaceName): string {
  if (name.file !== undefined) {
    const file = fileName(name.file);
    const place = name.line === undefined ? file : `${file}:${name.line}`;
    const isItsName = name.function === undefined || name.function === place;
    return isItsName ? place : `${place} ${readableName(name.function ?? "")}`;
  }
  const module = moduleInPlaceOfName(name.function, name.component);
  if (module !== undefined) return module;
  if (name.function !== undefined) return readableName(name.function);
  const caller = site.callers?.find(isInFlash) ?? site.callers?.[0];
  if (caller !== undefined) return formatAddress(caller);
  return site.id === 0 ? "unknown site" : `site ${site.deviceId}`;
}

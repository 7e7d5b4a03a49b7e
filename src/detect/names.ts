// Names for sites and tasks as findings say them. One place, so that a sentence, a table and a fingerprint agree.
import { formatAddress } from "../base/format.ts";
import type { FrameResolver, ResolvedFrame, RunSite, RunTables } from "../heap/types.ts";

export interface SiteName {
  /** Innermost frame that is not part of an allocator: where the user's code asks. */
  readonly function?: string;
  readonly file?: string;
  readonly line?: number;
  readonly variable?: string;
  /** `client.c:120 http_get (buffer)`: the file without its folders, or the caller's address where there are no names. */
  readonly text: string;
  /** Allocator frames left out, innermost first. */
  readonly frames: readonly ResolvedFrame[];
}

export interface Names {
  site(id: number): SiteName;
  /** The task's name, `interrupt` and `startup` for the fixed ones. */
  task(id: number): string;
}

/**
 * Functions that only pass a request on: ESP-IDF's heap component, newlib's and FreeRTOS' wrappers, C++ operators. A call site is the first
 * frame outside them.
 */
const allocatorFunctions =
  /^(_*(wrap|real)_+)?((heap_caps|multi_heap|tlsf|esp_heap|memmap|trace|traceable)_\w+|(_*)(malloc|calloc|realloc|reallocf|free|memalign|aligned_alloc|posix_memalign|strdup|strndup|(v?asprintf))(_r)?|pv?PortMalloc\w*|pvPort(Calloc|Realloc)|vPortFree|operator (new|delete)(\[\])?(\(.*\))?|_Zn[wa]\w*|_Zd[al]Pv\w*)$/;
const allocatorFiles =
  /(^|\/)(heap_caps\w*\.c|multi_heap\w*\.c|tlsf\w*\.c|heap_trace\w*\.(c|inc)|newlib\/(src\/)?heap\.c|new_op\w*\.cc)$/;

export function makeNames(tables: RunTables, resolver?: FrameResolver): Names {
  const cache = new Map<number, SiteName>();
  return {
    site(id) {
      let name = cache.get(id);
      if (name === undefined) cache.set(id, (name = nameSite(tables.sites[id], resolver)));
      return name;
    },
    task(id) {
      const name = tables.tasks[id]?.name;
      if (name !== undefined && name !== "") return name;
      return ["startup", "interrupt", "other tasks"][id] ?? `task ${id}`;
    },
  };
}

function nameSite(site: RunSite | undefined, resolver: FrameResolver | undefined): SiteName {
  if (site === undefined) return { text: "a place that is not known", frames: [] };
  const frames = withoutAllocator(framesOf(site, resolver));
  const top: Partial<ResolvedFrame> = frames[0] ?? {};
  const caller = site.callers?.[0];
  const words = [
    top.file !== undefined ? fileName(top.file) + (top.line !== undefined ? `:${top.line}` : "") : undefined,
    top.function,
    site.variable !== undefined ? `(${site.variable})` : undefined,
  ].filter((word) => word !== undefined && word !== "");
  const text =
    words.length > 0 ? words.join(" ") : caller !== undefined ? formatAddress(caller) : "a place that is not known";
  return {
    text,
    frames,
    ...(top.function !== undefined && { function: top.function }),
    ...(top.file !== undefined && { file: top.file }),
    ...(top.line !== undefined && { line: top.line }),
    ...(site.variable !== undefined && { variable: site.variable }),
  };
}

/** What the macro told comes first; callers behind it are what lies further out. */
function framesOf(site: RunSite, resolver: FrameResolver | undefined): ResolvedFrame[] {
  const frames: ResolvedFrame[] = [];
  if (site.file !== undefined || site.function !== undefined) {
    frames.push({
      function: site.function ?? "",
      ...(site.file !== undefined && { file: site.file }),
      ...(site.line !== undefined && site.line > 0 && { line: site.line }),
    });
  }
  if (site.frames !== undefined) frames.push(...site.frames);
  for (const caller of site.callers ?? []) {
    const resolved = resolver?.frames(caller) ?? [];
    // The macro's own function is also the innermost caller: said once.
    for (const frame of resolved) {
      if (frames.length === 1 && site.function !== undefined && frame.function === site.function) continue;
      frames.push({ address: caller, ...frame });
    }
  }
  return frames;
}

function withoutAllocator(frames: readonly ResolvedFrame[]): readonly ResolvedFrame[] {
  const first = frames.findIndex(
    (frame) =>
      !allocatorFunctions.test(frame.function) && !(frame.file !== undefined && allocatorFiles.test(frame.file)),
  );
  return first <= 0 ? frames : frames.slice(first);
}

export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** What stays when lines move and addresses change: function, file and variable; the line only where there is no function. */
export function stableKey(name: SiteName): string {
  const file = name.file === undefined ? "" : fileName(name.file);
  const place = name.function !== undefined && name.function !== "" ? name.function : String(name.line ?? name.text);
  return [file, place, name.variable ?? ""].join(":");
}

export function fingerprint(rule: string, names: Names, sites: readonly number[]): string {
  return [rule, ...sites.map((site) => stableKey(names.site(site)))].join("|");
}

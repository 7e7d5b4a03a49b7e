// Which kind of project a folder is, what `memmap init` would change in it, and doing so: all or nothing, with a note of it that --undo reads.
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MemmapError } from "../../base/errors.ts";
import { isSketch, planArduino } from "./arduino.ts";
import { isEspIdf, planEspIdf } from "./esp-idf.ts";
import type { Change, Plan, ProjectFiles } from "./plan.ts";
import { isPlatformIo, planPlatformIo } from "./platformio.ts";
import { packagePath } from "../package.ts";

/** What was changed, in the project, for --undo. */
const NOTE = ".memmap-init.json";
/** Larger sources are no place for an app_main. */
const MOST_BYTES = 4 << 20;

export function filesOf(folder: string): ProjectFiles {
  return {
    read(path) {
      const full = join(folder, path);
      try {
        const facts = lstatSync(full);
        return facts.isDirectory() || facts.size > MOST_BYTES ? undefined : readFileSync(full, "utf8");
      } catch {
        return undefined; // not there, or not for us to read
      }
    },
    list(path) {
      try {
        const entries = readdirSync(join(folder, path), { withFileTypes: true });
        return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
      } catch {
        return [];
      }
    },
  };
}

/** @throws MemmapError `init-no-project` */
export function planFor(folder: string): Plan {
  const files = filesOf(folder);
  if (isPlatformIo(files)) return planPlatformIo(files);
  if (isEspIdf(files)) return planEspIdf(files);
  if (isSketch(files)) return planArduino(files, basename(resolve(folder)));
  throw new MemmapError(`${folder} is no project that memmap knows`, {
    code: "init-no-project",
    hint: "Go into the folder with CMakeLists.txt (ESP-IDF), platformio.ini or the sketch's .ino, or name it.",
  });
}

function probeFolder(): string {
  const probe = packagePath("firmware", "memmap");
  if (existsSync(join(probe, "idf_component.yml"))) return probe;
  throw new MemmapError("the probe's sources are missing", { code: "init-no-probe", hint: "Install memmap again." });
}

type Note = readonly (
  | { readonly kind: "file"; readonly path: string; readonly before?: string; readonly after: string }
  | { readonly kind: "copy"; readonly path: string }
)[];

/** @throws MemmapError `init-denied` before anything was changed, `init-failed` after everything was put back */
export function apply(folder: string, changes: readonly Change[]): void {
  const earlier = readNote(folder) ?? [];
  for (const path of [NOTE, ...changes.map((change) => change.path)]) checkWritable(folder, path);
  for (const { kind, path } of changes) if (kind === "copy") checkFree(join(folder, path));
  const done: Change[] = [];
  try {
    for (const change of changes) {
      // What was not there before is ours to remove: a copy that was begun, a new file once it was written.
      const isNew = change.kind === "file" && change.before === undefined;
      if (!isNew) done.push(change);
      put(folder, change);
      if (isNew) done.push(change);
    }
    const note: Note = [
      ...earlier,
      ...changes.map((change) =>
        change.kind === "copy"
          ? { kind: change.kind, path: change.path }
          : {
              kind: change.kind,
              path: change.path,
              after: change.after,
              ...(change.before !== undefined && { before: change.before }),
            },
      ),
    ];
    writeFileSync(join(folder, NOTE), `${JSON.stringify(note, undefined, 1)}\n`);
  } catch (cause) {
    for (const change of done.reverse()) takeBack(folder, change);
    throw new MemmapError(`${folder} could not be changed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: "init-failed",
      hint: "Everything is as it was.",
      cause,
    });
  }
}

function put(folder: string, change: Change): void {
  const full = join(folder, change.path);
  mkdirSync(dirname(full), { recursive: true });
  if (change.kind === "file") writeFileSync(full, change.after);
  else cpSync(probeFolder(), full, { recursive: true, errorOnExist: true, force: false });
}

function takeBack(folder: string, change: Change | Note[number]): void {
  const full = join(folder, change.path);
  if (change.kind === "file" && change.before !== undefined) {
    writeFileSync(full, change.before);
    return;
  }
  rmSync(full, { recursive: true, force: true });
  // The folder above, where nothing else is in it: `components` may be ours too.
  if (change.kind === "copy" && readdirSync(dirname(full)).length === 0) rmdirSync(dirname(full));
}

/** The file itself, or the nearest folder above that exists. */
function checkWritable(folder: string, path: string): void {
  let place = join(folder, path);
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
  } catch (cause) {
    throw new MemmapError(`${place} may not be written`, {
      code: "init-denied",
      hint: "Nothing was changed. Make it writable, or run this as its owner.",
      cause,
    });
  }
}

function checkFree(place: string): void {
  if (!existsSync(place)) return;
  throw new MemmapError(`${place} is there already, and is not the probe`, {
    code: "init-exists",
    hint: "Nothing was changed. Move it away first.",
  });
}

function readNote(folder: string): Note | undefined {
  const text = filesOf(folder).read(NOTE);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Note;
  } catch (cause) {
    throw new MemmapError(`${join(folder, NOTE)} is damaged`, {
      code: "init-note",
      hint: "Take memmap's lines out by hand, or with your version control; then remove that file.",
      cause,
    });
  }
}

export interface Undone {
  readonly restored: readonly string[];
  /** Changed by others since: memmap's lines were taken out, the rest stays. */
  readonly edited: readonly string[];
  /** Changed so much that memmap's lines are not found any more: left as it is. */
  readonly left: readonly string[];
}

/** Takes back what init has done; undefined where it has done nothing. */
export function undo(folder: string): Undone | undefined {
  const note = readNote(folder);
  if (note === undefined) return undefined;
  for (const { path } of note) checkWritable(folder, path);
  const result = { restored: [] as string[], edited: [] as string[], left: [] as string[] };
  for (const change of [...note].reverse()) {
    if (change.kind === "copy") {
      takeBack(folder, change);
      result.restored.push(change.path);
      continue;
    }
    const now = filesOf(folder).read(change.path);
    if (now === undefined) continue;
    if (now === change.after) {
      takeBack(folder, change);
      result.restored.push(change.path);
      continue;
    }
    const without = withoutAdded(now, change.before ?? "", change.after);
    if (without === undefined) result.left.push(change.path);
    else {
      writeFileSync(join(folder, change.path), without);
      result.edited.push(change.path);
    }
  }
  rmSync(join(folder, NOTE), { force: true });
  return result;
}

/** `now` without the lines that memmap added; undefined where one of them is not there as it was. */
function withoutAdded(now: string, before: string, after: string): string | undefined {
  const known = new Map<string, number>();
  for (const line of before.split("\n")) known.set(line, (known.get(line) ?? 0) + 1);
  const added: string[] = [];
  for (const line of after.split("\n")) {
    const left = known.get(line) ?? 0;
    if (left > 0) known.set(line, left - 1);
    else added.push(line);
  }
  const lines = now.split("\n");
  for (const line of added) {
    const at = lines.indexOf(line);
    if (at < 0) return undefined;
    lines.splice(at, 1);
  }
  return lines.join("\n");
}

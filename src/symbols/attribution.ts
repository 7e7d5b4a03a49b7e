// Whose code a frame is: its component, whether it only passes an allocation on, and where in a chain the user's own code
// begins. All of it comes from paths and names, since an ELF does not say what it was linked from.
import { mostOften } from "./votes.ts";
import type { FileOwner, Roots } from "./file-owner.ts";
import { idfOf, MAX_NAME, TOOLCHAIN } from "./library-folders.ts";
import { joinPath } from "./paths.ts";
import { textOf } from "./dwarf/forms.ts";
import type { Text, UnitRoot } from "./dwarf/units.ts";
import type { Frame } from "./symbolizer.ts";

export interface AttributedFrame extends Frame, FileOwner {
  /** Whether it only passes an allocation on, as `malloc` and `operator new` do. */
  readonly isAllocator: boolean;
}

export interface AttributedChain {
  readonly frames: readonly AttributedFrame[];
  /** Index of the first frame that is the user's own and no allocator; undefined when there is none. */
  readonly user: number | undefined;
  /** Index of the frame to name as the site: the user's, else the library's that is called from outside, else the last. */
  readonly site: number;
}

/** An intact file has some ten build folders. */
const MAX_FOLDERS = 1000;

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

/** ESP-IDF compiles in <project>/build (or build_<something>), PlatformIO and others in the project itself. */
function projectOfBuild(folder: string): string {
  return folder.replace(/\/(build[^/]*|cmake-build[^/]*|\.pio\/build\/[^/]+)$/, "");
}

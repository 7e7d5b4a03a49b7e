// `npm run mutate -- --folder src/heap [--samples 100] [--seed 1]`: would the tests notice a mistake? Makes one-token changes, one at a time,
// in a copy of the project, runs the tests that come to the changed place, and lists what survived. The working tree is never touched. With
// several folders, so many samples of each, taken in turn. `--unreached` only lists the places of all changes that no quick test comes to.
// Changes that change nothing are named in tools/equivalent-mutations.txt, and shown as such.
import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Question, Verdict } from "./mutation-runner.ts";
import { projectRoot } from "./build-c.ts";
import { describeMutation, equivalentMutations } from "./equivalent-mutations.ts";
import { markReached, mutate, mutationsOf, type Mutation } from "./mutations.ts";

/** Longer than all tests of a file take; beyond, a change has made a loop endless, and that is noticed. */
const LIMIT_MS = 600_000;

interface Sample extends Mutation {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}

const { values } = parseArgs({
  options: {
    folder: { type: "string", multiple: true, default: ["src"] },
    samples: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    unreached: { type: "boolean", default: false },
  },
});
const count = values.unreached ? Infinity : Number(values.samples);
const samples = inTurn(values.folder.map((one) => choose(candidatesOf(one), count, Number(values.seed))));
const scratch = copyProject();
let runner: ChildProcess | undefined;
/** Files of tests that pass, and that fail, without any change. */
const trusted = new Set<string>();
const broken = new Set<string>();
const survivors: string[] = [];
const toolErrors: string[] = [];
const sameProgram: string[] = [];
const equivalents = equivalentMutations();
const scores = new Map(
  values.folder.map((folder) => [folder, { noticed: 0, survived: 0, timedOut: 0, equivalent: 0, unanswered: 0 }]),
);
try {
  const reach = await reachOf(samples.filter((sample) => reasonOfEquivalence(sample) === undefined));
  if (values.unreached) {
    const places = [...reach].filter(([, files]) => files.length === 0).map(([sample]) => describe(sample));
    for (const place of places.sort()) console.log(place);
    console.log(`\nNo quick test comes to ${places.length} of ${samples.length} places that can be changed.`);
    samples.length = 0;
  }
  for (const [index, sample] of samples.entries()) {
    const change = describe(sample);
    const score = scores.get(sample.folder);
    if (score === undefined) continue;
    const reason = reasonOfEquivalence(sample);
    if (reason !== undefined) {
      sameProgram.push(`${change}\n    ${reason}`);
      score.equivalent++;
      continue;
    }
    const outcome = await outcomeOf(sample, reach.get(sample));
    if (outcome instanceof Error) {
      // Nothing is known of this change.
      score.unanswered++;
      toolErrors.push(`${change}\n    ${outcome.message}`);
      console.log(`${index + 1}/${samples.length} NOT ANSWERED ${change}\n    ${outcome.message}`);
      continue;
    }
    if (outcome === "timed out" || outcome?.endsWith("(timed out)") === true) score.timedOut++;
    if (outcome === undefined) {
      score.survived++;
      survivors.push(reach.get(sample)?.length === 0 ? `${change}\n    no quick test comes to it` : change);
    } else score.noticed++;
    console.log(`${index + 1}/${samples.length} ${outcome === undefined ? "SURVIVED" : "noticed"} ${change}`);
    if (outcome !== undefined) console.log(`    by ${outcome}`);
  }
} finally {
  stop();
  rmSync(scratch, { recursive: true, force: true });
}
if (sameProgram.length > 0) console.log(`\nthe same program (not asked):\n  ${sameProgram.join("\n  ")}`);
if (survivors.length > 0) console.log(`\nsurvived:\n  ${survivors.join("\n  ")}`);
if (toolErrors.length > 0) console.log(`\nnot answered, by a fault of this tool:\n  ${toolErrors.join("\n  ")}`);
console.log();
if (values.unreached) scores.clear();
for (const [folder, { noticed, survived, timedOut, equivalent, unanswered }] of scores) {
  const asked = noticed + survived;
  const part = asked === 0 ? "" : ` (${((100 * noticed) / asked).toFixed(0)} %)`;
  console.log(
    `${folder}, seed ${values.seed}: ${noticed} of ${asked} noticed${part}, ${timedOut} of them by a time-out; ${equivalent} change nothing` +
      (unanswered > 0 ? `; ${unanswered} not answered` : ""),
  );
}
if (toolErrors.length > 0) process.exitCode = 1;

function candidatesOf(folder: string): Sample[] {
  return projectFiles(folder)
    .filter((path) => /\.ts$/.test(path) && !/\.(test|d)\.ts$/.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(projectRoot, path), "utf8");
      return mutationsOf(path, text).map((mutation) => ({ ...mutation, folder, path, text }));
    });
}

/** The first of each list, then the second of each: what is stopped early has asked all alike. */
function inTurn(lists: readonly (readonly Sample[])[]): Sample[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
}

/** As many as asked for, the same for the same seed (xorshift32). */
function choose(candidates: Sample[], count: number, seed: number): Sample[] {
  let state = (seed * 2654435761) >>> 0 || 1;
  const chosen: Sample[] = [];
  while (chosen.length < count && candidates.length > 0) {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    chosen.push(...candidates.splice(state % candidates.length, 1));
  }
  return chosen;
}

function projectFiles(...folders: readonly string[]): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", ...folders];
  const listed = execFileSync("git", args, { cwd: projectRoot, encoding: "utf8" });
  return listed.split("\n").filter((path) => path !== "" && existsSync(join(projectRoot, path)));
}

function copyProject(): string {
  mkdirSync(join(projectRoot, ".tmp"), { recursive: true });
  const folder = mkdtempSync(join(projectRoot, ".tmp", "mutate-"));
  for (const path of projectFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(projectRoot, path), join(folder, path));
  }
  // What some tests run as a program is the built one, without the change.
  for (const made of ["node_modules", "dist"]) symlinkSync(join(projectRoot, made), join(folder, made));
  return folder;
}

/** `src/heap/x.ts:12  a < b  →  a >= b` */
function describe({ path, text, ...mutation }: Sample): string {
  return `${path}:${text.slice(0, mutation.start).split("\n").length}  ${describeMutation(text, mutation)}`;
}

function reasonOfEquivalence({ path, text, ...mutation }: Sample): string | undefined {
  return equivalents.get(`${path}  ${describeMutation(text, mutation)}`);
}

/**
 * The files of tests that come to each place, from one run of them all over sources that tell it, each file in a process of its own: what is
 * kept from the first use is the first user's otherwise. None for what is evaluated once, on import: that is every importer's.
 */
async function reachOf(asked: readonly Sample[]): Promise<Map<Sample, readonly string[]>> {
  const told = join(scratch, ".tmp", "reached");
  mkdirSync(dirname(told), { recursive: true });
  writeFileSync(told, "");
  const marked = new Map<string, Sample[]>();
  for (const sample of asked) marked.set(sample.path, [...(marked.get(sample.path) ?? []), sample]);
  await start("isolate");
  for (const [path, here] of marked) {
    const indices = here.map((sample) => samples.indexOf(sample)).join(", ");
    const text = readFileSync(join(scratch, path), "utf8");
    writeFileSync(join(scratch, path), markReached(text, here, "tellReached") + tellReached(indices, told));
  }
  const { died, notRun = [] } = await ask({ paths: [...marked.keys()], without: [], toTheEnd: true });
  stop();
  for (const { path, text } of asked) writeFileSync(join(scratch, path), text);
  if (died !== undefined) throw new Error(died);
  for (const file of notRun) console.log(`could not be run, so nothing is known of what it comes to: ${file}`);
  const reach = new Map<Sample, string[]>(asked.filter(({ isOnce }) => !isOnce).map((sample) => [sample, []]));
  for (const line of new Set(readFileSync(told, "utf8").trim().split("\n"))) {
    const [index, file = ""] = line.split("\t");
    const sample = samples[Number(index)];
    if (sample !== undefined) reach.get(sample)?.push(relative(scratch, file));
  }
  return reach;
}

/** A function for the end of a file: writes down, once for each file of tests, which of its places was come to. Vitest's workers know their file. */
function tellReached(indices: string, told: string): string {
  return `
var toldReached; // is come to before the end of the file is
function tellReached(place) {
  const file = globalThis.__vitest_worker__?.filepath;
  toldReached ??= new Set();
  if (toldReached.has(place)) return;
  toldReached.add(place);
  process.getBuiltinModule("node:fs").appendFileSync(${JSON.stringify(told)}, [${indices}][place] + "\\t" + file + "\\n");
}`;
}

/** The test that fails with the change and passes without, if there is one; an error where that could not be found out. */
async function outcomeOf(
  { path, text, ...mutation }: Sample,
  reachedBy: readonly string[] | undefined,
): Promise<string | Error | undefined> {
  if (reachedBy?.length === 0) return undefined;
  const only = reachedBy === undefined ? {} : { only: reachedBy };
  for (;;) {
    await start();
    writeFileSync(join(scratch, path), mutate(text, mutation));
    const { failed, file, died } = await ask({ paths: [path], ...only, without: [...broken] });
    writeFileSync(join(scratch, path), text);
    if (died !== undefined) return new Error(died);
    if (file === undefined || trusted.has(file)) return failed;
    const { failed: anyway } = await ask({ paths: [path], only: [file], without: [] });
    (anyway === undefined ? trusted : broken).add(file);
    if (anyway === undefined) return failed;
    console.log(`fails without any change, and is not asked again: ${anyway}`);
  }
}

/** Has the tests of a changed file run; "timed out" is a failure too, but not a runner that ends by itself. */
async function ask(question: Question): Promise<Verdict & { readonly died?: string }> {
  const asked = await start();
  let expired = false;
  // Without a change nothing is endless, however long all tests take: what was not come to yet would count as not reached.
  const timer = setTimeout(
    () => {
      expired = true;
      stop();
    },
    question.toTheEnd === true ? 2 ** 31 - 1 : LIMIT_MS,
  );
  asked.send(question);
  const answered = new AbortController();
  const verdict = await Promise.race([
    once(asked, "message", { signal: answered.signal }).then(([message]) => message as Verdict),
    once(asked, "exit", { signal: answered.signal }).then(([code, signal]) => {
      if (expired) return { failed: "timed out" };
      stop();
      return { failed: undefined, died: `the process that runs the tests ended (${String(signal ?? code)})` };
    }),
  ]);
  answered.abort(); // what did not come is not listened to any longer
  clearTimeout(timer);
  return verdict;
}

/** The process that runs the tests; started, where there is none, while nothing is changed. */
async function start(isolation = ""): Promise<ChildProcess> {
  if (runner !== undefined) return runner;
  const args = [join(scratch, ".tmp", "vite"), isolation];
  const child = fork(join(projectRoot, "dist/tools/mutation-runner.js"), args, {
    cwd: scratch,
    detached: true, // its own process group, so that its workers end with it
    env: {
      ...process.env,
      MEMMAP_REAL_DATA: process.env["MEMMAP_REAL_DATA"] ?? resolve(projectRoot, "../shared/data"),
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  runner = child;
  return child;
}

function stop(): void {
  if (runner?.pid !== undefined) {
    try {
      process.kill(-runner.pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
  runner = undefined;
}

// The worker's side of a page: one run that is open, questions about it, and what brings more of it. Knows no DOM, so that tests run it in Node.
import type { FrameResolver } from "../../heap/types.ts";
import { openModel } from "../../heap/model.ts";
import { rowsIn, spanOf, tellsBlocks } from "../../heap/run.ts";
import { makeNames, type Names } from "../../detect/names.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import type { RandomAccess } from "../../recording/random-access.ts";
import type { Asked } from "../../report/asked.ts";
import { answer, type Question, type QuestionKind, type QuestionOf } from "../../report/questions.ts";
import { viewRun, type ElfState } from "../../report/run-view.ts";
import { KeptStates } from "../../heap/kept-states.ts";
import { Moments } from "./moments.ts";
import { BufferPool } from "./buffer-pool.ts";
import { makeTurn, Overtaken, politeRun, type Turn } from "./polite-run.ts";
import { failureOf } from "./failure.ts";
import type { FromWorker, RunState } from "./protocol.ts";

/**
 * Questions that wait for others go on when nobody has asked for so many milliseconds: who scrubs asks the next one as soon as the last is
 * answered and drawn, and must not wait for a chunk of something else in between.
 */
const QUIET_MILLISECONDS = 100;

/** `transfer`: buffers that go along, and are the session's no more. */
export type Post = (message: FromWorker, transfer?: ArrayBuffer[]) => void;

/** What makes looking about in a recording quick. */
interface Look {
  readonly recording: Recording;
  readonly states: KeptStates;
  /** Of its present version. */
  moments: Moments;
}

/** A run that is open, and where its bytes are. */
export interface OpenRun extends Look {
  readonly name: string;
  readonly access: RandomAccess;
  live: boolean;
  notice?: string | undefined;
  version: number;
}

interface OtherRun extends Look {
  readonly name: string;
}

interface ElfNames {
  readonly state: ElfState;
  readonly resolver: FrameResolver;
}

export class Session {
  readonly buffers = new BufferPool();
  private readonly post: Post;
  private run: OpenRun | undefined;
  private other: OtherRun | undefined;
  private elf: ElfNames | undefined;
  /** How verdicts are made. */
  detectOptions: Asked["detectOptions"];
  /** The newest question of each topic; older ones are overtaken. */
  private readonly newest = new Map<string, number>();
  /** Questions under way that somebody waits for, and who waits for their end. */
  private foreground = 0;
  private idle: (() => void)[] = [];
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private damageTold = 0;
  private names: { readonly key: string; readonly names: Names } | undefined;

  constructor(post: Post) {
    this.post = post;
  }

  get current(): OpenRun | undefined {
    return this.run;
  }

  get elfState(): ElfState | undefined {
    return this.elf?.state;
  }

  async open(name: string, access: RandomAccess, live: boolean): Promise<OpenRun> {
    const recording = await openRecording(access);
    const run: OpenRun = { name, ...lookAt(recording), access, live, version: 1 };
    this.run = run;
    this.newest.clear();
    this.names = undefined;
    this.damageTold = recording.tables.damage.length;
    this.postState();
    return run;
  }

  async openOther(name: string, access: RandomAccess): Promise<void> {
    this.other = { name, ...lookAt(await openRecording(access)) };
    this.changed();
  }

  setElf(state: ElfState, resolver: FrameResolver): void {
    this.elf = { state, resolver };
    this.changed();
  }

  /** Takes in what a growing recording has got since; the page is told when there is anything. */
  async grow(run: OpenRun): Promise<void> {
    if ((await run.recording.refresh()) > 0 && run === this.run) this.changed();
  }

  /** Something about the run is different: every answer is out of date. */
  changed(): void {
    if (this.run === undefined) return;
    this.run.version++;
    this.run.moments = new Moments();
    this.postState();
  }

  close(): void {
    this.run = undefined;
    this.other = undefined;
    this.elf = undefined;
    this.newest.clear();
  }

  forget(topic: string): void {
    this.newest.delete(topic);
  }

  async ask(id: number, topic: string, question: Question, background: boolean): Promise<void> {
    const { run } = this;
    if (run === undefined) return;
    this.newest.set(topic, id);
    const isWanted = (): boolean => this.newest.get(topic) === id && this.run === run;
    if (!background) {
      this.foreground++;
      clearTimeout(this.quiet);
    }
    try {
      const turn = makeTurn(isWanted, () => (background && this.isAsked ? this.untilIdle() : undefined));
      const asked = await this.askedOf(run, turn, this.namesOf(run), background);
      const other =
        this.other === undefined
          ? undefined
          : await this.askedOf(
              this.other,
              turn,
              makeNames(this.other.recording.tables, this.elf?.resolver),
              background,
            );
      const value = await answer(asked, question as QuestionOf<QuestionKind>, other);
      if (isWanted())
        this.post({ type: "answer", id, answer: value }, "holeBytes" in value ? [value.address.buffer] : []);
      this.tellDamage(run);
    } catch (error) {
      if (error instanceof Overtaken) return;
      if (isWanted()) this.post({ type: "failed", id, failure: failureOf(error) });
    } finally {
      if (!background && --this.foreground === 0) this.wakeLater();
    }
  }

  /** A question's own view of the run, without giving way to others: for a report that is being written. */
  async wholeRun(): Promise<Asked | undefined> {
    const { run } = this;
    if (run === undefined) return undefined;
    const turn = makeTurn(
      () => this.run === run,
      () => undefined,
    );
    return this.askedOf(run, turn, this.namesOf(run), true);
  }

  private async askedOf(look: Look, turn: Turn, names: Names, background: boolean): Promise<Asked> {
    const resolver = this.elf?.resolver;
    const options = resolver === undefined ? {} : { resolver };
    const run = politeRun(look.recording, turn, look.states);
    // A question that waits for others must not be one that others wait for.
    const model = await openModel(run, background ? options : { ...options, moments: look.moments });
    const { detectOptions, buffers } = this;
    return { model, names, buffers, ...(detectOptions !== undefined && { detectOptions }), ...options };
  }

  /** Names are made once a version: a run that grows may learn more of a site. */
  private namesOf(run: OpenRun): Names {
    const key = `${run.version} ${this.elf?.state.name ?? ""}`;
    if (this.names?.key !== key) this.names = { key, names: makeNames(run.recording.tables, this.elf?.resolver) };
    return this.names.names;
  }

  /** Damage is found where something is read: with what has come to light, answers that were given before are out of date. */
  private tellDamage(run: OpenRun): void {
    const found = run.recording.tables.damage.length;
    if (found === this.damageTold || run !== this.run) return;
    this.damageTold = found;
    this.changed();
  }

  /** Somebody waits for an answer, or did so a moment ago. */
  private get isAsked(): boolean {
    return this.foreground > 0 || this.quiet !== undefined;
  }

  private wakeLater(): void {
    this.quiet = setTimeout(() => {
      this.quiet = undefined;
      for (const wake of this.idle.splice(0)) wake();
    }, QUIET_MILLISECONDS);
  }

  private untilIdle(): Promise<void> {
    return new Promise((resolve) => this.idle.push(resolve));
  }

  postState(): void {
    const { run, other, elf } = this;
    if (run === undefined) return;
    // From what is in memory: also where a server that has the bytes is gone.
    const { recording } = run;
    const state: RunState = {
      ...viewRun({
        span: spanOf(recording),
        rows: rowsIn(recording),
        tables: recording.tables,
        tellsBlocks: tellsBlocks(recording),
      }),
      name: run.name,
      live: run.live,
      ...(run.notice !== undefined && { notice: run.notice }),
      version: run.version,
      size: run.access.size,
      remarks: run.live ? [] : recording.condition.remarks,
      ...(elf !== undefined && { elf: elf.state }),
      ...(other !== undefined && { other: { name: other.name, span: spanOf(other.recording) } }),
    };
    this.post({ type: "state", state });
  }
}

function lookAt(recording: Recording): Look {
  return { recording, states: new KeptStates(), moments: new Moments() };
}

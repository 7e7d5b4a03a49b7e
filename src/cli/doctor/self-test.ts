// The board itself, over its port: does a probe answer, does it see malloc, new and heap_caps_calloc, and how much of the heap does it know?
import { formatBytes } from "../../base/format.ts";
import type { ByteSource } from "../../capture/source.ts";
import { openModel } from "../../heap/model.ts";
import type { HeapModel } from "../../heap/model-api.ts";
import { RunRecorder } from "../../heap/run-recorder.ts";
import { samplingOf } from "../../heap/sampling.ts";
import { Decoder } from "../../wire/decoder.ts";
import { commandBytes } from "../../wire/encode-frames.ts";
import { note, ok, problem, type Check } from "./check.ts";

const PREFIX = "self-test ";

export interface SelfTest {
  readonly checks: readonly Check[];
  /** What was heard; undefined where nothing of a probe was. */
  readonly model?: HeapModel;
}

/** Listens, asks, and listens until the answer has come or `patience` milliseconds are over. Closes the source. */
export async function selfTest(source: ByteSource, patience: number): Promise<SelfTest> {
  const recorder = new RunRecorder();
  const decoder = new Decoder(recorder);
  const { tables } = recorder;
  let bytes = 0;
  let asked = false;
  const end = setTimeout(() => void source.close(), patience);
  const isAnswered = (): boolean => tables.marks.some(({ name }) => name.startsWith(PREFIX));
  const timesAsked = { snapshots: 0 };
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      decoder.push(chunk);
      recorder.flush();
      // Nothing is sent before frames have come: what listens there may be a console that takes bytes for commands.
      if (!asked && tables.boots.length > 0 && source.write !== undefined) {
        asked = true;
        await source.write(commandBytes({ kind: "self-test" }));
        await source.write(commandBytes({ kind: "snapshot" }));
      }
      if (isAnswered() && ++timesAsked.snapshots > CHUNKS_AFTER) break;
    }
  } finally {
    clearTimeout(end);
    await source.close();
  }
  decoder.end();
  recorder.flush();
  if (tables.boots.length === 0) return { checks: [silence(bytes)] };
  const model = await openModel(recorder.run);
  return { model, checks: [...answers(model, source.write !== undefined), ...(await coverage(model))] };
}

/** After the answer the snapshot and the regions are on the way. */
const CHUNKS_AFTER = 40;

function silence(bytes: number): Check {
  if (bytes === 0) {
    return problem(
      "nothing comes from it",
      "is the board powered, is it this port, does its console go there? A wrong baud rate shows as noise, not as silence",
    );
  }
  return problem(
    `${formatBytes(bytes)} came, and nothing of a probe among them`,
    "the baud rate (--baud), memmap_stream_start() in app_main, or another transport than this port (the setting CONFIG_MEMMAP_TRANSPORT_UART and its like)",
  );
}

const states: Readonly<Record<string, (name: string, isSample: boolean) => Check>> = {
  "0": (name) => ok(`${name}: the program does not use it`),
  "1": (name) => ok(`${name} is seen`),
  "2": (name, isSample) =>
    isSample
      ? note(`${name}: the test's block was not in the sample, which proves nothing`)
      : problem(
          `${name} is NOT seen`,
          "CONFIG_MEMMAP_INTERPOSE, without heap tracing; `memmap doctor PROJECT` says more",
        ),
  "3": (name) => note(`${name}: there was no memory for the test`),
};

function answers({ tables }: HeapModel, canAsk: boolean): Check[] {
  const mark = tables.marks.findLast(({ name }) => name.startsWith(PREFIX));
  if (mark === undefined) {
    const why = canAsk
      ? "its probe is older than the self-test, or does not read commands (CONFIG_MEMMAP_CONSOLE_COMMANDS_FROM_HOST)"
      : "this line goes one way";
    return [ok("a probe streams here"), note("the self-test was not answered", why)];
  }
  const isSample = samplingOf(tables.boots).sentence !== undefined;
  const told = [...mark.name.matchAll(/(\w+):(\d)/g)].map(([, name = "", state = ""]) =>
    states[state]?.(name, isSample),
  );
  return [ok("a probe streams here and answers"), ...told.filter((check) => check !== undefined)];
}

/** Below this share of what the heap has given out, much was allocated before the probe began, or past it. */
const GOOD_SHARE = 0.5;

async function coverage(model: HeapModel): Promise<Check[]> {
  const regions = await model.regionsAt(model.span.to);
  const used = regions.reduce((sum, { region, free }) => sum + region.end - region.start - free, 0);
  if (used === 0) return [note("what share of the heap the probe knows is not known: no report of the regions came")];
  const known = regions.reduce((sum, { occupied }) => sum + occupied, 0);
  const share = known / used;
  const what = `of ${formatBytes(used)} that the heap has given out, the probe knows ${formatBytes(known)} (${Math.round(share * 100)} %)`;
  if (samplingOf(model.tables.boots).sentence !== undefined) return [note(`${what}: it tracks a sample`)];
  const rest = "the rest is the heap's own tables and what was allocated before the probe began, or past it";
  return [
    share >= GOOD_SHARE
      ? ok(`${what}; ${rest}`)
      : note(`${what}; ${rest}`, "if it stays so: `memmap doctor PROJECT`, CONFIG_MEMMAP_TABLE_CAPACITY"),
  ];
}

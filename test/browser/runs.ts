// Recordings for the browser's tests: the simulated demo, made once, and a run whose every string tries to be markup.
import { runScenario } from "../../simulator/source.ts";
import { SCENARIOS } from "../../simulator/scenarios.ts";
import { RecordingWriter } from "../../src/recording/writer.ts";
import { Decoder } from "../../src/wire/decoder.ts";
import { FaultKind, FailureReason, Method } from "../../src/wire/protocol.ts";
import type { EventSink } from "../../src/wire/events.ts";
import { Teller } from "../../src/wire/teller.ts";
import { simulatorModule } from "../simulator.ts";

/** What the simulated board sends: its frames and its log. */
export async function scenarioBytes(name: string): Promise<Uint8Array> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of runScenario(await simulatorModule(), scenario, { pace: "full-speed" })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function recordBytes(bytes: Uint8Array): Uint8Array {
  return recordSink((sink) => {
    const decoder = new Decoder(sink);
    decoder.push(bytes);
    decoder.end();
  });
}

function recordSink(play: (sink: EventSink) => void): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes.slice()));
  play(writer);
  writer.finish();
  return Buffer.concat(parts);
}

/** Blocks of one call site that is known by its return addresses alone. */
export function stackRecording(callers: readonly number[]): Uint8Array {
  return recordSink((receiver) => {
    const sink = new Teller(receiver);
    sink.record({ kind: "site", value: { id: 1, method: Method.MALLOC, caps: 4, callers } });
    for (let i = 0; i < 20; i++) sink.alloc(1e6 + i * 1e6, 0x3fc8_0100 + i * 64, 40, 1, 3, 0);
    sink.flush();
  });
}

/** Runs a script and leaves a picture, if anything takes it for markup. */
export const markup = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

export function hostileRecording(): Uint8Array {
  return recordSink((receiver) => {
    const sink = new Teller(receiver);
    sink.record({
      kind: "boot",
      value: {
        bootId: 1,
        protocolVersion: 1,
        chip: markup,
        idfVersion: markup,
        appName: markup,
        appVersion: "1",
        configuration: 7,
        tableCapacity: 100,
        sampleInterval: 1,
        stackDepth: 0,
      },
    });
    sink.record({ kind: "task", value: { id: 3, name: markup, handle: 0x3ffb_0000 } });
    const site = { method: Method.MALLOC, caps: 4, line: 7 };
    sink.record({
      kind: "site",
      value: { id: 1, ...site, file: `main/${markup}`, function: markup, variable: markup },
    });
    sink.record({
      kind: "regions",
      value: {
        time: 0,
        regions: [{ name: markup, start: 0x3ffb_0000, end: 0x3ffc_0000, caps: 4, free: 60_000, largestFree: 59_000 }],
      },
    });
    for (let i = 0; i < 60; i++) sink.alloc(1e6 + i * 1e6, 0x3ffb_0100 + i * 64, 40, 1, 3, 0);
    sink.record({ kind: "mark", value: { time: 30e6, name: markup, task: 3, core: 0 } });
    sink.text(new TextEncoder().encode(`I (1) ${markup}\n`));
    sink.record({
      kind: "fault",
      value: {
        number: 1,
        kind: FaultKind.OVERFLOW,
        time: 40e6,
        task: 3,
        pointer: 0x3ffb_0100,
        blockAddress: 0x3ffb_0100,
        blockSize: 40,
        allocSite: 1,
        allocTask: 3,
        detectedSite: 1,
        damageOffset: 40,
        damageLength: 5,
        damageBytes: new TextEncoder().encode("<img>"),
      },
    });
    sink.record({
      kind: "failure",
      value: {
        number: 1,
        reason: FailureReason.NO_MEMORY,
        time: 50e6,
        task: 3,
        size: 70_000,
        caps: 4,
        site: 1,
        regions: [{ start: 0x3ffb_0000, end: 0x3ffc_0000, caps: 4, free: 60_000, largestFree: 59_000 }],
      },
    });
    sink.flush();
  });
}

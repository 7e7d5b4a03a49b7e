import { expect, test } from "vitest";
import { openModel } from "../heap/model.ts";
import { Teller } from "../wire/teller.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { playRecordedOnce } from "../../test/recorded-once.ts";
import { openRecording, type Recording } from "./open.ts";
import { bytesSource } from "./random-access.ts";
import { RecordingWriter } from "./writer.ts";

/** A run with something of everything, in four chunks. */
function record(finish: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes), { chunkRows: 8 });
  playRecordedOnce(writer);
  const teller = new Teller(writer);
  for (let i = 0; i < 12; i++) teller.alloc(7000 + i, 0x3ffb_8000 + i * 64, 8, 1, 0, 0);
  teller.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 7100 } });
  teller.flush();
  if (finish) writer.finish();
  else {
    writer.flush();
    // A chunk that tells of the one before it.
    teller.text(new TextEncoder().encode("the end\n"));
    teller.flush();
    writer.flush();
  }
  return Uint8Array.from(Buffer.concat(parts));
}

async function opened(bytes: Uint8Array): Promise<Recording> {
  const recording = await openRecording(bytesSource(bytes));
  await recording.check();
  return recording;
}

test.each([true, false])(
  "one flipped bit is told wherever it is, and loses no fault, failure, boot, mark, gap or name (ended: %s)",
  async (finish) => {
    const bytes = record(finish);
    const whole = await opened(bytes);
    const { damage: none, ...tables } = whole.tables;
    expect(none).toEqual([]);
    expect([tables.faults.length, tables.failures.length, tables.boots.length, tables.marks.length]).toEqual([
      1, 1, 2, 1,
    ]);
    const last = finish ? bytes.length : bytes.length - lastChunkBytes(whole, bytes);
    const told = new Set<string>();
    // All bytes would take seconds: every seventh, of each part some.
    for (let at = 0; at < last; at += 7) {
      const hit = bytes.slice();
      hit[at] = (hit[at] ?? 0) ^ (1 << (at % 8));
      const recording = await opened(hit);
      const { damage, gaps, ...rest } = recording.tables;
      expect(damage.length, `byte ${at}`).toBeGreaterThan(0);
      expect(recording.condition.remarks.join(" "), `byte ${at}`).toContain("The file is damaged in 1 place");
      for (const { part, isLost } of damage) {
        const stands = part === "shortcut" || part === "copy";
        if (stands || part === "text" || part === "events")
          expect({ at, part, isLost }).toEqual({ at, part, isLost: !stands });
        told.add(part);
      }
      const { gaps: trueGaps, ...trueRest } = tables;
      expect(rest, `byte ${at}`).toEqual(trueRest);
      expect(gaps.filter(({ reason }) => reason !== "recording-damaged")).toEqual(trueGaps);
    }
    expect([...told]).toEqual(expect.arrayContaining(["events", "text", "shortcut", "copy"]));
  },
);

function lastChunkBytes(recording: Recording, bytes: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(bytes);
  return recording.chunks.length > 1 ? bytes.length - text.lastIndexOf("CHNK") : bytes.length;
}

test("rows that cannot be read are a gap from the last event before to the key frame behind", async () => {
  const bytes = record(true);
  const whole = await opened(bytes);
  const [first, second] = whole.chunks;
  const rows = await whole.rows(1);
  const hit = bytes.slice();
  // The second chunk's rows begin with their number and the time of the first.
  const pattern = [rows.length, ...new Uint8Array(new Float64Array([rows.baseTime]).buffer)];
  hit[Buffer.from(hit).indexOf(Uint8Array.from(pattern))] = 1;
  const recording = await opened(hit);
  const [gap] = recording.tables.gaps.filter(({ reason }) => reason === "recording-damaged");
  expect(gap).toMatchObject({ since: second?.startTime, lostEvents: second?.rows });
  const inside = ((second?.startTime ?? 0) + (second?.endTime ?? 0)) / 2;
  const { blocks } = await (await openModel(recording)).totalsAt(inside);
  const truth = (await (await openModel(whole)).totalsAt(inside)).blocks;
  // As far as the chunk's header limits it.
  expect(blocks.lowest).toBeLessThan(blocks.highest);
  expect(blocks.lowest).toBeLessThanOrEqual(truth.lowest);
  expect(blocks.highest).toBeGreaterThanOrEqual(truth.highest);
  expect(first?.endTime).toBeLessThanOrEqual(second?.startTime ?? 0);
});

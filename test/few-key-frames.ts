// A short run as a long one is: that has a key frame in every twentieth chunk or so, where a short one has them in nearly every.
import type { Run } from "../src/heap/run.ts";

const KEY_FRAME_EVERY = 12;

export function withFewKeyFrames(run: Run): Run {
  return {
    tables: run.tables,
    mostSites: run.mostSites,
    chunks: run.chunks.map((chunk, i) => (i % KEY_FRAME_EVERY === 0 ? chunk : { ...chunk, hasKeyFrame: false })),
    rows: (chunk) => run.rows(chunk),
    keyFrame: (chunk) => run.keyFrame(chunk),
    totals: (chunk) => run.totals(chunk),
    notes: (chunk) => run.notes(chunk),
    text: (chunk) => run.text(chunk),
  };
}

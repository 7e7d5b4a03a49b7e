import { afterEach, expect, test } from "vitest";
import { heapFromText } from "../../../test/heap-text.ts";
import { askedOf } from "../../report/asked.ts";
import { answer } from "../../report/questions.ts";
import { viewRun } from "../../report/run-view.ts";
import { columnsOf, safeText } from "../../base/safe-text.ts";
import { coloursIf } from "../terminal/colours.ts";
import { renderLive, type LiveFrame } from "./render.ts";
import { firstLiveState, onLiveKey, type LiveState } from "./state.ts";
import type { ScreenView } from "./view.ts";

let state: LiveState = firstLiveState;
afterEach(() => (state = firstLiveState));

async function view(): Promise<ScreenView> {
  const model = await heapFromText("malloc A 100 main>http.c:12:fetch\nmalloc B 64 main>\u001b[31mred.c:1:evil");
  const asked = askedOf(model);
  const window = model.span;
  const sites = await answer(asked, {
    kind: "sites",
    window,
    filter: "",
    order: "liveBytes",
    descending: true,
    offset: 0,
    count: 10,
  });
  return {
    run: viewRun(model),
    totals: await answer(asked, { kind: "totals", time: window.to, filter: "" }),
    regions: [],
    sites: sites.sites,
    omittedSites: 0,
    verdict: await answer(asked, { kind: "verdict", window }),
    log: ["I (1) app: \u001b[2Jclear", "second"],
  };
}

const frame = (given: Partial<LiveFrame>): LiveFrame => ({
  view: undefined,
  state: firstLiveState,
  sourceName: "sim:demo",
  notice: "",
  columns: 80,
  rows: 24,
  colours: coloursIf(false),
  ...given,
});

test("fills a terminal of any size, and no line is wider than it", async () => {
  const shown = await view();
  for (const [columns, rows] of [
    [80, 24],
    [40, 10],
    [200, 60],
  ] as const) {
    for (const one of [undefined, shown]) {
      const lines = renderLive(frame({ view: one, columns, rows }));
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
    }
  }
});

test("a small terminal shows what matters most: largest free blocks, sites with their bytes, and all keys", async () => {
  const window = { from: 0, to: 2e6 };
  const curves = {
    ...(await answer(askedOf(await heapFromText("malloc A 100 main>http.c:12:fetch")), {
      kind: "curves",
      window,
      samples: 2,
    })),
    time: Float64Array.of(1e6, 2e6),
    estimated: Uint8Array.of(0, 0),
    totalBytes: 20_000,
    usedBytes: Float64Array.of(1000, 2000),
    freeBytes: Float64Array.of(19_000, 18_000),
    largestFreeBytes: Float64Array.of(19_000, 12_288),
  };
  const regions = Array.from({ length: 6 }, (_, i) => ({ name: `DRAM 0x3ffb000${i}`, curves }));
  const lines = renderLive(frame({ view: { ...(await view()), regions }, columns: 40, rows: 12 }));
  const text = lines.join("\n");
  expect(text).toContain("region (2 of 6)");
  expect(text).toMatch(/DRAM 0x3ffb0000 +2,000 B +12\.0 KiB$/m);
  expect(text).toMatch(/http\.c:12 fetch +100 B +1 *$/m);
  for (const key of ["q quit", "s sort", "f filter", "p pause", "m mark", "n snapshot", "w save"])
    expect(text).toContain(key);
});

test("a large terminal is filled with the log", async () => {
  const log = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  const text = renderLive(frame({ view: { ...(await view()), log }, columns: 200, rows: 60 })).join("\n");
  expect(text).toContain("line 0\n");
  expect(text).toContain("line 29");
});

test("says the verdict, the sites and the log's tail", async () => {
  const text = renderLive(frame({ view: await view() })).join("\n");
  expect(text).toContain("164 B in 2 blocks");
  expect(text).toContain("1 note");
  expect(text).toContain("http.c:12 fetch");
  expect(text).toContain("second");
  expect(text).toContain("q quit");
});

test("nothing of the firmware's moves the cursor", async () => {
  const lines = renderLive(frame({ view: await view() }));
  for (const line of lines) expect(line).toBe(safeText(line));
});

test("keys sort, pause, and take a filter or the name of a mark", () => {
  const press = (...keys: string[]): ReturnType<typeof onLiveKey>["action"] => {
    let action;
    for (const key of keys) ({ state, action } = onLiveKey(state, key));
    return action;
  };
  press("s");
  expect(state.order).toBe("peakBytes");
  press("p");
  expect(state.paused).toBe(true);
  press("f", "t", "a", "s", "k", ":", "x", "y", "\u007f", "\r");
  expect(state).toMatchObject({ filter: "task:x" });
  expect(state.typing).toBeUndefined();
  press("f", "q", "\u001b");
  expect(state.filter).toBe("task:x");
  expect(press("m", "o", "n", "\r")).toEqual({ kind: "mark", name: "on" });
  expect(press("\u001b[A")).toBeUndefined();
  expect(press("q")).toEqual({ kind: "quit" });
  expect(press("\u0003")).toEqual({ kind: "quit" });
});

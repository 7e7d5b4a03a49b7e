import { afterEach, expect, test } from "vitest";
import { heapFromText } from "../../../test/heap-text.ts";
import { askedOf } from "../../report/asked.ts";
import { answer } from "../../report/questions.ts";
import { viewRun } from "../../report/run-view.ts";
import { columnsOf, safeText } from "../../base/safe-text.ts";
import { coloursIf } from "../terminal/colours.ts";
import { renderLive, type LiveFrame } from "./render.ts";
import { firstLiveState, onLiveKey, type LiveState } from "./state.ts";
import type { LiveView } from "./view.ts";

let state: LiveState = firstLiveState;
afterEach(() => (state = firstLiveState));

async function view(): Promise<LiveView> {
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
    run: viewRun(model, { isBlind: false }),
    totals: await answer(asked, { kind: "totals", time: window.to, filter: "" }),
    regions: [],
    sites: sites.rows,
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

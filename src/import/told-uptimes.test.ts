// Restarts by the uptimes that a program prints in its messages.
import { describe, expect, test } from "vitest";
import { ToldUptimes } from "./told-uptimes.ts";

/** The lines at which boots began, those that are not sure at the log's end in brackets. */
function bootsIn(lines: readonly string[]): string {
  const uptimes = new ToldUptimes();
  const sure = lines.flatMap((text, i) => uptimes.line(i + 1, text) ?? []);
  const unsure = uptimes.unsure();
  return [...sure, ...(unsure === undefined ? [] : [`(${unsure})`])].join(" ");
}

const up = (...seconds: number[]): string[] => seconds.map((one) => `uptime: ${one} s, rssi -60`);

describe("an uptime that runs back", () => {
  test.for<readonly [string, readonly string[], string]>([
    ["and goes on from there", up(60, 120, 180, 20, 80, 140), "4"],
    ["by half and two seconds at least", up(60, 120, 61, 121, 181), ""],
    ["by a second only", up(1, 2, 0, 1, 2, 3), ""],
    ["and goes on past where it was, in steps of one length", up(60, 120, 20, 80, 140, 200), "3"],
    ["and is back at once", up(9000, 100, 9060, 160, 9120, 220, 9180), ""],
    ["again and again", up(60, 120, 180, 20, 80, 140, 20, 80, 140), "4 7"],
    ["once, where the log ends", up(60, 120, 180, 20), "(4)"],
    ["once more, where it did so for nothing before", up(9000, 100, 9060, 9120, 100), ""],
    ["again before it is sure", up(300, 600, 20, 10, 70, 130), ""],
    ["after 49 days of milliseconds", ["millis: 4294960000", "millis: 100", "millis: 60100", "millis: 120100"], ""],
    ["of a connection", ["wifi_uptime: 900 s", "wifi_uptime: 2 s", "wifi_uptime: 62 s", "wifi_uptime: 122 s"], ""],
    [
      "beside another that goes on",
      [...up(900), "total up_time=5000", ...up(20), "total up_time=5060", ...up(80, 140)],
      "3",
    ],
  ])("%s", ([, lines, boots]) => {
    expect(bootsIn(lines)).toBe(boots);
  });

  test("begins with the lines of its report that stand before it", () => {
    const report = (uptime: number, ...before: string[]): string[] => [...before, ...up(uptime), "clients 3"];
    const own = ["== status ==", "free 1"];
    const all = [600, 900, 20, 80, 140].flatMap((uptime) => report(uptime, ...own));
    expect(bootsIn(all)).toBe("9");
    expect(bootsIn(all.slice(1))).toBe("9");
    expect(bootsIn(all.slice(2))).toBe("9");
    // What differs from report to report is none of it.
    const others = [600, 900, 20, 80, 140].flatMap((uptime, i) => report(uptime, "== status ==", `${"abcde"[i] ?? ""} said`)); // prettier-ignore
    expect(bootsIn(others)).toBe("11");
  });
});

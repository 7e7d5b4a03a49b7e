// Uptimes in the columns of tables.
import { expect, test } from "vitest";
import { UptimeRows } from "./uptime-rows.ts";

function told(...lines: readonly string[]): string {
  const rows = new UptimeRows();
  return lines.flatMap((text, i) => {
    const row = rows.line(text, i + 1);
    return row === undefined ? [] : [`${i + 1}: ${row.uptime / 1e6}${row.board === undefined ? "" : ` ${row.board}`}`];
  }).join(", "); // prettier-ignore
}

test("of the unit that their header names, with the board's column", () => {
  expect(told("uptime_s,free_heap", "60,1", "120.5,2")).toBe("2: 60, 3: 120.5");
  expect(told("millis;free heap;device", "60;1;a", '"120";2;"b"')).toBe("2: 0.06 a, 3: 0.12 b");
  expect(told("| uptime | free heap |", "| 60 | 1 |")).toBe("2: 60");
  expect(told("uptime   free  largest", "   60   1000   500")).toBe("2: 60");
});

test("none of other tables, other rows and wall clocks", () => {
  expect(told("60,1", "uptime_s,clients", "60,1")).toBe("");
  expect(told("time,free_heap,min", "60,1,2")).toBe("");
  expect(told("timestamp,uptime,free_heap", "1767225600,60,1", "1767225600,60", "1767225600,x,1")).toBe("2: 60");
  expect(told("uptime_s,free_heap", "60,1", "rssi,free_heap", "60,1")).toBe("2: 60");
  expect(told("uptime_s,free_heap", `60,${"1".repeat(400)}`)).toBe("");
});

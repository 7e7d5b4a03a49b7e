// Tables with a row for each value, and the time that one line of a block tells for the others.
import { describe, expect, test } from "vitest";
import { BlockClock } from "./block-clock.ts";
import { longHeader, mayBeLongHeader, namedRow } from "./long-table.ts";

describe("tables with a row for each value", () => {
  test.for<readonly [string, object | undefined]>([
    ["entity_id,state,last_changed", { separator: ",", columns: 3, name: 0, value: 1, time: 2 }],
    ["time;field;value", { separator: ";", columns: 3, name: 1, value: 2, time: 0 }],
    ['"topic"\t"payload"', { separator: "\t", columns: 2, name: 0, value: 1, time: -1 }],
    ["name,mean,other,ts", { separator: ",", columns: 4, name: 0, value: 1, time: 3 }],
    ["name,other", undefined],
    ["other,value", undefined],
    ["name value", undefined],
    ["name,value,123", undefined],
    [`name,value,${"x".repeat(390)}`, undefined],
  ])("%j", ([header, table]) => {
    expect(longHeader(header)).toEqual(table === undefined ? undefined : { board: -1, ...table, header });
    if (table !== undefined) expect(mayBeLongHeader(header)).toBe(true);
  });

  test.for<readonly [string, object | undefined]>([
    ["2026-01-01,sensor.free,81234", { text: "sensor.free = 81234", time: "2026-01-01" }],
    [' 5 , "sensor free" , 81.5 ', { text: "sensor free = 81.5", time: "5" }],
    ["5,12,81234", undefined],
    ["5,free,-3", undefined],
    ["5,free,unknown", undefined],
    ["5,free", undefined],
    ["5,free,1,2", undefined],
    ["5,,1", undefined],
  ])("row %j", ([row, told]) => {
    const table = longHeader("time,name,value");
    expect(table === undefined ? undefined : namedRow(table, row)).toEqual(told);
  });

  test("without a time", () => {
    const table = longHeader("name,value");
    expect(table === undefined ? undefined : namedRow(table, "free,5")).toEqual({ text: "free = 5", time: "" });
  });

  test("a first look takes 400 letters", () => {
    expect(mayBeLongHeader(`name,value,${"x".repeat(389)}`)).toBe(true);
    expect(mayBeLongHeader(`name,value,${"x".repeat(390)}`)).toBe(false);
    expect([mayBeLongHeader("name,x"), mayBeLongHeader("x,value")]).toEqual([false, false]);
  });
});

describe("the time of a block of lines", () => {
  test("is what one of the sixteen lines above told last", () => {
    const clock = new BlockClock();
    expect(clock.at(1)).toBeUndefined();
    clock.tell(3, 5e6);
    expect([clock.at(4), clock.at(19), clock.at(20)]).toEqual([5e6, 5e6, undefined]);
    clock.tell(30, 5e6);
    expect(clock.at(31)).toBe(5e6);
    clock.tell(40, 6e6);
    expect(clock.at(41)).toBe(6e6);
  });

  test("is an uptime's, where one is told, whatever clock stands beside it", () => {
    const clock = new BlockClock();
    clock.tell(1, 9e6, false);
    expect(clock.at(2)).toBe(9e6);
    clock.tell(4, 5e6);
    expect(clock.at(5)).toBe(5e6);
    clock.tell(8, 1e12, false);
    clock.tell(12, 6e6);
    expect(clock.at(13)).toBe(6e6);
  });

  test("is not known any longer once it ran back", () => {
    const clock = new BlockClock();
    clock.tell(3, 0);
    expect(clock.at(4)).toBe(0);
    clock.tell(5, 5e6);
    clock.tell(7, 4_999_999);
    expect(clock.at(8)).toBeUndefined();
    clock.tell(9, 9e6);
    expect(clock.at(10)).toBeUndefined();
    const first = new BlockClock();
    first.tell(1, 0.5);
    expect(first.at(1)).toBe(0.5);
  });
});

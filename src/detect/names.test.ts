// What a place and a task are called, and what a finding is known by in another run.
import { expect, test } from "vitest";
import { incident, namesOf } from "../../test/incidents.ts";
import { RunRecorder } from "../heap/run-recorder.ts";
import { fingerprint, makeNames } from "./names.ts";

const resolver = {
  frames: () => [],
  pointee: () => undefined,
  mismatch: () => undefined,
  unwind: (registers: ReadonlyMap<string, number>, at: number, words: readonly number[]) =>
    [...registers].map(([name, value]) => ({ function: `${name} ${value} ${at} ${words.join()}` })),
};

test("a stack is unwound where its words, their place and the ELF are known", () => {
  const whole = { registers: ["PC 0x10", "SP 0x20"], stackAt: 4, stackWords: [7, 8] };
  const { stackAt, ...withoutPlace } = whole;
  const { stackWords, ...withoutWords } = whole;
  const names = namesOf([], resolver);
  expect(names.stackOf(incident("panic", whole)).map((frame) => frame.function)).toEqual(["PC 16 4 7,8", "SP 32 4 7,8"]);
  expect(names.stackOf(incident("panic", { stackAt, stackWords }))).toEqual([]);
  expect(names.stackOf(incident("panic", withoutPlace))).toEqual([]);
  expect(names.stackOf(incident("panic", withoutWords))).toEqual([]);
  expect(namesOf([]).stackOf(incident("panic", whole))).toEqual([]);
}); // prettier-ignore

test("tasks have their names, the fixed ones their own", () => {
  const tasks = [0, 1, 2, 3, 4].map((id) => ({ id, name: id === 3 ? "wifi" : "", deviceId: id, boot: 0, handle: 0 }));
  const names = makeNames({ ...new RunRecorder().tables, tasks });
  expect([0, 1, 2, 3, 4, 9].map((id) => names.task(id))).toEqual(
    ["startup", "interrupt", "other tasks", "wifi", "task 4", "task 9"],
  );
}); // prettier-ignore

test("a fingerprint has what stays when lines move", () => {
  const names = namesOf([
    ["malloc", { function: "fetch", file: "/home/me/main/http.c", line: 7 }],
    [{ function: "", file: "/home/me/main/http.c", line: 7 }],
    ["malloc", "fetch"],
  ]);
  expect(fingerprint("leak", names, [1, 2, 3, "caller", 0])).toMatchInlineSnapshot(
    `"leak|http.c:fetch:|http.c:7:|:fetch:|caller|:a place that is not known:"`,
  );
  expect(fingerprint("leak", names, [])).toBe("leak");
});

test("a site of which a log tells its memory alone has no number that anyone could look up", () => {
  const site = (id: number, caps: number): object => ({ id, deviceId: 7, boot: 0, method: 0, caps });
  const names = makeNames({ ...new RunRecorder().tables, sites: [0, 0, 0x800].map((caps, id) => site(id, caps)) as never });
  expect([1, 2].map((id) => names.site(id).text)).toEqual(["site 7", "a place that is not known"]);
}); // prettier-ignore

// What belongs to a panic of Rust behind its first line: the structure, a message that goes on, a backtrace of bare addresses.
import { describe, expect, test } from "vitest";
import { type Group, newGroup } from "./crash-group.ts";
import { rustPanicIn, takePanicInfo, takeRust } from "./rust-panics.ts";

function groupOf(first: string): Group {
  const group = newGroup(1, 0);
  const panic = rustPanicIn(first);
  if (panic !== undefined) group.draft = { ...panic, line: 1, quote: first };
  return group;
}

/** What is known of a panic after these lines, and which of them are its own. */
function after(first: string, ...lines: readonly string[]): readonly (string | undefined)[] {
  const group = groupOf(first);
  if (group.draft !== undefined) takePanicInfo(group, first);
  const taken = lines.map((line) => (takeRust(group, line) ? "+" : "-")).join("");
  return [group.draft?.component, group.draft?.detail, taken];
}

describe("a message", () => {
  const at = "panicked at src/main.rs:12:5:";
  test("stands on the next line, and goes on while a quoted expression is open", () => {
    expect(after(at, "no room")).toEqual(["src/main.rs:12", "no room", "-"]);
    expect(after(at, "no room", "said")).toEqual(["src/main.rs:12", "no room", "--"]);
    expect(after(at, "", "called `Result::unwrap()", "on an `Err", "value`", "said")).toEqual(
      ["src/main.rs:12", "called `Result::unwrap() on an `Err", "-----"],
    ); // prettier-ignore
    expect(after(at, "found `a", "b` here", "said")[1]).toBe("found `a b` here");
  });

  test("ends at three hundred letters", () => {
    const open = (length: number): string => `\`${"x".repeat(length - 1)}`;
    expect([299, 300].map((length) => after(at, open(length), "more")[1]?.length)).toEqual([304, 300]);
  });
});

describe("the structure", () => {
  test("has its fields on lines of their own, in the order of whichever version", () => {
    const fields = ["payload: Any { .. },", "message: no room,", "location: Location {", 'file: "src/main.rs",', "line: 7,", "col: 5,", "},", "can_unwind: true,", "}"]; // prettier-ignore
    const group = groupOf("PanicInfo {");
    expect(takePanicInfo(group, "PanicInfo {")).toBe(true);
    expect(fields.map((field) => takeRust(group, `    ${field}`))).toEqual(fields.map(() => true));
    expect([group.draft?.component, group.draft?.detail]).toEqual(["src/main.rs:7", "no room"]);
    expect(after("PanicInfo {", "line: 7,", 'file: "src/main.rs",')[0]).toBe("src/main.rs");
  });

  test("may have its message on a line of its own", () => {
    const [place, detail, taken] = after("PanicInfo {", "message: Some(", "    no room,", "),", 'file: "a.rs",');
    expect([place, detail, taken]).toEqual(["a.rs", "no room", "+-++"]);
  });

  test("may have its message in brackets on its line", () => {
    expect(after("PanicInfo {", "message: Some(no room (again)),", "    line: 7,")[1]).toBe("no room (again)");
  });

  test("or all of them in one", () => {
    const whole = 'PanicInfo { message: Some(no room), location: Location { file: "src/main.rs", line: 7, col: 5 } }';
    expect(after(whole)).toEqual(["src/main.rs:7", "no room", ""]);
    // What is known of the place already stays.
    const group = groupOf("panicked at 'full', src/lib.rs:3:1");
    expect(takePanicInfo(group, whole)).toBe(true);
    expect([group.draft?.component, group.draft?.detail]).toEqual(["src/lib.rs:3", "full"]);
  });

  test("is none where it did not begin", () => {
    const group = groupOf("panicked at 'full', src/lib.rs:3:1");
    expect(takePanicInfo(group, "line: 7,")).toBe(false);
    expect(takePanicInfo(newGroup(1, 0), "PanicInfo {")).toBe(false);
  });
});

test("a backtrace has an address on each line, and names below it", () => {
  const group = groupOf("panicked at 'full', src/lib.rs:3:1");
  const lines = ["app::fill", "0x42001234", "0x42005678 ", "app::fill", "    at src/lib.rs:3", "said", "0x3ffb1234", "0x420012345"];
  expect(lines.map((line) => takeRust(group, line))).toEqual([false, true, true, true, true, false, false, false]);
  expect(group.callers).toEqual([0x4200_1234, 0x4200_5678]);
  expect(takeRust(newGroup(1, 0), "app::fill")).toBe(false);
}); // prettier-ignore

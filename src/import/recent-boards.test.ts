// Which board told a line, as long as an accident may last.

import { expect, test } from "vitest";
import { RecentBoards } from "./recent-boards.ts";

const at = (boards: RecentBoards, line: number): string | undefined =>
  boards.named({ kind: "abort", line, quote: "abort()" }).board;

test("an accident has the board of its line, and none where the line names none", () => {
  const boards = new RecentBoards();
  boards.tell({ number: 3, board: "attic" });
  boards.tell({ number: 4 });
  boards.tell({ number: 5, board: "hall" });
  expect([3, 4, 5].map((line) => at(boards, line))).toEqual(["attic", undefined, "hall"]);
});

test("of a long log the last lines are remembered", () => {
  const boards = new RecentBoards();
  for (let number = 1; number <= 2049; number++) boards.tell({ number, board: "attic" });
  expect([1, 2, 2049].map((line) => at(boards, line))).toEqual([undefined, "attic", "attic"]);
});

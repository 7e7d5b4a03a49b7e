// Of several boards that print into one log, which one told the lines read last: an accident is put together when lines of others have come between.

import type { IncidentDraft } from "./incident-book.ts";
import type { LogLine } from "./log-text.ts";

/** Lines of one accident, and those of others between them. */
const LINES = 2048;

export class RecentBoards {
  /** By line, in order. */
  private readonly boards = new Map<number, string>();

  tell({ number, board }: Pick<LogLine, "number" | "board">): void {
    if (board === undefined) return;
    this.boards.set(number, board);
    if (this.boards.size <= LINES) return;
    const [oldest = 0] = this.boards.keys();
    this.boards.delete(oldest);
  }

  /** With the board, where its line names one. */
  named(draft: IncidentDraft): IncidentDraft {
    const board = this.boards.get(draft.line);
    return board === undefined ? draft : { ...draft, board };
  }
}

// What every writer of lines is told about where its lines go.
import type { Colours } from "./colours.ts";

export interface TextOptions {
  readonly colours: Colours;
  /** Columns of the terminal. */
  readonly width: number;
  /** Also the blocks and the call stacks of each finding. */
  readonly verbose?: boolean;
}

// What every view of the page is made from: a run, the names of its places, and by what its blocks are told apart.
import { makeNames, type Names } from "../detect/names.ts";
import type { DetectOptions } from "../detect/run.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { FrameResolver } from "../heap/types.ts";
import type { SpareBuffers } from "./columns.ts";

export interface Asked {
  readonly model: HeapModel;
  readonly names: Names;
  readonly resolver?: FrameResolver;
  /** How the verdict is made. */
  readonly detectOptions?: Pick<DetectOptions, "suppressions" | "defaultSuppressions">;
  /** Where answers that are asked for again and again find room. */
  readonly buffers?: SpareBuffers;
}

export function askedOf(model: HeapModel, resolver?: FrameResolver): Asked {
  return { model, names: makeNames(model.tables, resolver), ...(resolver !== undefined && { resolver }) };
}

/** By what blocks are told apart: in colours, in the bar of growth, in comparisons. */
export const DIMENSIONS = ["site", "component", "task"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const NO_COMPONENT = "(no component known)";

/** The name of a block's group, from its site and task. */
export function groupNamer({ names }: Pick<Asked, "names">, by: Dimension): (site: number, task: number) => string {
  switch (by) {
    case "site":
      return (site) => names.site(site).text;
    case "component":
      return (site) => names.site(site).component ?? NO_COMPONENT;
    case "task":
      return (_site, task) => names.task(task);
  }
}

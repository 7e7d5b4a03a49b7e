// What memmap exports, a line for each format: the one place that names them.
import { collapsed, collapsedDiff } from "./collapsed.ts";
import { csv } from "./csv.ts";
import { dhat } from "./dhat.ts";
import type { Exporter } from "./export.ts";
import { firefox } from "./firefox.ts";
import { heaptrack } from "./heaptrack.ts";
import { massif } from "./massif.ts";
import { parquet } from "./parquet.ts";
import { perfetto } from "./perfetto.ts";
import { pprof } from "./pprof.ts";
import { speedscope } from "./speedscope.ts";

/** In the order in which help and docs show them. */
export const exporters: readonly Exporter[] = [
  pprof,
  perfetto,
  speedscope,
  firefox,
  collapsed,
  collapsedDiff,
  heaptrack,
  dhat,
  massif,
  parquet,
  csv,
];

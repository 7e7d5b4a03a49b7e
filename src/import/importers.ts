// All importers. The first that recognizes a file takes it; those that look for words anywhere in a text come last.

import { heaptrack } from "./heaptrack.ts";
import type { Importer } from "./importer.ts";
import { consoleLog } from "./log.ts";
import { systemView } from "./systemview.ts";

export const importers: readonly Importer[] = [systemView, heaptrack, consoleLog];

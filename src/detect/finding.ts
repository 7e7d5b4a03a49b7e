// What every detector returns: one sentence that an engineer can act on, with its evidence.

export type Severity = "error" | "warning" | "note";

/** Why a place in the code belongs to a finding. */
export type SiteRole = "allocated" | "freed" | "freed again" | "detected" | "requested" | "neighbour" | "keeps split";

export interface FindingSite {
  readonly role: SiteRole;
  /** Site id of the run; 0 where not known. */
  readonly site: number;
  readonly task?: number;
  /** Microseconds since boot. */
  readonly time?: number;
  /** What is said of the place instead of its own name: the first frame that is the program's, or the address as a log printed it. */
  readonly otherwise?: string;
  /** Index in the site's frames of the one that is the place, where it is another than call sites are named after. */
  readonly frame?: number;
}

/** A block that a finding is about. */
export interface FindingBlock {
  readonly address: number;
  readonly size: number;
  readonly site: number;
  readonly task?: number;
  /** Microseconds since boot at which it was allocated; undefined where that lies before the recording. */
  readonly born?: number;
}

export interface Finding<Rule extends string = string> {
  /** Stable name of the rule, as in docs/detectors: "leak", "double-free", "overflow" … */
  readonly rule: Rule;
  readonly severity: Severity;
  /** 0 to 1; 1 is proof. */
  readonly confidence: number;
  /** One plain sentence without a full stop: what is wrong, how much. */
  readonly title: string;
  /** Sentences that show why this is believed, strongest first. */
  readonly evidence: readonly string[];
  /** One sentence: what to do next. */
  readonly next: string;
  /** Sites in the order of the story: allocated, freed, freed again. The first is the call site of the finding. */
  readonly sites: readonly FindingSite[];
  /** Some of the blocks, largest or oldest first, at most 16. */
  readonly blocks: readonly FindingBlock[];
  /** Where a console log tells it: the line, from 1, and its words. */
  readonly log?: { readonly line: number; readonly quote: string };
  /** Bytes held or damaged, and in how many blocks. */
  readonly bytes?: number;
  readonly blockCount?: number;
  readonly bytesPerHour?: number;
  /** Microseconds since boot: when it began and when it was last seen. */
  readonly since?: number;
  readonly until?: number;
  /** When it will happen, in microseconds after `until`: with a 90 % interval, which has no end where `latest` is missing. */
  readonly expected?: { readonly earliest: number; readonly likely: number; readonly latest?: number };
  /** After how many more readings it will happen, where the log tells no times. */
  readonly expectedReadings?: number;
  /** Expected, and why: then it is a note. `source` is the file that says so, "memmap" for those that memmap ships. */
  readonly suppressedBy?: { readonly pattern: string; readonly reason: string; readonly source: string };
  /** The same fault in another run of the same code has the same fingerprint: rule and normalised sites, no addresses. */
  readonly fingerprint: string;
}

// By what the long tables are sorted: apart from what fills them, since the page's address names it.

export const BLOCK_ORDERS = ["size", "age", "address", "site", "task"] as const;
export type BlockOrder = (typeof BLOCK_ORDERS)[number];

export const SITE_ROW_ORDERS = [
  "liveBytes",
  "liveBlocks",
  "peakBytes",
  "allocations",
  "allocatedBytes",
  "temporaryAllocations",
  "oldestAge",
  "site",
] as const;
export type SiteRowOrder = (typeof SITE_ROW_ORDERS)[number];

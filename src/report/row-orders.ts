// By what the long tables are sorted: apart from what fills them, since the page's address names it.

export const blockOrders = ["size", "age", "address", "site", "task"] as const;
export type BlockOrder = (typeof blockOrders)[number];

export const siteRowOrders = [
  "liveBytes",
  "liveBlocks",
  "peakBytes",
  "allocations",
  "allocatedBytes",
  "temporaryAllocations",
  "oldestAge",
  "site",
] as const;
export type SiteRowOrder = (typeof siteRowOrders)[number];

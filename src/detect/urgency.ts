// Which finding comes first among those of equal severity.

/** Ranks rules of equal severity: damage to memory comes before its loss, loss before inconvenience. */
export const Urgency = {
  DAMAGE: 0,
  MISUSE: 1,
  CONTRADICTION: 2,
  FAILURE: 3,
  LOSS: 4,
  EXHAUSTION: 5,
  SPLIT: 6,
  KEPT: 7,
  WASTE: 8,
} as const;
export type UrgencyCode = (typeof Urgency)[keyof typeof Urgency];

// Pools that are no heap, as the labels of series name them.

/** Begins the label of a series that is LVGL's own pool. */
export const LVGL_POOL = "LVGL's pool: ";

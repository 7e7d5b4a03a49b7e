// What labels of series say beside the log's own words.

/** Begins the label of a series that is LVGL's own pool, which is no heap. */
export const LVGL_POOL = "LVGL's pool: ";
/** Ends the label of a series that adds up the changes that a log tells. */
export const SUMMED = ", summed up";

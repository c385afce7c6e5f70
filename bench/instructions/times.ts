/** How often a path runs before it is counted, so that all of it is compiled. */
export const WARM = 32;
/** How often it is counted. */
export const TIMES = 16;

/** How often the path that is counted runs, beside what every process does. */
export const MORE = 24;

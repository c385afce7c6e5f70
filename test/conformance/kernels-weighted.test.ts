import t from "tap";
import { INT4_CASES, WEIGHTED_CASES } from "./cases/weighted.js";
import { conform } from "./harness.js";

conform(t, WEIGHTED_CASES);
conform(t, INT4_CASES);

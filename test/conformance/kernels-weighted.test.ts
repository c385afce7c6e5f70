import t from "tap";
import { WEIGHTED_CASES } from "./cases/weighted.js";
import { conform } from "./harness.js";

conform(t, WEIGHTED_CASES);

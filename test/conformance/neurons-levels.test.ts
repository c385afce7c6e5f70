import t from "tap";
import { LEVEL_CASES } from "./cases/neuron-levels.js";
import { conform } from "./harness.js";

conform(t, LEVEL_CASES);

import t from "tap";
import { COUNT_LANE_CASES } from "./cases/count-lanes.js";
import { LEVEL_CASES } from "./cases/neuron-levels.js";
import { conform } from "./harness.js";

conform(t, [...LEVEL_CASES, ...COUNT_LANE_CASES]);

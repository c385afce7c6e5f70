import t from "tap";
import { LANE_CASES } from "./cases/neuron-lanes.js";
import { conform } from "./harness.js";

conform(t, LANE_CASES);

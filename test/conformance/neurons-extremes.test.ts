import t from "tap";
import { EXTREME_CASES } from "./cases/neuron-extremes.js";
import { conform } from "./harness.js";

conform(t, EXTREME_CASES);

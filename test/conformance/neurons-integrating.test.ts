import t from "tap";
import { INTEGRATING_CASES } from "./cases/neurons.js";
import { conform } from "./harness.js";

conform(t, INTEGRATING_CASES);

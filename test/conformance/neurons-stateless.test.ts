import t from "tap";
import { STATELESS_CASES } from "./cases/neurons.js";
import { conform } from "./harness.js";

conform(t, STATELESS_CASES);

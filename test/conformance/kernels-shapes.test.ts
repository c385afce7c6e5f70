import t from "tap";
import { SHAPE_CASES } from "./cases/shapes.js";
import { conform } from "./harness.js";

conform(t, SHAPE_CASES);

import t from "tap";
import { randomProgram } from "../properties/random-program.js";
import { conform } from "./harness.js";

/** Small networks of every op, drawn once and for all. */
conform(t, Array.from({ length: 60 }, (_, i) => randomProgram(i + 1, 4 + (i % 14))));

import { ModelError } from "../errors.js";
import type { NeuronFloatNode, Tensor } from "../graph/graph.js";
import { broadcast, type Shape } from "../graph/shapes.js";
import type { Rule } from "./rule.js";

/**
 * A neuron's discrete constants, one a element in the order of its NIR shape, real units:
 *
 *   I ← currentDecay·I + gain·x;  v ← decay·v + (I or gain·x) + leak;  spike against threshold, reset to reset.
 *
 * The current is kept in units of the potential, so that nothing is multiplied between the two.
 */
export interface Dynamics {
  readonly gain: Float64Array;
  readonly decay: Float64Array;
  readonly leak: Float64Array;
  /** Cuba kinds. */
  readonly currentDecay?: Float64Array;
  /** Spiking kinds. */
  readonly threshold?: Float64Array;
  readonly reset?: Float64Array;
}

/** @throws ModelError NETWORK_CORRUPT (a parameter of the wrong shape), NETWORK_RANGE (dt beyond a time constant) */
export function dynamicsOf(name: string, node: NeuronFloatNode, shape: Shape, rule: Rule): Dynamics {
  const spread = (field: string, parameter: Tensor): Float64Array => broadcast(name, field, parameter, shape);
  const decays = (field: string, tau: Tensor): Float64Array => spread(field, tau).map((seconds) => decayOf(name, seconds, rule));
  const gains = (field: string, tau: Tensor): Float64Array =>
    spread(field, tau).map((seconds) => (rule.gain === "exact" ? -Math.expm1(-rule.dt / seconds) : rule.dt / seconds));
  const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * b[i]!);
  const none = (): Float64Array => new Float64Array(spread("r", node.r).length);
  const firing =
    "vThreshold" in node && node.vThreshold !== undefined
      ? { threshold: spread("v_threshold", node.vThreshold), reset: spread("v_reset", node.vReset!) }
      : {};
  switch (node.type) {
    case "I":
    case "IF":
      return {
        gain: spread("r", node.r).map((r) => r * (rule.integrate === "dt" ? rule.dt : 1)),
        decay: none().fill(1),
        leak: none(),
        ...firing,
      };
    case "LI":
    case "LIF": {
      const decay = decays("tau", node.tau);
      const leak = product(
        decay.map((alpha) => 1 - alpha),
        spread("v_leak", node.vLeak),
      );
      return { gain: product(gains("tau", node.tau), spread("r", node.r)), decay, leak, ...firing };
    }
    case "CubaLI":
    case "CubaLIF": {
      const decay = decays("tau_mem", node.tauMem);
      const leak = product(
        decay.map((alpha) => 1 - alpha),
        spread("v_leak", node.vLeak),
      );
      const current = product(gains("tau_syn", node.tauSyn), spread("w_in", node.wIn));
      const potential = product(gains("tau_mem", node.tauMem), spread("r", node.r));
      return { gain: product(current, potential), decay, leak, currentDecay: decays("tau_syn", node.tauSyn), ...firing };
    }
  }
}

function decayOf(name: string, tau: number, { dt, decay }: Rule): number {
  const alpha = decay === "exact" ? Math.exp(-dt / tau) : 1 - dt / tau;
  // Files hold tau as f32 or f64 and dt comes from a person: a dt of exactly tau may miss by rounding.
  if (alpha > -1e-6) return Math.max(0, alpha);
  throw new ModelError(
    "NETWORK_RANGE",
    `node ${name}: a timestep of ${dt} s is longer than its time constant of ${tau} s`,
    "give a smaller --dt, or --decay exact",
  );
}

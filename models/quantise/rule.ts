/**
 * What a network file leaves open and every framework settles in its own way. With x the summed input of one timestep, α the decay and
 * g the gain:
 *
 *   decay-first  v ← α·v + g·x + (1 − α)·v_leak          input-first  v ← α·(v + g·x + (1 − α)·v_leak)
 *   spike when v above or at least θ; then reset.
 */
export interface Rule {
  /** Seconds of a timestep. */
  readonly dt: number;
  /** α = 1 − dt/τ, or exp(−dt/τ). */
  readonly decay: "euler" | "exact";
  /** g = r·dt/τ, or r·(1 − exp(−dt/τ)). */
  readonly gain: "euler" | "exact";
  /** IF and I have no τ: v ← v + r·x once a timestep, or v ← v + r·dt·x. */
  readonly integrate: "step" | "dt";
  readonly order: "decay-first" | "input-first";
  readonly comparison: "above" | "at-least";
  /** v − θ for each spike, 0, or the node's v_reset. */
  readonly reset: "subtract" | "zero" | "v_reset";
  /** In the timestep of the spike, or at the next. */
  readonly resetTiming: "immediate" | "delayed";
  /** Greatest number of spikes of one neuron in one timestep, 1..15. */
  readonly spikes: number;
  /** CubaLIF: the potential integrates the current with this timestep's input in it, or as it was before. */
  readonly cuba: "new" | "old";
  /** Lowest potential: none, −θ, or a value. */
  readonly vMin: "none" | "-theta" | number;
  /** Our scaled integers, or Loihi's: weights of 8 bits and 2^−8, potentials of 24 bits, decay of 12 bits towards zero. */
  readonly arithmetic: "scaled" | "loihi";
}

export type RuleName = keyof typeof RULES;

/** NIR's own reading: Euler steps, strict comparison, reset to v_reset, the current as it was. */
const NIR: Rule = {
  dt: 1e-4, decay: "euler", gain: "euler", integrate: "step", order: "decay-first", comparison: "above", reset: "v_reset",
  resetTiming: "immediate", spikes: 1, cuba: "old", vMin: "none", arithmetic: "scaled",
};

/**
 * How frameworks run a network by default. Sources: their NIR importers (Norse and sinabs in 2023, snnTorch in 2025), and for LIF the traces
 * that the NIR project published, which the conformance tests reproduce. What a rule cannot say: snnTorch resets IF by subtraction.
 */
export const RULES = {
  nir: NIR,
  norse: { ...NIR, dt: 1e-3, cuba: "new" },
  snntorch: { ...NIR, reset: "zero", cuba: "new" },
  /** A network as snnTorch trains it, before any export: soft reset, applied at the next timestep. */
  "snntorch-native": { ...NIR, reset: "subtract", resetTiming: "delayed", cuba: "new" },
  spyx: { ...NIR, reset: "subtract", resetTiming: "delayed", cuba: "new" },
  sinabs: { ...NIR, dt: 1e-3, decay: "exact", comparison: "at-least", reset: "subtract", spikes: 15, cuba: "new" },
  /** sinabs' own NIR importer, and the Speck chip behind it: potentials end at −θ. */
  speck: { ...NIR, dt: 1e-3, decay: "exact", comparison: "at-least", reset: "subtract", spikes: 15, cuba: "new", vMin: "-theta" },
  rockpool: { ...NIR, dt: 1e-3, decay: "exact", reset: "subtract", spikes: 15, cuba: "new" },
  nengo: { ...NIR, dt: 1e-3, decay: "exact", gain: "exact", reset: "zero", cuba: "new" },
  spikingjelly: { ...NIR, dt: 1e-3, comparison: "at-least", reset: "v_reset", cuba: "new" },
  "lava-float": { ...NIR, reset: "zero", cuba: "new" },
  /** Lava's bit-accurate CPU model, which is Loihi's. */
  lava: { ...NIR, reset: "zero", cuba: "new", arithmetic: "loihi" },
} as const satisfies Record<string, Rule>;

/** One line of the import report: an option, its value, and who chose it. */
export interface Assumption {
  /** The command's option, with _ for -. */
  readonly option: string;
  readonly value: string | number;
  readonly from: "given" | "rule" | "assumed";
}

/** Spiking neurons without time constants count steps, not seconds: event networks of that kind are cut in steps of this. */
const DT_WITHOUT_TAU = 1e-3;

/**
 * The rule of an import: what was given, else what the named rule says, else NIR's.
 * @param timeless  whether no node of the network has a time constant
 */
export function settleRule(name: RuleName | undefined, given: Partial<Rule>, timeless: boolean): { rule: Rule; assumptions: Assumption[] } {
  const base: Rule = name === undefined ? { ...NIR, ...(timeless && { dt: DT_WITHOUT_TAU }) } : RULES[name];
  const rule: Rule = { ...base, ...given };
  const otherwise = name === undefined ? "assumed" : "rule";
  const assumptions = (Object.keys(base) as (keyof Rule)[]).map(
    (field): Assumption => ({
      option: field.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
      value: rule[field],
      from: given[field] === undefined ? otherwise : "given",
    }),
  );
  return { rule, assumptions };
}

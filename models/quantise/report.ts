import type { Note } from "../graph/graph.js";
import type { Assumption } from "./rule.js";

/** What rounding did to one layer's weights. */
export interface WeightReport {
  readonly node: string;
  readonly type: string;
  readonly weights: number;
  /** 8 or 4. */
  readonly bits: number;
  /** 10·log10(Σ w² / Σ (w − ŵ)²); null when nothing was lost. */
  readonly sqnr_db: number | null;
  /** Greatest |w − ŵ|. */
  readonly max_error: number;
  /** Of the ±127 or ±7 steps, the greatest that is used. */
  readonly greatest: number;
  /** Weights beyond the greatest step, which they became. */
  readonly clipped: number;
}

/** What rounding did to one layer of neurons. */
export interface NeuronReport {
  readonly node: string;
  readonly type: string;
  /** Real value of one step of the potential (the coarsest channel's). */
  readonly potential_unit: number;
  /** θ in steps (the smallest), for spiking kinds. */
  readonly threshold?: number;
  /** Greatest |θ̂ − θ| / θ. */
  readonly threshold_error?: number;
  /** Greatest |α̂ − α|. */
  readonly decay_error: number;
  /** Greatest relative error of an input multiplier. */
  readonly gain_error: number;
  /** Bits between the greatest possible input of one timestep and the engine's limit. */
  readonly headroom_bits: number;
  /** How many decades of thresholds the potential can hold before it is clamped. */
  readonly clamp_thresholds?: number;
}

/** A value that is neither spikes nor potential, scaled to i16 by its worst case or by what calibration saw. */
export interface RequantiseReport {
  readonly node: string;
  /** What it scales. */
  readonly source: string;
  /** Real value of one step. */
  readonly unit: number;
  readonly range: "worst case" | "calibrated";
}

export interface ImportReport {
  readonly source: { readonly format: string; readonly version?: string | undefined; readonly sha256?: string; readonly file?: string };
  readonly rule: string;
  readonly assumptions: readonly Assumption[];
  /** What was read otherwise than it stands, folded or left out. */
  readonly notes: readonly Note[];
  readonly weights: readonly WeightReport[];
  readonly neurons: readonly NeuronReport[];
  readonly requantised: readonly RequantiseReport[];
  readonly outputs: readonly string[];
}

import type { Evidence, OpenSet } from "../types.js";
import { argmax, winner } from "./classification.js";
import type { Ballot } from "./vote.js";

/** Which label a window votes for. */
export interface Judge {
  /** @param evidence  the window's logits, or a sum of many (evidence.ts)    @param events  how many the window has    @param held  the label that is held */
  ballot(evidence: Int32Array, events: number, held: Ballot): Ballot;
}

/** Believes the greatest logit of every window; only one whose logits are all equal, as in silence, votes for no label. */
export const CREDULOUS: Judge = { ballot: evidence => winner(evidence) };

/**
 * Open-set rejection: a window votes for its greatest logit when that is great enough, and far enough from the next; it needs less of both
 * for the label that is held. Integers throughout, so that every machine decides alike.
 * Source: the greatest logit as the measure of the unknown: Hendrycks et al., Scaling Out-of-Distribution Detection, ICML 2022.
 */
export function openSetJudge({ enter, stay, leastEvents, idle }: OpenSet, labels: readonly string[]): Judge {
  const silent = new Set(idle.map(label => labels.indexOf(label)));
  return {
    ballot(evidence, events, held) {
      if (events < leastEvents) return undefined;
      const best = argmax(evidence);
      const shows = best === held ? stay : enter;
      return silent.has(best) || !suffices(evidence, best, shows) ? undefined : best;
    },
  };
}

function suffices(evidence: Int32Array, best: number, { logit, margin }: Evidence): boolean {
  const value = evidence[best]!;
  if (value < logit) return false;
  let next = -Infinity;
  for (let i = 0; i < evidence.length; i++) if (i !== best && evidence[i]! > next) next = evidence[i]!;
  return value - next >= margin && value > next;
}

import type { Evidence, OpenSet } from "../types.js";
import { argmax, winner } from "./classification.js";
import type { Ballot } from "./vote.js";

/** Which label a window votes for. */
export interface Judge {
  /** @param held  the label that is held @param events  how many events the window has */
  ballot(logits: Int32Array, events: number, held: Ballot): Ballot;
}

/** Believes the greatest logit of every window; only one whose logits are all equal, as in silence, votes for no label. */
export const CREDULOUS: Judge = { ballot: logits => winner(logits) };

/**
 * Open-set rejection: a window votes for its greatest logit when that is great enough, and far enough from the next; it needs less of both
 * for the label that is held. Integers throughout, so that every machine decides alike.
 * Source: the greatest logit as the measure of the unknown: Hendrycks et al., Scaling Out-of-Distribution Detection, ICML 2022.
 */
export function openSetJudge({ enter, stay, leastEvents, idle }: OpenSet, labels: readonly string[]): Judge {
  const silent = new Set(idle.map(label => labels.indexOf(label)));
  return {
    ballot(logits, events, held) {
      if (events < leastEvents) return undefined;
      const best = argmax(logits);
      const shows = best === held ? stay : enter;
      return silent.has(best) || !suffices(logits, best, shows) ? undefined : best;
    },
  };
}

function suffices(logits: Int32Array, best: number, { logit, margin }: Evidence): boolean {
  const value = logits[best]!;
  if (value < logit) return false;
  let next = -Infinity;
  for (let i = 0; i < logits.length; i++) if (i !== best && logits[i]! > next) next = logits[i]!;
  return value - next >= margin && value > next;
}

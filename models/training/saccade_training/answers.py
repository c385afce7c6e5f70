"""What summed logits answer, and how often that is right."""

from typing import Any, Dict

import numpy as np


def score_of(sums: np.ndarray, labels: np.ndarray) -> Dict[str, Any]:
    """
    As `saccade eval` decides: the greatest sum; a recording whose sums are all equal, as in silence, is named nothing, which is wrong.

    @param sums  [n, classes] of each recording's logits    @param labels  i64[n]
    @return accuracy, n, and confusion [label][answer] of the recordings that are named
    """
    classes, answers, named = sums.shape[1], sums.argmax(1), (sums != sums[:, :1]).any(1)
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (labels[named], answers[named]), 1)
    return {"accuracy": float(confusion.trace() / len(labels)), "n": len(labels), "confusion": confusion.tolist()}

"""Noise taken out of events, event for event as the host does it (host/denoise)."""

import numpy as np

from .events import Events


def background_activity(events: Events, micros: int, width: int, height: int) -> Events:
    """
    Keeps an event when the last event of one of its 8 neighbours, of either polarity, is at most `micros` back; all events are remembered,
    kept or not. Events elsewhere than on the sensor are kept and stand by nobody. Where time falls, what was before tells nothing.

    @param micros  1 to 60,000,000
    """
    n, stride = len(events), width + 2
    if n == 0:
        return events
    steps = np.diff(events.t)
    time = np.concatenate([[0], np.cumsum(np.where((steps >= 0) & (steps <= micros), steps, micros + 1))])
    x, y = events.x.astype(np.int64), events.y.astype(np.int64)
    inside = np.flatnonzero((x >= 0) & (x < width) & (y >= 0) & (y < height))
    # Pixels with a rim around them, and in each pixel its events in order: the last one before another is found by halving.
    pixel = (y[inside] + 1) * stride + x[inside] + 1
    keys = np.sort(pixel * n + inside)
    pixel, order = np.divmod(keys, n)
    kept = np.ones(n, bool)
    kept[order] = False
    for step in (-1, 1, -stride - 1, -stride, -stride + 1, stride - 1, stride, stride + 1):
        beside = pixel + step
        at = np.searchsorted(keys, beside * n + order) - 1
        last = keys[np.maximum(at, 0)]
        stands = (at >= 0) & (last // n == beside) & (time[last % n] >= time[order] - micros)
        kept[order[stands]] = True
        pixel, order = pixel[~stands], order[~stands]
    return Events(events.t[kept], events.x[kept], events.y[kept], events.p[kept])

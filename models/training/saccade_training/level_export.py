"""A network of levels as a checkpoint: models/importers/CHECKPOINT.md."""

from pathlib import Path
from typing import Any, Mapping

import numpy as np

from .export_graph import Graph
from .levels import Level, LevelNetwork


def export(path: Path, network: LevelNetwork, card: Mapping[str, Any]) -> None:
    """Write a network of levels, as its integer stage computes it. Raises ValueError when an accumulator could leave its range."""
    spec, graph = network.spec, Graph(network.spec.neuron)
    graph.add("Input", "frame", shape=[spec.height, spec.width, 2], dtype="u8", bound=spec.input_bound)
    for at, (channels, size) in enumerate(zip(spec.channels, spec.sizes())):
        if at > 0:
            graph.add("Delay", f"before{at}", input=f"count{at}", steps=1, shape=[*size, channels], dtype="u8", bound=spec.neuron.max_count)
    down = "frame"
    for at, level in enumerate(network.levels):
        down = _add_level(graph, at, level, down)
    graph.write(path, card, graph.readout(graph.add("Flatten", "flat", input=down), network.readout))


def _add_level(graph: Graph, at: int, level: Level, down: str) -> str:
    """A level's step; returns its counts."""
    f = graph.rescaled(f"down{at}", down, level.down)
    if level.up is not None:
        up = graph.rescaled(f"up{at}", f"before{at + 1}", level.up)
        if level.factor > 1:
            up = graph.add("Upsample", f"up{at}.wide", input=up, factor=[level.factor] * 2)
        f = graph.add("Add", f"fusion{at}", inputs=[f, up])
    if level.block:
        h = graph.counted(f"block{at}.count0", input=f)
        for i, layer in enumerate(level.block[:-1]):
            h = graph.counted(f"block{at}.count{i + 1}", **graph.weighted(f"block{at}.{i}", h, layer))
        h = graph.rescaled(f"block{at}.{len(level.block) - 1}", h, level.block[-1])
        f = graph.add("Add", f"sum{at}", inputs=[f, h])
    decays, multipliers, shift, offset = (value.detach().numpy() if hasattr(value, "detach") else value for value in level.integers())
    state = graph.leaking(f"state{at}", decays, input=f, multiplier=graph.array(f"state{at}.multiplier", multipliers, np.int32), shift=shift)
    return graph.counted(f"count{at}", input=state, leak=graph.array(f"state{at}.offset", offset, np.int32))

"""A network of points as a checkpoint: models/importers/CHECKPOINT.md."""

from pathlib import Path
from typing import Any, Mapping

from .clouds import REACH
from .export_graph import Graph
from .point_network import PointNetwork


def export(path: Path, network: PointNetwork, card: Mapping[str, Any]) -> None:
    """Write a network of points, as its integer stage computes it. Raises ValueError when an accumulator could leave its range."""
    spec, graph = network.spec, Graph(network.spec.neuron)

    def pooled(type: str, name: str, source: str, points: int) -> str:
        return graph.add(type, name, input=source, kernel=[1, points], stride=[1, points], padding=[0, 0])

    graph.add("Input", "cloud", shape=[1, spec.points, 4], dtype="i8", bound=REACH)
    point = graph.counted("point1.count", **graph.weighted("point1", "cloud", network.layers.first))
    point = graph.counted("point2.count", **graph.weighted("point2", point, network.layers.second))
    seen = pooled("MaxPool2d", "glances", point, spec.glance)
    for i, layer in enumerate(network.convolutions):
        seen = graph.counted(f"along{i + 1}.count", **graph.weighted(f"along{i + 1}", seen, layer))
    unit = (1 << spec.sums.fraction_bits) // spec.sum_unit()
    sums = graph.counted("sums.count", spec.sums, input=pooled("SumPool2d", "sums", seen, spec.left()), multiplier=unit, shift=0)
    drive = graph.rescaled("hidden", graph.add("Flatten", "flat", input=sums), network.hidden, linear=True)
    state = graph.leaking("state", network.decays.cpu().numpy(), input=drive)
    graph.write(path, card, graph.readout(graph.counted("hidden.count", input=state), network.readout))

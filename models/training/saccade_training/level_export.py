"""A network of levels as a checkpoint: models/importers/CHECKPOINT.md."""

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping

import numpy as np

from .checkpoint import FORMAT, MAX_ACCUMULATOR, MAX_POTENTIAL, Node
from .levels import DECAY_BITS, Level, LevelNetwork, Weighted
from .safetensors import write_safetensors

MAX_PRODUCT = (1 << 31) - 1


class _Graph:
    """Nodes in the order of a step, and the arrays that they name."""

    def __init__(self, network: LevelNetwork) -> None:
        self.nodes: List[Node] = []
        self.tensors: Dict[str, np.ndarray] = {}
        self.neuron, self.subnetworks = network.spec.neuron, network.spec.subnetworks

    def add(self, type: str, name: str, **members: Any) -> str:
        self.nodes.append({"type": type, "name": name, **members})
        return name

    def array(self, name: str, values: np.ndarray, dtype: type) -> Dict[str, str]:
        self.tensors[name] = np.ascontiguousarray(values).astype(dtype)
        return {"tensor": name}

    def weighted(self, name: str, source: str, layer: Weighted, linear: bool = False) -> Node:
        """Adds the layer; returns the input, multiplier and shift of what takes its accumulators. Raises ValueError when they could leave their range."""
        weight, bias, multipliers, shift = layer.integers()
        weight, bias, multipliers = (value.detach().cpu().numpy().astype(np.int64) for value in (weight, bias, multipliers))
        outputs = weight.shape[1]
        accumulator = (layer.input_bound * np.abs(weight).reshape(len(weight), outputs, -1).sum(2)).max(0) + np.abs(bias)
        if accumulator.max() > MAX_ACCUMULATOR or (accumulator * multipliers).max() + (1 << shift >> 1) > MAX_PRODUCT:
            raise ValueError(f"{name}: accumulators up to {accumulator.max()}, multipliers up to {multipliers.max()}: beyond rescale.py")
        own = {"timesteps": len(weight)} if len(weight) > 1 else {}
        # The sets lie one behind the other: (T · O, I/g, kH, kW) or (T · O, I).
        sets = weight.reshape(-1, *weight.shape[2 : 3 if linear else 5])
        arrays = {"weight": self.array(f"{name}.weight", sets, np.int8), **own, "bias": self.array(f"{name}.bias", bias, np.int32)}
        if linear:
            self.add("Linear", name, input=source, outFeatures=outputs, **arrays)
        else:
            self.add(
                "Conv2d", name, input=source, outChannels=outputs, kernel=[layer.kernel] * 2, stride=[layer.stride] * 2,
                padding=[layer.padding] * 2, dilation=[1, 1], groups=layer.groups, **arrays,
            )
        return {"input": name, "multiplier": self.array(f"{name}.multiplier", multipliers, np.int32), "shift": shift}

    def rescaled(self, name: str, source: str, layer: Weighted) -> str:
        scaled = self.weighted(name, source, layer)
        return self.add(
            "Requantise", f"{name}.drive", **scaled, rounding="half-up", dtype="i16", fractionBits=self.neuron.fraction_bits
        )

    def counted(self, name: str, **scaled: Any) -> str:
        return self.add(
            "Counts", name, **scaled, fractionBits=self.neuron.fraction_bits, fire=self.neuron.fire, maxCount=self.neuron.max_count
        )

    def level(self, at: int, level: Level, down: str) -> str:
        """Adds a level's step; returns its counts."""
        f = self.rescaled(f"down{at}", down, level.down)
        if level.up is not None:
            up = self.rescaled(f"up{at}", f"before{at + 1}", level.up)
            if level.factor > 1:
                up = self.add("Upsample", f"up{at}.wide", input=up, factor=[level.factor] * 2)
            f = self.add("Add", f"fusion{at}", inputs=[f, up])
        if level.block:
            h = self.counted(f"block{at}.count0", input=f)
            for i, layer in enumerate(level.block[:-1]):
                h = self.counted(f"block{at}.count{i + 1}", **self.weighted(f"block{at}.{i}", h, layer))
            h = self.rescaled(f"block{at}.{len(level.block) - 1}", h, level.block[-1])
            f = self.add("Add", f"sum{at}", inputs=[f, h])
        decays, multipliers, shift, offset = (value.detach().numpy() if hasattr(value, "detach") else value for value in level.integers())
        state = self.add(
            "LI", f"state{at}", input=f, multiplier=self.array(f"state{at}.multiplier", multipliers, np.int32), shift=shift,
            decay={"form": "multiply", "values": self.array(f"state{at}.decay", decays, np.int32), "bits": DECAY_BITS, "rounding": "half-up"},
            order="decay-first", vMin=-32768, vMax=32767, dtype="i16", fractionBits=self.neuron.fraction_bits,
        )
        return self.counted(f"count{at}", input=state, leak=self.array(f"state{at}.offset", offset, np.int32))


def export(path: Path, network: LevelNetwork, card: Mapping[str, Any]) -> None:
    """Write a network of levels, as its integer stage computes it. Raises ValueError when an accumulator could leave its range."""
    spec, graph = network.spec, _Graph(network)
    graph.add("Input", "frame", shape=[spec.height, spec.width, 2], dtype="u8", bound=spec.input_bound)
    for at, (channels, size) in enumerate(zip(spec.channels, spec.sizes())):
        if at > 0:
            graph.add("Delay", f"before{at}", input=f"count{at}", steps=1, shape=[*size, channels], dtype="u8", bound=spec.neuron.max_count)
    down = "frame"
    for at, level in enumerate(network.levels):
        down = graph.level(at, level, down)
    graph.add("Flatten", "flat", input=down)
    scaled = graph.weighted("readout.sum", "flat", network.readout, linear=True)
    graph.add(
        "I", "readout", **scaled, decay={"form": "none"}, order="decay-first", vMin=-MAX_POTENTIAL, vMax=MAX_POTENTIAL, dtype="i32",
        fractionBits=spec.neuron.fraction_bits, windowReset=True,
    )
    saccade = {"format": FORMAT, "card": card, "nodes": graph.nodes, "outputs": ["readout"]}
    write_safetensors(path, graph.tensors, {"saccade": json.dumps(saccade, separators=(",", ":"), ensure_ascii=False)})

"""Nodes and arrays of a checkpoint, layer by layer as training has them: models/importers/CHECKPOINT.md."""

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import numpy as np

from .checkpoint import FORMAT, MAX_ACCUMULATOR, MAX_POTENTIAL, Node
from .neurons import NeuronSpec
from .rescale import DECAY_BITS
from .safetensors import write_safetensors
from .weighted import Weighted

MAX_PRODUCT = (1 << 31) - 1


class Graph:
    """Nodes in the order of a step, and the arrays that they name."""

    def __init__(self, neuron: NeuronSpec) -> None:
        """@param neuron of all counts that name no other"""
        self.nodes: List[Node] = []
        self.tensors: Dict[str, np.ndarray] = {}
        self.neuron = neuron

    def add(self, type: str, name: str, **members: Any) -> str:
        self.nodes.append({"type": type, "name": name, **members})
        return name

    def array(self, name: str, values: np.ndarray, dtype: type) -> Dict[str, str]:
        self.tensors[name] = np.ascontiguousarray(values).astype(dtype)
        return {"tensor": name}

    def weighted(self, name: str, source: str, layer: Weighted, linear: bool = False) -> Node:
        """
        Adds the layer; returns the input, multiplier and shift of what takes its accumulators. Raises ValueError when they could leave their
        range.
        """
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
                "Conv2d", name, input=source, outChannels=outputs, kernel=list(layer.kernel), stride=list(layer.stride),
                padding=list(layer.padding), dilation=[1, 1], groups=layer.groups, **arrays,
            )
        return {"input": name, "multiplier": self.array(f"{name}.multiplier", multipliers, np.int32), "shift": shift}

    def rescaled(self, name: str, source: str, layer: Weighted, linear: bool = False) -> str:
        """The layer's sums as i16."""
        scaled = self.weighted(name, source, layer, linear)
        return self.add("Requantise", f"{name}.drive", **scaled, rounding="half-up", dtype="i16", fractionBits=self.neuron.fraction_bits)

    def counted(self, name: str, neuron: Optional[NeuronSpec] = None, **scaled: Any) -> str:
        neuron = neuron or self.neuron
        return self.add("Counts", name, **scaled, fractionBits=neuron.fraction_bits, fire=neuron.fire, maxCount=neuron.max_count)

    def leaking(self, name: str, decays: np.ndarray, **scaled: Any) -> str:
        """A state as `rescale.leak` has it. @param decays of 2^DECAY_BITS"""
        decay = {"form": "multiply", "values": self.array(f"{name}.decay", decays, np.int32), "bits": DECAY_BITS, "rounding": "half-up"}
        return self.add(
            "LI", name, **scaled, decay=decay, order="decay-first", vMin=-32768, vMax=32767, dtype="i16",
            fractionBits=self.neuron.fraction_bits,
        )

    def readout(self, source: str, layer: Weighted) -> str:
        """Logits: the layer's sums over a window."""
        return self.add(
            "I", "readout", **self.weighted("readout.sum", source, layer, linear=True), decay={"form": "none"}, order="decay-first",
            vMin=-MAX_POTENTIAL, vMax=MAX_POTENTIAL, dtype="i32", fractionBits=self.neuron.fraction_bits, windowReset=True,
        )

    def write(self, path: Path, card: Mapping[str, Any], output: str) -> None:
        saccade = {"format": FORMAT, "card": card, "nodes": self.nodes, "outputs": [output]}
        write_safetensors(path, self.tensors, {"saccade": json.dumps(saccade, separators=(",", ":"), ensure_ascii=False)})

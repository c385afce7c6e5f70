"""
Checkpoints: a safetensors file whose metadata "saccade" is JSON {"format": 1, "card", "nodes", "outputs"}.

Nodes are those of models/graph/integer.ts, field for field; enums are written as words, arrays as {"tensor": name}. Weights keep torch's
order, i8 (O, I/g, kH, kW) and (O, I) with I flattened as (c, h, w), also when they are int4 (`weightBits`); biases and multipliers are
i32, one for each output channel.
"""

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Tuple

import numpy as np
import torch
from torch import Tensor

from .network import Scaled, SpikingConvNet
from .neurons import NeuronSpec
from .safetensors import read_safetensors, write_safetensors

FORMAT = 1
# Stricter than assembly/NUMERICS.md §3: what float64 multiplies exactly by a multiplier below 2^31 (quantise.requantise).
MAX_ACCUMULATOR = (1 << 22) - 1
# NUMERICS.md §4.
MAX_NEURON_INPUT = (1 << 29) - 1
MAX_POTENTIAL = (1 << 30) - 1

Node = Dict[str, Any]


def export(path: Path, network: SpikingConvNet, card: Mapping[str, Any]) -> None:
    """Write a folded network. Raises ValueError when an accumulator, or a neuron's input, could leave its range."""
    spec, neuron = network.spec, network.spec.neuron
    tensors: Dict[str, np.ndarray] = {}
    nodes: List[Node] = [
        {"type": "Input", "name": "frame", "shape": [spec.height, spec.width, spec.channels[0]], "dtype": "u8", "bound": spec.input_bound}
    ]
    bound = spec.input_bound
    for at, (conv, channels) in enumerate(zip(network.convs, spec.channels[1:]), 1):
        weighted: Node = {
            "type": "Conv2d", "name": f"conv{at}", "input": nodes[-1]["name"], "outChannels": channels,
            "kernel": list(conv.layer.kernel_size), "stride": list(conv.layer.stride), "padding": list(conv.layer.padding),
            "dilation": list(conv.layer.dilation), "groups": conv.layer.groups,
        }
        scaled = _scaled(conv, weighted, bound, tensors)
        nodes += [weighted, {"type": "LIF" if neuron.decay_shift else "IF", "name": f"lif{at}", **scaled, **_spiking(neuron)}]
        bound = neuron.max_count
    nodes.append({"type": "Flatten", "name": "flatten", "input": nodes[-1]["name"]})
    weighted = {"type": "Linear", "name": "linear", "input": "flatten", "outFeatures": spec.classes}
    scaled = _scaled(network.readout, weighted, bound, tensors)
    readout = {
        "decay": {"form": "none"}, "order": "decay-first", "vMin": -MAX_POTENTIAL, "vMax": MAX_POTENTIAL, "dtype": "i32",
        "fractionBits": network.readout.fraction_bits, "windowReset": True,
    }
    nodes += [weighted, {"type": "I", "name": "readout", **scaled, **readout}]
    saccade = {"format": FORMAT, "card": card, "nodes": nodes, "outputs": ["readout"]}
    write_safetensors(path, tensors, {"saccade": json.dumps(saccade, separators=(",", ":"), ensure_ascii=False)})


def read_checkpoint(path: Path) -> "Tuple[List[Node], Dict[str, Any], List[str]]":
    """Nodes with their arrays in place of {"tensor": name}, the card, and the outputs' names."""
    tensors, metadata = read_safetensors(path)
    if "saccade" not in metadata:
        raise ValueError(f"{path}: a safetensors file without our graph; export it with saccade_training.checkpoint")
    saccade = json.loads(metadata["saccade"])
    if saccade["format"] != FORMAT:
        raise ValueError(f"{path}: format {saccade['format']}; this version reads {FORMAT}")

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return tensors[value["tensor"]] if set(value) == {"tensor"} else {key: filled(inner) for key, inner in value.items()}
        return value

    return [filled(node) for node in saccade["nodes"]], saccade["card"], saccade["outputs"]


@torch.no_grad()
def restore(path: Path, network: SpikingConvNet) -> None:
    """
    Give a network the weights and biases of a checkpoint of the same layers, as the reals that its integers stand for; it is folded then.
    What is trained on from there may have other neurons or fewer weight bits. Raises ValueError when the layers differ.
    """
    nodes, _, _ = read_checkpoint(path)
    weighted = [node for node in nodes if "weight" in node]
    blocks = [*network.convs, network.readout]
    if [node["weight"].shape for node in weighted] != [tuple(block.layer.weight.shape) for block in blocks]:
        raise ValueError(f"{path}: its layers are not those of the network")
    network.fold()
    for node, block in zip(weighted, blocks):
        neuron = next(other for other in nodes if other.get("input") == node["name"])
        scale = torch.from_numpy(neuron["multiplier"].astype(np.float64)) / 2.0 ** (neuron["shift"] + block.fraction_bits)
        weight = torch.from_numpy(node["weight"].astype(np.float64))
        block.layer.weight.copy_(weight * scale.reshape(-1, *[1] * (weight.dim() - 1)))
        if block.bias is not None:
            block.bias.copy_(torch.from_numpy(node["bias"].astype(np.float64)) * scale)


def _spiking(neuron: NeuronSpec) -> Node:
    return {
        "decay": {"form": "shift", "values": neuron.decay_shift} if neuron.decay_shift else {"form": "none"},
        "order": "decay-first", "vMin": -32768, "vMax": 32767, "dtype": "i16", "fractionBits": neuron.fraction_bits,
        "threshold": neuron.threshold, "fire": neuron.fire, "maxCount": neuron.max_count, "reset": "subtract",
    }


def _scaled(block: Scaled, weighted: Node, bound: int, tensors: Dict[str, np.ndarray]) -> Node:
    """Put the block's arrays into `tensors`, its weight and bias into the weighted node; returns the neuron's input and multiplier."""
    weight, bias, multipliers, shift = (_whole(value) for value in block.integers())
    name = weighted["name"]
    accumulator = bound * np.abs(weight).reshape(len(weight), -1).sum(1) + (0 if bias is None else np.abs(bias))
    drive = (accumulator.astype(object) * multipliers + (1 << shift >> 1)) // (1 << shift)
    if accumulator.max() > MAX_ACCUMULATOR or drive.max() > MAX_NEURON_INPUT:
        raise ValueError(f"{name}: accumulator up to {accumulator.max()}, neuron input up to {drive.max()}: beyond NUMERICS.md")
    tensors[f"{name}.weight"] = weight.astype(np.int8)
    weighted["weight"] = {"tensor": f"{name}.weight"}
    if block.weight_bits != 8:
        weighted["weightBits"] = block.weight_bits
    if bias is not None:
        tensors[f"{name}.bias"] = bias.astype(np.int32)
        weighted["bias"] = {"tensor": f"{name}.bias"}
    tensors[f"{name}.multiplier"] = multipliers.astype(np.int32)
    return {"input": name, "multiplier": {"tensor": f"{name}.multiplier"}, "shift": shift}


def _whole(value: Any) -> Any:
    return value.detach().cpu().numpy().astype(np.int64) if isinstance(value, Tensor) else value

"""
Integer mode: executes a checkpoint's nodes on 64-bit integers, as assembly/NUMERICS.md says. Written apart from the training modules,
so that the two check each other.
"""

from typing import Any, Callable, Dict, List, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Node = Mapping[str, Any]

_RANGES = {"u8": (0, 255), "i8": (-128, 127), "i16": (-32768, 32767), "i32": (-(1 << 31), (1 << 31) - 1)}


def round_shift(value: Tensor, shift: int, rule: str) -> Tensor:
    """value / 2^shift made whole, i64: NUMERICS.md §2. |value| < 2^62."""
    if shift == 0:
        return value
    floor, half = value >> shift, 1 << (shift - 1)
    if rule == "half-up":
        return (value + half) >> shift
    if rule == "half-even":
        rest = value - (floor << shift)
        return floor + ((rest > half) | ((rest == half) & (floor & 1 == 1))).long()
    if rule == "floor":
        return floor
    if rule == "toward-zero":
        return torch.where(value < 0, -(-value >> shift), floor)
    raise ValueError(f"no rounding {rule}")


def spikes(v: Tensor, threshold: Tensor, max_count: int, fire: str) -> Tensor:
    """How many k in 1..D satisfy the comparison: NUMERICS.md §4 and Fire in assembly/abi.ts, one comparison for each k. i64."""
    count = torch.zeros_like(v)
    for k in range(1, max_count + 1):
        middle = (2 * k - 1) * (threshold // 2)
        if fire == "at-least":
            fired = v >= k * threshold
        elif fire == "above":
            fired = v > k * threshold
        elif fire == "half-up" or (fire == "half-even" and k % 2 == 0):
            fired = v >= middle
        elif fire == "half-even":
            fired = v > middle
        else:
            raise ValueError(f"no comparison {fire}")
        count += fired.long()
    return count


class IntegerNetwork:
    """
    The network of a checkpoint, for N streams at once. Tensors are i64[N, c, h, w], after Flatten i64[N, c·h·w].

    Knows the nodes that this package exports: Input, Conv2d, Linear, Requantise, Add, MaxPool2d, SumPool2d, Upsample, Delay, Flatten,
    Counts, IF, LIF, I, LI.
    """

    def __init__(self, nodes: Sequence[Node], outputs: Sequence[str]) -> None:
        self.nodes, self.outputs = nodes, outputs
        self._run: List[Callable[[Tensor], Tensor]] = [_OPERATORS[_known(node)](self, node) for node in nodes]
        self._potentials: Dict[str, Tensor] = {}
        self._delayed: Dict[str, List[Tensor]] = {}
        self._window_step = 0

    def reset(self) -> None:
        self._potentials.clear()
        self._delayed.clear()
        self._window_step = 0

    def begin_window(self) -> None:
        self._window_step = 0
        for node in self.nodes:
            if node.get("windowReset"):
                self._potentials.pop(node["name"], None)

    def step(self, frame: np.ndarray) -> Dict[str, Tensor]:
        """One timestep. @param frame u8 or i8[N, h, w, c]; @return every node's value by name"""
        values: Dict[str, Tensor] = {}
        for node, run in zip(self.nodes, self._run):
            if node["type"] == "Input":
                values[node["name"]] = run(torch.from_numpy(frame.astype(np.int64)).permute(0, 3, 1, 2))
            elif node["type"] == "Delay":
                values[node["name"]] = self._read(node, len(frame))
            elif node["type"] == "Add":
                values[node["name"]] = run(torch.stack([values[name] for name in node["inputs"]]))
            else:
                values[node["name"]] = run(values[node["input"]])
        for node in self.nodes:
            if node["type"] == "Delay":
                self._delayed[node["name"]] = [*self._delayed.get(node["name"], []), values[node["input"]]][-node["steps"] :]
        self._window_step += 1
        return values

    def _read(self, node: Node, streams: int) -> Tensor:
        """What a Delay's input was so many steps ago, zeros before that."""
        past = self._delayed.get(node["name"], [])
        h, w, c = node["shape"]
        return past[0] if len(past) == node["steps"] else torch.zeros(streams, c, h, w, dtype=torch.int64)

    def logits(self, frames: np.ndarray, keep_state: bool) -> Tensor:
        """
        The first output after each window's last timestep.

        @param frames      u8 or i8[N, windows, T, h, w, c], from a fresh state
        @param keep_state  whether potentials live on from one window to the next
        @return            i64[N, windows, classes]
        """
        self.reset()
        out = []
        for window in range(frames.shape[1]):
            self.begin_window() if keep_state else self.reset()
            for t in range(frames.shape[2]):
                value = self.step(frames[:, window, t])[self.outputs[0]]
            out.append(value.flatten(1))
        return torch.stack(out, 1)

    def _input(self, node: Node):
        def run(x: Tensor) -> Tensor:
            if x.numel() and x.abs().max() > node["bound"]:
                raise ValueError(f"a frame holds {x.abs().max()}, above the input's bound {node['bound']}")
            return x

        return run

    def _conv(self, node: Node):
        # float64 sums whole numbers exactly up to 2^53; the accumulator's bound is below 2^31.
        weights, bias = _weights(node), None if "bias" not in node else torch.from_numpy(node["bias"].astype(np.float64))
        options = (node["stride"], node["padding"], node["dilation"], node["groups"])
        return lambda x: F.conv2d(x.double(), weights[self._window_step % len(weights)], bias, *options).long()

    def _linear(self, node: Node):
        weights, bias = _weights(node), None if "bias" not in node else torch.from_numpy(node["bias"].astype(np.float64))
        return lambda x: F.linear(x.double(), weights[self._window_step % len(weights)], bias).long()

    def _max_pool(self, node: Node):
        # Counts: padding, which never wins, is −∞ in float64; whole numbers stay whole.
        return lambda x: F.max_pool2d(x.double(), node["kernel"], node["stride"], node["padding"]).long()

    def _sum_pool(self, node: Node):
        kernel, stride, padding = node["kernel"], node["stride"], node["padding"]
        return lambda x: F.avg_pool2d(x.double(), kernel, stride, padding, divisor_override=1).long()

    def _flatten(self, _node: Node):
        return lambda x: x.flatten(1)

    def _delay(self, _node: Node):
        return lambda x: x

    def _requantise(self, node: Node):
        low, high = _RANGES[node["dtype"]]

        def run(x: Tensor) -> Tensor:
            value = round_shift(x * _per_channel(node["multiplier"], x), node["shift"], node["rounding"])
            return (value + _per_channel(node["offset"], x) if "offset" in node else value).clamp(low, high)

        return run

    def _add(self, _node: Node):
        """Of i16 values, as `level_export.py` adds them: each sum saturates."""
        low, high = _RANGES["i16"]

        def run(inputs: Tensor) -> Tensor:
            total = inputs[0]
            for value in inputs[1:]:
                total = (total + value).clamp(low, high)
            return total

        return run

    def _upsample(self, node: Node):
        rows, columns = node["factor"]
        return lambda x: x.repeat_interleave(rows, 2).repeat_interleave(columns, 3)

    def _counts(self, node: Node):
        return lambda x: spikes(_drive(node, x), torch.tensor(1 << node["fractionBits"]), node["maxCount"], node["fire"])

    def _neuron(self, node: Node):
        spiking = node["type"] in ("IF", "LIF")

        def run(x: Tensor) -> Tensor:
            drive = _drive(node, x)
            v = self._potentials.get(node["name"], torch.zeros_like(drive))
            if node["order"] == "decay-first":
                v = _decay(node["decay"], v) + drive
            else:
                v = _decay(node["decay"], v + drive)
            v = v.clamp(node["vMin"], node["vMax"])
            if not spiking:
                self._potentials[node["name"]] = v
                return v
            threshold = _per_channel(node["threshold"], v)
            count = spikes(v, threshold, node["maxCount"], node["fire"])
            if node["reset"] == "subtract":
                v = v - count * threshold
            elif node["reset"] != "none":
                value = _per_channel(node["resetValue"], v) if node["reset"] == "value" else torch.tensor(0)
                v = torch.where(count > 0, value, v)
            self._potentials[node["name"]] = v
            return count

        return run


def _weights(node: Node) -> List[Tensor]:
    """f64 weights of each timestep; one entry where all share them."""
    weight = torch.from_numpy(node["weight"].astype(np.float64))
    sets = node.get("timesteps", 1)
    return list(weight.reshape(sets, -1, *weight.shape[1:]).unbind(0))


def _per_channel(parameter: Any, like: Tensor) -> Tensor:
    """A number, or i32[c], in a shape that goes with [N, c, ...]."""
    value = torch.as_tensor(np.asarray(parameter, np.int64))
    return value if value.dim() == 0 else value.reshape(-1, *[1] * (like.dim() - 2))


def _drive(node: Node, x: Tensor) -> Tensor:
    if "multiplier" in node:
        x = round_shift(x * _per_channel(node["multiplier"], x), node["shift"], "half-up")
    return x + _per_channel(node["leak"], x) if "leak" in node else x


def _decay(decay: Node, v: Tensor) -> Tensor:
    if decay["form"] == "none":
        return v
    values = _per_channel(decay["values"], v)
    if decay["form"] == "shift":
        return v - (v >> values)
    return round_shift(v * values, decay["bits"], decay["rounding"])


def _known(node: Node) -> str:
    if node["type"] not in _OPERATORS or node.get("resetDelayed"):
        raise ValueError(f"{node['name']}: {node['type']} is not among the nodes that this package exports")
    return node["type"]


_OPERATORS = {
    "Input": IntegerNetwork._input,
    "Conv2d": IntegerNetwork._conv,
    "Linear": IntegerNetwork._linear,
    "Requantise": IntegerNetwork._requantise,
    "Add": IntegerNetwork._add,
    "MaxPool2d": IntegerNetwork._max_pool,
    "SumPool2d": IntegerNetwork._sum_pool,
    "Upsample": IntegerNetwork._upsample,
    "Delay": IntegerNetwork._delay,
    "Flatten": IntegerNetwork._flatten,
    "Counts": IntegerNetwork._counts,
    **{kind: IntegerNetwork._neuron for kind in ("IF", "LIF", "I", "LI")},
}

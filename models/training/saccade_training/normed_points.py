"""The first stage of a network of points: floats with batch norm behind convolutions and hidden neurons, and leaks that are learned."""

from functools import partial
from typing import Optional, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .neurons import counts_of_drives
from .normed_levels import Fire, affine
from .point_layers import PointLayers
from .point_network import PointNetwork, PointSpec, scaled_sums
from .poses import PoseHead
from .rescale import DECAY_BITS

# Spreads of convolutions' and hidden neurons' drives at the begin, and what the readout's weights are worth: one learning rate suits all.
SPREAD, HIDDEN_SPREAD, READOUT_SCALE = 3.0, 2.0, 0.1


class NormedPoints(nn.Module):
    def __init__(self, spec: PointSpec, layers: PointLayers, dropout: float, fire: Optional[Fire] = None, poses: bool = False) -> None:
        """
        @param dropout of sums and of hidden neurons
        @param fire    in place of counts, of all but the point layers, which learn nothing; then it is no spiking network, and not to be folded
        @param poses   whether it also tells poses (poses.py), which is not folded
        """
        super().__init__()
        self.fire = fire or partial(counts_of_drives, max_count=spec.neuron.max_count)
        self.fire_sums = fire or partial(counts_of_drives, max_count=spec.sums.max_count)
        self.spec, self.layers, self.dropout = spec, layers, dropout
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        for kernel, stride in spec.convolutions:
            inputs = spec.width if len(self.convolutions) else spec.boxes
            self.convolutions.append(nn.Conv1d(inputs, spec.width, kernel, stride, kernel // 2, bias=False))
            self.norms.append(nn.BatchNorm1d(spec.width))
            nn.init.constant_(self.norms[-1].weight, SPREAD)
        self.hidden, self.hidden_norm = nn.Linear(spec.width * spec.parts, spec.hidden, bias=False), nn.BatchNorm1d(spec.hidden)
        nn.init.constant_(self.hidden_norm.weight, HIDDEN_SPREAD)
        self.forgetting = nn.Parameter(torch.zeros(spec.hidden))
        self.readout = nn.Parameter(torch.randn(spec.timesteps, spec.classes, spec.hidden) * 0.1)
        self.readout_bias = nn.Parameter(torch.zeros(spec.classes))
        self.poses = PoseHead(spec.width) if poses else None

    def forward(self, clouds: Tensor) -> Tuple:
        """As PointNetwork's, and poses [N · T, parts, VALUES]."""
        spec = self.spec
        seen = [self.layers.glances(clouds, spec.glance, False).squeeze(2)]
        for convolution, norm in zip(self.convolutions, self.norms):
            seen.append(self.fire(norm(convolution(seen[-1]))))
        sums = self.fire_sums(scaled_sums(seen[-1].unsqueeze(2), spec, 1))
        drives = self.hidden_norm(self.hidden(F.dropout(sums, self.dropout, self.training))).unflatten(0, (-1, spec.timesteps))
        keep, states = torch.sigmoid(self.forgetting), [drives[:, 0]]
        for t in range(1, spec.timesteps):
            states.append(torch.addcmul(drives[:, t], keep, states[-1]))
        fired = self.fire(torch.stack(states, 1))
        kept = F.dropout(fired, self.dropout, self.training)
        logits = torch.einsum("bth,tkh->bk", kept, self.readout) * READOUT_SCALE + spec.timesteps * self.readout_bias
        poses = [self.poses(sums.unflatten(1, (spec.width, spec.parts)).transpose(1, 2))] if self.poses else []
        return logits, [each.mean() for each in (*seen, sums, fired)], *poses

    @torch.no_grad()
    def fold(self, network: PointNetwork) -> None:
        """Make `network`, of the same point layers, compute the same, with the norms' moving averages."""
        for layer, convolution, norm in zip(network.convolutions, self.convolutions, self.norms):
            layer.become(convolution.weight, *affine(norm))
        network.hidden.become(self.hidden.weight, *affine(self.hidden_norm))
        network.readout.become(self.readout, torch.full_like(self.readout_bias, READOUT_SCALE), self.readout_bias)
        kept = torch.sigmoid(self.forgetting.double()) * 2**DECAY_BITS
        network.decays.copy_(torch.round(kept).clamp(max=2**DECAY_BITS - 1).long())

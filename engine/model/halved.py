"""Copies of sketches that work in numbers of sixteen bits, from latents and to pictures of thirty-two.

Where a processor multiplies those faster (AVX512-BF16, AMX), or a card does, a pass there and back takes half the time.
The picture is off by a fifth at most of what the sketch itself is. They are for descents alone: what is shown at last
is worked out in full.

The maps from styles to scales cost nothing and stay as they are: near the goal the slopes of latents of sixteen bits
were off by 6 to 8 % of their length, those of whole ones by half of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from engine.model import pieces
from engine.model.device import SHORT
from engine.model.networks.folded import Folded
from engine.model.pieces import Stage
from engine.model.tuned import shallow


def halved(sketches: Sequence[nn.Module]) -> tuple[nn.Module, ...]:
    """Of `Folded` ones. What they share their copies share too."""
    copies = shallow(tuple(sketches))
    for module in nn.ModuleList(copies).modules():
        if isinstance(module, nn.Linear):
            module.register_forward_hook(lambda affine, styles, scales: scales.to(SHORT))
            continue
        for name, weight in module.named_parameters(recurse=False):
            setattr(module, name, nn.Parameter(weight.to(SHORT), requires_grad=False))
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, buffer.to(SHORT))
    return tuple(Halved(cast(Folded, copy)) for copy in copies)


class Halved(nn.Module):
    """BxLxwidth -> Bx3xsizexsize."""

    def __init__(self, network: Folded) -> None:
        super().__init__()
        self.network, self.size = network, network.size

    def forward(self, latents: Tensor) -> Tensor:
        """In one go."""
        return pieces.at_once(self.stages(), latents)

    def stages(self) -> tuple[Stage, ...]:
        """In the network's pieces; features between them are of sixteen bits."""
        *first, last = self.network.stages()
        return *first, lambda x, row, latents: last(x, row, latents).float()

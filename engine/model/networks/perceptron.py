"""A multilayer perceptron with residual blocks (He et al. 2016), for vectors whose places have no neighbours."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F


class Perceptron(nn.Module):
    """BxI -> BxO through blocks of one hidden width; a new one leaves the blocks out."""

    def __init__(self, inputs: int, outputs: int, hidden: int, blocks: int = 2) -> None:
        super().__init__()
        self.entry = nn.Linear(inputs, hidden)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
            for _ in range(blocks))
        for block in self.blocks:
            nn.init.zeros_(cast(nn.Linear, cast(nn.Sequential, block)[3]).weight)
        self.norm, self.last = nn.LayerNorm(hidden), nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """No activation at the end."""
        x = self.entry(x)
        for block in self.blocks:
            x = x + block(x)
        found: Tensor = self.last(F.silu(self.norm(x)))
        return found

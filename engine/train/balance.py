"""How much a critic counts beside an error: so much that its slope is a given share of the error's.

After Esser et al. 2021, "Taming Transformers for High-Resolution Image Synthesis", equation 7, with the slopes taken at
what was made. A fixed weight would be too little for one folder's pictures and too much for the next.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.train.trainer import running

MOST = 1.0
"""What a critic's loss is multiplied by at most: one that knows nothing yet has hardly a slope, and that is noise."""


class Balance:
    """weight: what the critic's loss is multiplied by; a running mean. share: of the error's slope."""

    def __init__(self, share: float = 1.0) -> None:
        self.share, self.weight = share, math.nan

    def weighed(self, critic: Tensor, error: Tensor, made: Tensor, where: slice) -> Tensor:
        """The critic's loss, multiplied. made: BxCxHxW that both are of; where: those of it that the error is of."""
        slopes = (torch.autograd.grad(loss, made, retain_graph=True)[0][where].norm() for loss in (error, critic))
        far, against = (float(slope) for slope in slopes)
        now = min(MOST, self.share * far / max(against, 1e-9))
        self.weight = running(self.weight, now)
        return self.weight * critic

"""Gradient reversal: an encoder that cannot tell the pictures it was taught on from those it is meant for.

Ganin and Lempitsky 2015, "Unsupervised Domain Adaptation by Backpropagation" (with Ajakan et al. 2016, JMLR 17:59). A
classifier looks at the encoder's last features and learns whether the picture was generated or is a real one. On the
way back its gradient is turned round: what helps the classifier is unlearned by the encoder, until both kinds of
pictures look alike to it. Then what was learned of the kind whose answers are known holds for the other, of which
nothing need be known: answers for unlimited generated pictures, and real photographs as they come.

The classifier does not care which kind the lessons are of. So it serves both directions: an encoder that learns latents
from generated pictures and is to read real ones, and one that learns to show real pictures again and is to read
generated ones.
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.scaled import ScaledLinear, leaky

STEEPNESS = 10.0
"""Of the reversal's rise over the training (section 4 of the paper, gamma)."""

WIDTH = 100
"""Of the classifier's hidden layer, as in the paper's smallest network."""


class Reversal(torch.autograd.Function):
    """Any tensor, copied forward; backward, its slope times minus a strength."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        """The same numbers."""
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        """Turned round."""
        return -ctx.strength * slopes[0], None


def reversed_slope(x: Tensor, strength: float) -> Tensor:
    """x itself; what comes back through it is multiplied by -strength."""
    return cast(Tensor, Reversal.apply(x, strength))


def strength(progress: float) -> float:
    """0..1 of the training -> the paper's lambda, 0 to nearly 1: a classifier that knows nothing yet is not obeyed."""
    return 2 / (1 + math.exp(-STEEPNESS * progress)) - 1


class DomainClassifier(nn.Module):
    """BxF features -> B scores, higher for what it takes for a real picture's.

    right: the running share, 0..1, of pictures that it sorted rightly while it learned: 0.5 is what the encoder wants.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.hidden, self.score = ScaledLinear(features, WIDTH), ScaledLinear(WIDTH, 1)
        self.right = 0.5

    def forward(self, features: Tensor) -> Tensor:
        """No reversal: that is the lesson's."""
        scores: Tensor = self.score(leaky(self.hidden(features)))[:, 0]
        return scores

    def loss(self, features: Tensor, real: bool, progress: float) -> Tensor:
        """Cross entropy, mean over features BxF that are all of real or all of generated pictures.

        Its slope teaches the classifier and, turned round, whatever made the features. progress: 0..1 of the training.
        """
        scores = self(reversed_slope(features, strength(progress)))
        self.right += 0.02 * (float(((scores.detach() > 0) == real).float().mean()) - self.right)
        return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, float(real)))

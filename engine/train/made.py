"""What a generator makes while it is taught: a part of the latents at a time, and the way back to its weights."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import torch
from torch import Tensor

from engine.model.pieces import pull

Work = Generator[None, None, None]


class Made:
    """What a generator makes of latents, a part of them at a time, and the way back. pictures: BxCxSxS, detached.

    besides: a loss of the latents' own, a scalar.
    """

    def __init__(self, latents: Tensor, parts: Sequence[slice], besides: Tensor | float = 0.0) -> None:
        self._latents, self._parts, self._besides = latents, parts, besides
        self._leaf = latents.detach().requires_grad_()
        self._drawn: list[Tensor] = []
        self.pictures = torch.empty(0)

    def draw(self, picture: Callable[[Tensor], Tensor]) -> Work:
        """picture: BxLxW latents -> BxCxSxS."""
        for part in self._parts:
            drawn = picture(self._leaf[part])
            if not self._drawn:
                self.pictures = drawn.new_empty((len(self._leaf), *drawn.shape[1:]))
                self.pictures = self.pictures.contiguous(memory_format=torch.channels_last)
            self.pictures[part] = drawn.detach()
            self._drawn.append(drawn)
            yield

    def back(self, slope: Tensor) -> Work:
        """Adds to the weights' slopes what a slope at the pictures, BxCxSxS, makes of them."""
        for part, drawn in zip(self._parts, self._drawn, strict=True):
            pull(drawn, slope[part]).backward()
            yield
        if self._latents.requires_grad and self._leaf.grad is not None:
            (pull(self._latents, self._leaf.grad) + self._besides).backward()

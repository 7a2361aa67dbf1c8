"""The one training loop: a loss over steps, with a time budget, averaged weights, checkpoints and resume.

A recipe gives the modules to train and a function from step number to loss. The loop yields after every step, so that
whoever drives it can stop between two. The learning rate falls by a cosine over the budget that is left (minutes, or
steps), so a resumed run ends as gently as one that was never interrupted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.document.atomic import replacing


@dataclass(frozen=True)
class Budget:
    """How long to train. minutes: wall clock, over all runs of the same checkpoint. rate: Adam's, at its highest."""

    minutes: float
    rate: float = 1e-3
    warm_up: int = 50
    checkpoint_minutes: float = 4.0
    averaging: float = 0.998


@dataclass(frozen=True)
class TrainingStep:
    """step: number, from 1. loss: running mean. fraction: of the time budget."""

    step: int
    loss: float
    fraction: float


class Training:
    """The state of one run: module, averaged copy, optimiser, step and seconds spent."""

    def __init__(self, module: nn.Module, budget: Budget, checkpoint: Path) -> None:
        self.module, self.budget, self.checkpoint = module, budget, checkpoint
        self.optimizer = torch.optim.Adam(module.parameters(), lr=budget.rate, betas=(0.9, 0.99))
        self.average = {name: p.detach().clone() for name, p in module.state_dict().items()}
        self.step, self.seconds, self.loss = 0, 0.0, float("nan")

    def resume(self) -> bool:
        """Takes up the checkpoint, if there is one. It is this program's own file: tensors and numbers only."""
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.step, self.seconds, self.loss = (state[k] for k in ("average", "step", "seconds", "loss"))
        return True

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        state = {"module": self.module.state_dict(), "optimizer": self.optimizer.state_dict(), "average": self.average,
                 "step": self.step, "seconds": self.seconds, "loss": self.loss}
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.checkpoint) as temporary:
            torch.save(state, temporary)

    def run(self, loss_of: Callable[[int], Tensor]) -> Iterator[TrainingStep]:
        """Trains until the budget is spent, yielding every step; closing the iterator keeps the last step."""
        saved = time.monotonic()
        try:
            while self.fraction < 1:
                start = time.monotonic()
                self._advance(loss_of(self.step))
                now = time.monotonic()
                self.seconds += now - start
                if now - saved > 60 * self.budget.checkpoint_minutes:
                    self.save()
                    saved = now
                yield TrainingStep(self.step, self.loss, self.fraction)
        finally:
            self.save()

    @property
    def fraction(self) -> float:
        """0..1 of the time budget spent."""
        return min(1.0, self.seconds / (60 * self.budget.minutes))

    def averaged(self) -> dict[str, Tensor]:
        """The exponential moving average of the weights: what is kept at the end."""
        return self.average

    def _advance(self, loss: Tensor) -> None:
        rate = self.budget.rate * min(1.0, (self.step + 1) / self.budget.warm_up)
        rate *= 0.5 * (1 + math.cos(math.pi * self.fraction)) * 0.98 + 0.02
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.module.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        decay = min(self.budget.averaging, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.module.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * value

"""The one training loop: a loss over steps, with a time budget, averaged weights, checkpoints and resume.

A recipe gives the modules to train and a function from step number to loss (`Training`), or, where one loss is not
all, says itself how to advance by a step (`Run`). The loop yields after every step, so that whoever drives it can stop
between two; where a hand may be waiting, a step is made in pieces, with a pause after each (`pieces`, which yield None
for a pause). The learning rate falls by a cosine over the budget that is left (minutes, or steps), so a resumed run
ends as gently as one that was never interrupted.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.train import distributed


@dataclass(frozen=True)
class Budget:
    """How long to train. minutes: wall clock, over all runs of the same checkpoint. rate: Adam's, at its highest.

    steps: so many in place of minutes, where that is not 0.
    """

    minutes: float
    rate: float = 1e-3
    warm_up: int = 50
    checkpoint_minutes: float = 4.0
    averaging: float = 0.998
    steps: int = 0


@dataclass(frozen=True)
class TrainingStep:
    """step: number, from 1. loss: running mean. fraction: of the time budget. note: what is happening, in words."""

    step: int
    loss: float
    fraction: float
    note: str = ""


CONTESTED = 0.0, 0.99
"""Adam's betas where two learn against each other: with momentum they circle round what they are after."""

Pieces = Generator[TrainingStep | None, None, None]
"""Steps, and None for a pause within one."""

END = object()


def whole(pieces: Pieces) -> Iterator[TrainingStep]:
    """The steps without the pauses."""
    with closing(pieces):
        for step in pieces:
            if step is not None:
                yield step


UNFIT = (KeyError, RuntimeError, ValueError, TypeError, EOFError, OSError)
"""What comes of a checkpoint of another program, when it is taken up."""


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What `Run.save` wrote: tensors, numbers and containers of them. InputError where that cannot be read."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes the reader raise anything
        raise unfit(path, error) from error
    return state


def unfit(path: Path, error: Exception) -> InputError:
    """What to say of a checkpoint that brought about that error."""
    return InputError(f"the checkpoint {path.name} does not fit ({type(error).__name__}): another version of this "
                      "program made it, or it is damaged. Begin anew.")  # fmt: skip


class Run(ABC):
    """What survives an interruption: step and seconds spent, and whatever a recipe keeps."""

    def __init__(self, budget: Budget, checkpoint: Path) -> None:
        self.budget, self.checkpoint = budget, checkpoint
        self.step, self.seconds, self.loss = 0, 0.0, float("nan")

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Tensors, numbers and containers of them: what `restore` needs."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what `state` gave."""

    def mirror(self) -> nn.Module | None:
        """See `Course`: it makes up pictures from its first step."""
        return None

    def resume(self) -> bool:
        """Takes up the checkpoint, if there is one. It is this program's own file: tensors and numbers only.

        InputError where it does not fit.
        """
        if not self.checkpoint.exists():
            return False
        try:
            state = read_checkpoint(self.checkpoint)
            self.restore(state)
            self.step, self.seconds, self.loss = (state[k] for k in ("step", "seconds", "loss"))
        except UNFIT as error:
            raise unfit(self.checkpoint, error) from error
        return True

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all; of several processes the first one does."""
        if distributed.rank():
            return
        state = {**self.state(), "step": self.step, "seconds": self.seconds, "loss": self.loss}
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.checkpoint) as temporary:
            torch.save(state, temporary)

    def steps(self, advance: Callable[[], Iterator[object]]) -> Pieces:
        """Advances until the budget is spent, yielding every step, and None after every piece of one that `advance`
        yields; only time at work counts. Closing the iterator keeps the last step."""
        saved = time.monotonic()
        try:
            while self.fraction < 1:
                pieces, spent, over = advance(), 0.0, False
                while not over:
                    start = time.monotonic()
                    over = next(pieces, END) is END
                    spent += time.monotonic() - start
                    if not over:
                        yield None
                self.seconds = distributed.shared(self.seconds + spent)
                if time.monotonic() - saved > 60 * self.budget.checkpoint_minutes:
                    self.save()
                    saved = time.monotonic()
                yield TrainingStep(self.step, self.loss, self.fraction)
        finally:
            self.save()

    @property
    def fraction(self) -> float:
        """0..1 of the budget spent."""
        if self.budget.steps:
            return min(1.0, self.step / self.budget.steps)
        return min(1.0, self.seconds / (60 * self.budget.minutes))

    def at(self, fraction: float) -> None:
        """As if so much of the budget were spent."""
        self.seconds = 60 * self.budget.minutes * fraction

    def rate(self) -> float:
        """Adam's at this step: a short rise, then a cosine that falls to a fiftieth."""
        rate = self.budget.rate * min(1.0, (self.step + 1) / self.budget.warm_up)
        return rate * (0.49 * (1 + math.cos(math.pi * self.fraction)) + 0.02)

    def note_loss(self, value: float) -> None:
        """Takes a step's loss into the running mean."""
        self.loss = running(self.loss, value)


class Training(Run):
    """The state of one run: module, averaged copy, optimiser, step and seconds spent."""

    def __init__(self, module: nn.Module, budget: Budget, checkpoint: Path) -> None:
        super().__init__(budget, checkpoint)
        self.module = module
        self.optimizer = torch.optim.Adam(module.parameters(), lr=budget.rate, betas=(0.9, 0.99))
        self.average = {name: p.detach().clone() for name, p in module.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """Module, optimiser and average."""
        return {"module": self.module.state_dict(), "optimizer": self.optimizer.state_dict(), "average": self.average}

    def restore(self, state: dict[str, Any]) -> None:
        """The same."""
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]

    def run(self, loss_of: Callable[[int], Tensor]) -> Iterator[TrainingStep]:
        """Trains until the budget is spent, yielding every step; closing the iterator keeps the last step."""
        return whole(self.pieces(lambda step: map(loss_of, (step,))))  # not before the clock is started

    def pieces(self, parts_of: Callable[[int], Iterator[Tensor]]) -> Pieces:
        """The same with a loss in parts, whose sum it is: None after each."""
        return self.steps(lambda: self.advance(parts_of(self.step)))

    def averaged(self) -> dict[str, Tensor]:
        """The exponential moving average of the weights: what is kept at the end."""
        return self.average

    def advance(self, parts: Iterator[Tensor]) -> Generator[None, None, None]:
        """One step by a loss in parts, with a pause after each."""
        set_rate(self.optimizer, self.rate())
        self.optimizer.zero_grad(set_to_none=True)
        loss = 0.0
        for part in parts:
            part.backward()
            loss += float(part.detach())
            yield
        distributed.average([p for p in self.module.parameters() if p.requires_grad])
        if torch.isfinite(nn.utils.clip_grad_norm_(self.module.parameters(), 5.0)):  # or else it is left out
            self.optimizer.step()
        self.step += 1
        decay = min(self.budget.averaging, self.step / (self.step + 10))
        follow(self.average, self.module, decay)
        self.note_loss(loss)


class Opposed(Training):
    """A module that learns with adversaries beside it: the same loss teaches both, each by its own optimiser.

    The average, and what is handed over at the end, are the module's alone.
    """

    def __init__(self, module: nn.Module, adversaries: nn.Module, budget: Budget, checkpoint: Path) -> None:
        super().__init__(module, budget, checkpoint)
        self.adversaries, self._theirs = adversaries, list(adversaries.parameters())
        self._other = torch.optim.Adam(self._theirs, lr=budget.rate, betas=CONTESTED)
        for group in self.optimizer.param_groups:
            group["betas"] = CONTESTED

    def state(self) -> dict[str, Any]:
        """The module's, and the adversaries with their optimiser."""
        return super().state() | {"adversaries": self.adversaries.state_dict(), "other": self._other.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """The same."""
        super().restore(state)
        self.adversaries.load_state_dict(state["adversaries"])
        self._other.load_state_dict(state["other"])

    def advance(self, parts: Iterator[Tensor]) -> Generator[None, None, None]:
        """The same, of both."""
        set_rate(self._other, self.rate())
        self._other.zero_grad(set_to_none=True)
        yield from super().advance(parts)
        distributed.average(self._theirs)
        nn.utils.clip_grad_norm_(self._theirs, 5.0)
        self._other.step()


def running(mean: float, value: float) -> float:
    """The running mean with one value more; NaN before the first."""
    return value if math.isnan(mean) else 0.98 * mean + 0.02 * value


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Of all its groups."""
    for group in optimizer.param_groups:
        group["lr"] = rate


@torch.no_grad()
def follow(average: dict[str, Tensor], module: nn.Module, decay: float) -> None:
    """Moves the average towards the module's state; what is not a real number is copied."""
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, 1 - decay)
        else:
            average[name].copy_(value)

"""The loop keeps what it has learned: through an interruption, and when it is closed half-way."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.train.trainer import Budget, Training


def line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(1, 1)


def loss_for(module: nn.Linear, step: int) -> Tensor:
    x = torch.randn(16, 1, generator=torch.Generator().manual_seed(step))
    return (module(x) - (3 * x + 1)).square().mean()


def run(training: Training, module: nn.Linear, steps: int) -> list[float]:
    losses = []
    iterator = training.run(lambda step: loss_for(module, step))
    for taken in iterator:
        losses.append(taken.loss)
        if len(losses) == steps:
            iterator.close()
    return losses


def test_a_resumed_run_goes_on_where_the_first_one_stopped(tmp_path: Path) -> None:
    budget, whole = Budget(minutes=60, rate=0.05, warm_up=1), line()
    together = run(Training(whole, budget, tmp_path / "whole.pt"), whole, 60)
    first = line()
    run(Training(first, budget, tmp_path / "parts.pt"), first, 30)
    second = line()
    resumed = Training(second, budget, tmp_path / "parts.pt")
    assert resumed.resume() and resumed.step == 30
    losses = run(resumed, second, 30)
    assert abs(losses[-1] - together[-1]) < 0.02 * together[0] and losses[-1] < 0.8 * losses[0]
    torch.testing.assert_close(second.weight, whole.weight, atol=1e-2, rtol=1e-2)


def test_the_budget_ends_the_run_and_nothing_to_resume_is_said(tmp_path: Path) -> None:
    module = line()
    training = Training(module, Budget(minutes=0.002), tmp_path / "run.pt")
    assert not training.resume()
    steps = list(training.run(lambda step: loss_for(module, step)))
    assert steps and training.fraction == 1 and (tmp_path / "run.pt").exists()


def test_a_budget_of_steps_does_not_look_at_the_clock(tmp_path: Path) -> None:
    module = line()
    training = Training(module, Budget(minutes=0.0, steps=3), tmp_path / "run.pt")
    assert [step.fraction for step in training.run(lambda step: loss_for(module, step))] == [1 / 3, 2 / 3, 1.0]


def test_the_average_follows_the_weights(tmp_path: Path) -> None:
    module = line()
    training = Training(module, Budget(minutes=60, rate=0.05, averaging=0.9), tmp_path / "run.pt")
    run(training, module, 200)
    assert (training.averaged()["weight"] - module.weight).abs().max() < 0.1
    assert abs(float(training.averaged()["weight"]) - 3) < 0.3


def test_a_step_whose_slope_is_no_number_is_left_out(tmp_path: Path) -> None:
    module = line()
    training = Training(module, Budget(minutes=60, rate=0.05, warm_up=1), tmp_path / "run.pt")
    steps = training.run(lambda step: loss_for(module, step) * (float("nan") if step == 1 else 1.0))
    for _ in range(3):
        last = next(steps)
    assert last.step == 3 and math.isfinite(last.loss)
    assert all(value.isfinite().all() for value in (*module.parameters(), *training.averaged().values()))


@pytest.mark.parametrize("content", [b"nothing", b"", b"PK\x03\x04 half"])
def test_a_damaged_checkpoint_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.pt").write_bytes(content)
    with pytest.raises(InputError, match="does not fit.*Begin anew"):
        Training(line(), Budget(minutes=60), tmp_path / "run.pt").resume()


def test_the_budget_counts_the_time_that_the_loss_takes(tmp_path: Path) -> None:
    module = line()

    def slow(step: int) -> Tensor:
        time.sleep(0.02)
        return loss_for(module, step)

    training = Training(module, Budget(minutes=60, steps=3), tmp_path / "run.pt")
    list(training.run(slow))
    assert training.seconds >= 0.06

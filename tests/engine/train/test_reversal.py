"""Gradient reversal: copied forward, turned round backward, and an encoder that hides what kind a picture is of."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.train.reversal import DomainClassifier, reversed_slope, strength


def test_forward_is_a_copy_and_backward_is_turned_round() -> None:
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    y = reversed_slope(x, 0.25)
    assert torch.equal(y, x)
    (y * torch.tensor([3.0, 4.0])).sum().backward()
    torch.testing.assert_close(x.grad, torch.tensor([-0.75, -1.0]))


def test_the_strength_is_the_paper_s() -> None:
    assert strength(0) == 0
    assert strength(0.1) == pytest.approx(0.46212, abs=1e-5)
    assert strength(1) == pytest.approx(0.99991, abs=1e-5)


def test_classifier_and_features_are_pulled_opposite_ways() -> None:
    torch.manual_seed(0)
    classifier, features = DomainClassifier(5), torch.randn(4, 5, requires_grad=True)
    plain = nn.functional.binary_cross_entropy_with_logits(classifier(features), torch.ones(4))
    (wanted,) = torch.autograd.grad(plain, features)
    classifier.loss(features, real=True, progress=0.3).backward()
    torch.testing.assert_close(features.grad, -strength(0.3) * wanted)
    (weight,) = torch.autograd.grad(classifier(features).mean(), classifier.hidden.weight)
    assert classifier.hidden.weight.grad is not None and (classifier.hidden.weight.grad * weight).sum() < 0


def learned(progress: float) -> tuple[float, float]:
    """How well the two kinds can be told by what an encoder makes of them, and its error on the kind it was not taught.

    The first of two numbers says the answer exactly, but lies elsewhere for the other kind; the second says it roughly,
    and alike for both.
    """
    torch.manual_seed(0)
    encoder, classifier, answer = nn.Linear(2, 2), DomainClassifier(2), nn.Linear(2, 1)
    learners = [*encoder.parameters(), *answer.parameters(), *classifier.parameters()]
    optimizer = torch.optim.Adam(learners, 0.05, betas=(0.0, 0.99))
    for _ in range(60):
        known, rough = torch.randn(32), torch.randn(32)
        taught, other = (torch.stack([side + known / 2, known + rough / 2], dim=1) for side in (-1.0, 1.0))
        read, seen = encoder(taught), encoder(other)
        loss = (answer(read)[:, 0] - known).square().mean()
        loss = loss + classifier.loss(read, False, progress) + classifier.loss(seen, True, progress)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return classifier.right, float((answer(seen)[:, 0] - known).square().mean().detach())


def test_what_was_learned_of_one_kind_holds_for_the_other() -> None:
    plain, adapted = learned(0.0), learned(1.0)
    assert adapted[0] < 0.75 < 0.85 < plain[0]
    assert adapted[1] < 0.5 < 1.5 < plain[1]

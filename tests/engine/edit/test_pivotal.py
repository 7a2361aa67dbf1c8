"""Pivotal tuning: the network learns one picture, keeps the others, and what it learned fits into a document."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.document.errors import InputError
from engine.document.job import Project
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.tuning import Tuning
from engine.edit import pivotal
from engine.edit.descent import Projection, descend
from engine.edit.project import project
from engine.edit.target import Target
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks import mobilestylegan
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.folded import Folded
from engine.model.networks.mobilestylegan import Synthesis
from engine.model.tuned import for_latent, late_weights, tuned

WIDTH = 8


@pytest.fixture
def manifold(monkeypatch: pytest.MonkeyPatch) -> Manifold:
    """A small style generator of random weights: 32 px, tuned from 8 px on."""
    monkeypatch.setattr(mobilestylegan, "LATE", (8, 16))
    torch.manual_seed(3)
    network = Synthesis((16, 16, 8), WIDTH).eval().requires_grad_(False)
    network.constant.normal_()
    for layer in network.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.weight.mul_(0.3)
            layer.bias.fill_(1.0)

    def draw(count: int, seed: int) -> torch.Tensor:
        return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))

    sketches = tuple(Folded(network, size) for size in (8, 8, 16))
    return Manifold("small", network.layers, 32, 32, torch.zeros(WIDTH), torch.eye(WIDTH), network, network, draw,
                    torch.ones(1, 1, 32, 32), sketches=sketches)


@pytest.fixture
def features() -> Features:
    torch.manual_seed(0)
    return Features(CompactVGG())


@pytest.fixture
def photo() -> Photo:
    y, x = np.mgrid[0:64, 0:64] / 64
    return Photo((255 * np.stack([x, y, 0.5 + 0 * x], axis=2)).astype(np.uint8))


FRAME = Frame(32, 32, 50)


def learned(manifold: Manifold, features: Features, photo: Photo, steps: int = 12, **care: float,
            ) -> tuple[Projection, Projection]:
    """What was found before, and after tuning."""
    target = Target(photo, FRAME, manifold)
    *_, found = descend(manifold, features, target, 2, guess=False)
    moments = pivotal.tuning(manifold, features, target, found, steps, care=pivotal.Care(**care))  # type: ignore[arg-type]
    return found, [moment for moment in moments if moment is not None][-1]


def test_it_comes_nearer_and_the_original_stays(manifold: Manifold, features: Features, photo: Photo) -> None:
    before = {name: value.clone() for name, value in manifold.generator.state_dict().items()}
    found, end = learned(manifold, features, photo, rate=0.2, hold=0.0)
    assert end.tuning is not None and end.cost < 0.97 * found.cost
    assert all(torch.equal(value, before[name]) for name, value in manifold.generator.state_dict().items())
    assert not any(weight.requires_grad for weight in manifold.generator.parameters())
    again = tuned(manifold, end.tuning)
    assert end.full is not None
    torch.testing.assert_close(again.picture(found.latent), end.full, rtol=1e-4, atol=1e-5)
    assert again.latent(found.latent).tuning is end.tuning


def test_it_is_held_where_it_was(manifold: Manifold, features: Features, photo: Photo) -> None:
    other = manifold.sample(1, 9)

    def moved(hold: float) -> float:
        _, end = learned(manifold, features, photo, rate=0.2, hold=hold, away=1.0, hold_every=1)
        assert end.tuning is not None
        return float((tuned(manifold, end.tuning).picture(other) - manifold.picture(other)).abs().mean())

    assert moved(30.0) < 0.7 * moved(0.0)


def test_no_gain_no_tuning(manifold: Manifold, features: Features, photo: Photo) -> None:
    found, end = learned(manifold, features, photo, steps=2, rate=100.0)
    assert end is found


def test_tensors_are_shared_with_the_original(manifold: Manifold) -> None:
    name = late_weights(manifold)[0]
    weight = manifold.generator.get_submodule(name).get_parameter("weight")
    change = Tuning({name: (np.ones((len(weight), 1)), np.ones((1, weight.shape[1])))})
    copy = tuned(manifold, change)
    assert copy is tuned(manifold, change) and copy.tuning is change
    theirs, ours = (dict(m.generator.named_parameters()) for m in (manifold, copy))
    assert [key for key in ours if ours[key] is not theirs[key]] == [f"{name}.weight"]
    torch.testing.assert_close(ours[f"{name}.weight"], weight + 1)
    for sketch, before in zip(copy.sketches, manifold.sketches, strict=True):
        assert not torch.equal(sketch(copy.average()), before(manifold.average()))
    assert for_latent(manifold, copy.latent(copy.average())) is copy
    assert for_latent(manifold, manifold.latent(manifold.average())) is manifold


@pytest.mark.parametrize("factors", [
    {"octaves.9.conv1.mix": (np.ones((8, 1)), np.ones((1, 8)))},
    {"octaves.0.conv1.mix": (np.ones((3, 1)), np.ones((1, 4)))},
    {"octaves.0": (np.ones((3, 1)), np.ones((1, 4)))},
])
def test_of_another_network_is_refused(manifold: Manifold, factors: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    with pytest.raises(InputError, match="find it again"):
        tuned(manifold, Tuning(factors))


def test_the_job_says_how_far_it_is_and_ends_tuned(manifold: Manifold, photo: Photo) -> None:
    job = Project(ticket=1, photo=photo, frame=FRAME, manifold="small", steps=4, quality=6)
    steps = list(project(job, manifold))
    assert steps[-1].settled and not any(step.settled for step in steps[:-1])
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert any("Learning" in step.note for step in steps)
    assert steps[-1].candidates[0].latent.tuning is not None
    assert all(step.candidates[0].latent.tuning is None for step in steps if step.candidates and step.fraction < 1)


def test_a_manifold_that_cannot_be_tuned_is_found_as_before(tiny_manifold: Manifold) -> None:
    photo = Photo(np.full((40, 40, 3), 90, np.uint8))
    job = Project(ticket=1, photo=photo, frame=Frame(20, 20, 30), manifold="tiny", steps=2, quality=3)
    *_, last = project(job, tiny_manifold)
    assert last.settled and last.candidates[0].latent.tuning is None

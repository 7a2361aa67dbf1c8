"""A texture network learns an exemplar: in pauses, colours first, from any exemplar, and goes on where it was."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from itertools import count

import numpy as np
import pytest
import torch

from engine.document.errors import InputError
from engine.document.job import LearnTexture, Step
from engine.document.texture import Texture
from engine.model import adam
from engine.model.adam import clip, rate
from engine.model.endless import Window, evaluated
from engine.model.features import Features
from engine.model.networks.texture_pyramid import TexturePyramid
from engine.model.texture_goal import distance, gatys, statistics
from engine.train import texture as training
from engine.train.shelf import Shelf
from engine.train.texture import Clock, Learning, colour_map, colours, learn_texture, tensor_of


def stripes(height: int = 64, width: int = 64) -> np.ndarray:
    """Orange and blue, diagonal, HxWx3."""
    across = (np.arange(height)[:, None] + np.arange(width)) // 6 % 2
    return np.where(across[..., None] == 1, (230, 120, 20), (20, 60, 140)).astype(np.uint8)


def steps_of(learning: Learning, count: int) -> list[float]:
    """The losses of so many steps."""
    work, losses = learning.run(Clock()), []
    while len(losses) < count:
        next(work)
        if learning.steps > len(losses):
            losses.append(learning.loss)
    return losses


def finished(work: Generator[None, None, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """What it returns."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            arrays: dict[str, np.ndarray] = stop.value
            return arrays


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little tiles, shown often."""
    monkeypatch.setattr(training, "SIDE", 64)
    monkeypatch.setattr(training, "SWATCH", 32)


def test_the_loss_falls(small: None) -> None:
    losses = steps_of(Learning(LearnTexture(ticket=1, texture=Texture("s", stripes()))), 12)
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])


def test_steps_show_a_texture_and_pauses_repeat_the_last_step(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "FIRST", 0.0)
    monkeypatch.setattr(training, "EVERY", 0.0)
    texture = Texture("s", stripes(), seconds=5.0)
    seen: list[Step] = []
    pauses = 0
    for step in learn_texture(LearnTexture(ticket=9, texture=texture, seconds=0.5)):
        pauses += bool(seen) and step is seen[-1]
        if not seen or step is not seen[-1]:
            seen.append(step)
    assert pauses > 3
    assert all(step.ticket == 9 and step.texture is not None and step.picture is not None for step in seen[1:])
    last = seen[-1]
    assert last.settled and not any(step.settled for step in seen[:-1])
    assert last.texture is not None and last.texture.id == texture.id and last.texture.seconds >= 5.5
    assert last.picture is not None and last.picture.shape == (32, 32, 3)
    TexturePyramid.of(last.texture.network)


def test_it_goes_on_where_it_was(small: None) -> None:
    texture = Texture("s", stripes())
    learning = Learning(LearnTexture(ticket=1, texture=texture))
    before = steps_of(learning, 40)
    again = Texture("s", stripes(), learning.network.arrays())
    after = steps_of(Learning(LearnTexture(ticket=2, texture=again, seed=1)), 2)
    assert after[0] < 0.7 * before[0]


def test_a_strange_network_is_refused() -> None:
    texture = Texture("s", stripes(), {"levels": np.zeros(3, np.float32)})
    with pytest.raises(InputError, match="learn anew"):
        Learning(LearnTexture(ticket=1, texture=texture))


def test_the_distance_knows_its_texture() -> None:
    features = Features.load().network
    with torch.no_grad():
        wanted = statistics(features, tensor_of(stripes()), wraps=False)
        shifted = statistics(features, tensor_of(np.roll(stripes(), 5, axis=1)), wraps=False)
        turned = statistics(features, tensor_of(stripes()[::-1]), wraps=False)
        other = statistics(features, tensor_of(np.full((64, 64, 3), 128, np.uint8)), wraps=False)
        for measure in (distance, gatys):
            near, middle, far = (float(measure(own, wanted)) for own in (shifted, turned, other))
            assert float(measure(wanted, wanted)) == 0
            assert near < 0.5 * middle < 0.5 * far


def test_colours_are_right_from_the_first_steps(small: None) -> None:
    learning = Learning(LearnTexture(ticket=1, texture=Texture("s", stripes())))
    steps_of(learning, 6)
    made = evaluated(TexturePyramid.of(finished(learning.settled())), Window(0, 0, 256, 256), 1)
    own, wanted = colours(made), colours(tensor_of(stripes()))
    assert float((own.mean - wanted.mean).abs().max()) < 0.15
    spread = [moments.gram - torch.outer(moments.mean, moments.mean) for moments in (own, wanted)]
    assert float((spread[0] - spread[1]).abs().max()) < 0.4 * float(spread[1].abs().max())


def test_the_colour_map_gives_mean_and_covariance() -> None:
    torch.manual_seed(0)
    turn = torch.tensor([[1.0, 0.2, 0], [0, 0.5, 0.3], [0.4, 0, 0.8]])
    one = torch.randn(1, 3, 40, 40) * 0.3
    other = torch.einsum("ij,bjhw->bihw", turn, torch.randn(1, 3, 40, 40) * 0.2) + 0.1
    matrix, shift = colour_map(colours(one), colours(other))
    mapped = torch.einsum("ij,bjhw->bihw", torch.from_numpy(matrix).float(), one) + torch.from_numpy(
        shift.astype(np.float32))[:, None, None]
    assert torch.allclose(colours(mapped).gram, colours(other).gram, atol=1e-3)
    assert torch.allclose(colours(mapped).mean, colours(other).mean, atol=1e-4)
    assert np.allclose(matrix, matrix.T)


def test_gradients_are_clipped_together() -> None:
    weights = [torch.zeros(3), torch.zeros(2)]
    weights[0].grad, weights[1].grad = torch.full((3,), 4.0), torch.full((2,), 6.0)
    clip(weights)
    assert weights[0].grad is not None and weights[1].grad is not None
    joined = torch.cat([weights[0].grad, weights[1].grad])
    assert float(joined.norm()) == pytest.approx(1, rel=1e-4)
    assert float(joined[3] / joined[0]) == pytest.approx(1.5)
    clip(weights, most=5.0)
    assert float(torch.cat([weights[0].grad, weights[1].grad]).norm()) == pytest.approx(1, rel=1e-4)


def test_the_rate_rises_shortly_and_falls_long() -> None:
    rates = [rate(training.RATE, training.WARM_UP, steps, steps / 1000) for steps in range(1001)]
    top = int(np.argmax(rates))
    assert top == training.WARM_UP - 1
    assert all(np.diff(rates[top:]) < 0) and rates[-1] == pytest.approx(training.RATE * adam.LEAST)


def test_what_was_left_is_gone_on_with_where_it_was(small: None) -> None:
    """The same training, its optimiser's memory included; not where another network is in its place."""
    shelf: Shelf[Learning] = Shelf()
    now = partial(next, (0.01 * tick for tick in count()))
    first = LearnTexture(ticket=1, texture=Texture("s", stripes()), seconds=0.3)
    texture = [step.texture for step in learn_texture(first, now, shelf)][-1]
    assert texture is not None
    other = {name: array + 1 for name, array in texture.network.items()}
    (left, shown), *_ = shelf._left.values()
    assert shelf.take(texture.id, other) is None
    shelf.put(texture.id, left, shown)
    steps, moments = left.steps, left._adam.groups[0].moments[0].steps
    again = learn_texture(LearnTexture(ticket=2, texture=texture, seconds=0.3), now, shelf)
    next(again)
    while left.steps == steps:
        next(again)
    again.close()
    assert left._adam.groups[0].moments[0].steps == moments + 1 and moments >= steps
    assert shelf.take(texture.id, left.shown) is left


def test_the_shelf_holds_the_newest_few() -> None:
    shelf: Shelf[int] = Shelf()
    network = {"w": np.ones(2)}
    for number in range(5):
        shelf.put(str(number), number, network)
    assert [shelf.take(str(number), network) for number in range(5)] == [None, None, 2, 3, 4]
    assert shelf.take("4", network) is None

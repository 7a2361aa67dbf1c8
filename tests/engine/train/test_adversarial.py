"""Generator against critic: they learn, they grow, and an interruption changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.train.adversarial import Contest, draw, networks
from engine.train.recipe import ALONE, FADE, Recipe, recipe_of
from engine.train.trainer import Budget

ENDLESS = Budget(minutes=1e9, rate=2e-3, warm_up=1, checkpoint_minutes=1e6)
FOUR = Recipe(batch=4)
PICTURES = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), np.uint8)


def contest(path: Path, recipe: Recipe = FOUR, family: str = "style", budget: Budget = ENDLESS) -> Contest:
    torch.manual_seed(0)
    return Contest(*networks(family, 16), PICTURES, np.arange(10), budget, path, recipe, seed=1)


def run(one: Contest, steps: int) -> None:
    iterator = one.run()
    for _ in range(steps):
        next(iterator)
    iterator.close()


def test_what_is_closed_is_saved_whoever_else_holds_it(tmp_path: Path) -> None:
    one, held = contest(tmp_path / "one.pt"), []
    steps = one.steps
    one.steps = lambda advance: held.append(steps(advance)) or held[-1]  # type: ignore[method-assign,func-returns-value]
    pieces = one.pieces()
    next(pieces)
    pieces.close()
    assert held[0].gi_frame is None and (tmp_path / "one.pt").exists()


@pytest.mark.parametrize("family", ["style", "dcgan"])
def test_a_resumed_run_is_the_same_run(family: str, tmp_path: Path) -> None:
    whole = contest(tmp_path / "whole.pt", family=family)
    run(whole, 4)
    run(contest(tmp_path / "parts.pt", family=family), 2)
    resumed = contest(tmp_path / "parts.pt", family=family)
    assert resumed.resume() and resumed.step == 2
    run(resumed, 2)
    for ours, theirs in ((resumed.generator, whole.generator), (resumed.critic, whole.critic)):
        for name, value in ours.state_dict().items():
            torch.testing.assert_close(value, theirs.state_dict()[name], msg=name)
    for name, value in resumed.average.items():
        torch.testing.assert_close(value, whole.average[name])
    assert resumed.losses == pytest.approx(whole.losses, nan_ok=True)


def test_a_batch_in_parts_teaches_what_the_whole_one_does(tmp_path: Path) -> None:
    one, other = (contest(tmp_path / f"{count}.pt", Recipe(batch=8)) for count in (1, 2))
    other.part(2)
    one.judged = other.judged = True
    for _ in range(2):
        pauses = [len(list(each.advance())) for each in (one, other)]
        assert pauses[1] > pauses[0]
    assert other.losses == pytest.approx(one.losses, rel=1e-5)
    for ours, theirs in ((other.generator, one.generator), (other.critic, one.critic)):
        for name, value in ours.state_dict().items():
            # Adam moves every weight by about its rate, 2e-3, and those without a slope by the sums' last digits.
            assert (value - theirs.state_dict()[name]).abs().float().mean() < 2e-4, name
    other.part(4)
    assert len(list(other.advance())) == pauses[0], "groups of four are not torn apart"


def test_the_critic_tells_noise_from_a_generator(tmp_path: Path) -> None:
    one = contest(tmp_path / "run.pt", Recipe(batch=8, augments=False))
    one.judged = True
    run(one, 12)
    with torch.no_grad():
        made = one.generator(draw(one.generator, 8, torch.Generator().manual_seed(9)))
        real = torch.from_numpy(PICTURES[:8]).permute(0, 3, 1, 2) / 127.5 - 1
        assert one.critic(real).mean() > one.critic(made).mean()


def test_the_frozen_features_stay_and_everything_else_moves(tmp_path: Path) -> None:
    one = contest(tmp_path / "run.pt")
    one.judged = True  # by the critic, from the first step on
    before = {n: p.detach().clone() for n, p in (*one.generator.named_parameters(), *one.critic.named_parameters())}
    run(one, 3)
    for name, value in (*one.generator.named_parameters(), *one.critic.named_parameters()):
        still = name.startswith("features.") or name.startswith("entries.") and not name.startswith("entries.16.")
        assert torch.equal(value, before[name]) == still, name


def test_the_critic_comes_in_when_pictures_can_be_shown_again(tmp_path: Path) -> None:
    one = contest(tmp_path / "run.pt", budget=Budget(minutes=1, checkpoint_minutes=1e6))
    critic = {name: value.clone() for name, value in one.critic.state_dict().items()}
    run(one, 1)
    assert one.strength() == 0 and not one.judged and np.isnan(one.losses[1])
    assert all(torch.equal(value, critic[name]) for name, value in one.critic.state_dict().items())
    one.seconds = (ALONE + FADE / 2) * 60
    assert one.strength() == pytest.approx(0.5)
    run(one, 1)
    assert one.losses[1] > 0
    one.seconds = 0.1 * 60  # the artist gave it more time
    assert one.strength() == 1 and one.judged
    assert contest(tmp_path / "other.pt", family="dcgan").strength() == 1


def test_a_run_grows_and_never_shrinks(tmp_path: Path) -> None:
    recipe = Recipe(batch=4, grows={0.0: 4, 0.2: 8, 0.6: 16})
    one = contest(tmp_path / "run.pt", recipe, budget=Budget(minutes=1, checkpoint_minutes=1e6))
    assert one.stage() == (4, 1.0)
    one.seconds = 0.21 * 60
    side, blend = one.stage()
    assert side == 8 and 0 < blend < 1
    one.seconds = 0.5 * 60
    assert one.stage() == (8, 1.0)
    one.seconds = 0.1 * 60  # the artist gave it more time
    assert one.stage() == (8, 1.0)


def test_growing_fades_the_new_octave_in(tmp_path: Path) -> None:
    one = contest(tmp_path / "run.pt")
    latents = draw(one.generator, 2, torch.Generator().manual_seed(0))
    small, large = one.generator(latents, 8), one.generator(latents, 16, 0.0)
    torch.testing.assert_close(torch.nn.functional.interpolate(small, scale_factor=2.0, mode="bilinear"), large)
    judged = one.critic.judgements(large, 0.0)[:, 0]
    halved = one.critic.judgements(torch.nn.functional.avg_pool2d(large, 2))[:, 0]
    torch.testing.assert_close(judged, halved)


def test_the_reference_family_keeps_to_its_paper() -> None:
    reference, own = recipe_of("dcgan", 64), recipe_of("style", 64)
    assert (reference.rate, reference.betas[0], reference.r1, reference.augments) == (2e-4, 0.5, 0.0, False)
    assert not reference.grows and own.grows[0.0] == 32 and max(own.grows.values()) == 64

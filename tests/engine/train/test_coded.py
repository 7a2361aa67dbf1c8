"""Codes and their generator: an autoencoder, what it loses, and the three parts of the course."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.model import own_manifold
from engine.model.features import Features
from engine.model.networks import flow
from engine.model.networks.autoencoder import CODE, CodeDecoder, CodeEncoder
from engine.model.networks.coded import GRAINY, LATENT, CodedGenerator
from engine.model.networks.compact_vgg import CompactVGG
from engine.train import coded
from engine.train.balance import Balance
from engine.train.codes import CROP, corners, cut_at, cut_out, encoded, lay_out
from engine.train.course import Task
from engine.train.folder_request import FolderRequest, refuse
from engine.train.photos import to_tensor
from engine.train.showing import SHIFT, Showing, laid_otherwise, part_of, roughness

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pictures a step, a narrow flow, features that are untaught."""
    torch.manual_seed(0)
    features = Features(CompactVGG((4, 6, 8, 10), (1, 1, 1, 1)))
    monkeypatch.setattr(Features, "load", lambda: features)
    monkeypatch.setattr(coded, "BATCHES", (4, 4, 4))
    monkeypatch.setattr(flow, "WIDTHS", (8, 16, 32))


def task(path: Path, resume: bool = False) -> Task:
    """Eight discs of two classes on coloured grounds."""
    random, places = np.random.default_rng(0), np.linspace(-1, 1, 64)
    discs = [np.hypot(places[:, None] - x, places - y) < 0.4 for x, y in random.uniform(-0.5, 0.5, (8, 2))]
    grounds, inks = random.integers(0, 256, (2, 8, 3))
    pictures = np.stack([np.where(disc[..., None], ink, ground)
                         for disc, ground, ink in zip(discs, grounds, inks, strict=True)]).astype(np.uint8)
    names = tuple(f"{'ab'[place % 2]}/{place}.png" for place in range(8))
    return Task("coded", 64, pictures, names, np.arange(8), ("a", "b"), 1e6, path / "run.pt", 1e6, resume, 0, CPU)


def taught(course: coded.Coded, steps: int) -> list[float]:
    """The errors of so many steps."""
    errors = []
    for _ in range(steps):
        course.loss = float("nan")
        for _ in course.advance():
            pass
        errors.append(course.loss)
    return errors


def reach(course: coded.Coded, fraction: float) -> None:
    """By a step in each of the parts before."""
    for share in (0.0, 0.36, 0.78):
        if share < fraction:
            course.at(share)
            taught(course, 2)
    course.at(fraction)


@torch.no_grad()
def shown_wrongly(course: coded.Coded) -> float:
    """The squared error of all pictures, shown of their own latents."""
    shown = course.averaged()(course._latents[0][:, None])
    return float(F.mse_loss(shown, to_tensor(course._task.pictures)))


def weights(module: torch.nn.Module) -> list[Tensor]:
    return [value.clone() for value in module.state_dict().values()]


def alike(some: list[Tensor], others: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


def test_a_code_is_normal_and_becomes_a_picture_of_its_size() -> None:
    encoder, decoder = CodeEncoder(), CodeDecoder()
    code = encoder(torch.rand(6, 3, 64, 48) * 2 - 1)
    assert code.shape == (6, CODE, 8, 6) and decoder(code).shape == (6, 3, 64, 48)
    torch.testing.assert_close(code.mean(dim=(0, 2, 3)), torch.zeros(CODE), atol=1e-4, rtol=0)
    torch.testing.assert_close(code.std(dim=(0, 2, 3)), torch.ones(CODE), atol=0.01, rtol=0)


@torch.no_grad()
def test_one_code_everywhere_is_one_colour_everywhere() -> None:
    """No pattern of two pixels from the last doubling, and no frame along the border."""
    picture = CodeDecoder()(torch.randn(2, CODE, 1, 1).expand(-1, -1, 6, 8))
    torch.testing.assert_close(picture, picture[:, :, :1, :1].expand_as(picture), atol=1e-4, rtol=1e-4)
    assert (picture[0] - picture[1]).abs().max() > 1e-3


def test_a_pattern_of_two_pixels_is_seen_by_the_squared_error_alone() -> None:
    showing, random = Showing(Features.load()), torch.Generator()
    real, rows = torch.rand(2, 3, 64, 64) - 0.5, torch.arange(64)
    pattern = 0.1 * (1 - 2 * ((rows[:, None] + rows) % 2)).expand_as(real)
    torch.testing.assert_close(showing.lost(real + pattern, real, random, 3.0), torch.tensor(3 * 0.01))
    assert showing.lost(real + pattern, real, random, 0.0) < 1e-6
    assert showing.lost(real.roll(3, 3), real, random, 0.0) > 1e-3, "features and layout see what was moved"


def test_a_critic_counts_as_much_as_its_slope_is_too_short() -> None:
    balance, made = Balance(0.5), torch.ones(2, 3, 4, 4, requires_grad=True)
    error, critic = 4 * made[1:].sum(), 10 * made.sum()
    torch.testing.assert_close(balance.weighed(critic, error, made, slice(1, None)), critic * 0.2)
    balance.weighed(critic, 2 * error, made, slice(1, None))
    assert 0.2 < balance.weight < 0.21, "it follows slowly"
    ignorant = Balance(0.5)
    torch.testing.assert_close(ignorant.weighed(0.01 * critic, error, made, slice(1, None)), 0.01 * critic)


def test_the_critic_of_patches_is_taught_by_one_loss_only() -> None:
    showing, made, random = Showing(Features.load()), torch.zeros(2, 3, 64, 64, requires_grad=True), torch.Generator()
    showing.deceived(made, random).backward()
    assert made.grad is not None and made.grad.abs().max() > 0
    assert all(weight.grad is None for weight in showing.patches.parameters())
    made.grad = None
    showing.told_apart(made, torch.rand(2, 3, 64, 64), 16, random).backward()
    assert made.grad is None and all(weight.grad is not None for weight in showing.patches.parameters())


def test_the_critic_is_shown_another_part_each_time() -> None:
    random, picture = torch.Generator().manual_seed(0), torch.arange(64.0).expand(1, 1, 64, 64)
    begun = {float(part_of(picture, random)[0, 0, 0, 0]) for _ in range(300)}
    assert begun == set(range(SHIFT + 1)) and part_of(picture, random).shape == (1, 1, 48, 48)


def test_cut_outs_come_from_anywhere_and_codes_from_pictures_and_their_mirror_images() -> None:
    pictures = torch.arange(128.0)[:, None] * 1000 + torch.arange(128.0)
    parts = cut_out(pictures.expand(32, 3, 128, 128), torch.Generator().manual_seed(0))
    assert parts.shape == (32, 3, CROP, CROP) and len(set(parts[:, 0, 0, 0].tolist())) > 16
    torch.testing.assert_close(parts[:, :, 1, 0] - parts[:, :, 0, 0], torch.full((32, 3), 1000.0))
    places = corners(32, 9, torch.Generator().manual_seed(0))
    parts = cut_at(pictures.expand(32, 3, 128, 128), 8 * places, 64)
    torch.testing.assert_close(parts[:, 0, 0, 0], 8000.0 * places[0] + 8 * places[1])
    assert places.min() == 0 and places.max() == 8 and parts.shape == (32, 3, 64, 64)
    encoder = CodeEncoder().eval()
    shown = np.random.default_rng(0).integers(0, 256, (18, 64, 64, 3), np.uint8)
    shown = np.concatenate([shown, shown[:, :, ::-1]])
    codes = finished(encoded(encoder, shown, CPU))
    assert codes.shape == (2, 36, CODE, 8, 8)
    torch.testing.assert_close(codes[1, :18], codes[0, 18:], atol=1e-2, rtol=1e-2)


def test_a_generator_is_laid_out_along_the_axes_of_the_codes() -> None:
    random = torch.Generator().manual_seed(0)
    along = torch.linalg.qr(torch.randn(CODE * 64, 5, generator=random))[0].T
    places = torch.randn(2, 40, 5, generator=random) * torch.tensor([8.0, 4, 2, 1, 0.5])
    places[:, 20:, 0] += 20
    codes = (3 + places @ along).reshape(2, 40, CODE, 8, 8)
    generator = CodedGenerator(64, (0.5, 0.5))
    lay_out(generator, codes, torch.arange(40) // 20)
    synthesis, clouds = generator.synthesis, generator.mapping.lying.clouds
    latents = synthesis.read(codes[1])
    assert latents.shape == (40, 1, LATENT) and latents[:, :, 5:].abs().max() < 1e-2
    rough = torch.randn(40, *synthesis.rough.shape[1:], generator=random)
    torch.testing.assert_close(synthesis.code(latents, rough), codes[1], atol=1e-3, rtol=1e-3)
    apart = (clouds.mean[1] - clouds.mean[0]).abs()
    assert apart.argmax() == 0 and apart[0] == pytest.approx(20, abs=4), "the longest axis comes first"
    drawn = generator.mapping.wide(torch.randn(500, LATENT + 1, generator=random), torch.ones(500, dtype=torch.long))
    torch.testing.assert_close(drawn.mean(dim=0)[:5], clouds.mean[1][:5], atol=1.5, rtol=0)


def test_each_part_teaches_its_own(tmp_path: Path) -> None:
    course = coded.course(task(tmp_path))
    synthesis, mapping, critic = course._generator.synthesis, course._generator.mapping, course.critic_kept()
    bent, led, judged = weights(synthesis.bend), weights(mapping.velocity), weights(critic)
    first = taught(course, 60)
    assert np.mean(first[-15:]) < 0.8 * np.mean(first[:15]), "the autoencoder learns"
    assert alike(bent, weights(synthesis.bend)) and alike(judged, weights(critic))
    assert alike(led, weights(mapping.velocity))
    course.at(0.36)
    taught(course, 1)
    assert torch.equal(mapping.axes, synthesis.axes)
    axes, seen, shown = synthesis.axes.clone(), weights(course._encoder), weights(synthesis.decoder)
    taught(course, 5)
    assert not alike(led, weights(mapping.velocity)), "the flow learns"
    assert alike(shown, weights(synthesis.decoder)) and alike(judged, weights(critic))
    course.at(0.78)
    taught(course, 1)
    assert course._place == 2
    led, clouds = weights(mapping.velocity), weights(mapping.lying)
    before = shown_wrongly(course)
    taught(course, 40)
    assert shown_wrongly(course) < 0.9 * before, "the generator learns"
    assert not alike(bent, weights(synthesis.bend)) and not alike(shown, weights(synthesis.decoder))
    assert not alike(judged, weights(critic)) and np.isfinite(course.losses[1])
    assert alike(led, weights(mapping.velocity)) and alike(clouds, weights(mapping.lying))
    assert alike(seen, weights(course._encoder)) and torch.equal(axes, synthesis.axes)
    assert torch.equal(course.averaged().synthesis.axes, axes)


def test_making_codes_takes_nothing_from_the_time_of_the_second_part(tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    course = coded.course(task(tmp_path))
    course.at(0.30)
    taught(course, 1)
    course.at(0.40)
    taught(course, 1)
    assert course._place == 1, "making codes took long"
    course.at(0.71)
    taught(course, 1)
    assert course._place == 1
    course.at(0.81)
    taught(course, 1)
    assert course._place == 2 and course._within() == 0
    monkeypatch.setattr(coded, "SEEN", 0.75)
    brief = coded.course(task(tmp_path))
    brief.at(0.30)
    taught(brief, 3)
    assert brief._place == 1
    taught(brief, 1)
    assert brief._place == 2, "it does not learn them by heart"


@torch.no_grad()
def test_a_latent_has_grain_of_its_own_that_stays() -> None:
    """On an even ground too there is something to make leaves of, and the same latent is the same picture."""
    generator = CodedGenerator(64)
    synthesis, even = generator.synthesis, torch.zeros(2, 1, LATENT)
    torch.nn.init.normal_(synthesis.bend.last.weight)
    codes = synthesis.code(even, synthesis.rough.expand(2, -1, -1, -1))
    assert codes[0].std(dim=(1, 2)).min() > 0.1
    plain = synthesis.decoder(codes)
    torch.testing.assert_close(generator.whole(even), plain, msg="a new grain adds nothing")
    synthesis.grain.strength.bias.fill_(0.1)
    torch.testing.assert_close(generator(even), plain, msg="a photo that is edited has its own")
    pictures = generator.whole(even)
    torch.testing.assert_close(pictures[0], pictures[1])
    assert 0.05 < (pictures - plain).std() / GRAINY < 0.5 and (pictures - plain).mean().abs() < 0.02
    kept = CodedGenerator(64)
    kept.load_state_dict(generator.state_dict())
    torch.testing.assert_close(kept.whole(even), pictures)


def test_roughness_is_of_grain_and_not_of_edges() -> None:
    things = torch.ones(2, 3, 32, 32)
    things[:, :, 8:20, 8:20] = -1
    random = torch.Generator().manual_seed(0)
    grain = 0.1 * torch.randn(things.shape, generator=random)
    assert roughness(things) == 0
    assert roughness(things + 2 * grain) == pytest.approx(4 * roughness(things + grain), rel=0.1)
    assert roughness(grain) == pytest.approx(roughness(things + grain), rel=0.3)


def test_there_is_as_much_grain_as_the_pictures_have(tmp_path: Path) -> None:
    """The discs have none. Whatever else they had, it is no more than people like."""
    course = coded.course(task(tmp_path))
    reach(course, 0.9)
    taught(course, 1)
    torch.nn.init.normal_(course._average["generator"]["synthesis.grain.strength.weight"])
    some = torch.randn(2, 1, LATENT)

    def grain() -> float:
        generator = course.averaged()
        with torch.no_grad():
            return float((generator.whole(some) - generator(some)).abs().mean())

    course._rough = [0.0, 0.01, 0.04]
    assert grain() == 0
    found = []
    for real in (0.0125, 0.02, 0.5, math.nan):
        course._rough[0] = real
        found.append(grain() / GRAINY)
    assert found[0] == pytest.approx(0.5 * found[1], rel=1e-3) and found[1] == pytest.approx(found[2], rel=1e-3)
    assert found[2] == found[3] > 0


def test_what_is_drawn_has_to_keep_its_layout_alone() -> None:
    random = torch.Generator().manual_seed(0)
    goal = torch.randn(2, 3, 32, 32, generator=random)
    grain = torch.randn(2, 3, 32, 32, generator=random)
    grain = grain - F.avg_pool2d(grain, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    assert laid_otherwise(goal + grain, goal) < 1e-9 < 1e-2 < laid_otherwise(goal.roll(4, 3), goal)


def test_a_manifold_is_read_by_the_courses_own_encoder(tmp_path: Path) -> None:
    course = coded.course(task(tmp_path))
    reach(course, 0.9)
    taught(course, 2)
    generator = course.averaged()
    mean, basis = own_manifold.cloud(generator)
    reading, pictures = course.encoder_kept(mean, basis), torch.rand(3, 3, 64, 64)
    shared, own = reading(pictures)
    assert shared.shape == own.shape == (3, 1, len(basis)) and not own.any()
    latents = generator.synthesis.read(reading.encoder(pictures))[:, 0]
    onto = torch.linalg.pinv(basis) @ basis
    torch.testing.assert_close(mean + shared[:, 0] @ basis, mean + (latents - mean) @ onto, atol=1e-2, rtol=1e-2)
    assert reading(torch.rand(1, 3, 96, 96))[0].shape == (1, 1, len(basis))


@pytest.mark.parametrize("fraction", [0.2, 0.36, 0.6, 0.9])
def test_a_resumed_run_goes_on_as_it_would_have(fraction: float, tmp_path: Path) -> None:
    course = coded.course(task(tmp_path))
    reach(course, fraction)
    taught(course, 2)
    course.save()
    expected = taught(course, 2)
    resumed = coded.course(task(tmp_path, resume=True))
    assert resumed.fraction == course.fraction
    np.testing.assert_allclose(taught(resumed, 2), expected, rtol=1e-3)
    assert all(torch.allclose(a.float(), b.float(), atol=1e-3) for a, b in zip(
        weights(course.averaged()), weights(resumed.averaged()), strict=True))


def test_smaller_pictures_than_a_code_can_be_made_of_are_refused() -> None:
    with pytest.raises(InputError, match="64 px or more"):
        refuse(FolderRequest(Path("anywhere"), "tiny", size=32, minutes=1.0, family="coded"))

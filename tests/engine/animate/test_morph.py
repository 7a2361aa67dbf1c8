"""Frames of a sequence: exact on keyframes, without a jump beside them, the photo outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.animate import morph as morphing
from engine.animate.morph import Morph, frame_at, scrub, shrunk
from engine.animate.timing import Moment
from engine.document.edit import Patch, picture
from engine.document.errors import InputError
from engine.document.job import Scrub
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe

KEYFRAME_SECONDS = (0.0, 1.25, 1.75)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    morphing._light_morph.cache_clear()


@pytest.mark.parametrize("long_side", [200, 60])
def test_keyframes_are_met_bit_for_bit_without_a_model(kept: Any, long_side: int) -> None:
    for seconds, keyframe in zip(KEYFRAME_SECONDS, kept.sequence.keyframes, strict=True):
        frame = frame_at(kept.photo, kept.sequence, seconds, kept.refuse, long_side)
        assert frame.dtype == np.uint8
        assert np.array_equal(frame, shrunk(picture(kept.photo, keyframe.edits), long_side))
    assert np.array_equal(frame_at(kept.photo, kept.sequence, 0, kept.refuse, 200), kept.photo.pixels)


@pytest.mark.parametrize("long_side", [200, 60])
def test_nothing_jumps_beside_a_keyframe(kept: Any, long_side: int) -> None:
    morph = Morph(kept.photo, kept.sequence, long_side, kept.manifolds)
    for index in (0, 1):
        for keyframe, share in ((index, 1e-4), (index + 1, 1 - 1e-4)):
            beside = finished(morph.at(Moment(index, share))).astype(int)
            assert np.abs(beside - finished(morph.at(Moment(keyframe)))).max() <= 2


def test_the_middle_is_neither_end_and_no_dissolve(kept: Any) -> None:
    morph = Morph(kept.photo, kept.sequence, 200, kept.manifolds)
    ends = [finished(morph.at(Moment(index))).astype(float) for index in (0, 1)]
    middle = finished(morph.at(Moment(0, 0.5)))
    assert all(np.abs(middle - end).mean() > 0.5 for end in ends)
    assert np.abs(middle - (ends[0] + ends[1]) / 2).mean() > 0.1


def test_outside_every_kept_support_a_frame_is_the_photo(kept: Any) -> None:
    morph = Morph(kept.photo, kept.sequence, 200, kept.manifolds)
    outside = np.ones(kept.photo.pixels.shape[:2], bool)
    for patch in (keyframe.edits[0].patch for keyframe in kept.sequence.keyframes[1:]):
        height, width = patch.support.shape
        outside[patch.y : patch.y + height, patch.x : patch.x + width] &= patch.support == 0
    assert outside.any()
    for share in (0.2, 0.5, 0.8):
        assert np.array_equal(finished(morph.at(Moment(1, share)))[outside], kept.photo.pixels[outside])


def test_what_the_keyframes_protect_stays(kept: Any) -> None:
    """A patch without support on its left half, as a protected edit has."""
    found, changed = kept.sequence.keyframes[0].edits[0], kept.sequence.keyframes[1].edits[0]
    support = changed.patch.support.copy()
    support[:, : support.shape[1] // 2] = 0
    patch = Patch(changed.patch.x, changed.patch.y, changed.patch.pixels, support)
    changed = replace(changed, patch=patch)
    morph = Morph(kept.photo, EditSequence((Keyframe((found,)), Keyframe((changed,)))), 200, kept.manifolds)
    middle = finished(morph.at(Moment(0, 0.7)))
    left = changed.patch.x + support.shape[1] // 2
    assert np.array_equal(middle[:, :left], kept.photo.pixels[:, :left])
    assert not np.array_equal(middle[:, left:], kept.photo.pixels[:, left:])


def test_a_16_bit_photo_makes_8_bit_frames(kept: Any) -> None:
    deep = Photo(kept.photo.pixels.astype(np.uint16) * 257)
    sequence = EditSequence((Keyframe(()), Keyframe(())))
    assert np.array_equal(frame_at(deep, sequence, 0.4, kept.refuse, 200), kept.photo.pixels)


def test_the_base_is_drawn_once(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    draw = morphing.drawn
    monkeypatch.setattr(morphing, "drawn", lambda m, latent, light: asked.append(latent) or draw(m, latent, light))
    morph = Morph(kept.photo, kept.sequence, 200, kept.manifolds)
    for share in (0.3, 0.4, 0.5):
        finished(morph.at(Moment(1, share)))
    assert len(asked) == 1 + 2 + 3, "the base, both ends, three frames"


def test_a_preview_network_that_errs_is_right_at_both_ends(kept: Any, tiny_manifold: Any) -> None:
    """The light morph of a manifold whose preview is off in colour stays close to the full one."""

    class Pale(torch.nn.Module):
        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            return 0.7 * tiny_manifold.generator(latents) + 0.1

    pale = replace(tiny_manifold, light=Pale())
    light, full = (Morph(kept.photo, kept.sequence, 30, lambda id: pale, light=light) for light in (2, 0))
    for share in (0.1, 0.3, 0.5, 0.9):
        near, true = (finished(morph.at(Moment(1, share))).astype(float) for morph in (light, full))
        assert 0 < np.abs(near - true).mean() < 0.5, "of 255; uncorrected it would be several"


def test_scrub_settles_on_the_frame_and_remembers_the_morph(kept: Any) -> None:
    counts = []
    for ticket, seconds in ((1, 0.7), (2, 0.8)):
        job = Scrub(ticket=ticket, photo=kept.photo, sequence=kept.sequence, seconds=seconds, long_side=100)
        *waits, last = scrub(job, kept.manifolds)
        assert last.settled and last.picture is not None and last.picture.shape == (75, 100, 3)
        assert all(step.ticket == ticket and not step.settled for step in waits)
        counts.append(len(waits))
    assert counts[1] < counts[0], "the second time the base and the ends are there already"


def test_a_latent_of_another_model_is_refused_in_words(kept: Any, tiny_manifold: Any) -> None:
    other = replace(tiny_manifold, layers=5)
    with pytest.raises(InputError, match="find the face again"):
        frame_at(kept.photo, kept.sequence, 0.7, lambda id: other, 100)


def test_a_sequence_without_keyframes_is_refused(kept: Any) -> None:
    with pytest.raises(InputError, match="keep at least one"):
        frame_at(kept.photo, EditSequence(), 0, kept.refuse, 100)

"""Layers on frames: exact on keyframes, without a jump beside them, as they were kept wherever nothing moved."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.animate import morph as morphing
from engine.animate import painting
from engine.animate.morph import Morph, scrub, shrunk
from engine.animate.timing import Moment
from engine.document.blending import Blend
from engine.document.edit import Layer, Patch, StyleEdit, TextureEdit, compose, picture
from engine.document.job import Scrub
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.sequence import Easing, EditSequence, Keyframe
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import Style
from engine.document.texture import Texture

BLUE, GOLD = (
    Style(name, tuple(np.zeros(1) for _ in range(4)), tuple(np.eye(1) for _ in range(4))) for name in ("blue", "gold")
)
COLORS = {"blue": (20, 40, 220), "gold": (230, 180, 30)}
BAND = Stroke(StrokeKind.STYLE, np.array([[10, 45, 1], [110, 45, 1]], np.float32), 15.0)


def put(below: np.ndarray, edit: Layer) -> np.ndarray:
    """HxWx3 uint8: half of what is below, half a colour of the layer's own, as strong as it says."""
    color = np.float32([90, 90, 90])
    if isinstance(edit, StyleEdit):
        names = [style.name for style in edit.styles]
        mixed = np.float32(COLORS[names[0]]) * (1 - edit.crossfade) + np.float32(COLORS[names[-1]]) * edit.crossfade
        color = mixed
        return np.rint(below + edit.strength * (0.5 * below + 0.5 * color - below)).astype(np.uint8)
    return np.rint(0.5 * below + 0.5 * color).astype(np.uint8)


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Layer]]:
    """What was painted anew, layer by layer; the networks' place is taken by `put`."""
    asked: list[Layer] = []

    def drawn(frame: np.ndarray, edit: Layer, studio: object, scale: float) -> Generator[None, None, Any]:
        asked.append(edit)
        yield
        return put(frame, edit), painting.covered(edit, frame, scale)

    monkeypatch.setattr(painting, "drawn", drawn)
    monkeypatch.setattr(painting, "own_studio", object)
    yield asked
    morphing._light_morph.cache_clear()


def rendered(photo: Photo, edit: Any, below: tuple[Any, ...] = (), off: int = 0) -> Any:
    """The layer with its patch at the photo's size; off: by how much full-size painting differs from small painting."""
    ground = picture(photo, below)
    mask = painting.covered(edit, ground, 1.0)
    pixels = (put(ground, edit).astype(int) + off).clip(0, 255).astype(np.uint8)
    return replace(edit, patch=Patch(0, 0, pixels, np.rint(mask * 255).astype(np.uint8)))


def drawn_at(photo: Photo, share: float, *stacks: tuple[Any, ...], long_side: int = 200, manifolds: Any = None) -> Any:
    sequence = EditSequence(tuple(Keyframe(stack) for stack in stacks))
    return finished(Morph(photo, sequence, long_side, manifolds).at(Moment(0, share)))


def test_a_stroke_of_style_grows_over_the_photo(photo: Photo, painted: list[Layer]) -> None:
    layer = rendered(photo, StyleEdit((BLUE,), (BAND,), whole=False, snap=0.0), off=9)
    end = picture(photo, (layer,))
    middle = drawn_at(photo, 0.5, (), (layer,))
    assert np.array_equal(middle[:, 80:], photo.pixels[:, 80:]), "it has not come so far"
    assert np.array_equal(middle[:, :45], end[:, :45]), "there it is as it was kept"
    assert not np.array_equal(middle[40:50, 45:60], photo.pixels[40:50, 45:60])
    assert painted == [], "its pixels were kept: nothing is painted anew"


@pytest.mark.parametrize("blend", [Blend.NORMAL, Blend.MULTIPLY])
@pytest.mark.parametrize("long_side", [200, 60])
def test_nothing_jumps_beside_a_keyframe(photo: Photo, painted: list[Layer], blend: Blend, long_side: int) -> None:
    start = rendered(photo, StyleEdit((BLUE,), strength=0.4, blend=blend), off=12)
    end = rendered(photo, replace(start, styles=(GOLD,), strength=1.0, opacity=0.7), off=-12)
    upper = rendered(photo, TextureEdit(Texture("t", np.zeros((8, 8, 3), np.uint8)), whole=True, opacity=0.5), (end,))
    for stacks in (((), (start,)), ((start,), (end,)), ((start,), (end, upper)), ((start, upper), ())):
        for share, stack in ((1e-4, stacks[0]), (1 - 1e-4, stacks[1])):
            kept = shrunk(picture(photo, stack), long_side).astype(int)
            beside = drawn_at(photo, share, *stacks, long_side=long_side)
            assert np.abs(beside - kept).max() <= 2


def test_one_style_becomes_another(photo: Photo, painted: list[Layer]) -> None:
    start = rendered(photo, StyleEdit((BLUE,)))
    end = rendered(photo, replace(start, styles=(GOLD,)))
    middle = drawn_at(photo, 0.5, (start,), (end,)).astype(int)
    between = (start.patch.pixels.astype(int) + end.patch.pixels) / 2
    assert np.abs(middle - between).max() <= 2
    assert {edit.crossfade for edit in painted if isinstance(edit, StyleEdit)} == {0.0, 0.5, 1.0}


def test_what_full_size_painting_has_more_of_stays_all_the_way(photo: Photo, painted: list[Layer]) -> None:
    start = rendered(photo, StyleEdit((BLUE,)), off=15)
    end = rendered(photo, replace(start, styles=(GOLD,)), off=15)
    plain = (rendered(photo, replace(start, patch=None)), rendered(photo, replace(end, patch=None)))
    with_more, without = drawn_at(photo, 0.5, (start,), (end,)), drawn_at(photo, 0.5, plain[:1], plain[1:])
    assert np.abs(with_more.astype(int) - without - 15).max() <= 2


def test_what_a_turning_texture_misses_does_not_stay_behind(photo: Photo, painted: list[Layer]) -> None:
    still = TextureEdit(Texture("t", np.zeros((8, 8, 3), np.uint8)), whole=True, opacity=1.0)
    start, end = rendered(photo, still, off=15), rendered(photo, replace(still, angle=1.0), off=15)
    middle = drawn_at(photo, 0.5, (start,), (end,)).astype(int)
    assert np.abs(middle - put(photo.pixels, still)).max() <= 1
    assert np.abs(drawn_at(photo, 0.999, (start,), (end,)).astype(int) - end.patch.pixels).max() <= 2


def test_a_layer_over_a_face_that_moves_is_painted_on_every_frame(kept: Any, painted: list[Layer]) -> None:
    before, after = (keyframe.edits for keyframe in kept.sequence.keyframes[1:3])
    layers = [rendered(kept.photo, StyleEdit((BLUE,), id="style"), edits) for edits in (before, after)]
    start, end = (*before, layers[0]), (*after, layers[1])
    middle = drawn_at(kept.photo, 0.5, start, end, manifolds=kept.manifolds).astype(int)
    bare = drawn_at(kept.photo, 0.5, before, after, manifolds=kept.manifolds)
    assert np.abs(middle - put(bare, layers[0])).max() <= 3 and len(painted) == 3


def test_a_face_that_stays_needs_no_model(kept: Any, painted: list[Layer]) -> None:
    stays = kept.sequence.keyframes[1].edits
    layer = rendered(kept.photo, StyleEdit((BLUE,), (BAND,), whole=False, snap=0.0), stays)
    middle = drawn_at(kept.photo, 0.5, stays, (*stays, layer), manifolds=kept.refuse)
    assert np.array_equal(middle[:, 80:], picture(kept.photo, stays)[:, 80:]) and painted == []


def test_an_erased_part_is_the_photo_all_the_way(photo: Photo, painted: list[Layer]) -> None:
    rub = Stroke(StrokeKind.ERASE, np.array([[20, 20, 1], [60, 20, 1]], np.float32), 12.0)
    start = rendered(photo, StyleEdit((BLUE,), (rub,), snap=0.0))
    end = rendered(photo, replace(start, styles=(GOLD,)))
    middle = drawn_at(photo, 0.5, (start,), (end,))
    assert np.array_equal(middle[18:22, 20:60], photo.pixels[18:22, 20:60])
    assert not np.array_equal(middle[60:], photo.pixels[60:])


def test_the_mask_of_a_layer_that_comes_to_cover_the_photo_is_mixed(photo: Photo, painted: list[Layer]) -> None:
    start = rendered(photo, StyleEdit((BLUE,), (BAND,), whole=False, snap=0.0))
    end = rendered(photo, replace(start, whole=True))
    middle = drawn_at(photo, 0.25, (start,), (end,))
    expected = photo.pixels.copy()
    full = rendered(photo, replace(start, whole=True)).patch
    compose(expected, Patch(full.x, full.y, full.pixels, np.full_like(full.support, 64)), 1)
    assert np.abs(middle[:20].astype(int) - expected[:20]).max() <= 1
    assert painted == []


def test_scrubbing_paints_small_and_arrives_as_kept(photo: Photo, painted: list[Layer]) -> None:
    start = rendered(photo, StyleEdit((BLUE,), id="s"))
    end = rendered(photo, replace(start, styles=(GOLD,)))
    keyframes = EditSequence((Keyframe((start,), seconds=1.0, hold=0.0, easing=Easing.LINEAR), Keyframe((end,))))
    full = drawn_at(photo, 0.5, (start,), (end,)).astype(int)
    asked = len(painted)
    sizes: list[int] = []
    draw = painting.drawn

    def noted(frame: np.ndarray, edit: Layer, studio: Any, scale: float) -> Any:
        sizes.append(max(frame.shape))
        return (yield from draw(frame, edit, studio, scale))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painting, "drawn", noted)
        patch.setattr(morphing, "SCRUB_PAINT", 40)
        job = Scrub(ticket=1, photo=photo, sequence=keyframes, seconds=0.5, long_side=120)
        *_, last = scrub(job, lambda id: None)  # type: ignore[arg-type,return-value]
    assert sizes == [40] * 3 and len(painted) == asked + 3
    assert last.picture is not None and np.abs(last.picture - full).mean() < 2


def test_drawing_pauses_often(photo: Photo, painted: list[Layer]) -> None:
    start, end = (rendered(photo, StyleEdit((style,), id="s")) for style in (BLUE, GOLD))
    morph = Morph(photo, EditSequence((Keyframe((start,)), Keyframe((end,)))), 200, lambda id: None)  # type: ignore
    drawing, pauses = morph.at(Moment(0, 0.5)), 0
    while morphing.advanced(drawing) is None:
        pauses += 1
    assert pauses >= 6

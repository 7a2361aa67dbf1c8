"""Texture layers: the same texture in every part and at every size, turned, scaled, along the stroke, recoloured."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.document.edit import TextureEdit
from engine.document.pauses import finished
from engine.document.stroke import Stroke, StrokeKind
from engine.document.texture import Texture
from engine.model.vgg19 import Extractor
from engine.paint import source as sources
from engine.paint import texture as painting
from engine.paint.refine import Reached
from engine.paint.render import overlay, patching
from engine.paint.source import picture_of, tile_of
from engine.paint.stroke_frame import frame_at, path_of
from engine.paint.studio import Studio
from engine.paint.tensors import to_tensor
from engine.paint.texture import filled, refining
from tests.engine.model.textures import lively

LEARNED = Texture("learned", np.full((40, 40, 3), 90, np.uint8), lively().arrays())


STUDIO = Studio()


def waves() -> np.ndarray:
    """Vertical stripes with a period of 8 pixels, 48x48x3."""
    line = 127 + 100 * np.sin(np.arange(48) * math.pi / 4)
    return np.broadcast_to(line[None, :, None], (48, 48, 3)).astype(np.uint8)


WAVES = Texture("waves", waves())


def grey(height: int, width: int, dtype: type = np.uint8) -> np.ndarray:
    """HxWx3."""
    return np.full((height, width, 3), 100, dtype)


def stroke(points: list[tuple[float, float]], radius: float = 20) -> Stroke:
    """A texture stroke at full pressure."""
    return Stroke(StrokeKind.TEXTURE, np.array([(*point, 1) for point in points], np.float32), radius)


def laid(edit: TextureEdit, base: np.ndarray, x: float = 0, y: float = 0, scale: float = 1, long_side: float = 1024,
         ) -> np.ndarray:
    """What is filled in."""
    return finished(filled(edit, base, x, y, scale, STUDIO, long_side))


@pytest.mark.parametrize("edit", [
    TextureEdit(LEARNED), TextureEdit(LEARNED, scale=1.7, angle=0.4, seed=3),
    TextureEdit(LEARNED, (stroke([(30, 40), (110, 60)]),), follow=True),
])  # fmt: skip
def test_a_part_is_a_part_of_the_whole(edit: TextureEdit) -> None:
    whole = laid(edit, grey(100, 140)).astype(int)
    part = laid(edit, grey(50, 60), x=37, y=21).astype(int)
    assert whole.std() > 5
    assert np.abs(whole[21:71, 37:97] - part).max() <= 1


def test_seeds_and_depths() -> None:
    first = laid(TextureEdit(LEARNED, seed=1), grey(40, 40))
    assert np.abs(first.astype(int) - laid(TextureEdit(LEARNED, seed=2), grey(40, 40))).mean() > 3
    deep = laid(TextureEdit(LEARNED, seed=1), grey(40, 40, np.uint16))
    assert deep.dtype == np.uint16 and np.abs(deep / 257 - first).max() <= 0.51


def test_a_small_view_shows_the_same_as_a_large_one() -> None:
    edit = TextureEdit(LEARNED, scale=4)
    large = laid(edit, grey(256, 256), long_side=2048).astype(float)
    small = laid(edit, grey(64, 64), scale=0.25, long_side=2048).astype(float)
    reduced = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.corrcoef(reduced.ravel(), small.ravel())[0, 1] > 0.97


def test_scale_and_angle_do_what_they_say() -> None:
    edit = TextureEdit(WAVES, scale=2)
    base = grey(128, 128)
    assert _direction(laid(edit, base)) == pytest.approx((1 / 16, 0), abs=0.005)
    x, y = _direction(laid(replace(edit, angle=math.pi / 6), base))
    assert (x, y) == pytest.approx((math.cos(math.pi / 6) / 16, math.sin(math.pi / 6) / 16), abs=0.006)
    assert _direction(laid(replace(edit, scale=1), base, long_side=3072)) == pytest.approx((1 / 24, 0), abs=0.006)


def _direction(picture: np.ndarray) -> tuple[float, float]:
    """The strongest frequency in cycles per pixel, x and y, x not negative."""
    light = picture.astype(float).mean(axis=2)
    side = 8 * len(light)
    power = np.abs(np.fft.fft2(light - light.mean(), (side, side)))
    row, column = np.unravel_index(power[:, : side // 2].argmax(), (side, side // 2))
    return column / side, (row if row < side / 2 else row - side) / side


def test_follow_runs_along_the_stroke() -> None:
    down = stroke([(64, 0), (64, 64), (64, 128)], 60)
    edit = TextureEdit(WAVES, (down,), scale=2, follow=True)
    x, y = _direction(laid(edit, grey(128, 128))[:, 40:88][:48])
    assert abs(x) < 0.01 and abs(y) == pytest.approx(1 / 16, abs=0.01)


def test_the_frame_of_a_bent_stroke() -> None:
    around = [(50 + 40 * math.cos(t), 50 + 40 * math.sin(t)) for t in np.linspace(0, math.pi / 2, 40)]
    path = path_of(stroke(around, 6))
    frame = frame_at(path, np.arange(101) + 0.0, np.arange(101) + 0.0)
    outer = 50 + 42 * math.sqrt(0.5)
    assert frame.along[round(outer), round(outer)] == pytest.approx(40 * math.pi / 4, abs=2)
    assert abs(frame.aside[round(outer), round(outer)]) == pytest.approx(2, abs=0.8)
    assert np.isinf(frame.distance[10, 10])
    dot = frame_at(path_of(stroke([(5, 5)], 4)), np.arange(11) + 0.0, np.arange(11) + 0.0)
    assert dot.distance[5, 5] == 0 and dot.along[5, 8] - dot.along[5, 5] == pytest.approx(3, abs=0.1)
    assert dot.aside[8, 5] == pytest.approx(3, abs=0.1)


def test_colours_can_be_matched() -> None:
    base = grey(60, 60)
    base[:, :] = np.random.default_rng(0).normal((200, 60, 60), 10, (60, 60, 3)).clip(0, 255)
    edit = TextureEdit(WAVES, whole=True, match_color=1.0)
    made = laid(edit, base).astype(float)
    assert np.abs(made.mean(axis=(0, 1)) - base.mean(axis=(0, 1))).max() < 8
    half = laid(replace(edit, match_color=0.5), base).astype(float).mean(axis=(0, 1))
    assert 127 < half[0] < 198 and 62 < half[1] < 126
    painted = replace(edit, whole=False, strokes=(stroke([(15, 30)], 10),))
    base[:, 30:] = (0, 0, 255)
    assert np.abs(laid(painted, base).astype(float)[20:40, 5:25].mean(axis=(0, 1)) - (200, 60, 60)).max() < 25


def test_tiles_fit_and_pictures_have_any_size() -> None:
    for texture in (LEARNED, WAVES):
        tile = finished(tile_of(texture, 70, 100, 1)).astype(float)
        assert tile.shape == (70, 100, 3)
        assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 2 * np.abs(np.diff(tile, axis=1)).mean()
        assert np.abs(tile[0] - tile[-1]).mean() < 2 * np.abs(np.diff(tile, axis=0)).mean() + 2
        assert finished(picture_of(texture, 33, 50, 1)).shape == (33, 50, 3)


def test_refining_makes_one_tile_and_shows_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "REFINED", 64)

    def finish(tile: np.ndarray, exemplar: np.ndarray, extractor: Extractor, *, seamless: bool) -> object:
        assert seamless and tile.shape == (64, 64, 3)
        plain = to_tensor(tile)
        for part in range(5):
            yield Reached(part / 4, tile, plain, plain - 2 * part / 4 * plain)

    monkeypatch.setattr(sources, "refined_texture", finish)
    edit, studio = TextureEdit(LEARNED, refine=1.0), Studio()
    shown = [finished(filled(edit, grey(80, 80), 0, 0, 1.0, studio, 1024))]
    for share in (0.5, 1.0):
        finished(refining(edit, studio).to(share))
        shown.append(finished(filled(edit, grey(80, 80), 0, 0, 1.0, studio, 1024)))
    tile = finished(tile_of(LEARNED, 64, 64, 0))
    assert np.array_equal(shown[0], finished(filled(replace(edit, refine=0.0), grey(80, 80), 0, 0, 1.0, studio, 1024)))
    assert np.abs(shown[1][:64, :64].astype(int) - 128).max() <= 1
    assert np.abs(shown[2][:64, :64].astype(int) - (255 - tile.astype(int))).max() <= 1
    assert np.array_equal(shown[2][64:], shown[2][:16])


def test_overlay_and_patch_show_the_same_texture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (150, 200, 3)).astype(np.uint8)
    edit = TextureEdit(WAVES, (stroke([(150, 70), (150, 100)], 40),), scale=6)
    ground = STUDIO.bare(pixels)
    patch = finished(patching(ground, edit, STUDIO))
    shown = finished(overlay(ground, edit, 200, STUDIO))
    middle = slice(75, 95), slice(140, 160)
    assert np.abs(patch.pixels[middle[0].start - patch.y : middle[0].stop - patch.y,
                               middle[1].start - patch.x : middle[1].stop - patch.x].astype(int)
                  - shown[middle][..., :3]).max() <= 1


def test_a_fill_pauses_often() -> None:
    work = filled(TextureEdit(LEARNED), grey(300, 300), 0, 0, 1.0, Studio(), 1024)
    assert sum(1 for _ in work) >= 9
    assert painting.BLOCK <= 256

"""Pictures read to become styles and textures, and the square that is cut out of a lasso."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editor.pictures import exemplar_inside, style_picture, texture_picture
from engine.document.document import Document
from engine.document.errors import InputError
from engine.document.photo import Photo

NOISE = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)


def png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_a_file_is_read_small_and_named_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "great wave.png"
    path.write_bytes(png(np.full((600, 1200, 3), 40, np.uint8)))
    name, pixels = style_picture(path)
    assert name == "great wave" and pixels.shape == (256, 512, 3) and (pixels == 40).all()


def test_grey_and_sixteen_bit_pictures_are_taken() -> None:
    grey = np.full((20, 20), 77, np.uint8)
    assert (texture_picture(png(grey))[1] == 77).all()
    _, pixels = texture_picture(png(grey.astype(np.uint16) * 257))
    assert pixels.dtype == np.uint8 and pixels.shape == (20, 20, 3) and (pixels == 77).all()


def test_what_is_transparent_brings_no_colour_of_its_own() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[:10] = (200, 100, 50, 255)
    assert (texture_picture(png(pixels))[1] == (200, 100, 50)).all()
    with pytest.raises(InputError, match="transparent everywhere"):
        style_picture(png(np.zeros((20, 20, 4), np.uint8)))


@pytest.mark.parametrize("read", [style_picture, texture_picture])
def test_too_few_pixels_are_refused_in_one_line(read: object) -> None:
    with pytest.raises(InputError, match="3 × 3 pixels are too few") as caught:
        read(png(np.zeros((3, 3, 3), np.uint8)))  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_ribbon_stays_wide_enough_to_be_looked_at() -> None:
    assert style_picture(png(np.zeros((20, 4000, 3), np.uint8)))[1].shape == (16, 512, 3)


@pytest.mark.parametrize("data", [b"", b"no picture", png(NOISE)[:900]])
def test_a_broken_drop_is_one_clear_line(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        style_picture(data)
    assert "\n" not in str(caught.value) and len(str(caught.value)) > 20


def circle(x: float, y: float, radius: float) -> np.ndarray:
    """The points of a lasso around (x, y)."""
    angles = np.linspace(0, 2 * np.pi, 40)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1).astype(np.float32)


@pytest.mark.parametrize(("x", "y", "radius"), [(100, 80, 40), (60, 150, 30), (150, 60, 20)])
def test_the_exemplar_is_the_square_inside_the_lasso(x: float, y: float, radius: float) -> None:
    rows, columns = np.mgrid[:200, :240]
    inside = np.hypot(columns - x, rows - y) <= radius + 0.5
    photo = Photo(np.where(inside[..., None], 255, 0).repeat(3, 2).astype(np.uint8))
    found = exemplar_inside(Document(photo), circle(x, y, radius))
    exemplar, scale = found.exemplar, found.scale
    side = exemplar.shape[0]
    assert exemplar.shape == (side, side, 3) and (exemplar == 255).all()
    assert side == pytest.approx(2 * radius / np.sqrt(2), abs=6)
    assert scale == pytest.approx(1024 / 240)


def test_a_large_lasso_is_reduced_and_its_scale_makes_up_for_it() -> None:
    photo = Photo(np.full((2000, 2048, 3), 9, np.uint8))
    corners = np.array([[100, 100], [1124, 100], [1124, 1124], [100, 1124]], np.float32)
    found = exemplar_inside(Document(photo), corners)
    exemplar, scale = found.exemplar, found.scale
    assert exemplar.shape == (512, 512, 3) and scale == pytest.approx(1.0, rel=0.02)


def test_a_lasso_that_reaches_over_the_edge_stays_in_the_photo() -> None:
    photo = Photo(np.full((60, 100, 3), 9, np.uint8))
    exemplar = exemplar_inside(Document(photo), circle(100, 30, 30)).exemplar
    assert 15 < exemplar.shape[0] <= 30 and (exemplar == 9).all()


@pytest.mark.parametrize("points", [circle(50, 30, 3), circle(-200, 30, 50), np.array([[5, 5], [80, 50], [6, 6]])])
def test_next_to_nothing_inside_is_refused(points: np.ndarray) -> None:
    photo = Photo(np.zeros((60, 100, 3), np.uint8))
    with pytest.raises(InputError, match="too few for a texture"):
        exemplar_inside(Document(photo), points.astype(np.float32))

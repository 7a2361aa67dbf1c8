"""Picture: arrays as the screen shows them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColorSpace, QImage, QPainter

from editor.canvas.picture import Picture, clip, join, screen_pixels, to_srgb


def shown(picture: Picture, zoom: float, part: QRectF | None = None) -> np.ndarray:
    """The whole picture (or `part` of it, the rest magenta) drawn at `zoom`, as HxWx3 uint8."""
    image = QImage(round(picture.width * zoom), round(picture.height * zoom), QImage.Format.Format_RGB32)
    image.fill(0xFFFF00FF)
    painter = QPainter(image)
    painter.scale(zoom, zoom)
    size = (picture.width, picture.height)
    picture.draw(painter, size, zoom, part or QRectF(0, 0, *size))
    painter.end()
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return words[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., 2::-1].copy()


def noise(height: int, width: int, dtype: type = np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (height, width, 3), dtype, endpoint=True)


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([255 * x / width, 255 * y / height, 127 + 100 * np.sin(x / 40)], 2).astype(np.uint8)


@pytest.mark.parametrize("width", [1, 2, 3, 255, 301])
def test_pixels_are_shown_as_they_are_whatever_the_width(width: int) -> None:
    pixels = noise(7, width)
    assert (shown(Picture(pixels), 1.0) == pixels).all()


def test_pixels_stay_square_blocks_when_seen_from_near() -> None:
    pixels = noise(5, 6)
    assert (shown(Picture(pixels), 4.0) == pixels.repeat(4, 0).repeat(4, 1)).all()


def test_16_bit_goes_to_the_nearest_8_bit() -> None:
    values = np.array([0, 128, 129, 257, 32896, 65535], np.uint16)
    screen = screen_pixels(values.reshape(1, 6, 1).repeat(3, 2), None, None)
    assert screen[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]


@pytest.mark.parametrize("shape", [(600, 800), (601, 799), (1023, 511)])
@pytest.mark.parametrize("zoom", [0.5, 0.25, 0.1])
def test_small_zooms_show_area_averages(shape: tuple[int, int], zoom: float) -> None:
    """Noise must fade to grey instead of sparkling: that is what the pyramid is for."""
    image = shown(Picture(noise(*shape)), zoom)[4:-4, 4:-4].astype(float)
    assert abs(image.mean() - 127.5) < 2
    assert image.std() < 1.75 * 73.6 * zoom  # 73.6 is the noise itself; averaging n x n pixels divides it by n


@pytest.mark.parametrize("zoom", [0.3, 0.7, 1.0, 1.5, 3.0])
def test_a_written_rectangle_looks_as_if_all_had_been_written(zoom: float) -> None:
    before, after = smooth(333, 451), noise(333, 451, seed=1)
    picture, changed = Picture(before), before.copy()
    changed[101:180, 33:98] = after[101:180, 33:98]
    picture.write(changed[101:180, 33:98], (33, 101))
    assert (shown(picture, zoom) == shown(Picture(changed), zoom)).all()


def test_only_the_rectangle_is_written() -> None:
    picture = Picture(np.zeros((300, 300, 3), np.uint8))
    picture.write(np.full((70, 60, 3), 200, np.uint8), (40, 50))
    image = shown(picture, 1.0)
    assert (image[50:120, 40:100] == 200).all() and (image > 0).sum() == 60 * 70 * 3


@pytest.mark.parametrize("zoom", [0.3, 0.7, 1.5, 3.0])
def test_a_part_is_drawn_as_in_the_whole(zoom: float) -> None:
    picture = Picture(smooth(300, 400))
    whole, part = shown(picture, zoom), shown(picture, zoom, QRectF(100, 80, 120, 90))
    inner = (slice(int(82 * zoom), int(168 * zoom)), slice(int(102 * zoom), int(218 * zoom)))
    assert np.abs(whole[inner].astype(int) - part[inner]).max() <= 2
    assert (part[:, int(240 * zoom) :] == (255, 0, 255)).all()


def test_alpha_lets_what_is_below_through() -> None:
    pixels = np.full((4, 4, 3), 200, np.uint8)
    alpha = np.array([[0, 128, 255, 255]] * 4, np.uint8)
    image = shown(Picture(pixels, alpha), 1.0)
    assert image[0, 0].tolist() == [255, 0, 255] and image[0, 2].tolist() == [200, 200, 200]
    assert image[0, 1].tolist() == pytest.approx([227, 100, 227], abs=2)


def test_a_wide_gamut_photo_is_converted_to_srgb() -> None:
    profile = QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data()
    pixels = np.full((3, 5, 3), (100, 160, 120), np.uint8)
    image = shown(Picture(pixels, None, profile), 1.0)
    # By the matrices of both standards: red = 1.3984 R - 0.3984 G of the linear Adobe values.
    red, green = (100 / 255) ** (563 / 256), (160 / 255) ** (563 / 256)
    expected = 255 * (1.055 * (1.3984 * red - 0.3984 * green) ** (1 / 2.4) - 0.055)
    assert image[0, 0, 0] == pytest.approx(expected, abs=1.5) and expected < 60


@pytest.mark.qt_log_ignore("fromIccProfile")
@pytest.mark.parametrize("profile", [None, b"", b"not a profile"])
def test_no_profile_or_an_unreadable_one_is_taken_for_srgb(profile: bytes | None) -> None:
    assert to_srgb(profile) is None


def test_rectangles() -> None:
    assert clip(None, 30, 20) == (0, 0, 30, 20)
    assert clip((-5, 10, 100, 100), 30, 20) == (0, 10, 30, 10)
    assert clip((40, 0, 5, 5), 30, 20)[2] == 0
    assert join(None, (1, 2, 3, 4)) == (1, 2, 3, 4)
    assert join((0, 0, 2, 2), (5, 1, 1, 9)) == (0, 0, 6, 10)

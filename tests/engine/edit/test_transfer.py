"""The change of the model pictures arrives on the photo, and nothing else does."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.document.edit import Patch, compose
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import transfer
from engine.edit.quick import Ground

SIZE = 128


@cache
def portrait(size: int = SIZE) -> np.ndarray:
    """Something like a head before a wall: size x size x 3 float32 in 0..1."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    picture = np.stack([0.3 + 0.2 * columns, 0.4 + 0.1 * rows, 0.5 - 0.2 * columns], axis=2)
    for x, y, a, b, color in ((0.5, 0.5, 0.3, 0.4, (0.8, 0.6, 0.5)), (0.4, 0.42, 0.05, 0.03, (0.1, 0.1, 0.2)),
                              (0.6, 0.42, 0.05, 0.03, (0.1, 0.1, 0.2)), (0.5, 0.7, 0.12, 0.03, (0.7, 0.2, 0.2))):
        inside = ((columns - x) / a) ** 2 + ((rows - y) / b) ** 2 < 1
        picture[inside] = color
    return cv2.GaussianBlur(picture, (0, 0), size / 128)


def painted(x: float, y: float, radius: float, color: tuple[float, float, float] = (0.1, 0.7, 0.2)) -> np.ndarray:
    """The portrait with a soft round spot of colour; position and radius as shares of the side."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    inside = (np.hypot(columns - x, rows - y) < radius).astype(np.float32)
    inside = cv2.GaussianBlur(inside, (0, 0), 1.5)[..., None]
    return (portrait() * (1 - inside) + np.float32(color) * inside).astype(np.float32)


def photograph(frame: Frame, width: int = 400, height: int = 300, dtype: type = np.uint8) -> Photo:
    """A photo that has the portrait under `frame`, and grain everywhere."""
    matrix = frame.matrix(SIZE)
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    pixels = cv2.warpAffine(portrait(), matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    pixels += np.random.default_rng(0).normal(0, 0.02, pixels.shape)
    white = np.iinfo(dtype).max
    return Photo(np.rint(np.clip(pixels, 0, 1) * white).astype(dtype))


def applied(photo: Photo, patch: Patch) -> np.ndarray:
    """The photo with the patch on it, float 0..1."""
    pixels = photo.pixels.copy()
    compose(pixels, patch, 1.0)
    return pixels.astype(np.float32) / photo.white


def at(frame: Frame, x: float, y: float) -> tuple[int, int]:
    """Row and column on the photo of a place in the frame (shares of the side)."""
    point = frame.to_photo(np.array([[x, y]]), 1)[0]
    return int(point[1]), int(point[0])


FRAMES = [Frame(200, 150, 220), Frame(180, 140, 200, 0.6), Frame(200, 150, 100), Frame(330, 60, 240, -0.3)]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_spot_of_colour_arrives_and_the_rest_is_bit_identical(frame: Frame, dtype: type) -> None:
    photo = photograph(frame, dtype=dtype)
    patch = transfer.carry(photo, frame, portrait(), painted(0.45, 0.6, 0.12), 0.5)
    assert patch.pixels.dtype == dtype
    pixels = photo.pixels.copy()
    compose(pixels, patch, 1.0)
    outside = np.ones(pixels.shape[:2], bool)
    height, width = patch.support.shape
    outside[patch.y:patch.y + height, patch.x:patch.x + width] = patch.support == 0
    assert np.array_equal(pixels[outside], photo.pixels[outside])
    model = frame.to_model(np.argwhere(~outside)[:, ::-1] + 0.5, 1)
    assert np.hypot(*(model - (0.45, 0.6)).T).max() < 0.26
    row, column = at(frame, 0.45, 0.6)
    spot = pixels[row - 4:row + 5, column - 4:column + 5].reshape(-1, 3).mean(axis=0) / photo.white
    np.testing.assert_allclose(spot, (0.1, 0.7, 0.2), atol=0.05)


@pytest.mark.parametrize("realism", [0.0, 0.5, 1.0])
def test_no_change_is_an_empty_patch(realism: float) -> None:
    photo = photograph(FRAMES[0])
    patch = transfer.carry(photo, FRAMES[0], portrait(), portrait(), realism)
    assert not patch.support.any()
    assert not Ground(portrait(), portrait()).overlay(portrait(), realism)[..., 3].any()


def test_the_grain_of_the_photo_stays_under_a_change_of_colour() -> None:
    frame = Frame(200, 150, 256)
    photo = photograph(frame)
    after = painted(0.5, 0.55, 0.15, (0.7, 0.65, 0.5))
    result = applied(photo, transfer.carry(photo, frame, portrait(), after, 0.5))
    row, column = at(frame, 0.5, 0.55)
    place = (slice(row - 12, row + 12), slice(column - 12, column + 12))
    assert result[place].std(axis=(0, 1)).mean() > 0.8 * (photo.pixels[place] / 255).std(axis=(0, 1)).mean()


def test_full_realism_is_the_model_picture_well_inside() -> None:
    frame = Frame(200, 150, SIZE)
    photo = photograph(frame)
    after = painted(0.5, 0.55, 0.25)
    result = applied(photo, transfer.carry(photo, frame, portrait(), after, 1.0))
    x, y = 200 - SIZE // 2, 150 - SIZE // 2
    inner = (slice(y + 54, y + 84), slice(x + 48, x + 78))
    grain = np.abs(result[inner] - after[54:84, 48:78])
    assert grain.max() < 0.06
    assert grain.mean() < 0.01


def test_no_realism_shows_only_the_photos_own_pixels_moved() -> None:
    frame = Frame(200, 150, 256)
    photo = photograph(frame)
    matrix = np.float32([[1, 0, 3], [0, 1, 2]])
    after = cv2.warpAffine(portrait(), matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
    result = applied(photo, transfer.carry(photo, frame, portrait(), after, 0.0))
    expected = np.roll(photo.pixels.astype(np.float32) / 255, (4, 6), axis=(0, 1))
    mouth = (slice(*(int(150 + 256 * v) for v in (0.15, 0.28))), slice(*(int(200 + 256 * v) for v in (-0.14, 0.14))))
    before = np.abs(photo.pixels[mouth] / 255 - expected[mouth]).mean()
    assert np.abs(cv2.blur(result, (3, 3))[mouth] - cv2.blur(expected, (3, 3))[mouth]).mean() < 0.3 * before


def test_what_is_protected_is_not_in_the_support() -> None:
    frame = Frame(200, 150, 256, 0.2)
    photo = photograph(frame)
    protect = np.zeros((SIZE, SIZE), np.float32)
    protect[:, 64:] = 1
    patch = transfer.carry(photo, frame, portrait(), painted(0.5, 0.55, 0.2), 0.5, protect)
    assert patch.support.any()
    seen = np.argwhere(patch.support > 0)[:, ::-1] + (patch.x + 0.5, patch.y + 0.5)
    assert frame.to_model(seen, SIZE)[:, 0].max() < 64.6
    shown = Ground(portrait(), portrait()).overlay(painted(0.5, 0.55, 0.2), 0.5, protect)
    assert shown[:, :60, 3].any()
    assert not shown[:, 64:, 3].any()


def test_everything_protected_is_an_empty_patch() -> None:
    photo = photograph(FRAMES[0])
    whole = np.ones((SIZE, SIZE), np.float32)
    assert not transfer.carry(photo, FRAMES[0], portrait(), painted(0.5, 0.5, 0.2), 0.5, whole).support.any()


def test_a_frame_beside_the_photo_is_an_empty_patch() -> None:
    photo = photograph(FRAMES[0])
    patch = transfer.carry(photo, Frame(900, 900, 100), portrait(), painted(0.5, 0.5, 0.2), 0.5)
    assert not patch.support.any()


def test_a_change_of_the_whole_picture_fades_out_inside_the_frame() -> None:
    after = np.clip(portrait() + 0.2, 0, 1)
    assert transfer.region(portrait(), after).min() == 1
    shown = Ground(portrait(), portrait()).overlay(after, 0.5)[..., 3]
    edge = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert not edge.any()
    assert shown[32:-32, 32:-32].min() == 255


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no getrusage")
def test_a_24_megapixel_photo_takes_little_memory() -> None:
    script = """
import resource, sys
import numpy as np
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import transfer
photo = Photo(np.full((4000, 6000, 3), 120, np.uint8))
before = np.full((1024, 1024, 3), 0.5, np.float32)
patch = transfer.carry(photo, Frame(3000, 2000, 3900, 0.1), before, before + np.float32(0.2), 0.5)
assert (patch.support > 0).sum() > 10_000_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1.5e9


def test_the_overlay_looks_like_the_patch() -> None:
    frame = Frame(200, 150, SIZE)
    photo = photograph(frame)
    after = painted(0.5, 0.55, 0.2, (0.6, 0.4, 0.6))
    crop = photo.pixels[86:214, 136:264].astype(np.float32) / 255
    shown = Ground(crop, portrait()).overlay(after, 0.5).astype(np.float32) / 255
    mixed = crop + shown[..., 3:] * (shown[..., :3] - crop)
    result = applied(photo, transfer.carry(photo, frame, portrait(), after, 0.5))[86:214, 136:264]
    assert np.abs(mixed - result).mean() < 0.01
    assert np.abs(mixed - crop).max() > 0.15

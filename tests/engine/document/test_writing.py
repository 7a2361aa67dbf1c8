"""Writing photos: what the format can hold is kept, and the old file stays until the new one is whole."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from tests.engine.document.picture_bytes import SRGB, exif, exif_tags, gradient, noise, saved

SUFFIXES = ["png", "tif", "tiff", "jpg", "jpeg", "webp", "avif"]


def written(tmp_path, suffix, pixels, **parts) -> Photo:
    """`pixels` written as that format, with parts of a photo, and read again."""
    path = tmp_path / f"out.{suffix}"
    write_photo(pixels, Photo(pixels, **parts), path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    return read_photo(path)


@pytest.mark.parametrize("suffix", ["png", "tif", "TIFF"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("opaque", [True, False])
def test_lossless_formats_keep_every_sample(tmp_path, suffix, dtype, opaque):
    pixels = noise(dtype=dtype)
    alpha = None if opaque else noise(dtype=dtype, channels=1)[..., 0]
    photo = written(tmp_path, suffix, pixels, alpha=alpha)
    assert photo.pixels.dtype == dtype and np.array_equal(photo.pixels, pixels)
    assert (photo.alpha is None) == opaque and (alpha is None or np.array_equal(photo.alpha, alpha))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_profile_and_exif_are_kept(tmp_path, suffix, dtype):
    photo = written(tmp_path, suffix, gradient(dtype=dtype), profile=SRGB, exif=exif())
    assert photo.profile == SRGB
    expected, found = exif_tags(exif()), exif_tags(photo.exif)
    assert {k: found[k] for k in (271, 0x8769, 0x8825)} == {k: expected[k] for k in (271, 0x8769, 0x8825)}


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif"])
def test_lossy_formats_are_near_at_sixteen_bits_too(tmp_path, suffix):
    photo = written(tmp_path, suffix, gradient(dtype=np.uint16))
    assert photo.pixels.dtype == np.uint8 and np.abs(photo.pixels.astype(int) - gradient()).mean() < 2


@pytest.mark.parametrize("suffix", ["webp", "avif"])
def test_formats_with_alpha_keep_it(tmp_path, suffix):
    alpha = np.zeros((24, 32), np.uint8)
    alpha[:12] = 255
    photo = written(tmp_path, suffix, gradient(), alpha=alpha)
    assert photo.alpha is not None and np.array_equal(photo.alpha > 127, alpha > 127)


def test_jpeg_is_white_where_nothing_is(tmp_path):
    alpha = np.zeros((24, 32), np.uint8)
    alpha[:, 16:] = 255
    photo = written(tmp_path, "jpg", np.zeros((24, 32, 3), np.uint8), alpha=alpha)
    assert (photo.pixels[:, :8] > 250).all() and (photo.pixels[:, 24:] < 5).all()


def test_jpeg_has_full_colour_resolution(tmp_path):
    write_photo(gradient(), Photo(gradient()), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}


def test_a_picture_of_another_size_goes_without_the_alpha(tmp_path):
    photo = Photo(gradient(), alpha=np.zeros((24, 32), np.uint8))
    write_photo(gradient(12, 16), photo, tmp_path / "half.png")
    assert read_photo(tmp_path / "half.png").alpha is None


def test_eight_bit_pixels_of_a_sixteen_bit_photo(tmp_path):
    photo = Photo(gradient(dtype=np.uint16), alpha=np.full((24, 32), 65535, np.uint16))
    write_photo(gradient(), photo, tmp_path / "a.png")
    again = read_photo(tmp_path / "a.png")
    assert again.pixels.dtype == np.uint8 and again.alpha is not None and (again.alpha == 255).all()


def test_other_programs_read_our_tiff_and_png(tmp_path):
    for suffix in ("tif", "png"):
        write_photo(noise(300, 500), Photo(noise(300, 500), profile=SRGB), tmp_path / f"a.{suffix}")
        with Image.open(tmp_path / f"a.{suffix}") as image:
            assert np.array_equal(np.asarray(image), noise(300, 500)) and image.info["icc_profile"] == SRGB


def test_exif_too_long_for_a_jpeg_is_left_out(tmp_path):
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0x927C] = bytes(70_000)
    assert written(tmp_path, "jpg", gradient(), exif=tags.tobytes()).exif is None


def test_the_thumbnail_of_the_unedited_picture_is_not_kept():
    stream = io.BytesIO(exif()[6:])
    head, thumbnail = bytearray(stream.getvalue()), saved(gradient(8, 8), "JPEG")
    entries = int.from_bytes(head[8:10], "big")
    link = 10 + 12 * entries
    head[link : link + 4] = len(head).to_bytes(4, "big")
    start = len(head) + 2 + 24 + 4
    directory = b"\0\x02" + b"\x02\x01\0\x04\0\0\0\x01" + start.to_bytes(4, "big")
    directory += b"\x02\x02\0\x04\0\0\0\x01" + len(thumbnail).to_bytes(4, "big") + bytes(4)
    photo = read_photo(saved(gradient(), "JPEG", exif=b"Exif\0\0" + bytes(head) + directory + thumbnail))
    assert thumbnail in photo.source and photo.exif is not None and thumbnail not in photo.exif
    assert exif_tags(photo.exif)[271] == "Maker"


@pytest.mark.parametrize("name", ["a.gif", "a.xyz", "a"])
def test_other_suffixes_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"end its name in \.png"):
        write_photo(gradient(), Photo(gradient()), tmp_path / name)


@pytest.mark.parametrize(("suffix", "side"), [("jpg", 65_501), ("webp", 16_384)])
def test_pictures_too_long_for_the_format_are_refused(tmp_path, suffix, side):
    pixels = np.zeros((1, side, 3), np.uint8)
    with pytest.raises(InputError, match=r"save as \.png or \.tif"):
        write_photo(pixels, Photo(pixels), tmp_path / f"a.{suffix}")
    assert not list(tmp_path.iterdir())

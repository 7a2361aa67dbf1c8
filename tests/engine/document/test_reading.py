"""Reading photos: depth, colour, orientation and metadata arrive as they are in the file."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.document.image_files import read_photo
from tests.engine.document.picture_bytes import (
    SRGB,
    cmyk_profile,
    exif,
    exif_tags,
    gradient,
    grey_profile,
    noise,
    png_chunk,
    saved,
    tiff,
    without_adobe_marker,
)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "WEBP"])
def test_lossless_formats_give_the_samples(format, tmp_path):
    pixels = noise()
    options = {"lossless": True} if format == "WEBP" else {}
    path = tmp_path / "photo.any"
    path.write_bytes(saved(pixels, format, **options))
    photo = read_photo(path)
    assert np.array_equal(photo.pixels, pixels)
    assert photo.alpha is None and photo.profile is None and photo.exif is None
    assert photo.name == "photo.any" and photo.source == path.read_bytes()


@pytest.mark.parametrize("format", ["JPEG", "AVIF"])
def test_lossy_formats_are_near(format):
    pixels = gradient()
    photo = read_photo(saved(pixels, format, quality=95))
    assert np.abs(photo.pixels.astype(int) - pixels).mean() < 3


def test_the_content_decides_not_the_suffix(tmp_path):
    path = tmp_path / "really_a_png.jpg"
    path.write_bytes(saved(noise(), "PNG"))
    assert np.array_equal(read_photo(str(path)).pixels, noise())


def test_bytes_can_be_named():
    assert read_photo(saved(noise(), "PNG"), "pasted.png").name == "pasted.png"


def test_one_pixel():
    assert read_photo(saved(gradient(1, 1), "PNG")).pixels.shape == (1, 1, 3)


def test_first_frame_of_a_gif():
    red, blue = Image.new("RGB", (9, 7), (250, 0, 0)), Image.new("RGB", (9, 7), (0, 0, 250))
    photo = read_photo(saved(red, "GIF", save_all=True, append_images=[blue]))
    assert photo.pixels.shape == (7, 9, 3) and tuple(photo.pixels[3, 4]) == (250, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_grey_and_palette_become_rgb(mode):
    image = Image.fromarray(gradient()).convert(mode)
    photo = read_photo(saved(image, "PNG"))
    assert np.array_equal(photo.pixels, np.asarray(image.convert("RGB"))) and photo.alpha is None


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_stands_apart(mode):
    alpha = noise(channels=1)[..., 0]
    image = Image.fromarray(gradient()).convert(mode)
    image.putalpha(Image.fromarray(alpha))
    photo = read_photo(saved(image, "PNG"))
    assert photo.alpha is not None and np.array_equal(photo.alpha, alpha)
    assert np.array_equal(photo.pixels, np.asarray(image.convert("RGB")))


def test_transparent_palette_entry():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    photo = read_photo(saved(image, "PNG", transparency=1))
    assert photo.alpha is not None and (photo.alpha == 0).all() and tuple(photo.pixels[0, 0]) == (200, 100, 50)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bit_png(channels):
    samples = noise(dtype=np.uint16, channels=channels)
    blue_first = samples if channels == 1 else samples[..., [2, 1, 0, 3][:channels]]
    data = cv2.imencode(".png", blue_first)[1].tobytes()
    photo = read_photo(data[:33] + png_chunk(b"eXIf", exif(3)[6:]) + data[33:])
    upright = samples[::-1, ::-1]
    assert photo.pixels.dtype == np.uint16
    assert np.array_equal(photo.pixels, upright[..., :3] if channels > 1 else upright.repeat(3, axis=2))
    assert (photo.alpha is not None) == (channels == 4)
    assert channels != 4 or np.array_equal(photo.alpha, upright[..., 3])


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "rgb"},
        {"photometric": "rgb", "byteorder": ">"},
        {"photometric": "rgb", "compression": "zlib"},
        {"photometric": "rgb", "compression": "zlib", "predictor": True, "byteorder": ">"},
        {"photometric": "rgb", "tile": (16, 16)},
        {"photometric": "rgb", "bigtiff": True},
    ],
)
def test_sixteen_bit_tiff(options):
    samples = noise(dtype=np.uint16)
    photo = read_photo(tiff(samples, iccprofile=SRGB, metadata=None, **options))
    assert np.array_equal(photo.pixels, samples) and photo.pixels.dtype == np.uint16 and photo.profile == SRGB


def test_sixteen_bit_tiff_packed_as_photoshop_does():
    samples = noise(dtype=np.uint16)
    lzw = [cv2.IMWRITE_TIFF_COMPRESSION, 5]
    assert np.array_equal(read_photo(cv2.imencode(".tiff", samples[..., ::-1], lzw)[1].tobytes()).pixels, samples)


def test_sixteen_bit_tiff_in_planes():
    samples = noise(dtype=np.uint16)
    planes = np.moveaxis(samples, -1, 0)
    assert np.array_equal(read_photo(tiff(planes, photometric="rgb", planarconfig="separate")).pixels, samples)


@pytest.mark.parametrize(("photometric", "sign"), [("minisblack", 1), ("miniswhite", -1)])
def test_sixteen_bit_grey_tiff(photometric, sign):
    grey = noise(dtype=np.uint16, channels=1)[..., 0]
    photo = read_photo(tiff(grey, photometric=photometric))
    assert np.array_equal(photo.pixels[..., 1], grey if sign > 0 else 65535 - grey)


@pytest.mark.parametrize(("kind", "kept"), [("unassalpha", True), ("assocalpha", True), ("unspecified", False)])
def test_fourth_sample_of_a_tiff(kind, kept):
    samples = np.full((4, 5, 4), 40000, np.uint16)
    samples[..., :3] = 10000
    photo = read_photo(tiff(samples, photometric="rgb", extrasamples=[kind]))
    assert (photo.alpha is not None) == kept
    assert photo.pixels[0, 0, 0] == (round(10000 * 65535 / 40000) if kind == "assocalpha" else 10000)


UPRIGHT = {  # orientation -> how a file's rows and columns come from the upright picture
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["png", "png16", "tiff8", "tiff16", "tiff16 zlib", "webp"])
def test_turned_by_exif_and_the_tag_reset(orientation, kind):
    dtype = np.uint16 if "16" in kind else np.uint8
    upright = gradient(dtype=dtype)
    stored = np.ascontiguousarray(UPRIGHT[orientation](upright))
    if kind.startswith("tiff"):
        packing = {"compression": "zlib"} if "zlib" in kind else {}
        data = tiff(stored, photometric="rgb", extratags=[(274, "H", 1, orientation, True)], **packing)
    elif kind == "png16":
        data = cv2.imencode(".png", stored[..., ::-1])[1].tobytes()
        data = data[:33] + png_chunk(b"eXIf", exif(orientation)[6:]) + data[33:]
    else:
        data = saved(stored, kind.upper(), exif=exif(orientation), **({"lossless": True} if kind == "webp" else {}))
    photo = read_photo(data)
    assert np.array_equal(photo.pixels, upright)
    assert exif_tags(photo.exif).get(274, 1) == 1


def test_a_phone_photo_is_upright_and_keeps_its_exif():
    upright = gradient(64, 48)
    data = saved(np.rot90(upright), "JPEG", quality=95, exif=exif(6), icc_profile=SRGB)
    photo = read_photo(data)
    assert photo.pixels.shape == (64, 48, 3) and photo.profile == SRGB
    assert np.abs(photo.pixels.astype(int) - upright).mean() < 3
    expected = exif_tags(exif())
    found = exif_tags(photo.exif)
    assert {k: found[k] for k in (271, 0x8769, 0x8825)} == {k: expected[k] for k in (271, 0x8769, 0x8825)}


def test_broken_exif_is_no_reason_to_refuse():
    broken = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\xff\xff"
    photo = read_photo(saved(gradient(), "PNG", exif=broken))
    assert np.array_equal(photo.pixels, gradient()) and photo.exif is None


def inks(cyan: int, magenta: int, yellow: int, black: int) -> Image.Image:
    """A CMYK picture of one colour, 0..255 of each ink."""
    return Image.new("CMYK", (8, 8), (cyan, magenta, yellow, black))


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_jpeg_without_a_profile(adobe):
    data = saved(inks(255, 0, 0, 0), "JPEG", quality=100)
    if not adobe:  # the same picture, stored as it is
        data = without_adobe_marker(saved(inks(0, 255, 255, 255), "JPEG", quality=100))
    red, green, blue = read_photo(data).pixels[4, 4].astype(int)
    assert red < 8 and green > 247 and blue > 247


def test_cmyk_jpeg_through_its_profile():
    photo = read_photo(saved(inks(0, 255, 0, 0), "JPEG", quality=100, icc_profile=cmyk_profile()))
    red, green, blue = photo.pixels[4, 4].astype(int)
    assert green > red + 100 and green > blue + 20  # this profile's magenta is green
    assert photo.profile is None


def test_cmyk_with_a_broken_profile_is_read_naively():
    broken = cmyk_profile()[:132] + b"\xff" * 60
    photo = read_photo(saved(inks(0, 255, 0, 0), "JPEG", quality=100, icc_profile=broken))
    assert photo.pixels[4, 4, 1] < 8 and photo.profile is None


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_goes_through_its_profile(mode):
    image = Image.new("L", (4, 4), 128)
    if mode == "LA":
        image.putalpha(7)
    photo = read_photo(saved(image, "PNG", icc_profile=grey_profile(1.0)))
    assert photo.profile is None and (photo.alpha is not None) == (mode == "LA")
    assert abs(int(photo.pixels[0, 0, 0]) - 188) <= 2  # half of the light


def test_a_profile_for_another_kind_of_colour_is_dropped():
    assert read_photo(saved(gradient(), "PNG", icc_profile=cmyk_profile())).profile is None


def test_lab_tiff_becomes_rgb():
    image = Image.new("LAB", (4, 4), (200, 128, 128))
    pixel = read_photo(saved(image, "TIFF")).pixels[0, 0].astype(int)
    assert pixel.max() - pixel.min() < 12 and 170 < pixel.mean() < 215

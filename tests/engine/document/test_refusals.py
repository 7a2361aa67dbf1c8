"""Files that are not pictures, not whole or not ours: one line that says what and what to do, and nothing hung."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document.errors import InputError
from engine.document.image_decoding import Decoded
from engine.document.image_encoding import avif, jpeg, png, tiff, webp
from engine.document.image_files import MAX_BYTES, read_photo
from tests.engine.document.picture_bytes import exif, noise, png_header, saved
from tests.engine.document.picture_bytes import tiff as any_tiff


def refusal(source, name=None) -> str:
    """The one line with which `source` is refused."""
    with pytest.raises(InputError) as caught:
        read_photo(source, name)
    text = str(caught.value)
    assert "\n" not in text and text.endswith((".", "?"))
    return text


def whole_files() -> dict[str, bytes]:
    """One file of every kind, all with something to break."""
    files = {"gif": saved(noise(), "GIF"), "bmp": saved(noise(), "BMP")}
    for encode in (png, jpeg, webp, tiff, avif):
        files[encode.__name__] = encode(Decoded(noise(), None, None, exif()))
    deep = Decoded(noise(dtype=np.uint16), None, None, exif())
    plain = any_tiff(noise(dtype=np.uint16), photometric="rgb")
    return {**files, "png16": png(deep), "tiff16": tiff(deep), "tiff16 plain": plain}


FILES = whole_files()


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_file_cut_short(kind, share, tmp_path):
    path = tmp_path / f"holiday.{kind}"
    path.write_bytes(FILES[kind][: int(len(FILES[kind]) * share)])
    text = refusal(path)
    assert text.startswith(path.name) and ": " in text


def test_a_truncated_jpeg_says_so():
    assert "holiday.jpg is damaged (it ends before the picture does): copy" in refusal(
        FILES["jpeg"][:-200], "holiday.jpg"
    )


def test_a_huge_header_is_refused_before_decoding():
    started = time.perf_counter()
    text = refusal(png_header(60_000, 60_000), "huge.png")
    assert time.perf_counter() - started < 0.5
    assert "60,000 x 60,000" in text and "300 million" in text and "smaller copy" in text


@pytest.mark.parametrize("depth", [8, 16])
def test_the_limit_is_on_pixels_at_every_depth(depth):
    assert "300 million" in refusal(png_header(300_001, 1_000, depth))
    assert "300 million" not in refusal(png_header(300_000, 1_000, depth))  # just within; it stops early


def test_a_false_length_in_a_sixteen_bit_png_costs_no_time():
    data = FILES["png16"]
    for kind in (b"eXIf", b"IDAT"):
        at = data.index(kind) - 4
        started = time.process_time()
        assert "ends before the picture does" in refusal(data[:at] + b"\x7f\xff\xff\xf0" + data[at + 4 :])
        assert time.process_time() - started < 0.5


def test_a_huge_sixteen_bit_tiff_is_refused_before_decoding():
    data = bytearray(any_tiff(noise(dtype=np.uint16), photometric="rgb", metadata=None))
    for tag in (256, 257):
        at = data.index(tag.to_bytes(2, "little"), 8)
        data[at + 2 : at + 12] = (4).to_bytes(2, "little") + (1).to_bytes(4, "little") + (60_000).to_bytes(4, "little")
    assert "60,000 x 60,000" in refusal(bytes(data))


def test_a_text_file_named_png(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("buy milk\n")
    assert refusal(path).startswith("notes.png is text, not a picture")


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\x80\x02}q\0.", "not a picture"),
    ],
)
def test_other_kinds_are_named(start, what):
    assert what in refusal(start + bytes(99), "x")


def test_an_empty_file(tmp_path):
    (tmp_path / "nothing.jpg").touch()
    assert "nothing.jpg is empty" in refusal(tmp_path / "nothing.jpg")


def test_a_folder(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_a_missing_file(tmp_path):
    assert "gone.png does not exist" in refusal(tmp_path / "gone.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a plain file" in refusal(tmp_path / "pipe.png")


def test_an_unreadable_file(tmp_path, monkeypatch):
    path = tmp_path / "secret.png"
    path.write_bytes(FILES["png"])

    def denied(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", denied)  # root may read everything
    assert "may not be read" in refusal(path)


def test_an_overlarge_file_is_not_read(tmp_path):
    path = tmp_path / "film.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse
    assert "larger than 2,048 MB" in refusal(path)


def test_a_name_that_is_no_name():
    assert "cannot be read" in refusal("a\0b.png")


def test_a_strange_name_stays_on_one_line(tmp_path):
    path = tmp_path / "a\nb\x1b[31m.png"
    path.write_text("x")
    assert refusal(path).startswith("a b [31m.png is text")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint32, np.int16])
def test_samples_ganvas_does_not_edit(dtype):
    text = refusal(any_tiff(np.zeros((5, 6, 3), dtype), photometric="rgb"), "depth.tif")
    assert np.dtype(dtype).name in text and "16-bit TIFF" in text


def test_sixteen_bit_cmyk_tiff():
    assert "not RGB" in refusal(any_tiff(np.zeros((5, 6, 4), np.uint16), photometric="separated"))


@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(sorted(FILES)), spots=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8))
def test_any_damage_gives_a_picture_or_one_line(kind, spots):
    data = bytearray(FILES[kind])
    for where, value in spots:
        data[int(where**3 * (len(data) - 1))] = value  # mostly in the headers
    try:
        photo = read_photo(bytes(data), "x")
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert photo.pixels.shape[2] == 3

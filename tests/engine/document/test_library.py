"""The library: what goes in comes out, names are found, favourites last, and a damaged file spoils nothing."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import library_files
from engine.document.errors import InputError
from engine.document.library import FAVOURITES, SWATCH, Library, builtin
from engine.document.library_files import CHANNELS
from engine.document.style import Style
from engine.document.texture import Texture


def style(name: str = "Ripples", artist: str = "Somebody", year: str = "1901", seed: int = 0, id: str = "") -> Style:
    """A style with the statistics of random positions."""
    random = np.random.default_rng(seed)
    taps = [random.random((channels, 400), np.float32) for channels in CHANNELS]
    exemplar = random.integers(0, 256, (40, 60, 3), np.uint8)
    ids = {"id": id} if id else {}
    return Style(
        name, tuple(tap.mean(1) for tap in taps), tuple(tap @ tap.T / 400 for tap in taps), artist, year, exemplar,
        {"enter.weight": np.ones((2, 3), np.float16)}, **ids,
    )  # fmt: skip


def texture(name: str = "Bark", side: int = 32) -> Texture:
    """A texture with weights."""
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)
    return Texture(name, pixels, {"scale.0": np.ones((4, 3, 3, 3), np.float32)}, 12.5, True)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library of its own with nothing shipped."""
    return Library(tmp_path / "library", tmp_path / "shipped")


def test_a_style_comes_back_as_it_was(library: Library) -> None:
    item = style()
    library.add(item)
    found = Library(library.folder, library.folder / "none").style(item.id)
    assert (found.name, found.artist, found.year, found.id) == (item.name, item.artist, item.year, item.id)
    for old, new in zip((*item.means, *item.grams), (*found.means, *found.grams), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-6)
    assert item.exemplar is not None and np.array_equal(found.exemplar, item.exemplar)
    assert found.network["enter.weight"].dtype == np.float16
    assert np.array_equal(found.network["enter.weight"], item.network["enter.weight"])


def test_how_a_style_is_painted_on_one_photo_stays_with_that_photo(library: Library) -> None:
    library.add(replace(style(), fitted=np.ones((4, 3), np.float32), fitted_to="00ff"))
    assert library.style("ripples").fitted is None


def test_a_texture_comes_back_as_it_was(library: Library) -> None:
    item = texture()
    library.add(item)
    found = library.texture("bark")
    assert (found.name, found.seconds, found.seamless, found.id) == (item.name, 12.5, True, item.id)
    assert np.array_equal(found.exemplar, item.exemplar)
    assert np.array_equal(found.network["scale.0"], item.network["scale.0"])


def test_half_precision_keeps_a_covariance(tmp_path: Path) -> None:
    means = tuple(np.full(channels, 30, np.float32) for channels in CHANNELS)  # little spread about a large mean
    grams = tuple(np.outer(mean, mean) + 1e-3 * np.eye(len(mean), dtype=np.float32) for mean in means)
    path = tmp_path / "s.safetensors"
    library_files.write(Style("Flat", means, grams), path, np.zeros((8, 8, 3), np.uint8), np.float16)
    found = library_files.read(path)
    assert isinstance(found, Style)
    for mean, gram in zip(found.means, found.grams, strict=True):
        assert (gram.diagonal() - mean * mean >= 0).all()
    assert path.stat().st_size < 40_000


def test_a_small_picture_is_the_middle_of_the_exemplar_or_what_is_given(library: Library) -> None:
    item = style()
    library.add(item)
    assert library.swatch(item.id).shape == (SWATCH, SWATCH, 3)
    library.add(item, np.full((16, 16, 3), 200, np.uint8))
    assert abs(library.swatch(item.id).astype(int) - 200).max() <= 2
    assert len(library.entries()) == 1, "the same style was kept twice"


def test_search_looks_at_name_artist_and_year(library: Library) -> None:
    for item in (style("Wheat", "Vincent van Gogh", "1889"), style("Cliffs", "Claude Monet", "1882"), texture("Wood")):
        library.add(item)
    assert [e.name for e in library.entries()] == ["Cliffs", "Wheat", "Wood"]
    assert [e.name for e in library.entries("GOGH")] == ["Wheat"]
    assert [e.name for e in library.entries("188 cli")] == ["Cliffs"]
    assert [e.name for e in library.entries("w", kind="texture")] == ["Wood"]
    assert library.entries("gogh monet") == ()


def test_find_takes_what_is_meant(library: Library) -> None:
    names = {"night": style("The Night", id="the-night-1889"), "cafe": style("The Café"), "nights": style("Nights")}
    for item in names.values():
        library.add(item)
    for written in ("the night", "The-Night", "the-night-1889", "the n", names["night"].id):
        assert library.find(written).id == names["night"].id, written
    assert library.find("CAFE").id == names["cafe"].id
    assert library.find("night", "style").id == names["nights"].id, "a beginning comes before a word within"
    with pytest.raises(InputError, match=r"may mean The Café, The Night"):
        library.find("the")
    with pytest.raises(InputError, match=r"no style called 'nihgt': did you mean .*Night"):
        library.style("nihgt")
    with pytest.raises(InputError, match=r"no texture called 'night'"):
        library.texture("night")
    with pytest.raises(InputError, match="there is: Nights, The"):
        library.find("")


def test_own_ones_are_renamed_and_removed(library: Library) -> None:
    item = style()
    library.add(item)
    library.set_favourite(item.id, True)
    entry = library.rename(item.id, "  Waves\n")
    assert (entry.name, entry.favourite, len(list(library.folder.glob("*.safetensors")))) == ("Waves", True, 1)
    with pytest.raises(InputError):
        library.rename(item.id, "  ")
    library.remove(item.id)
    assert library.entries() == () and not list(library.folder.glob("*.safetensors"))
    assert json.loads((library.folder / FAVOURITES).read_text()) == []
    with pytest.raises(InputError, match="not in the library"):
        library.swatch(item.id)


def test_shipped_ones_stay_as_they_are(tmp_path: Path) -> None:
    item = style()
    Library(tmp_path / "shipped", tmp_path / "none").add(item)
    library = Library(tmp_path / "own", tmp_path / "shipped")
    for change in (lambda: library.remove(item.id), lambda: library.rename(item.id, "x"), lambda: library.add(item)):
        with pytest.raises(InputError, match="comes with the program"):
            change()
    library.set_favourite(item.id, True)
    assert [e.favourite for e in Library(tmp_path / "own", tmp_path / "shipped").entries(favourites=True)] == [True]


def test_favourites_survive_and_may_be_damaged(library: Library) -> None:
    one, two = style("One"), style("Two")
    library.add(one)
    library.add(two)
    library.set_favourite(two.id, True)
    again = Library(library.folder, library.folder)
    assert [e.name for e in again.entries(favourites=True)] == ["Two"]
    again.set_favourite(two.id, False)
    library.refresh()
    assert library.entries(favourites=True) == ()
    (library.folder / FAVOURITES).write_text("[" * 100_000)
    library.refresh()
    assert len(library.entries()) == 2 and len(library.warnings) == 1 and "favourites" in library.warnings[0]


def test_names_cannot_lead_out_of_the_folder(library: Library) -> None:
    entry = library.add(style("../../etc/passwd\0"))
    assert entry.path.parent == library.folder and entry.path.name.startswith("etc-passwd-")


def packed(arrays: dict[str, np.ndarray], words: dict[str, str]) -> bytes:
    """A file of the library's kind made by hand."""
    return safetensors.numpy.save(arrays, words)


def sound() -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The parts of a sound file."""
    arrays: dict[str, np.ndarray] = {"swatch": picture(8), "exemplar": picture(8)}
    for i, channels in enumerate(CHANNELS):
        arrays[f"mean {i}"] = np.zeros(channels, np.float32)
        arrays[f"spread {i}"] = np.zeros(channels * (channels + 1) // 2, np.float32)
    return arrays, {"format": "ganvas style", "version": "1", "id": "abc", "name": "Sound"}


def picture(side: int) -> np.ndarray:
    """The bytes of a PNG."""
    from engine.document.image_encoding import grey_png

    return np.frombuffer(grey_png(np.zeros((side, side), np.uint8)), np.uint8)


HOSTILE = {
    "words missing": lambda a, w: w.clear(),
    "another kind": lambda a, w: w.update(format="pt"),
    "a newer one": lambda a, w: w.update(version="2"),
    "an id that is a path": lambda a, w: w.update(id="../x"),
    "an unknown word": lambda a, w: w.update(more="x"),
    "a name without end": lambda a, w: w.update(name="x" * 10_000),
    "seconds that are none": lambda a, w: w.update(seconds="inf"),
    "no swatch": lambda a, w: a.pop("swatch"),
    "no mean": lambda a, w: a.pop("mean 2"),
    "wrong shape": lambda a, w: a.update({"mean 0": np.zeros((4, 4), np.float32)}),
    "wrong numbers": lambda a, w: a.update({"mean 0": np.zeros(16, np.float64)}),
    "an unknown array": lambda a, w: a.update({"more": np.zeros(3, np.float32)}),
    "a weight's name that is a path": lambda a, w: a.update({"network/../x": np.zeros(3, np.float32)}),
    "whole numbers for weights": lambda a, w: a.update({"network/x": np.zeros(3, np.int64)}),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_wrong_header_is_left_out_and_named(library: Library, change: object) -> None:
    arrays, words = sound()
    library.folder.mkdir()
    (library.folder / "sound.safetensors").write_bytes(packed(arrays, words))
    arrays, words = sound()
    words["id"] = "other"
    change(arrays, words)  # type: ignore[operator]
    (library.folder / "wrong.safetensors").write_bytes(packed(arrays, words))
    library.refresh()
    assert [e.name for e in library.entries()] == ["Sound"]
    assert len(library.warnings) == 1 and library.warnings[0].startswith("wrong.safetensors")
    assert library.style("sound").grams[3].shape == (128, 128)


CONTENTS = {
    "no numbers": {"mean 1": np.full(32, np.nan, np.float32)},
    "numbers without end": {"spread 1": np.full(528, np.inf, np.float32)},
    "a negative variance": {"spread 0": np.full(136, -1, np.float32)},
    "a broken picture": {"exemplar": np.zeros(100, np.uint8)},
    "a huge picture": {"exemplar": picture(600)},
    "weights without end": {"network/x": np.full(3, -np.inf, np.float16)},
}


@pytest.mark.parametrize("change", CONTENTS.values(), ids=CONTENTS.keys())
def test_wrong_content_is_refused_in_one_line(library: Library, change: dict[str, np.ndarray]) -> None:
    arrays, words = sound()
    library.folder.mkdir()
    (library.folder / "wrong.safetensors").write_bytes(packed(arrays | change, words))
    library.refresh()
    with pytest.raises(InputError, match=r"^wrong\.safetensors is no style .*: remove it") as caught:
        library.style("Sound")
    assert "\n" not in str(caught.value)


def test_files_that_are_nothing_are_left_out(library: Library) -> None:
    arrays, words = sound()
    data = packed(arrays, words)
    library.folder.mkdir()
    parts = {
        "empty": b"", "cut": data[:-7], "longer": data + b"more", "short": data[:5], "text": b"hello " * 9,
        "length": struct.pack("<Q", 1 << 60) + data[8:], "deep": struct.pack("<Q", 100_000) + b"[" * 100_000,
    }  # fmt: skip
    for name, content in parts.items():
        (library.folder / f"{name}.safetensors").write_bytes(content)
    (library.folder / "folder.safetensors").mkdir()
    os.mkfifo(library.folder / "pipe.safetensors")
    library.refresh()
    assert library.entries() == ()
    assert sorted(line.partition(".")[0] for line in library.warnings) == sorted([*parts, "folder", "pipe"])


def test_overlapping_arrays_are_refused(library: Library) -> None:
    arrays, words = sound()
    data = packed(arrays, words)
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["mean 3"]["data_offsets"] = [0, 512]
    written = json.dumps(header).encode()
    library.folder.mkdir()
    path = library.folder / "wrong.safetensors"
    path.write_bytes(struct.pack("<Q", len(written)) + written + data[8 + length :])
    library.refresh()
    with pytest.raises(InputError):
        library.style("Sound")


@pytest.fixture(scope="module")
def bytes_of_one() -> bytes:
    """A sound file with everything in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sound.safetensors"
        library_files.write(style(), path, np.zeros((16, 16, 3), np.uint8))
        return path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 1 << 16)
)
def test_any_change_of_a_file_gives_a_style_or_one_line(
    bytes_of_one: bytes, changes: list[tuple[int, int]], kept: int
) -> None:
    header = 8 + struct.unpack("<Q", bytes_of_one[:8])[0]
    data = bytearray(bytes_of_one)
    for place, value in changes:
        data[place % (header if place % 3 else len(data))] = value
    if kept % 4 == 0:
        del data[kept % len(data) :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "changed.safetensors"
        path.write_bytes(data)
        for read in (library_files.heading, library_files.swatch, library_files.read):
            try:
                assert read(path) is not None
            except InputError as error:
                assert "changed.safetensors" in str(error)


def test_two_files_of_one_id_are_one_entry(library: Library) -> None:
    entry = library.add(style())
    (library.folder / "a-copy.safetensors").write_bytes(entry.path.read_bytes())
    library.refresh()
    assert len(library.entries()) == 1 and "the same as a-copy" in library.warnings[0]


def test_what_could_not_be_read_again_is_not_written(library: Library, tmp_path: Path) -> None:
    for side, why in ((600, "too large"), (4, "at least 8")):
        with pytest.raises(InputError, match=why):
            library.add(texture(side=side))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder cannot be made"):
        Library(tmp_path / "file" / "library").add(style())
    assert library.entries() == ()


def test_every_shipped_style_can_be_read() -> None:
    for item in builtin():
        assert item.name and item.exemplar is None and item.artist
        for mean, gram in zip(item.means, item.grams, strict=True):
            assert np.linalg.eigvalsh(gram - np.outer(mean, mean)).min() > -1e-2 * gram.diagonal().max()

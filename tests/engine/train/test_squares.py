"""A folder becomes squares: what can be used is cut right, and what cannot is named."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.document.errors import InputError
from engine.document.training import Crop
from engine.train import duplicates
from engine.train.duplicates import find_duplicates
from engine.train.photos import list_pictures
from engine.train.squares import Squares, gather, kept, square, store_of, whole


def gathered(folder: Path, cache: Path, size: int = 16, least: int = 1) -> tuple[Squares, int]:
    """The squares, and how many pictures were looked at for them."""
    looks: list[Path] = []

    def looked(path: Path, size: int) -> np.ndarray:
        looks.append(path)
        return square(path, size)

    *_, squares = gather(folder, size, cache, least, cut=looked)
    assert isinstance(squares, Squares)
    return squares, len(looks)


def test_squares_are_kept_and_made_again_when_a_picture_comes(pictures: Path, tmp_path: Path) -> None:
    folder, cache = tmp_path / "more", tmp_path / "cache"
    folder.mkdir()
    for path in sorted(pictures.rglob("*.png"))[:5]:
        (folder / path.name).write_bytes(path.read_bytes())
    first, looks = gathered(folder, cache)
    again, none = gathered(folder, cache)
    assert looks == 5 and none == 0 and len(first.pictures) == 5
    np.testing.assert_array_equal(first.pictures, again.pictures)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)).save(folder / "z.png")
    more, looks = gathered(folder, cache)
    assert looks == 6 and len(more.pictures) == 6 and more.listing.names[-1] == "z.png"


@pytest.mark.parametrize("left", ["half of the squares", "no squares", "no list"])
def test_squares_that_are_not_all_there_are_made_again(left: str, pictures: Path, tmp_path: Path) -> None:
    first = np.array(gathered(pictures, tmp_path)[0].pictures)
    listing, store = store_of(tmp_path, 16)
    if left == "half of the squares":
        store.write_bytes(store.read_bytes()[: 30 * 16 * 16 * 3])
    else:
        (store if left == "no squares" else listing).unlink()
    assert kept(tmp_path, 16) is None
    again, looks = gathered(pictures, tmp_path)
    assert looks == 60
    np.testing.assert_array_equal(first, again.pictures)


def test_hidden_files_and_folders_are_left_out(pictures: Path, tmp_path: Path) -> None:
    some = next(pictures.rglob("*.png")).read_bytes()
    for name in (".thumbnails/a.png", "deep/.cache/b.png", "deep/._c.png", "deep/d.PNG"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(some)
    (tmp_path / "folder.png").mkdir()
    assert list_pictures([tmp_path]) == [tmp_path / "deep/d.PNG"]


def test_a_file_that_trips_its_decoder_is_left_out(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object) -> None:
        raise struct.error("unpack requires a buffer of 2 bytes")

    monkeypatch.setattr(Image, "open", trip)
    with pytest.raises(InputError, match="cannot be read"):
        square(next(pictures.rglob("*.png")), 16)


def test_repetitions_are_looked_for_with_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "BLOCK", 4)
    pictures = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), np.uint8)
    pictures[13] = pictures[2]
    done, work = [], duplicates.finding(pictures)
    while True:
        try:
            done.append(next(work))
        except StopIteration as end:
            found = end.value
            break
    assert len(done) == 10 and done == sorted(done) and done[0] == 0 and done[-1] < 1
    assert [(d.picture, d.first) for d in found] == [(13, 2)]


def test_what_cannot_be_used_is_named(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    (folder / "deep").mkdir(parents=True)
    good = sorted(pictures.rglob("*.png"))[:4]
    for path in good:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "deep" / "same.png").write_bytes(good[0].read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    (folder / "cut.png").write_bytes(good[1].read_bytes()[:200])
    Image.new("RGB", (500, 5)).save(folder / "thin.png")
    (folder / "notes.txt").write_text("no picture")
    squares, _ = gathered(folder, tmp_path / "cache")
    assert len(squares.pictures) == 4
    assert {name for name, _ in squares.listing.refused} == {"broken.jpg", "cut.png", "thin.png"}
    assert squares.listing.repeated == [(good[0].name, "deep/same.png")] or squares.listing.repeated == [
        ("deep/same.png", good[0].name)
    ]
    assert "broken.jpg" in squares.told() and "1 left out as repetitions" in squares.told()


def test_too_few_pictures_and_no_folder_are_refused(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 60 pictures.*at least 200"):
        gathered(pictures, tmp_path, least=200)
    with pytest.raises(InputError, match="no folder"):
        gathered(tmp_path / "nowhere", tmp_path)


def test_held_out_pictures_are_apart(pictures: Path, tmp_path: Path) -> None:
    learn, held = gathered(pictures, tmp_path)[0].split()
    assert len(held) == 3 and len(learn) == 57 and not set(held) & set(learn)


def test_a_square_is_the_middle_upright_and_averaged(tmp_path: Path) -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 20:60] = 200
    pixels[:20, 20:60, 0] = 100
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image.save(tmp_path / "turned.png", exif=exif)
    made = square(tmp_path / "turned.png", 10)
    np.testing.assert_array_equal(made[:5], np.full((5, 10, 3), 200))
    np.testing.assert_array_equal(made[5:], np.broadcast_to([100, 200, 200], (5, 10, 3)))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1"])
def test_every_kind_of_pixel_becomes_colour(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    if mode == "I;16":
        Image.fromarray(np.full((20, 20), 65535, np.uint16)).save(path)
    else:
        Image.new("RGB", (20, 20), "white").convert(mode).save(path)
    assert square(path, 16).shape == (16, 16, 3) and square(path, 16).min() > 250


def test_a_picture_saved_anew_is_the_same_picture(pictures: Path) -> None:
    one = np.asarray(Image.open(next(pictures.rglob("*.png"))).resize((64, 64)))
    done, content = cv2.imencode(".jpg", one, [cv2.IMWRITE_JPEG_QUALITY, 70])
    saved = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert done and saved is not None
    brighter = np.clip(one.astype(int) + 12, 0, 255).astype(np.uint8)
    other = one[:, ::-1]
    found = find_duplicates(np.stack([one, saved, brighter, other, one]))
    assert [(d.picture, d.first, d.exact) for d in found] == [(1, 0, False), (2, 0, False), (4, 0, True)]


def test_all_of_a_picture_lies_on_a_ground_of_its_border(tmp_path: Path) -> None:
    pixels = np.full((20, 40, 3), (10, 200, 30), np.uint8)
    pixels[5:15, 10:30] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    made = whole(tmp_path / "wide.png", 20)
    assert made.shape == (20, 20, 3)
    np.testing.assert_allclose(made[0, 0], (10, 200, 30), atol=1)
    np.testing.assert_allclose(made[10, 10], 255, atol=1)
    np.testing.assert_array_equal(made[:5], np.broadcast_to(made[0, 0], (5, 20, 3)))
    with pytest.raises(InputError, match="is only 40 px"):
        whole(tmp_path / "wide.png", 100)


def test_another_crop_is_made_anew(pictures: Path, tmp_path: Path) -> None:
    for crop in (Crop.CENTRE, Crop.WHOLE, Crop.CENTRE):
        *_, fraction = (step for step in gather(pictures, 16, tmp_path, 1, crop) if isinstance(step, float))
        assert fraction > 0, "the squares of the other crop were not taken for these"

"""Documents on the disk: what is saved is what is opened, shared parts are written once, and nothing is lost."""

from __future__ import annotations

import errno
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from engine.document.document import Document
from engine.document.edit import ManifoldEdit, Patch
from engine.document.errors import InputError
from engine.document.image_files import read_photo
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe
from engine.document.store import load, save
from tests.engine.document.picture_bytes import exif, gradient, noise, saved
from tests.engine.document.values import documents, same


def edited() -> Document:
    """A document with two edits, one of them kept in two keyframes, once without its patch shown."""
    photo = read_photo(saved(gradient(48, 64), "JPEG", quality=90, exif=exif(6)), "portrait.jpg")
    latent = Latent(np.arange(12, dtype=np.float32).reshape(3, 4), "faces")
    patch = Patch(5, 6, noise(20, 16), noise(20, 16, channels=1)[..., 0])
    first = ManifoldEdit(Frame(20, 30, 25, 0.1), latent, latent, patch=patch)
    second = replace(first, visible=False, id="second")
    kept = (Keyframe((first,), "smile"), Keyframe((first, second), "more"))
    return Document(photo, (first, second), EditSequence(kept))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_saved_and_opened_is_equal_in_every_field(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("store") / "a.ganvas"
    save(document, path)
    again = load(path)
    assert same(again, document)
    assert np.array_equal(again.picture(), document.picture())


def test_what_was_shared_is_written_once_and_shared_again(tmp_path):
    save(edited(), tmp_path / "a.ganvas")
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        assert [n for n in file.namelist() if n.startswith("patches/")] == ["patches/0.png", "patches/0-support.png"]
    document = load(tmp_path / "a.ganvas")
    first, second = document.edits
    one, two = document.sequence.keyframes
    assert one.edits[0] is two.edits[0] is first and two.edits[1] is second
    assert first.patch is second.patch and first.base is first.latent is second.base


def test_the_file_explains_itself(tmp_path):
    document = edited()
    save(document, tmp_path / "a.ganvas")
    data = (tmp_path / "a.ganvas").read_bytes()
    assert data[30:58] == b"mimetypeapplication/x-ganvas"
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        assert file.read("photo") == document.photo.source
        assert file.getinfo("photo").compress_type == zipfile.ZIP_STORED
        with file.open("preview.jpg") as entry, Image.open(entry) as preview:
            assert preview.size == (48, 64)


def test_the_thumbnail_is_small_and_shows_the_edits(tmp_path):
    white = Patch(0, 0, np.full((300, 600, 3), 65535, np.uint16), np.full((300, 600), 255, np.uint8))
    latent = Latent(np.zeros((1, 2)), "faces")
    photo = Photo(np.zeros((300, 600, 3), np.uint16))
    save(Document(photo, (ManifoldEdit(Frame(9, 9, 9), latent, latent, patch=white),)), tmp_path / "a.ganvas")
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        thumbnail = read_photo(file.read("thumbnail.png"))
    assert thumbnail.pixels.shape == (128, 256, 3) and (thumbnail.pixels == 255).all()


def test_a_pasted_photo_can_be_opened_again(tmp_path):
    photo = Photo(noise(dtype=np.uint16), alpha=noise(dtype=np.uint16, channels=1)[..., 0], exif=exif(), name="pasted")
    save(Document(photo), tmp_path / "a.ganvas")
    again = load(tmp_path / "a.ganvas").photo
    assert np.array_equal(again.pixels, photo.pixels) and np.array_equal(again.alpha, photo.alpha)
    assert again.source == b"" and again.name == "pasted"


def test_the_same_document_makes_the_same_file(tmp_path):
    document = edited()
    save(document, tmp_path / "a.ganvas")
    save(document, tmp_path / "b.ganvas")
    assert (tmp_path / "a.ganvas").read_bytes() == (tmp_path / "b.ganvas").read_bytes()


def test_one_pixel(tmp_path):
    save(Document(Photo(gradient(1, 1))), tmp_path / "a.ganvas")
    assert load(tmp_path / "a.ganvas").photo.pixels.shape == (1, 1, 3)


def test_a_very_long_photo(tmp_path):
    save(Document(Photo(gradient(1, 3000))), tmp_path / "a.ganvas")
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        assert read_photo(file.read("thumbnail.png")).pixels.shape == (1, 256, 3)


def test_numpy_numbers_are_numbers(tmp_path):
    frame = Frame(np.float64(1), np.float32(2), np.int64(3), np.float64(0))
    latent = Latent(np.zeros((1, 2)), "faces")
    save(
        Document(Photo(gradient()), (ManifoldEdit(frame, latent, latent, opacity=np.float32(0.5)),)),
        tmp_path / "a.ganvas",
    )
    assert load(tmp_path / "a.ganvas").edits[0].frame == Frame(1, 2, 3, 0)


def test_a_file_name_of_any_bytes(tmp_path):
    save(Document(Photo(gradient(), name="a\udcffb")), tmp_path / "a.ganvas")
    assert load(tmp_path / "a.ganvas").photo.name == "a?b"


@pytest.mark.parametrize("entry", ["mimetype", "document.json", "photo", "patches/0.png", "thumbnail.png"])
def test_a_full_disk_leaves_the_old_document(tmp_path, monkeypatch, entry):
    path = tmp_path / "a.ganvas"
    save(Document(Photo(gradient())), path)
    old, write = path.read_bytes(), zipfile.ZipFile.writestr

    def until_full(self, info, content):
        if info.filename == entry:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, info, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", until_full)
    with pytest.raises(InputError, match=r"a\.ganvas could not be saved: the disk is full; free some space"):
        save(edited(), path)
    assert path.read_bytes() == old and list(tmp_path.iterdir()) == [path]


def test_what_could_not_be_opened_is_not_saved(tmp_path):
    latent = Latent(np.full((1, 2), np.nan), "faces")
    broken = ManifoldEdit(Frame(1, 1, 1), latent, latent)
    with pytest.raises(InputError, match="holds no numbers"):
        save(Document(Photo(gradient()), (broken,)), tmp_path / "a.ganvas")
    far = replace(broken, base=Latent(np.zeros((1, 2)), "faces"), latent=Latent(np.zeros((1, 2)), "x"), opacity=2.0)
    with pytest.raises(InputError, match="opacity"):
        save(Document(Photo(gradient()), (far,)), tmp_path / "a.ganvas")
    assert not list(tmp_path.iterdir())

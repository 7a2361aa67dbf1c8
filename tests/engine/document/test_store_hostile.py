"""Documents that were cut, changed or made to harm: one line that names the entry, and nothing hung."""

from __future__ import annotations

import io
import json
import zipfile
import zlib

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import archive, store
from engine.document.document import Document
from engine.document.edit import ManifoldEdit, Patch
from engine.document.errors import InputError
from engine.document.image_decoding import Decoded
from engine.document.image_encoding import grey_png, png
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe
from engine.document.store import load, save
from engine.document.stroke import Stroke, StrokeKind
from tests.engine.document.picture_bytes import gradient, noise, png_header


@pytest.fixture(scope="module")
def entries(tmp_path_factory) -> dict[str, bytes]:
    """The entries of a good document."""
    latent = Latent(np.zeros((2, 3)), "faces")
    stroke = Stroke(StrokeKind.COLOR, np.ones((2, 3)), 4, (1, 2, 3))
    patch = Patch(1, 2, noise(5, 6), noise(5, 6, channels=1)[..., 0])
    edit = ManifoldEdit(Frame(9, 9, 9), latent, latent, (stroke,), patch=patch)
    path = tmp_path_factory.mktemp("good") / "a.ganvas"
    save(Document(Photo(gradient()), (edit,), EditSequence((Keyframe((edit,)),))), path)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(entries: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of these entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return stream.getvalue()


def refusal(tmp_path, data: bytes) -> str:
    """The one line with which a document is refused."""
    path = tmp_path / "mine.ganvas"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load(path)
    assert "mine.ganvas" in str(caught.value) and "\n" not in str(caught.value)
    return str(caught.value)


def changed(entries: dict[str, bytes], **parts: object) -> bytes:
    """The good document with other parts in its JSON."""
    return zipped({**entries, "document.json": json.dumps({**json.loads(entries["document.json"]), **parts}).encode()})


def test_the_good_one_opens(entries, tmp_path):
    (tmp_path / "a.ganvas").write_bytes(zipped(entries, zipfile.ZIP_DEFLATED))
    assert len(load(tmp_path / "a.ganvas").edits) == 1


@pytest.mark.parametrize(
    "entry", ["mimetype", "document.json", "photo", "arrays.safetensors", "patches/0.png", "patches/0-support.png"]
)
def test_a_missing_entry_is_named(entries, tmp_path, entry):
    text = refusal(tmp_path, zipped({name: content for name, content in entries.items() if name != entry}))
    assert f"its entry {entry} is missing" in text and "open an older copy" in text


@pytest.mark.parametrize("entry", ["preview.jpg", "thumbnail.png"])
def test_pictures_of_the_picture_are_not_needed(entries, tmp_path, entry):
    (tmp_path / "a.ganvas").write_bytes(zipped({name: c for name, c in entries.items() if name != entry}))
    assert load(tmp_path / "a.ganvas").edits


@pytest.mark.parametrize(
    "entry", ["document.json", "photo", "arrays.safetensors", "patches/0.png", "patches/0-support.png"]
)
@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_a_wrong_entry_is_named(entries, tmp_path, entry, content):
    half = entries[entry][: len(entries[entry]) // 2]
    text = refusal(tmp_path, zipped({**entries, entry: half if content is None else content}))
    assert f"entry {entry.replace('-support', '')}" in text


def test_a_flipped_bit_is_found_by_the_checksum(entries, tmp_path):
    data = bytearray(zipped(entries))
    data[data.index(entries["photo"]) + 60] ^= 1
    assert "entry photo is broken" in refusal(tmp_path, bytes(data))


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "patches/../../x.png", "patches/0.png\n", "C:\\x", "extra/"]
)
def test_entries_that_do_not_belong_there(entries, tmp_path, name):
    assert "does not belong there" in refusal(tmp_path, zipped({**entries, name: b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_there_twice(entries, tmp_path):
    stream = io.BytesIO(zipped(entries))
    with zipfile.ZipFile(stream, "a") as file:
        file.writestr("photo", b"other")
    assert "entry photo more than once" in refusal(tmp_path, stream.getvalue())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a Ganvas document"),
        (b"hello", "not a Ganvas document"),
        (b"PK\3\4" + bytes(99), "list of entries is missing"),
    ],
)
def test_what_is_no_document(tmp_path, data, why):
    path = tmp_path / "mine.ganvas"
    path.write_bytes(data)
    with pytest.raises(InputError, match=why):
        load(path)


def test_another_kind_of_zip(entries, tmp_path):
    other = zipped({**entries, "mimetype": b"image/openraster"})
    assert "mimetype says another kind" in refusal(tmp_path, other)


@pytest.mark.parametrize("share", [0.3, 0.8, 0.999])
def test_a_document_cut_short(entries, tmp_path, share):
    data = zipped(entries)
    assert "list of entries" in refusal(tmp_path, data[: int(len(data) * share)])


def test_too_much_announced_is_refused_before_reading(entries, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_JSON", 1 << 20)
    monkeypatch.setattr(store, "MAX_ARRAYS", 1 << 20)
    bomb = zipped({**entries, "photo": bytes(8 << 20)}, zipfile.ZIP_DEFLATED)
    assert "holds more than a document can" in refusal(tmp_path, bomb)
    long = zipped({**entries, "document.json": b" " * (3 << 19)}, zipfile.ZIP_DEFLATED)
    assert "entry document.json is larger than 1 MB" in refusal(tmp_path, long)


def test_more_than_was_announced_is_not_unpacked(entries, tmp_path):
    data = bytearray(zipped({**entries, "document.json": b" " * (4 << 20)}, zipfile.ZIP_DEFLATED))
    true, small = (4 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert data.count(true) == 2  # before the entry and in the list at the end
    assert "entry document.json is broken" in refusal(tmp_path, bytes(data.replace(true, small)))


def test_too_many_entries(entries, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 5)
    assert "holds more than a document can" in refusal(tmp_path, zipped(entries))


def test_an_unknown_packing(entries, tmp_path):
    assert "packed in an unknown way" in refusal(tmp_path, zipped(entries, zipfile.ZIP_LZMA))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[]", "Expected `object`"),
        (b"{", "truncated"),
        (b'{"version":' + b"[" * 99_999, "recursion"),
        (b'{"version": 0}', "version"),
    ],
)
def test_wrong_json(entries, tmp_path, content, why):
    text = refusal(tmp_path, zipped({**entries, "document.json": content}))
    assert "entry document.json is wrong" in text and why in text


def test_a_newer_version(entries, tmp_path):
    assert "newer Ganvas: update" in refusal(tmp_path, changed(entries, version=5, wonders=[]))


def edit_with(entries: dict[str, bytes], **parts: object) -> bytes:
    """The good document with other parts in its edit."""
    edit = json.loads(entries["document.json"])["edits"][0]
    return changed(entries, edits=[{**edit, **parts}])


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"frame": {"x": 0, "y": 0, "size": 0, "angle": 0}}, "$.edits[0].frame.size"),
        ({"frame": {"x": 1e300, "y": 0, "size": 9, "angle": 0}}, "$.edits[0].frame.x"),
        ({"opacity": 1.5}, "$.edits[0].opacity"),
        ({"realism": -1}, "$.edits[0].realism"),
        ({"realism": None}, "$.edits[0].realism"),
        ({"base": 7}, "$.edits[0].base"),
        ({"base": -1}, "$.edits[0].base"),
        ({"strokes": [0, 1]}, "$.edits[0].strokes"),
        ({"patch": 1}, "$.edits[0].patch"),
        ({"glow": 1}, "glow"),
    ],
)
def test_a_wrong_edit_is_named_by_its_place(entries, tmp_path, parts, place):
    assert place in refusal(tmp_path, edit_with(entries, **parts))


def test_wrong_places_in_stack_and_keyframes(entries, tmp_path):
    assert "$.stack" in refusal(tmp_path, changed(entries, stack=[1]))
    (keyframe,) = json.loads(entries["document.json"])["keyframes"]
    assert "$.keyframes[0].edits" in refusal(tmp_path, changed(entries, keyframes=[{**keyframe, "edits": [3]}]))


def test_a_stroke_that_cannot_be(entries, tmp_path):
    (stroke,) = json.loads(entries["document.json"])["strokes"]
    assert "$.strokes[0]" in refusal(tmp_path, changed(entries, strokes=[{**stroke, "kind": "warp"}]))


@pytest.mark.parametrize(
    "array", [np.full((2, 3), np.nan, np.float32), np.zeros((2, 3), np.float64), np.zeros(6, np.float32)]
)
def test_arrays_that_cannot_be(entries, tmp_path, array):
    arrays = {**safetensors.numpy.load(entries["arrays.safetensors"]), "latent 0": array}
    text = refusal(tmp_path, zipped({**entries, "arrays.safetensors": safetensors.numpy.save(arrays)}))
    assert "entry arrays.safetensors is wrong: latent 0" in text


def test_an_array_that_is_not_there(entries, tmp_path):
    text = refusal(tmp_path, zipped({**entries, "arrays.safetensors": safetensors.numpy.save({})}))
    assert "there is no array latent 0" in text


def test_a_photo_of_another_size(entries, tmp_path):
    other = png(Decoded(gradient(9, 9)))
    assert "it is 9 x 9 and should be 32 x 24" in refusal(tmp_path, zipped({**entries, "photo": other}))


@pytest.mark.parametrize(
    ("name", "plain"), [("../../.bashrc", ".bashrc"), ("C:\\Windows\\x.png", "x.png"), ("a/", "untitled")]
)
def test_a_photo_name_that_is_a_path(entries, tmp_path, name, plain):
    photo = {**json.loads(entries["document.json"])["photo"], "name": name}
    (tmp_path / "a.ganvas").write_bytes(changed(entries, photo=photo))
    assert load(tmp_path / "a.ganvas").photo.name == plain


@pytest.mark.parametrize(
    ("entry", "content"),
    [
        ("patches/0-support.png", grey_png(np.zeros((5, 7), np.uint8))),
        ("patches/0-support.png", grey_png(np.zeros((5, 6), np.uint16))),
        ("patches/0.png", png(Decoded(noise(5, 6, np.uint16)))),
        ("patches/0.png", png_header(60_000, 60_000)),
    ],
)
def test_patches_that_cannot_be(entries, tmp_path, entry, content):
    assert "entry patches/0.png" in refusal(tmp_path, zipped({**entries, entry: content}))


def test_patches_of_too_many_pixels_are_not_decoded(entries, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_PATCH_PIXELS", 29)
    assert "too many pixels" in refusal(tmp_path, zipped(entries))


@settings(max_examples=30, deadline=None)
@given(spots=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_gives_a_document_or_one_line(entries, tmp_path_factory, spots):
    data = bytearray(zipped(entries))
    for where, value in spots:
        data[int(where * (len(data) - 1))] = value
    path = tmp_path_factory.mktemp("damaged") / "a.ganvas"
    path.write_bytes(data)
    try:
        assert load(path).photo.width == 32
    except InputError as error:
        assert "\n" not in str(error)


def test_checksums_do_not_save_a_forged_entry(entries, tmp_path):
    forged = entries["document.json"].replace(b'"version":4', b'"version":"4"')
    assert zlib.crc32(forged) != zlib.crc32(entries["document.json"])
    assert "$.version" in refusal(tmp_path, zipped({**entries, "document.json": forged}))

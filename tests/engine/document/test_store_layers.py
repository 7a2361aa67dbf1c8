"""Style and texture layers on the disk: everything of them comes back, and what was made to harm is named."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from engine.document import store
from engine.document.blending import Blend
from engine.document.document import Document
from engine.document.edit import FusionEdit, ManifoldEdit, Patch, StyleEdit, TextureEdit
from engine.document.errors import InputError
from engine.document.image_decoding import Decoded
from engine.document.image_encoding import png
from engine.document.latent import Frame, Latent
from engine.document.motif import Motif
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe
from engine.document.store import load, save
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import ColorsBy, Style
from engine.document.texture import Texture
from tests.engine.document.picture_bytes import gradient, noise, png_header
from tests.engine.document.values import same

STATISTICS = tuple(np.full(n, n, np.float32) for n in (1, 2, 3, 4))
GRAMS = tuple(np.eye(n, dtype=np.float32) for n in (1, 2, 3, 4))


def painted() -> Document:
    """A style layer of two styles under a texture layer that shares its patch; an older state of both is kept."""
    net = {"first.weight": noise(2, 3, np.uint8).astype(np.float16), "bias": np.zeros((), np.float32)}
    style = Style("Waves", STATISTICS, GRAMS, "Hokusai", "1831", noise(6, 5), net)
    texture = Texture("Bark", noise(9, 8), {"noise": np.ones((1, 2, 2, 2), np.float32)}, 12.5, True)
    stroke = Stroke(StrokeKind.STYLE, np.ones((2, 3)), 4.0)
    patch = Patch(1, 2, noise(5, 6), noise(5, 6, channels=1)[..., 0])
    lower = StyleEdit((style, replace(style, id="other", exemplar=None)), (stroke,), patch=patch, blend=Blend.COLOR)
    upper = TextureEdit(texture, (replace(stroke, kind=StrokeKind.TEXTURE),), angle=0.5, patch=patch)
    older = Keyframe((replace(lower, crossfade=0.25, octaves=(0.0, 0.5, 1.0, 1.0), patch=None), upper))
    return Document(Photo(gradient()), (lower, upper), EditSequence((older, Keyframe((lower, upper)))))


@pytest.fixture(scope="module")
def entries(tmp_path_factory) -> dict[str, bytes]:
    """The entries of a good document."""
    path = tmp_path_factory.mktemp("good") / "a.ganvas"
    save(painted(), path)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(entries: dict[str, bytes]) -> bytes:
    """A zip file of these entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return stream.getvalue()


def refusal(tmp_path, entries: dict[str, bytes]) -> str:
    """The one line with which a document of these entries is refused."""
    (tmp_path / "mine.ganvas").write_bytes(zipped(entries))
    with pytest.raises(InputError) as caught:
        load(tmp_path / "mine.ganvas")
    return str(caught.value)


def changed(entries: dict[str, bytes], part: str, place: int, **fields: object) -> dict[str, bytes]:
    """The good document with other fields in one item of a list in its JSON; a field of ... is left out."""
    content = json.loads(entries["document.json"])
    item = {**content[part][place], **fields}
    content[part][place] = {name: value for name, value in item.items() if value is not ...}
    return {**entries, "document.json": json.dumps(content).encode()}


def test_layers_come_back_and_share_what_they_shared(tmp_path):
    document = painted()
    save(document, tmp_path / "a.ganvas")
    again = load(tmp_path / "a.ganvas")
    assert same(again, document) and np.array_equal(again.picture(), document.picture())
    assert again.edits[0].patch is again.edits[1].patch
    assert again.sequence.keyframes[0].edits[0].styles[0] is again.edits[0].styles[0]
    assert again.edits[0].styles[0].network["first.weight"].dtype == np.float16


def test_the_pictures_of_styles_and_textures_are_entries(entries):
    assert {"styles/0.png", "textures/0.png"} <= set(entries) and "styles/1.png" not in entries
    kinds = [edit["kind"] for edit in json.loads(entries["document.json"])["edits"]]
    assert sorted(kinds) == ["style", "style", "texture"]


@pytest.mark.parametrize(
    ("part", "fields", "place"),
    [
        ("edits", {"kind": "fractal"}, "$.edits[0].kind"),
        ("edits", {"kind": ...}, "$.edits[0]"),
        ("edits", {"kind": "texture"}, "styles"),
        ("edits", {"strength": 1.5}, "$.edits[0].strength"),
        ("edits", {"octaves": [1, 1, 1]}, "$.edits[0].octaves"),
        ("edits", {"octaves": [1, 1, 1, -1]}, "$.edits[0].octaves[3]"),
        ("edits", {"styles": []}, "$.edits[0].styles"),
        ("edits", {"styles": [0, 0, 0]}, "$.edits[0].styles"),
        ("edits", {"styles": [9]}, "$.edits[0].styles"),
        ("edits", {"strokes": [9]}, "$.edits[0].strokes"),
        ("edits", {"patch": 9}, "$.edits[0].patch"),
        ("edits", {"scale": 0}, "$.edits[0].scale"),
        ("edits", {"scale": 1e9}, "$.edits[0].scale"),
        ("edits", {"blend": "glow"}, "$.edits[0].blend"),
        ("edits", {"wonder": 1}, "wonder"),
        ("styles", {"name": "x" * 20_000}, "$.styles[0].name"),
        ("styles", {"network": ["a" * 300]}, "$.styles[0].network[0]"),
        ("styles", {"network": ["a"] * 2_000}, "$.styles[0].network"),
        ("styles", {"network": ["nothing"]}, "no array style 0 network nothing"),
        ("textures", {"seconds": -1}, "$.textures[0].seconds"),
        ("textures", {"exemplar": True}, "exemplar"),
    ],
)
def test_a_wrong_layer_is_named_by_its_place(entries, tmp_path, part, fields, place):
    text = refusal(tmp_path, changed(entries, part, 0, **fields))
    assert "entry document.json is wrong" in text and place in text


def test_a_texture_that_is_not_there(entries, tmp_path):
    kinds = [edit["kind"] for edit in json.loads(entries["document.json"])["edits"]]
    place = kinds.index("texture")
    assert f"$.edits[{place}].texture" in refusal(tmp_path, changed(entries, "edits", place, texture=3))


@pytest.mark.parametrize(
    ("key", "array", "why"),
    [
        ("style 0 mean 1", np.zeros((2, 1), np.float32), "style 0 mean 1 is not a row of finite numbers"),
        ("style 0 mean 1", np.full(2, np.inf, np.float32), "style 0 mean 1 is not a row"),
        ("style 0 gram 2", np.zeros((3, 3), np.float16), "style 0 gram 2 is not a matrix of finite numbers"),
        ("style 0 gram 2", np.zeros((3, 2), np.float32), "$.styles[0]"),
        ("style 0 network bias", np.full(3, np.nan, np.float16), "style 0 network bias is not an array"),
        ("texture 0 network noise", np.zeros((1,) * 5, np.float32), "texture 0 network noise is not an array"),
        ("texture 0 network noise", np.zeros(3, bool), "texture 0 network noise is not an array"),
    ],
)
def test_arrays_that_cannot_be(entries, tmp_path, key, array, why):
    arrays = {**safetensors.numpy.load(entries["arrays.safetensors"]), key: array}
    assert why in refusal(tmp_path, {**entries, "arrays.safetensors": safetensors.numpy.save(arrays)})


@pytest.mark.parametrize("key", ["style 0 mean 0", "style 1 gram 3", "texture 0 network noise"])
def test_an_array_that_is_not_there(entries, tmp_path, key):
    arrays = safetensors.numpy.load(entries["arrays.safetensors"])
    del arrays[key]
    packed = safetensors.numpy.save(arrays)
    assert f"there is no array {key}" in refusal(tmp_path, {**entries, "arrays.safetensors": packed})


@pytest.mark.parametrize("entry", ["styles/0.png", "textures/0.png"])
@pytest.mark.parametrize(
    "content",
    [None, b"", b"GIF89a", png_header(60_000, 60_000), png_header(3000, 1), png(Decoded(noise(5, 6, np.uint16)))],
)
def test_exemplars_that_cannot_be(entries, tmp_path, entry, content):
    bad = {name: old for name, old in entries.items() if name != entry}
    bad |= {} if content is None else {entry: content}
    assert f"entry {entry}" in refusal(tmp_path, bad)


def test_exemplars_of_too_many_pixels_are_not_decoded(entries, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_EXEMPLAR_PIXELS", 9 * 8 + 6 * 5 - 1)
    assert "entry textures/0.png" in refusal(tmp_path, entries)


def test_what_could_not_be_opened_is_not_saved(tmp_path, monkeypatch):
    document = painted()
    large = replace(document.edits[1], texture=Texture("wide", np.zeros((1, 3000, 3), np.uint8)))
    with pytest.raises(InputError, match="picture is too large"):
        save(document.with_edit(large), tmp_path / "a.ganvas")
    monkeypatch.setattr(store, "MAX_ARRAYS", store.MAX_JSON + 100)
    with pytest.raises(InputError, match="networks are too large together"):
        save(document, tmp_path / "a.ganvas")
    assert not list(tmp_path.iterdir())


def test_a_document_of_the_first_version_opens(tmp_path):
    """As it was written before there were layers: no `kind`, no lists of styles and textures."""
    save(Document(Photo(gradient())), tmp_path / "a.ganvas")
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    content = json.loads(parts["document.json"])
    del content["styles"], content["textures"], content["directions"], content["motifs"], content["tunings"]
    edit = {
        "id": "face",
        "frame": {"x": 9, "y": 9, "size": 9, "angle": 0},
        "base": 0,
        "latent": 0,
        "strokes": [],
        "realism": 0.5,
        "opacity": 1,
        "visible": True,
        "patch": None,
    }
    content |= {"version": 1, "latents": [{"manifold": "faces"}], "edits": [edit], "stack": [0]}
    parts["arrays.safetensors"] = safetensors.numpy.save({"latent 0": np.ones((2, 3), np.float32)})
    parts["document.json"] = json.dumps(content).encode()
    (tmp_path / "b.ganvas").write_bytes(zipped(parts))
    assert load(tmp_path / "b.ganvas").edits[0].id == "face"
    content["styles"] = []
    assert "styles" in refusal(tmp_path, {**parts, "document.json": json.dumps(content).encode()})


def test_a_document_of_the_second_version_opens(tmp_path):
    """As it was written before there were sliders and blends."""
    base = Latent(np.ones((2, 3), np.float32), "faces")
    save(Document(Photo(gradient()), (ManifoldEdit(Frame(9, 9, 9), base, base),)), tmp_path / "a.ganvas")
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    content = json.loads(parts["document.json"])
    del content["directions"], content["motifs"], content["edits"][0]["slides"], content["edits"][0]["inside"]
    parts["document.json"] = json.dumps(content | {"version": 2}).encode()
    (tmp_path / "b.ganvas").write_bytes(zipped(parts))
    (edit,) = load(tmp_path / "b.ganvas").manifold_edits
    assert edit.slides == () and not edit.inside


def test_a_layer_from_before_refining_had_a_share_and_colours_a_way_opens(tmp_path, entries):
    """It was refined or not, and colours were kept by luminance."""
    old = changed(entries, "edits", 0, refine=True, keep_color_by=...)
    (tmp_path / "old.ganvas").write_bytes(zipped(old))
    lower = load(tmp_path / "old.ganvas").edits[0]
    assert isinstance(lower, StyleEdit)
    assert lower.refine == 1.0 and lower.keep_color_by is ColorsBy.LUMINANCE
    assert "keep_color_by" in refusal(tmp_path, changed(entries, "edits", 0, keep_color_by="hue"))


def test_blends_come_back_with_their_motif_once(tmp_path):
    motif = Motif("Café", noise(7, 5))
    lower = FusionEdit(motif, amount=0.25, depth=3.5, detail=0.75, scale=2.0, x=-0.5, y=0.125, whole=False)
    upper = FusionEdit(motif, (Stroke(StrokeKind.STYLE, np.ones((2, 3)), 4.0),), blend=Blend.SCREEN)
    document = Document(Photo(gradient()), (lower, upper), EditSequence((Keyframe((replace(lower, depth=1.0),)),)))
    save(document, tmp_path / "a.ganvas")
    opened = load(tmp_path / "a.ganvas")
    assert same(opened.edits, document.edits) and opened.edits[0].motif is opened.edits[1].motif
    assert opened.sequence.keyframes[0].edits[0].motif is opened.edits[0].motif
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert [name for name in parts if name.startswith("motifs/")] == ["motifs/0.png"]
    assert "depth" in refusal(tmp_path, changed(parts, "edits", 0, depth=4.5))
    assert "motifs/0.png" in refusal(tmp_path, {n: c for n, c in parts.items() if n != "motifs/0.png"})

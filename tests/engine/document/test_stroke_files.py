"""Stroke files: the same gesture on a photo of any size, and messages that name the place of a mistake."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import resources
from engine.document import stroke_files
from engine.document.errors import InputError
from engine.document.stroke import Stroke, StrokeKind
from engine.document.stroke_files import read_strokes, schema, write_strokes
from tests.engine.document.values import same, strokes

GOOD = {"kind": "color", "points": [[0.5, 0.25, 1.0]], "radius": 0.1, "color": [255, 0, 8]}


def content(*records: object, version: object = 1) -> bytes:
    """A stroke file with these strokes."""
    return json.dumps({"version": version, "strokes": records}).encode()


def test_shares_become_pixels():
    (stroke,) = read_strokes(content(GOOD), 400, 200)
    assert stroke.kind is StrokeKind.COLOR and stroke.color == (255, 0, 8)
    assert np.array_equal(stroke.points, [[200, 50, 1]]) and stroke.radius == 40
    assert (stroke.weight, stroke.visible, stroke.seed) == (1.0, True, 0) and stroke.id


@settings(max_examples=25, deadline=None)
@given(st.lists(strokes(), max_size=4))
def test_written_and_read_on_the_same_photo(tmp_path_factory, drawn):
    path = tmp_path_factory.mktemp("strokes") / "a.json"
    write_strokes(drawn, path, 32, 24)
    again = read_strokes(path, 32, 24)
    for a, b in zip(drawn, again, strict=True):
        assert a.radius == pytest.approx(b.radius, rel=1e-15)
        assert same(a, Stroke(a.kind, b.points, a.radius, b.color, b.weight, b.visible, b.seed, b.id))


def test_the_same_file_fits_a_larger_copy(tmp_path):
    small = Stroke(StrokeKind.WARP, np.array([[3, 4, 1], [30, 20, 0.5]]), radius=2)
    write_strokes([small], tmp_path / "a.json", 40, 30)
    (large,) = read_strokes(tmp_path / "a.json", 400, 300)
    assert np.allclose(large.points, [[30, 40, 1], [300, 200, 0.5]]) and large.radius == pytest.approx(20)


def test_the_shipped_schema_is_up_to_date():
    shipped = resources.path("strokes.schema.json").read_bytes()
    assert shipped == schema(), "python -m engine.document.stroke_files > resources/strokes.schema.json"


def test_the_schema_names_every_kind():
    kinds = json.loads(schema())["$defs"]["StrokeFile"]["properties"]["strokes"]["items"]["discriminator"]["mapping"]
    assert sorted(kinds) == sorted(StrokeKind)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"color": [256, 0, 0]}, "$.strokes[1].color[0]"),
        ({"color": [1, 2]}, "$.strokes[1].color"),
        ({"kind": "glue"}, "$.strokes[1].kind"),
        ({"kind": "warp"}, "color"),
        ({"points": []}, "$.strokes[1].points"),
        ({"points": [[0, 0]]}, "$.strokes[1].points[0]"),
        ({"points": [[0, 0, 1], [0, 17, 1]]}, "$.strokes[1].points[1][1]"),
        ({"points": [[0, 0, 1.5]]}, "$.strokes[1].points[0][2]"),
        ({"radius": 0}, "$.strokes[1].radius"),
        ({"weight": -1}, "$.strokes[1].weight"),
        ({"seed": 0.5}, "$.strokes[1].seed"),
        ({"visible": "yes"}, "$.strokes[1].visible"),
        ({"opacity": 1}, "opacity"),
        ({"id": ""}, "$.strokes[1].id"),
    ],
)
def test_a_mistake_is_named_by_its_place(tmp_path, change, place):
    path = tmp_path / "mine.json"
    path.write_bytes(content(GOOD, {**GOOD, **change}))
    with pytest.raises(InputError) as caught:
        read_strokes(path, 9, 9)
    assert str(caught.value).startswith("mine.json is no stroke file") and place in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        content(version=2),
        content(GOOD)[:-3],
        content(GOOD).replace(b"0.1", b"NaN"),
        content(GOOD).replace(b"0.1", b"1e999"),
        b'{"version": 1, "strokes": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_stroke_file(data):
    with pytest.raises(InputError, match="is no stroke file"):
        read_strokes(data, 9, 9)


def test_an_id_used_twice():
    with pytest.raises(InputError, match=r"\$\.strokes\[2\]\.id"):
        read_strokes(content(GOOD, {**GOOD, "id": "a"}, {**GOOD, "id": "a"}), 9, 9)


def test_too_many_strokes_and_points(monkeypatch):
    with pytest.raises(InputError, match="length <= 10000"):
        read_strokes(content(GOOD).replace(b"}]", b"}" + 10_000 * (b"," + json.dumps(GOOD).encode()) + b"]"), 9, 9)
    monkeypatch.setattr(stroke_files, "MAX_POINTS", 3)
    assert len(read_strokes(content(*[GOOD] * 3), 9, 9)) == 3
    with pytest.raises(InputError, match="more than 3 points"):
        read_strokes(content(*[GOOD] * 4), 9, 9)


def test_a_stroke_that_no_file_can_hold(tmp_path):
    far = Stroke(StrokeKind.ERASE, np.array([[9e6, 0, 1]]), radius=1)
    with pytest.raises(InputError, match="does not fit"):
        write_strokes([far], tmp_path / "a.json", 9, 9)
    assert not list(tmp_path.iterdir())

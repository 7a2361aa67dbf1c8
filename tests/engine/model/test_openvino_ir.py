"""The reader of untrusted network files: right figures from good files, a plain message from everything else."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_pack import network_files

from engine.document.errors import InputError
from engine.model.openvino_ir import constants, member

VALUES = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b & <c>": np.float32([[[[2.5]]]])}
SHAPES = {name: values.shape for name, values in VALUES.items()}
XML, WEIGHTS = network_files(VALUES)


def test_reads_what_was_asked_for() -> None:
    found = constants(XML, WEIGHTS, SHAPES)
    assert found.keys() == VALUES.keys()
    assert all(np.array_equal(found[name], VALUES[name]) and found[name].flags.owndata for name in VALUES)
    assert constants(XML, WEIGHTS, {"a": (2, 3)}).keys() == {"a"}


def doctype(encoding: str) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE n [<!ENTITY x "y">]>'
    text = XML.decode().replace('<?xml version="1.0"?>', head)
    return text.encode(encoding)


@pytest.mark.parametrize(("xml", "says"), [
    (doctype("utf-8"), "document type"),
    (doctype("utf-16"), "document type"),
    (XML[:-20], "damaged"),
    (b"", "damaged"),
    (b"\x89PNG\r\n", "damaged"),
    (XML.replace(b'name="a"', b'name="z"'), "no constant 'a'"),
    (XML.replace(b'id="2" name="b &amp; &lt;c&gt;"', b'id="2" name="a"'), "twice"),
    (XML.replace(b"f32", b"f16"), "not f32"),
    (XML.replace(b'shape="2, 3"', b'shape="3, 2"'), "not (2, 3)"),
    (XML.replace(b'shape="2, 3"', b'shape="2, -3"'), "not a whole number"),
    (XML.replace(b'offset="8"', b'offset="1e3"'), "not a whole number"),
    (XML.replace(b'offset="8"', b'offset="13"'), "outside"),
    (XML.replace(b'offset="8"', b'offset="999999999999"'), "outside"),
    (XML.replace(b'size="24"', b'size="28"'), "outside"),
    (XML.replace(b'size="24"', b'size="' + b"9" * 5000 + b'"'), "not a whole number"),
])
def test_refuses_in_one_line(xml: bytes, says: str) -> None:
    with pytest.raises(InputError, match=".") as refused:
        constants(xml, WEIGHTS, SHAPES)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_refuses_values_that_are_not_numbers() -> None:
    xml, weights = network_files({"a": np.float32([[1, 2, 3], [4, np.nan, 6]])})
    with pytest.raises(InputError, match="not numbers"):
        constants(xml, weights, {"a": (2, 3)})


def archive_with(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", content)
    return path


def test_member_limits_what_it_unpacks(tmp_path: Path) -> None:
    with zipfile.ZipFile(archive_with(tmp_path / "bomb.zip", bytes(10_000_000))) as archive:
        with pytest.raises(InputError, match="larger than 1000 bytes"):
            member(archive, "inside", 1000)
        with pytest.raises(InputError, match="missing"):
            member(archive, "elsewhere", 1000)
        assert len(member(archive, "inside", 10_000_000)) == 10_000_000


def test_member_notices_damage(tmp_path: Path) -> None:
    path = archive_with(tmp_path / "bad.zip", np.random.default_rng(0).bytes(1000))
    damaged = bytearray(path.read_bytes())
    damaged[300] ^= 0xFF
    path.write_bytes(damaged)
    with zipfile.ZipFile(path) as archive, pytest.raises(InputError, match="damaged"):
        member(archive, "inside", 10_000)

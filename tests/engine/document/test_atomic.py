"""Atomic writing: whatever fails, the old file is whole and nothing else is left."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.document.atomic import replacing
from engine.document.errors import Cancelled, InputError
from engine.document.image_files import write_photo
from engine.document.photo import Photo
from tests.engine.document.picture_bytes import noise


def test_the_new_file_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        assert temporary.parent == path.parent and temporary.suffix == ".txt" and temporary != path
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [Cancelled(), KeyboardInterrupt(), ValueError("no")])
def test_any_exception_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), replacing(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "free some space"), (errno.EROFS, "only be read"), (errno.EIO, "another place")],
)
def test_a_failed_write_says_what_to_do(tmp_path, number, advice):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(InputError, match=advice) as caught, replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError(number, os.strerror(number))
    assert str(caught.value).startswith("a.txt could not be saved: ")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_failed_flush_is_a_failed_write(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="disk is full"), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert not list(tmp_path.iterdir())


@contextmanager
def small_disk() -> Iterator[None]:
    """While it lasts the system itself refuses to write more than 5000 bytes into a file.

    It must not outlast the statement it guards: the log that pytest writes to may be a longer file.
    """
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_takes_no_more(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with small_disk(), pytest.raises(InputError, match=r"a\.png could not be saved.*save in another place"):
        write_photo(noise(99, 99), Photo(noise(99, 99)), path)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "advice"),
    [("gone/a.txt", "folder does not exist"), (".", "is a folder"), ("x" * 300, "too long"), ("a\0", "null")],
)
def test_names_that_cannot_be_written(tmp_path, name, advice):
    with pytest.raises(InputError, match=advice), replacing(tmp_path / name) as temporary:
        temporary.write_text("never")
    assert not list(tmp_path.iterdir())


def test_a_write_protected_file_is_refused_before_the_work(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(InputError, match="may not write"), replacing(path):
        pytest.fail("the block ran")
    assert path.read_text() == "old"


def test_a_link_is_followed_and_permissions_are_kept(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    with replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink() and target.read_text() == "new" and stat.S_IMODE(target.stat().st_mode) == 0o640

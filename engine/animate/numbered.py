"""Numbered pictures: a folder of frame.0001.png, frame.0002.png, ... for compositing programs and other encoders."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from engine.document.errors import InputError

PATTERN = "frame.{:04d}.png"


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give a new folder to write to; on leaving the block its files take their places in `folder`.

    Frames of an earlier export in `folder` are replaced by the new ones as a whole; other files there are not touched.
    Whatever goes wrong in the block, the new folder is removed and `folder` is as it was.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder.name} is a file: name a folder for the numbered pictures.")
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    try:
        temporary.mkdir()
        yield temporary
        if not folder.exists():
            temporary.replace(folder)
            return
        new = {path.name for path in temporary.iterdir()}
        for name in new:
            (temporary / name).replace(folder / name)
        for old in folder.glob("frame.[0-9][0-9][0-9][0-9].png"):
            if old.name not in new:
                old.unlink()
    except OSError as error:
        raise InputError(
            f"{folder.name} could not be written: {error.strerror or error}; choose another place."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class Numbered:
    """The folder being filled: the same calls as `Video`."""

    finishing = 0.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def __enter__(self) -> Numbered:
        return self

    def add(self, picture: np.ndarray) -> None:
        """The next frame: HxWx3 uint8 RGB."""
        self._number += 1
        done, content = cv2.imencode(".png", picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 4])
        if not done:
            raise OSError("the picture could not be encoded")
        (self._folder / PATTERN.format(self._number)).write_bytes(content.tobytes())

    def finish(self) -> Iterator[float]:
        """Nothing is left to do."""
        yield 1.0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is open."""

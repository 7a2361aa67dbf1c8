"""Photo: the picture the artist opened, exactly as it came. Reading and writing files is `image_files`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.document.arrays import frozen


@dataclass(frozen=True, eq=False)
class Photo:
    """An opened photo, upright (EXIF orientation already applied).

    pixels: HxWx3 uint8 or uint16, in the colour space of `profile` (sRGB where it is None). alpha: HxW of the same
    dtype, or None. profile: ICC bytes. exif: EXIF bytes with the orientation tag reset. name: file name without
    folder. source: the bytes of the file itself, so that a document can be reopened without it.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes | None = None
    exif: bytes | None = None
    name: str = "untitled"
    source: bytes = b""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"pixels must be HxWx3 uint8 or uint16, not {self.pixels.shape} {self.pixels.dtype}")
        object.__setattr__(self, "pixels", frozen(self.pixels))
        if self.alpha is not None:
            object.__setattr__(self, "alpha", frozen(self.alpha))

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def white(self) -> int:
        """The largest sample value: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)

"""A folder of pictures -> random square crops as tensors."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.document.pauses import finished

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}


def list_pictures(folders: Sequence[Path]) -> list[Path]:
    """All picture files below the folders, in a fixed order; hidden ones are caches and leavings, and left out."""
    return finished(finding(folders))


def finding(folders: Sequence[Path]) -> Generator[None, None, list[Path]]:
    """The same with a pause after every folder: somebody may have chosen a whole disk."""
    found: list[Path] = []
    for folder in folders:
        for place, below, names in os.walk(folder):
            below[:] = [name for name in below if not name.startswith(".")]
            found += [Path(place, name) for name in names if _is_picture(name)]
            yield
    return sorted(found)


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def random_crop(picture: Image.Image, side: int, random: np.random.Generator) -> np.ndarray:
    """side x side x 3 uint8: a square of random size and place, at least `side` pixels where there are as many."""
    short = min(picture.size)
    square = int(random.integers(min(side, short), short + 1))
    x = int(random.integers(0, picture.width - square + 1))
    y = int(random.integers(0, picture.height - square + 1))
    kernel = Image.Resampling.BOX if square > side else Image.Resampling.BICUBIC
    crop = picture.convert("RGB").resize((side, side), kernel, box=(x, y, x + square, y + square))
    array = np.asarray(crop)
    return np.ascontiguousarray(array[:, ::-1] if random.random() < 0.5 else array)


def to_tensor(pictures: np.ndarray) -> Tensor:
    """BxHxWx3 uint8 -> Bx3xHxW float32 in [-1, 1]."""
    return torch.from_numpy(np.array(pictures, order="C")).permute(0, 3, 1, 2).float() / 127.5 - 1

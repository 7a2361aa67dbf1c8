"""Directions that were computed before, in the user's cache folder. Losing the folder costs a second of work."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.model.packs import HOME


def folder() -> Path:
    """Where they lie: below GANVAS_HOME, or where the platform keeps what can be made again."""
    home = os.environ.get(HOME)
    cache = Path(home) / "cache" if home else Path(platformdirs.user_cache_dir("ganvas", appauthor=False))
    return cache / "directions"


def read(key: str) -> dict[str, Tensor] | None:
    """What was written under that key; None where that is not there, or not whole."""
    try:
        return load((folder() / f"{key}.safetensors").read_bytes())
    except (OSError, SafetensorError):
        return None


def write(key: str, styles: dict[str, Tensor]) -> None:
    """Keep them; where the disk does not let us, they are computed again the next time."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with replacing(folder() / f"{key}.safetensors") as temporary:
            temporary.write_bytes(save(styles))
    except (OSError, InputError):
        return

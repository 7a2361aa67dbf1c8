"""Places: the folders of the user's data, and whether the models of faces lie in them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The program's folder for the user's data: GANVAS_HOME, or where the platform keeps such things."""
    return Path(os.environ.get("GANVAS_HOME") or platformdirs.user_data_dir("ganvas", appauthor=False))


def recovery_folder() -> Path:
    """Where unsaved documents are kept until they are saved or given up."""
    return home() / "recovery"


def has_faces() -> bool:
    """Whether what faces need lies where the engine looks for it; the engine checks the content when it opens it."""
    return all((home() / "models" / name / "card.json").is_file() for name in ("faces", "landmarks"))

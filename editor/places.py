"""Places: the folders of the user's data, and whether a model pack lies in them."""

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


def has_pack(name: str) -> bool:
    """Whether a model pack lies where the engine looks for it; the engine checks its content when it opens it."""
    return (home() / "models" / name / "card.json").is_file()

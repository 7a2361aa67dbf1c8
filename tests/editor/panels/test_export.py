"""The movie's dialog offers what fits the document."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor.panels.export import ExportDialog
from editor.window import Window
from engine.document.photo import Photo


def test_a_movie_is_offered_to_be_written_beside_the_document(
    window: Window, photo: Photo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[Path] = []
    monkeypatch.setattr(ExportDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(ExportDialog, "ask_path", lambda dialog, start: offered.append(start))
    window.session.open_photo(photo)
    window.session.placing.project()
    for _ in range(2):
        window.session.sequencing.keep()
    window.files.path = tmp_path / "mine.ganvas"
    window.commands.export_movie()
    assert offered == [tmp_path / "mine-movie"]

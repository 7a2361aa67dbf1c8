"""A canvas with a photo."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.canvas import composing
from engine.document.photo import Photo
from tests.editor.canvas.hand import WatchedCanvas


@pytest.fixture
def photo() -> Photo:
    """400 x 300, red growing to the right, green growing downwards."""
    y, x = np.mgrid[:300, :400]
    return Photo(np.stack([x * 255 // 400, y * 255 // 300, np.full_like(x, 90)], 2).astype(np.uint8))


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine, what is painted is exact and no draft."""
    monkeypatch.setattr(composing, "FRAME", 60.0)


@pytest.fixture
def canvas(qtbot: QtBot, photo: Photo) -> Iterator[WatchedCanvas]:
    """600 x 400 view pixels, shown, with the photo fitted in."""
    widget = WatchedCanvas()
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    widget.set_photo(photo)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.painted_pixels()
    widget.sent.clear()
    yield widget
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton)  # the test hand remembers it for the next test

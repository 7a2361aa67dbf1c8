"""Icons: all there, in the palette's colour, sharp on every screen."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from pytestqt.qtbot import QtBot

import resources
from editor.icons import icon, image
from editor.tools import TOOLS

NAMES = sorted(file.stem for file in resources.path("icons").glob("*.svg"))
# fmt: off
WANTED = {
    "open", "save", "save-as", "export", "undo", "redo", "color-brush", "sketch", "warp", "eraser", "protect",
    "picker", "frame", "face", "keep", "play", "pause", "stop", "zoom-fit", "zoom-one", "rotate-left",
    "rotate-right", "compare", "hide-strokes", "candidates", "cancel",
}
# fmt: on


def rgba(name: str, color: QColor, side: int) -> np.ndarray:
    picture = image(name, color, side)
    return np.frombuffer(picture.constBits(), np.uint8).reshape(side, side, 4)[..., [2, 1, 0, 3]].astype(int)


def test_every_icon_that_is_asked_for_is_there() -> None:
    assert set(NAMES) >= WANTED
    assert {tool.icon for tool in TOOLS} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_icons_are_line_drawings_of_one_kind(name: str) -> None:
    root = ET.fromstring(resources.path("icons", f"{name}.svg").read_text("utf-8"))
    wanted = {"viewBox": "0 0 24 24", "stroke": "currentColor", "stroke-width": "1.5", "fill": "none"}
    assert {key: root.get(key) for key in wanted} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_icons_are_drawn_in_the_colour_and_inside_their_square(qtbot: QtBot, name: str) -> None:
    pixels = rgba(name, QColor(250, 100, 20), 48)
    inked = pixels[..., 3] == 255
    assert 40 < inked.sum() < 48 * 48 / 2
    assert (pixels[inked][:, :3] == (250, 100, 20)).all()
    assert not pixels[[0, -1]].any() and not pixels[:, [0, -1]].any()


def test_no_two_icons_are_the_same(qtbot: QtBot) -> None:
    assert len({rgba(name, QColor("white"), 32).tobytes() for name in NAMES}) == len(NAMES)


def test_icons_follow_the_palette_and_grey_out(qtbot: QtBot) -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText, QColor(200, 0, 0))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, QColor(0, 0, 200))
    made = icon("stop", palette)
    reds = made.pixmap(QSize(24, 24), 1.0).toImage().pixelColor(6, 12)
    blues = made.pixmap(QSize(24, 24), 1.0, QIcon.Mode.Disabled).toImage().pixelColor(6, 12)
    assert reds.red() > 150 > reds.blue() and blues.blue() > 150 > blues.red()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_icons_are_as_sharp_as_the_screen(qtbot: QtBot, ratio: float) -> None:
    pixmap = icon("frame").pixmap(QSize(16, 16), ratio)
    assert pixmap.width() == 16 * ratio and pixmap.devicePixelRatio() == ratio


def test_an_icon_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such"):
        icon("no-such")

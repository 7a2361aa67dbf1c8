"""Icons: the project's own line drawings, in the colours of the palette and sharp at every pixel ratio.

Each is a 24x24 SVG in resources/icons whose strokes are `currentColor`. Qt would draw those black, so the colour is
put in before it sees them. An icon does not follow a later change of palette: ask for it again.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

SIDES = (16, 20, 24, 32, 40, 48, 64, 96)  # device pixels: common sizes at 1x, 1.5x, 2x, 3x


def icon(name: str, palette: QPalette | None = None) -> QIcon:
    """The icon of that name in the palette's text colours (the application's by default), grey while disabled.

    FileNotFoundError where there is no such icon.
    """
    palette = palette or QGuiApplication.palette()
    role = QPalette.ColorRole.ButtonText
    normal = palette.color(QPalette.ColorGroup.Active, role)
    disabled = palette.color(QPalette.ColorGroup.Disabled, role)
    return _icon(name, normal.rgba(), disabled.rgba())


def image(name: str, color: QColor, side: int) -> QImage:
    """The icon as a side x side premultiplied image in one colour."""
    svg = resources.path("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", color.name())
    drawing = QSvgRenderer(QByteArray(svg.encode()))
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setOpacity(color.alphaF())
    drawing.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return picture


@lru_cache(maxsize=256)
def _icon(name: str, normal: int, disabled: int) -> QIcon:
    made = QIcon()
    for mode, rgba in ((QIcon.Mode.Normal, normal), (QIcon.Mode.Disabled, disabled)):
        for side in SIDES:
            made.addPixmap(QPixmap.fromImage(image(name, QColor.fromRgba(rgba), side)), mode)
    return made

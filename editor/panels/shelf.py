"""Shelf: a grid of swatches with names, each to be used, starred, or dragged to the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from editor import theme, thumbnails
from editor.canvas.drop import STYLE_MIME, TEXTURE_MIME
from editor.icons import image
from editor.panels.controls import ID, ItemList
from engine.document.errors import InputError
from engine.document.library_files import STYLE
from engine.document.library_names import Entry

ENTRY = ID + 1
WIDTH, GAP, STAR = 92, 4, 18  # pixels: about the width of a tile, around its swatch, the star in its corner
SMALLER = 0.88  # the font, against the window's: names are long, and the swatch is what is looked at
Index = QModelIndex | QPersistentModelIndex
Swatch = Callable[[str], np.ndarray]


class Shelf(ItemList):
    """The grid. swatch: gives the picture of an id, and is asked only for what is seen."""

    used = Signal(str)
    starred = Signal(str)

    def __init__(self, swatch: Swatch) -> None:
        super().__init__()
        self._swatch = swatch
        self._pixmaps: dict[str, QPixmap] = {}
        self.setItemDelegate(Tile(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDragEnabled(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * SMALLER)
        self.setFont(font)
        self.itemDoubleClicked.connect(self._use)

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these; what was chosen stays so."""
        item = self.currentItem()
        chosen = "" if item is None else item.data(ID)
        self.clear()
        for entry in entries:
            item = QListWidgetItem(entry.name)
            item.setData(ID, entry.id)
            item.setData(ENTRY, entry)
            item.setToolTip(
                self.tr("{name}\nDouble-click to use it, or drag it onto the picture").format(name=entry.told())
            )
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.told())
            self.addItem(item)
            if entry.id == chosen:
                self.setCurrentItem(item)

    def forget(self, id: str) -> None:
        """The swatch of that id is another one now."""
        self._pixmaps.pop(id, None)

    def current(self) -> Entry | None:
        """The chosen one."""
        item = self.currentItem()
        return None if item is None else item.data(ENTRY)

    def pixmap(self, id: str) -> QPixmap:
        """The swatch; an empty one where it cannot be had."""
        if id not in self._pixmaps:
            try:
                self._pixmaps[id] = QPixmap.fromImage(thumbnails.image(self._swatch(id)))
            except InputError:
                self._pixmaps[id] = QPixmap()
        return self._pixmaps[id]

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        """What the canvas needs of the first item: its id, under a name that says what it is."""
        data = QMimeData()
        for item in items[:1]:
            entry = item.data(ENTRY)
            data.setData(STYLE_MIME if entry.kind == STYLE else TEXTURE_MIME, entry.id.encode())
        return data

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the chosen one, its swatch under the hand."""
        entry = self.current()
        if entry is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([self.currentItem()]))
        side = round(72 * self.devicePixelRatioF())
        shown = rounded(self.pixmap(entry.id), side)
        shown.setDevicePixelRatio(self.devicePixelRatioF())
        drag.setPixmap(shown)
        drag.setHotSpot(QPoint(36, 36))
        drag.exec(Qt.DropAction.CopyAction)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the star stars; the rest chooses and drags."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        on_star = index.isValid() and star_of(swatch_of(self.visualRect(index))).contains(at)
        if event.button() == Qt.MouseButton.LeftButton and on_star:
            self.starred.emit(index.data(ID))
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return uses what is chosen; Delete and the arrows are the list's."""
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._use(item)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as fit, over the whole width."""
        width = self.viewport().width() - 1
        cell = width // max(width // WIDTH, 1)
        self.setGridSize(QSize(cell, cell + 2 * self.fontMetrics().height() + GAP))
        super().resizeEvent(event)

    def _use(self, item: QListWidgetItem) -> None:
        self.used.emit(item.data(ID))


class Tile(QStyledItemDelegate):
    """Draws an entry: its swatch, its star, its name and whose it is."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf)
        self._shelf = shelf

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A cell of the grid."""
        return self._shelf.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The swatch above, two lines below."""
        entry: Entry = index.data(ENTRY)
        cell: QRect = option.rect
        state = option.state
        chosen, hovered = bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_MouseOver)
        square = swatch_of(cell)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        draw_swatch(painter, self._shelf.pixmap(entry.id), QRectF(square))
        edge = theme.CHOSEN if chosen else theme.ACCENT if hovered else theme.EDGE
        painter.setPen(QPen(edge, 2.5 if chosen else 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(square), 5, 5)
        if entry.favourite or hovered:
            draw_star(painter, star_of(square), entry.favourite)
        draw_words(painter, entry, cell, square.bottom() + 3)
        painter.restore()


def swatch_of(cell: QRect) -> QRect:
    """Where in its cell the swatch lies."""
    side = cell.width() - 2 * GAP
    return QRect(cell.left() + GAP, cell.top() + GAP, side, side)


def star_of(square: QRect) -> QRect:
    """Where on its swatch the star lies."""
    return QRect(square.right() - STAR - 2, square.top() + 3, STAR, STAR)


def draw_swatch(painter: QPainter, pixmap: QPixmap, square: QRectF) -> None:
    """A picture in a square with round corners; a plain field where there is none."""
    path = QPainterPath()
    path.addRoundedRect(square, 5, 5)
    painter.save()
    painter.setClipPath(path)
    painter.fillPath(path, theme.FIELD)
    if not pixmap.isNull():
        painter.drawPixmap(square, pixmap, QRectF(pixmap.rect()))
    painter.restore()


def draw_star(painter: QPainter, place: QRect, full: bool) -> None:
    """The star on a dark disc, so that it is seen on any swatch."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.EDGE)
    painter.setOpacity(0.75)
    painter.drawEllipse(QRectF(place).adjusted(-1, -1, 1, 1))
    painter.setOpacity(1)
    side = round(STAR * painter.device().devicePixelRatioF()) * 3 // 4
    star = image("star-full" if full else "star", theme.WARNING if full else theme.TEXT, max(side, 8))
    painter.drawImage(QRectF(place).adjusted(2.5, 2.5, -2.5, -2.5), star)


def draw_words(painter: QPainter, entry: Entry, cell: QRect, top: int) -> None:
    """The name, and fainter whose it is, each on one line."""
    metrics = QFontMetrics(painter.font())
    for text, color in ((entry.name, theme.TEXT), (surname(entry.artist), theme.FAINT)):
        line = QRect(cell.left() + GAP, top, cell.width() - 2 * GAP, metrics.height())
        painter.setPen(color)
        painter.drawText(
            line, Qt.AlignmentFlag.AlignHCenter, metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        )
        top += metrics.height()


def surname(artist: str) -> str:
    """The last name with the small words before it: `van Gogh`."""
    words = artist.split()
    return " ".join([word for word in words[:-1] if word.islower()] + words[-1:])


def rounded(pixmap: QPixmap, side: int) -> QPixmap:
    """A picture of side x side device pixels with round corners."""
    shown = QPixmap(side, side)
    shown.fill(Qt.GlobalColor.transparent)
    painter = QPainter(shown)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    draw_swatch(painter, pixmap, QRectF(0, 0, side, side))
    painter.end()
    return shown

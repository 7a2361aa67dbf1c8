"""Candidates: the wall of answers to the last stroke. A click takes one; a green frame shows which is taken."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QLabel, QPushButton, QVBoxLayout, QWidget

from editor import theme, thumbnails
from editor.painting import asks
from editor.session import Session
from engine.document.job import Candidate

WALL = 4
GAP, LEAST, MOST = 4, 72, 440  # pixels: between tiles, the least side of one, the most of two
PLACES = ("best", "second", "third", "fourth")


class Tile(QAbstractButton):
    """One candidate: its picture, its number, and a green frame while it is the one taken."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._index = index
        self._candidate: Candidate | None = None
        self._image = QImage()

    def show_candidate(self, candidate: Candidate | None) -> None:
        """Show another candidate, or an empty place."""
        if candidate is not self._candidate:
            self._candidate = candidate
            self._image = QImage() if candidate is None else thumbnails.image(candidate.picture)
        name = self.tr("Candidate {n}, {place}").format(n=self._index + 1, place=PLACES[self._index])
        self.setAccessibleName(name)
        self.setToolTip(self.tr("Take this answer (key {n})").format(n=self._index + 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture in a rounded square."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height()) - 4
        square = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        path = QPainterPath()
        path.addRoundedRect(square, 5, 5)
        painter.setClipPath(path)
        painter.fillPath(path, theme.FIELD)
        if not self._image.isNull():
            painter.drawImage(square, self._image)
        painter.setClipping(False)
        taken = self.isChecked() and self._candidate is not None
        edge = theme.CHOSEN if taken else theme.ACCENT if self.hasFocus() or self.underMouse() else theme.EDGE
        painter.setPen(QPen(edge, 3 if taken else 1.5))
        painter.drawPath(path)


class Grid(QWidget):
    """Two by two square tiles as wide as the panel. It keeps their room when there are none, so that nothing jumps."""

    def __init__(self, tiles: list[Tile]) -> None:
        super().__init__()
        self._tiles = tiles
        for tile in tiles:
            tile.setParent(self)
        self.setMinimumSize(2 * LEAST + GAP, 2 * LEAST + GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the tiles, as large as both ways allow."""
        side = min(self.width() - GAP, MOST) // 2
        self.setMinimumHeight(2 * side + GAP)
        left = (self.width() - 2 * side - GAP) // 2
        for i, tile in enumerate(self._tiles):
            tile.setGeometry(left + i % 2 * (side + GAP), i // 2 * (side + GAP), side, side)


class Candidates(QWidget):
    """The four places of the wall."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tiles = [Tile(i) for i in range(WALL)]
        self._group = QButtonGroup(self)
        self._empty = QLabel(self.tr("Paint a stroke: its answers appear here."))
        self._empty.setProperty("faint", True)
        self._empty.setWordWrap(True)
        self._again = QPushButton(self.tr("Find Answers Again"))
        self._again.setToolTip(self.tr("Look for answers to the strokes once more"))
        self._again.clicked.connect(session.painting.answer_again)
        for i, tile in enumerate(self._tiles):
            self._group.addButton(tile, i)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._empty)
        column.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(Grid(self._tiles))
        column.addStretch()
        self._group.idClicked.connect(session.painting.choose)
        session.changed.connect(self.refresh)
        session.contested.connect(self.show_coming)
        self.refresh()

    def refresh(self) -> None:
        """Show the candidates of the state on the screen."""
        wall = None if self._session.history is None else self._session.entry.wall()
        self._show(() if wall is None else wall.candidates, None if wall is None else wall.chosen)

    def _forgotten(self) -> bool:
        """Whether there are strokes whose answers nobody has: a document that was opened has only the one taken."""
        edit = self._session.edit
        return edit is not None and asks(edit) and edit.id not in self._session.entry.owes

    def show_coming(self, candidates: tuple[Candidate, ...]) -> None:
        """Show the answers as they come along; none can be taken before all are done."""
        self._show(candidates, None)

    def _show(self, candidates: tuple[Candidate, ...], chosen: int | None) -> None:
        candidates = candidates[:WALL]
        self._group.setExclusive(False)
        for i, tile in enumerate(self._tiles):
            tile.show_candidate(candidates[i] if i < len(candidates) else None)
            tile.setChecked(i == chosen)
            tile.setEnabled(chosen is not None)
            tile.setVisible(i < len(candidates))
        self._group.setExclusive(bool(candidates))
        few, forgotten = len(candidates) < 2, self._forgotten()
        self._again.setVisible(few and forgotten and not (candidates and chosen is None))
        self._empty.setVisible(few)
        if candidates and chosen is None:
            self._empty.setText(self.tr("The answers to your strokes are coming."))
        elif forgotten:
            self._empty.setText(self.tr("Of the answers to your strokes only the one you took is at hand."))
        elif candidates:
            self._empty.setText(self.tr("This is how the model sees it. Paint a stroke: its answers appear here."))
        else:
            self._empty.setText(self.tr("Paint a stroke: its answers appear here."))

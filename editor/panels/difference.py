"""A - B: a slider made of two pictures of the session. On the face being worked on (C) it gives A - B + C."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor import thumbnails
from editor.panels.layers import names
from editor.session import Session
from engine.document.direction import Direction, difference
from engine.document.edit import ManifoldEdit
from engine.document.latent import Latent

SIDE = 84  # pixels of a thumbnail


@dataclass(frozen=True, eq=False)
class Place:
    """A picture of the session and where it lies on the manifold."""

    name: str
    latent: Latent
    image: QImage


def places(session: Session) -> tuple[Place, ...]:
    """The faces as found and as they are, the answers on the wall and the kept states; of the current manifold only."""
    document, current = session.document, session.edit
    if document is None or current is None:
        return ()
    found: list[Place] = []
    called = names(document)
    for edit in document.manifold_edits:
        name = called[edit.id]
        found.append(Place(f"{name}, as found", edit.base, _image(session, untouched(edit))))
        if edit.moved():
            found.append(Place(f"{name}, now", edit.latent, _image(session, edit)))
    wall = session.entry.wall().candidates
    for number, candidate in enumerate(wall if len(wall) > 1 else (), 1):  # a single one is the face as found
        found.append(Place(f"Candidate {number}", candidate.latent, thumbnails.image(candidate.picture)))
    for keyframe in document.sequence.keyframes:
        for kept in keyframe.edits:
            if isinstance(kept, ManifoldEdit) and kept.moved():
                found.append(Place(keyframe.caption or "Kept state", kept.latent, _image(session, kept)))
    fits = [place for place in found if place.latent.manifold == current.base.manifold]
    return tuple({id(place.latent): place for place in reversed(fits)}.values())[::-1]


def untouched(edit: ManifoldEdit) -> ManifoldEdit:
    """The edit as if nothing had been done to it."""
    return ManifoldEdit(edit.frame, edit.base, edit.base, id=edit.id)


def _image(session: Session, edit: ManifoldEdit) -> QImage:
    assert session.document is not None
    return thumbnails.of_edits(session.document.photo, (edit,), 2 * SIDE)


class DifferenceDialog(QDialog):
    """Two rows of thumbnails to choose from; `direction` is what was chosen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("A − B + C"))
        self.resize(560, 380)
        self.direction: Direction | None = None
        self._places = places(session)
        text = self.tr("Take what A has and B has not, and add it to what you are working on.")
        says = QLabel(text)
        says.setWordWrap(True)
        self._lists = [self._list(self.tr("A: towards")), self._list(self.tr("B: away from"))]
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(self.tr("Make the Slider"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(says)
        for name, items in zip((self.tr("A"), self.tr("B")), self._lists, strict=True):
            row = QHBoxLayout()
            row.addWidget(QLabel(f"<b>{name}</b>"))
            row.addWidget(items, 1)
            column.addLayout(row)
        column.addWidget(buttons)
        for items in self._lists:
            items.currentRowChanged.connect(self._choose)
        if len(self._places) > 1:
            self._lists[0].setCurrentRow(len(self._places) - 1)
            self._lists[1].setCurrentRow(0)
        self._choose()

    def _list(self, name: str) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(name)
        made.setViewMode(QListView.ViewMode.IconMode)
        made.setFlow(QListView.Flow.LeftToRight)
        made.setWrapping(False)
        made.setMovement(QListView.Movement.Static)
        made.setIconSize(QSize(SIDE, SIDE))
        for place in self._places:
            square = place.image.scaled(
                SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            ).copy(0, 0, SIDE, SIDE)
            made.addItem(QListWidgetItem(QIcon(QPixmap.fromImage(square)), place.name))
        return made

    def _choose(self) -> None:
        rows = [items.currentRow() for items in self._lists]
        self.direction = None
        if min(rows) >= 0 and rows[0] != rows[1]:
            a, b = (self._places[row] for row in rows)
            self.direction = difference(f"{a.name} − {b.name}", a.latent, b.latent, "difference")
        self._ok.setEnabled(self.direction is not None)

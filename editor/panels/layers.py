"""Layers: what lies over the photo, from the top down, as in other layered editors; the photo is at the bottom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor import thumbnails
from editor.icons import icon
from editor.panels.controls import ID, ItemList, button
from editor.panels.dial import Dial
from editor.panels.layer_row import BLENDS, SIDE, LayerRow
from editor.session import Session
from engine.document.blending import Blend
from engine.document.document import Document
from engine.document.edit import Edit, FusionEdit, Layer, ManifoldEdit, StyleEdit, blend_of
from engine.document.errors import InputError
from engine.document.manifold_entry import FACES, called

Swatch = Callable[[str], np.ndarray]  # by id of a style; InputError where there is none


class Layers(QWidget):
    """The list, with the blend mode and the opacity of the current layer above it, and what can be done below it."""

    style_wanted = Signal()
    texture_wanted = Signal()
    blend_wanted = Signal()

    def __init__(self, session: Session, swatch: Swatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._swatch = session, swatch
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._list = ItemList()
        self._list.setAccessibleName(self.tr("Layers"))
        self._list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self._list.dropped.connect(session.layering.delete, Qt.ConnectionType.QueuedConnection)
        self._list.model().rowsMoved.connect(self._moved)
        self._list.currentItemChanged.connect(self._choose)
        self._list.itemDoubleClicked.connect(self._ask_name)
        rename = QShortcut(QKeySequence(Qt.Key.Key_F2), self._list)
        rename.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.activated.connect(self._ask_current_name)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(self._mixing())
        column.addWidget(self._list, 1)
        column.addLayout(self._buttons())
        session.changed.connect(self.refresh)
        self.refresh()

    def _mixing(self) -> QHBoxLayout:
        self._blend = QComboBox()
        for mode, name in BLENDS.items():
            self._blend.addItem(self.tr(name), mode)
        self._blend.setAccessibleName(self.tr("Blend mode"))
        self._blend.setToolTip(self.tr("How the layer meets what lies below it"))
        self._blend.activated.connect(self._set_blend)
        tip = self.tr("How much of the layer is mixed over what lies below")
        self._opacity = Dial(self.tr("Opacity"), tip, 0, 1, " %", 100, width=60)
        self._opacity.turned.connect(self._set_opacity)
        self._opacity.released.connect(self._let_go)
        row = QHBoxLayout()
        row.addWidget(self._blend, 1)
        row.addWidget(self._opacity)
        return row

    def _buttons(self) -> QHBoxLayout:
        layering = self._session.layering
        style, texture = self.tr("New style layer from a picture"), self.tr("New texture layer from a picture")
        blend = self.tr("New semantic blend with a picture")
        copy, remove = self.tr("Duplicate the layer"), self.tr("Remove the layer")
        self._duplicate = button(icon("duplicate"), copy, f"{copy} (Ctrl+J)", layering.duplicate)
        self._delete = button(icon("delete"), remove, remove, self._remove)
        also = self.tr("{what}; dropping one on the photo does the same")
        self._new = (
            button(icon("style-brush"), style, also.format(what=style), self.style_wanted.emit),
            button(icon("texture-brush"), texture, also.format(what=texture), self.texture_wanted.emit),
            button(icon("blend"), blend, also.format(what=blend), self.blend_wanted.emit),
        )
        row = QHBoxLayout()
        for widget in self._new:
            row.addWidget(widget)
        row.addStretch()
        for widget in (self._duplicate, self._delete):
            row.addWidget(widget)
        return row

    # Showing

    def refresh(self) -> None:
        """List the layers of the state on the screen."""
        document, current, layer = self._session.document, self._session.current, self._session.layer
        for new in self._new:
            new.setEnabled(document is not None)
        for widget in (self._blend, self._duplicate):
            widget.setEnabled(layer is not None)
        self._opacity.setEnabled(current is not None)
        self._delete.setEnabled(current is not None)
        if current is not None:
            self._blend.setCurrentIndex(list(BLENDS).index(blend_of(current)))
            self._opacity.show_value(current.opacity)
        self._list.blockSignals(True)
        self._fill(document)
        self._mark(None if current is None else current.id)
        self._list.blockSignals(False)

    def _fill(self, document: Document | None) -> None:
        edits = () if document is None else tuple(reversed(document.edits))
        wanted = [edit.id for edit in edits] + ([""] if document else [])
        if document is not None and list(self._list.ids()) == wanted and self._rows_stand(document):
            for i, edit in enumerate(edits):
                self._show(document, edit, i)
            return
        self._list.clear()
        self._pictures = {}
        if document is None:
            return
        for i, edit in enumerate(edits):
            self._add(edit.id, "")
            self._show(document, edit, i)
        photo = QPixmap.fromImage(thumbnails.of_edits(document.photo, (), SIDE))
        self._add("", document.photo.name or self.tr("Photo")).show_photo(photo)
        self._photo = document.photo

    def _show(self, document: Document, edit: Edit, row: int) -> None:
        name = names(document)[edit.id]
        self._list.item(row).setData(Qt.ItemDataRole.AccessibleTextRole, name)
        self._row(row).show_edit(edit, name, self._picture(document, edit))

    def _rows_stand(self, document: Document) -> bool:
        rows = all(isinstance(self._list.itemWidget(self._list.item(i)), LayerRow) for i in range(self._list.count()))
        return rows and document.photo is self._photo

    def _row(self, index: int) -> LayerRow:
        row = self._list.itemWidget(self._list.item(index))
        assert isinstance(row, LayerRow)
        return row

    def _add(self, id: str, name: str) -> LayerRow:
        row = LayerRow(id, name)
        row.shown.connect(self._session.layering.show, Qt.ConnectionType.QueuedConnection)
        row.closed.connect(self._list.setFocus)
        row.renamed.connect(self._session.layering.rename, Qt.ConnectionType.QueuedConnection)
        item = QListWidgetItem()
        item.setData(ID, id)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, name)
        item.setSizeHint(QSize(0, SIDE + 8))
        if not id:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self._list.addItem(item)
        self._list.setItemWidget(item, row)
        return row

    def _mark(self, id: str | None) -> None:
        """Show which layer is being worked on."""
        ids = self._list.ids()
        if id in ids:
            self._list.setCurrentRow(ids.index(id))
        else:
            self._list.setCurrentRow(-1)

    def _picture(self, document: Document, edit: Edit) -> QPixmap:
        key = (edit.id, id(edit.patch))
        if key not in self._pictures:
            self._pictures = {k: kept for k, kept in self._pictures.items() if k[0] != edit.id}
            self._pictures[key] = QPixmap.fromImage(
                thumbnails.of_layer(document.photo, edit, SIDE, self._shelved(edit))
            )
        return self._pictures[key]

    def _shelved(self, edit: Edit) -> np.ndarray | None:
        """The library's picture of a style whose own picture is not at hand."""
        if not isinstance(edit, StyleEdit) or edit.styles[0].exemplar is not None:
            return None
        try:
            return self._swatch(edit.styles[0].id)
        except InputError:
            return None

    # Doing

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(ID):
            self._session.select(item.data(ID))

    def _ask_current_name(self) -> None:
        self._ask_name(self._list.currentItem())

    def _ask_name(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(ID):
            self._row(self._list.row(item)).ask_name()

    def _moved(self) -> None:
        QTimer.singleShot(0, self._reorder)  # the list is not to be filled anew while it moves its rows

    def _reorder(self) -> None:
        self._session.layering.reorder(tuple(id for id in reversed(self._list.ids()) if id))

    def _remove(self) -> None:
        self._session.layering.delete()

    def _set_blend(self, index: int) -> None:
        self._session.layering.set_blend(Blend(self._blend.itemData(index)))  # Qt has made text of it

    def _set_opacity(self, opacity: float) -> None:
        if self._session.layer is None:
            self._session.painting.set_opacity(opacity)
        else:
            self._session.layering.turn("opacity", opacity, self._opacity.held())

    def _let_go(self) -> None:
        if self._session.layer is None:
            self._session.painting.end_gesture()
        else:
            self._session.layering.let_go()


def names(document: Document) -> dict[str, str]:
    """The name of every edit by its id: its own, or that of what it paints with, or the number of the face."""
    made: dict[str, str] = {}
    found: Counter[str] = Counter()
    for edit in document.edits:
        if isinstance(edit, ManifoldEdit):
            kind = "Face" if edit.base.manifold == FACES else called(edit.base.manifold)
            found[kind] += 1
            made[edit.id] = edit.name or f"{kind} {found[kind]}"
        else:
            made[edit.id] = edit.name or name_of(edit)
    return made


def name_of(layer: Layer) -> str:
    """The name of what a layer paints with."""
    if isinstance(layer, FusionEdit):
        return layer.motif.name
    return layer.styles[0].name if isinstance(layer, StyleEdit) else layer.texture.name

"""LayerRow: one line of the list of layers, and the field in which its name is typed over."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from editor.icons import icon
from editor.panels.controls import switch
from engine.document.blending import Blend
from engine.document.edit import Edit, ManifoldEdit

SIDE = 40  # pixels of a thumbnail
BLENDS = {
    Blend.NORMAL: "Normal", Blend.MULTIPLY: "Multiply", Blend.SCREEN: "Screen", Blend.OVERLAY: "Overlay",
    Blend.SOFT_LIGHT: "Soft light", Blend.COLOR: "Colour", Blend.LUMINOSITY: "Luminosity",
}  # fmt: skip


class LayerRow(QWidget):
    """One layer of the list: eye, small picture, name, and what is not as usual about it."""

    shown = Signal(str, bool)
    renamed = Signal(str, str)
    closed = Signal()  # the field for the name, by a key: the keys are free again

    def __init__(self, id: str, name: str) -> None:
        super().__init__()
        self._id, self._name = id, name
        self._eye = switch(icon("eye"), "", self.tr("Show or hide this layer"), True)
        self._eye.clicked.connect(self._show)
        self._picture = QLabel()
        self._picture.setFixedSize(SIDE, SIDE)
        self._label = QLabel()
        self._label.setMinimumWidth(20)
        self._field = NameField()
        self._field.hide()
        self._field.setAccessibleName(self.tr("Name of the layer"))
        self._field.done.connect(self._rename)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 6, 2)
        row.setSpacing(6)
        row.addWidget(self._eye)
        row.addWidget(self._picture)
        row.addWidget(self._label, 1)
        row.addWidget(self._field, 1)

    def show_photo(self, pixmap: QPixmap) -> None:
        """This is the photo: it has no eye."""
        self._eye.setEnabled(False)
        self._eye.setAccessibleName(self.tr("The photo is always shown"))
        self._eye.setIcon(icon("eye"))
        self._picture.setPixmap(pixmap)
        self._label.setText(self._name)

    def show_edit(self, edit: Edit, name: str, pixmap: QPixmap) -> None:
        """Show the layer as it is now."""
        self._name = name
        self._eye.setAccessibleName(self.tr("Show {name}").format(name=name))
        self._eye.setChecked(edit.visible)
        self._eye.setIcon(icon("eye" if edit.visible else "eye-off"))
        self._label.setEnabled(edit.visible)
        self._picture.setPixmap(pixmap)
        self._label.setText("\n".join(filter(None, (self._name, particulars(edit)))))

    def ask_name(self) -> None:
        """Let the name be typed over."""
        self._label.hide()
        self._field.begin(self._name)

    def _rename(self, name: object) -> None:
        if self._field.hasFocus():
            self.closed.emit()
        self._field.hide()
        self._label.show()
        if isinstance(name, str) and name.strip() != self._name:
            self.renamed.emit(self._id, name)

    def _show(self, visible: bool) -> None:
        self.shown.emit(self._id, visible)


class NameField(QLineEdit):
    """Where a name is typed. done: the name, once, by Enter or when the field is left; None by Esc."""

    done = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._open = False
        self.editingFinished.connect(self._finish)

    def begin(self, name: str) -> None:
        """Show the name as it is, to be typed over."""
        self._open = True
        self.setText(name)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        """Esc is this field's while it is open."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the name as it was; Enter is not for the list as well."""
        if _is_escape(event):
            self._finish(given_up=True)
        else:
            super().keyPressEvent(event)
        event.accept()

    def _finish(self, given_up: bool = False) -> None:
        if self._open:  # hiding it takes the keys away, which is another end of editing
            self._open = False
            self.done.emit(None if given_up else self.text())


def particulars(edit: Edit) -> str:
    """What is not as usual: opacity, blend mode."""
    blend = "" if isinstance(edit, ManifoldEdit) or edit.blend is Blend.NORMAL else BLENDS[edit.blend]
    return " · ".join(filter(None, (f"{100 * edit.opacity:.0f} %" if edit.opacity < 1 else "", blend)))


def _is_escape(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape

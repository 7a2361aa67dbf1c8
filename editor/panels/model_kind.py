"""Model kind: which kind of model is to be trained, and whether it is told the kinds of things in the folder."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget

from engine.document.training import CLASSED, Family, FolderLook

NAMES = {
    Family.STYLE: "Pictures (style)",
    Family.CODED: "Faithful (codes)",
    Family.MAP: "Map (VAE)",
    Family.THINGS: "Objects (turn, move, cut out)",
}
TOLD = {
    Family.STYLE: "The sharpest pictures, after the longest time.",
    Family.CODED: "Stays closest to photos. Strokes act near where they are: for a thing that is to change as a whole, "
    "the first kind is better.",
    Family.MAP: "Softer pictures, sooner. All of them lie on one smooth map to walk on.",
    Family.THINGS: "Single things on a plain ground, with sliders that move, turn and tone them. It knows their "
    "outline.",
}
USUAL = 20
"""Kinds that are kept apart unless the artist says otherwise: more are rather somebody's filing."""

NAMED = 8
"""Kinds that are named below the box."""

INDENT = 22  # pixels, as far as the words on the box


class ModelKind(QObject):
    """A list of the kinds of models that make sense for the folder, and a box where it has folders for kinds.

    Its widgets are rows of a form, which alone gives words room for as many lines as they need.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.list, self.apart, self._told, self._named = QComboBox(), QCheckBox(), QLabel(), QLabel()
        self._classes: tuple[str, ...] = ()
        for told in (self._told, self._named):
            told.setWordWrap(True)
            told.setProperty("faint", True)
        self._named.setContentsMargins(INDENT, 0, 0, 0)
        self.apart.setToolTip(
            self.tr("It is told in which folder each picture lies: every kind becomes a slider, and kinds do not mix")
        )
        self.list.activated.connect(self._choose)
        self._offer((Family.STYLE, Family.CODED, Family.MAP))
        self._refresh()

    def below(self) -> tuple[QWidget, ...]:
        """What stands below the list, a row each."""
        return self._told, self.apart, self._named

    @property
    def family(self) -> Family:
        """The one that is chosen."""
        return Family(self.list.currentData())

    def classes(self) -> bool | None:
        """Whether kinds are to be kept apart; None where it is not known yet whether there are any."""
        if self.family not in CLASSED:
            return False
        return self.apart.isChecked() if self._classes else None

    def clear(self) -> None:
        """Another folder: nothing is known of it."""
        self._classes = ()
        self._refresh()

    def suit(self, look: FolderLook) -> None:
        """Offer what makes sense for what was found in all of the folder."""
        before = self.family
        self._offer((Family.STYLE, Family.CODED, Family.MAP, *((Family.THINGS,) if look.things else ())))
        if look.classes != self._classes:
            self._classes = look.classes
            self.apart.setChecked(0 < len(look.classes) <= USUAL)
        self._refresh()
        if self.family is not before:
            self.changed.emit()

    def _offer(self, families: tuple[Family, ...]) -> None:
        if families == tuple(self.list.itemData(i) for i in range(self.list.count())):
            return
        chosen = self.list.currentData()
        self.list.clear()
        for family in families:
            self.list.addItem(self.tr(NAMES[family]), family)
        self.list.setCurrentIndex(max(self.list.findData(chosen), 0))

    def _choose(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        self._told.setText(self.tr(TOLD[self.family]))
        self.apart.setText(self.tr("Keep the {n} kinds apart").format(n=len(self._classes)))
        self._named.setText(self.named())
        for widget in (self.apart, self._named):
            widget.setVisible(bool(self._classes) and self.family in CLASSED)

    def named(self) -> str:
        """The kinds, as many as there is room for."""
        names, more = ", ".join(self._classes[:NAMED]), len(self._classes) - NAMED
        return self.tr("{names} and {n} more").format(names=names, n=more) if more > 0 else names

"""Quality choice: how far the model learns the very picture that is under the frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from editor.session import Session
from engine.document.manifold_entry import FACES
from engine.document.tuning import QUALITIES


class QualityChoice(QWidget):
    """A list of qualities, shown while a frame is set on a face."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = QComboBox()
        self.list.setAccessibleName(self.tr("Quality for this frame"))
        self.list.setToolTip(self.tr("How near the model's face comes to the photo when Enter finds it"))
        for quality, (text, tip) in self._words().items():
            self.list.addItem(text, quality)
            self.list.setItemData(self.list.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.list.activated.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(self.tr("Quality")))
        row.addWidget(self.list)
        session.placing.changed.connect(self.refresh)
        self.refresh()

    def _words(self) -> dict[str, tuple[str, str]]:
        """Text and tip of each quality."""
        words = (
            (self.tr("Quick"), self.tr("The nearest face that the model knows, in about ten seconds")),
            (self.tr("Fine"), self.tr("It also learns this very face: twice as long. Stop keeps what was found")),
            (self.tr("Finest"), self.tr("It goes on learning this face for about half a minute more")),
        )
        return dict(zip(QUALITIES, words, strict=True))

    def refresh(self) -> None:
        """Show the quality that is set."""
        placing = self._session.placing
        shown = placing.active and placing.current is not None and not placing.projecting
        self.setVisible(shown and placing.manifold == FACES)
        self.list.setCurrentIndex(self.list.findData(placing.quality))

    def _choose(self, place: int) -> None:
        self._session.placing.set_quality(self.list.itemData(place))

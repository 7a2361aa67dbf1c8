"""Training setup: which folder, what kind of model, called what, how large, how long; and the pictures it will see."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.panels.model_kind import ModelKind
from editor.panels.picture_wall import PictureWall
from editor.panels.training_findings import TrainingFindings
from editor.places import has_faces
from editor.training import Training
from engine.document.training import LONGEST_NAME, SIDES, Crop, FolderLook, Plan, duration, forecast

MINUTES = (10, 30, 60, 120, 240, 480, 1440)
USUAL = 2
"""Place of the hour among them."""

SIZES = {64: "64 px: quick", 128: "128 px: four times slower", 256: "256 px: for a GPU, or for days"}
CROPS = {
    Crop.CENTRE: "the square in its middle: a thing",
    Crop.SCENE: "the square in its middle: a place",
    Crop.WHOLE: "all of it, on a plain ground",
    Crop.FACE: "the largest face, set upright",
}
FORM_WIDTH = 400


class TrainingSetup(QWidget):
    """What is asked for. It looks at the folder by itself, and anew when size or crop are changed."""

    changed = Signal()

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self.folder: Path | None = None
        row = QHBoxLayout(self)
        row.addWidget(self._form())
        row.addWidget(self._preview(), 1)
        training.looked.connect(self.refresh)
        training.timed.connect(self.refresh)
        training.changed.connect(self.refresh)
        self.refresh()

    def _form(self) -> QWidget:
        self._place, self.wrong = QLabel(), QLabel()
        for told in (self._place, self.wrong):
            told.setWordWrap(True)
            told.setProperty("faint", True)
        self.choose = QPushButton(self.tr("Choose a Folder…"))
        self.choose.clicked.connect(self._ask)
        self.name, self.licence, self.kind = QLineEdit(), QLineEdit(), ModelKind(self)
        self.name.setMaxLength(LONGEST_NAME)
        self.licence.setPlaceholderText(self.tr("as: my own photographs"))
        self._lists()
        self.kind.changed.connect(self._time)
        self.name.textChanged.connect(self.refresh)
        form = QFormLayout()
        for label, widget, tip in (
            (self.tr("Pictures"), self.choose, self.tr("A folder of 200 to 20,000 pictures of one kind of thing")),
            ("", self._place, ""),
            (self.tr("Name"), self.name, self.tr("By which the model is chosen: small letters, digits, dashes")),
            ("", self.wrong, ""),
            (self.tr("Of each picture"), self.crop, self.tr("What of a picture is learned")),
            (self.tr("Model"), self.kind.list, self.tr("What kind of model is made of them")),
            *(("", widget, widget.toolTip()) for widget in self.kind.below()),
            (self.tr("Size"), self.side, self.tr("Of the pictures it will make")),
            (self.tr("Time"), self.minutes, self.tr("Of work; while you paint it waits")),
            (self.tr("Licence"), self.licence, self.tr("What the pictures allow: it is written on the model’s card")),
        ):  # fmt: skip
            widget.setToolTip(tip)
            if label:
                widget.setAccessibleName(label)
            form.addRow(label, widget)
        self.findings = TrainingFindings()
        left = QWidget()
        left.setFixedWidth(FORM_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 12, 0)
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(self.findings, 1)
        return left

    def _lists(self) -> None:
        self.side, self.crop, self.minutes = QComboBox(), QComboBox(), QComboBox()
        for side in SIDES:
            self.side.addItem(self.tr(SIZES[side]), side)
        for crop, words in CROPS.items():
            if crop is not Crop.FACE or has_faces():
                self.crop.addItem(self.tr(words), crop)
        for minutes in MINUTES:
            self.minutes.addItem(duration(60 * minutes), minutes)
        self.minutes.setCurrentIndex(USUAL)
        self.side.activated.connect(self._look)
        self.crop.activated.connect(self._look)
        self.minutes.activated.connect(self.refresh)

    def _preview(self) -> QWidget:
        self.wall = PictureWall(self.tr("Some of the pictures, as they will be learned"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(10)
        self.stop = QPushButton(self.tr("Stop Looking"))
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._training.stop_looking)
        foot = QHBoxLayout()
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.stop)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.wall, 1)
        column.addLayout(foot)
        return right

    # What is wanted

    def take(self, folder: Path) -> None:
        """Train on that folder."""
        self.folder = folder
        self.kind.clear()
        self.name.setText(self._training.name_for(folder))
        self._look()

    def plan(self) -> Plan:
        """What is asked for as it stands."""
        size, minutes, crop = (box.currentData() for box in (self.side, self.minutes, self.crop))
        folder, licence = str(self.folder or ""), self.licence.text().strip()
        return Plan(folder, self.name.text(), size, float(minutes), licence, Crop(crop), family=self.kind.family,
                    classes=self.kind.classes())  # fmt: skip

    def can_begin(self) -> bool:
        """Whether all is known and all is right."""
        look = self._training.look
        looked = look is not None and look.enough() and not self._training.looking()
        return looked and self.folder is not None and not self._training.wrong_with(self.name.text())

    def _ask(self) -> None:
        start = str(self.folder.parent if self.folder else Path.home())
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a Folder of Pictures"), start)
        if name:
            self.take(Path(name))

    def _look(self) -> None:
        if self.folder is not None:
            plan = self.plan()
            self._training.look_at(self.folder, plan.size, plan.crop)
        self._time()

    def _time(self) -> None:
        if self.folder is not None:
            plan = self.plan()
            self._training.time(plan.size, plan.family)
        self.refresh()

    # What is known

    def show_fraction(self, fraction: float) -> None:
        """How far the look is."""
        self.bar.setRange(0, 1000 if fraction > 0 else 0)
        self.bar.setValue(round(1000 * fraction))

    def refresh(self) -> None:
        """Show what is known by now."""
        look, looking = self._training.look, self._training.looking()
        self._place.setText(str(self.folder) if self.folder else self.tr("or drop one here"))
        wrong = self._training.wrong_with(self.name.text()) if self.folder else ""
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        for widget in (self.bar, self.stop):
            widget.setVisible(looking)
        if look is not None:
            self.wall.show_pictures(look.preview)
            if look.whole:
                self.kind.suit(look)
        self.findings.show_look(self.folder, look, looking)
        self.findings.expected.setText(self._expectation(look))
        self.changed.emit()

    def _expectation(self, look: FolderLook | None) -> str:
        plan = self.plan()
        pace = self._training.paces.get((plan.size, plan.family))
        if pace is not None and look is not None and look.pictures:
            return forecast(pace, plan.minutes, look.pictures, plan.family)
        return self.tr("Timing this machine…") if self._training.timing() else ""

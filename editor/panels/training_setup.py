"""Training setup: which folder, called what, how large, how long; what the folder holds, and what to expect of it."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.panels.picture_wall import PictureWall
from editor.places import has_faces
from editor.training import Training
from engine.document.training import SIDES, Crop, FolderLook, Plan, duration, forecast

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
MINUTES = (10, 30, 60, 120, 240, 480, 1440)
USUAL = 2
"""Place of the hour among them."""

SIZES = {64: "64 px: quick", 128: "128 px: four times slower", 256: "256 px: for a GPU, or for days"}
CROPS = {
    Crop.CENTRE: "the square in its middle",
    Crop.WHOLE: "all of it, on a plain ground",
    Crop.FACE: "the largest face, set upright",
}
FORM_WIDTH = 400


class TrainingSetup(QWidget):
    """What is asked for. It looks at the folder by itself, and anew when size or crop are changed."""

    ready = Signal(object)  # Plan: begin with it
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
        self._place = QLabel()
        self._place.setWordWrap(True)
        self._place.setProperty("faint", True)
        self.choose = QPushButton(self.tr("Choose a Folder…"))
        self.choose.clicked.connect(self._ask)
        self.name, self.licence = QLineEdit(), QLineEdit()
        self.name.setMaxLength(40)
        self.licence.setPlaceholderText(self.tr("as: my own photographs"))
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
        self.name.textChanged.connect(self.refresh)
        form = QFormLayout()
        for label, widget, tip in (
            (self.tr("Pictures"), self.choose, self.tr("A folder of 200 to 20,000 pictures of one kind of thing")),
            ("", self._place, ""),
            (self.tr("Name"), self.name, self.tr("By which the model is chosen: small letters, digits, dashes")),
            (self.tr("Of each picture"), self.crop, self.tr("What of a picture is learned")),
            (self.tr("Size"), self.side, self.tr("Of the pictures it will make")),
            (self.tr("Time"), self.minutes, self.tr("Of work; while you paint it waits")),
            (self.tr("Licence"), self.licence, self.tr("What the pictures allow: it is written on the model’s card")),
        ):  # fmt: skip
            widget.setToolTip(tip)
            widget.setAccessibleName(label or self.tr("Folder"))
            form.addRow(label, widget)
        left = QWidget()
        left.setFixedWidth(FORM_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 12, 0)
        column.addLayout(form)
        column.addLayout(self._findings())
        return left

    def _findings(self) -> QVBoxLayout:
        """What is known of the folder and of the time."""
        self.verdict, self.expected = QLabel(), QLabel()
        for label in (self.verdict, self.expected):
            label.setWordWrap(True)
        self.left_out = QListWidget()
        self.left_out.setAccessibleName(self.tr("Pictures that are left out"))
        self.left_out.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.left_out.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.left_out.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        column = QVBoxLayout()
        column.addSpacing(8)
        for widget in (self.verdict, self.expected):
            column.addWidget(widget)
            column.addSpacing(6)
        column.addWidget(self.left_out, 1)
        column.addStretch()
        return column

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
        self.name.setText(self._training.name_for(folder))
        self._look()

    def plan(self) -> Plan:
        """What is asked for as it stands."""
        size, minutes, crop = (box.currentData() for box in (self.side, self.minutes, self.crop))
        folder, licence = str(self.folder or ""), self.licence.text().strip()
        return Plan(folder, self.name.text(), size, float(minutes), licence, Crop(crop))

    def can_begin(self) -> bool:
        """Whether all is known and all is right."""
        look, training = self._training.look, self._training
        looked = look is not None and look.enough() and not training.looking()
        return looked and NAME.fullmatch(self.name.text()) is not None and self.folder is not None

    def _ask(self) -> None:
        start = str(self.folder.parent if self.folder else Path.home())
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a Folder of Pictures"), start)
        if name:
            self.take(Path(name))

    def _look(self) -> None:
        if self.folder is not None:
            plan = self.plan()
            self._training.look_at(self.folder, plan.size, plan.crop)
            self._training.time(plan.size)
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
        for widget in (self.bar, self.stop):
            widget.setVisible(looking)
        if look is not None:
            self.wall.show_pictures(look.preview)
        self.verdict.setText(self._verdict(look, looking))
        self._fill(look)
        self.expected.setText(self._expectation(look))
        self.changed.emit()

    def _verdict(self, look: FolderLook | None, looking: bool) -> str:
        if self.folder is None:
            return self.tr("It learns what your pictures have in common. They should be of one kind: faces, or chairs, "
                           "or beaches, from much the same side.")  # fmt: skip
        if looking:
            told = self.tr("Looking through {n:,} files…") if look else self.tr("Looking for pictures…")
            return told.format(n=look.pictures if look else 0)
        if look is None or not (look.pictures or look.refused):
            return self.tr("No pictures were found in {name}.").format(name=self.folder.name)
        return look.verdict()

    def _fill(self, look: FolderLook | None) -> None:
        """Name what is left out, and why."""
        refused, repeated = ((), ()) if look is None else (look.refused, look.repeated)
        out = [f"{name} {why}" for name, why in refused]
        out += [self.tr("{name} repeats {other}").format(name=name, other=other) for name, other in repeated]
        self.left_out.setVisible(bool(out))
        if [self.left_out.item(i).text() for i in range(1, self.left_out.count())] == out:
            return
        self.left_out.clear()
        if out:
            head = self.tr("Left out: {bad} that cannot be used, {twice} that are there twice")
            self.left_out.addItem(head.format(bad=len(refused), twice=len(repeated)))
            for text in out:
                self.left_out.addItem(text)
                self.left_out.item(self.left_out.count() - 1).setToolTip(text)

    def _expectation(self, look: FolderLook | None) -> str:
        plan = self.plan()
        pace = self._training.paces.get(plan.size)
        if pace is not None and look is not None and look.pictures:
            return forecast(pace, plan.minutes, look.pictures)
        return self.tr("Timing this machine…") if self._training.timing() else ""

"""Training: the window in which a model of the artist's own pictures is set up, and watched while it learns.

It stays open beside the picture; closed, the training goes on, and the menu brings it back.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from editor.panels.training_run import TrainingRun
from editor.panels.training_setup import TrainingSetup
from editor.requests import Request, Requests
from editor.training import State, Training
from engine.document.job import Step
from engine.document.training import Plan
from engine.document.training_jobs import LookAtFolder


class TrainingDialog(QDialog):
    """Setup first, the run afterwards; trainings that were left are offered above the setup, the newest first."""

    def __init__(self, training: Training, requests: Requests, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Train from a Folder"))
        self.setModal(False)
        self.setAcceptDrops(True)
        self.resize(980, 620)
        self._training = training
        self._left: tuple[Plan, ...] = ()
        self.setup, self.run = TrainingSetup(training), TrainingRun(training)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.setup)
        self.pages.addWidget(self.run)
        column = QVBoxLayout(self)
        column.addLayout(self._head())
        column.addWidget(self.pages, 1)
        column.addLayout(self._foot())
        self.setup.changed.connect(self.refresh)
        self.run.again_wanted.connect(self._begin_anew)
        training.changed.connect(self.refresh)
        requests.progressed.connect(self._progress)
        self.refresh()

    def _head(self) -> QHBoxLayout:
        """Trainings that were left."""
        self.left = QComboBox()
        self.left.setAccessibleName(self.tr("Trainings that were left"))
        self.go_on = QPushButton(self.tr("Go On With It"))
        self.go_on.setAutoDefault(False)
        self.go_on.clicked.connect(self._go_on)
        row = QHBoxLayout()
        row.addWidget(self.left, 1)
        row.addWidget(self.go_on)
        return row

    def _foot(self) -> QHBoxLayout:
        self.train = QPushButton(self.tr("Train"))
        self.train.setProperty("primary", True)
        self.train.setToolTip(self.tr("Begin. You can paint meanwhile: strokes go first"))
        self.train.clicked.connect(self._begin)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.train)
        row.addWidget(self.close_button)
        return row

    # What is wanted

    def take(self, folder: Path) -> None:
        """Set up a training on that folder."""
        if self._training.state is not State.RUNNING:
            self._training.forget()
            self.setup.take(folder)

    def _begin(self) -> None:
        self._training.begin(self.setup.plan())

    def _go_on(self) -> None:
        if self._left:
            self._training.go_on(self._left[max(self.left.currentIndex(), 0)])

    def _begin_anew(self) -> None:
        self._training.forget()
        self.refresh()

    # Showing

    def refresh(self) -> None:
        """The page that fits, and the buttons that do something."""
        state = self._training.state
        setting_up = state is State.NONE
        self.pages.setCurrentWidget(self.setup if setting_up else self.run)
        self._show_left(self._training.left() if setting_up else ())
        self.train.setVisible(setting_up)
        self.train.setEnabled(self.setup.can_begin())

    def _show_left(self, left: tuple[Plan, ...]) -> None:
        """Offer those, and keep the choice among them."""
        for widget in (self.left, self.go_on):
            widget.setVisible(bool(left))
        if left != self._left:
            self._left = left
            told = self.tr("The training of “{name}” was left when {share:.0f} % was done.")
            self.left.clear()
            self.left.addItems([told.format(name=plan.name, share=100 * plan.fraction) for plan in left])

    def _progress(self, news: tuple[Request, Step]) -> None:
        request, step = news
        if isinstance(request.job, LookAtFolder):
            self.setup.show_fraction(step.fraction)

    def closeEvent(self, event: object) -> None:
        """A look at a folder is not wanted any more; a training goes on."""
        self._training.stop_looking()
        super().closeEvent(event)  # type: ignore[arg-type]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder may be dropped anywhere here."""
        if _folder(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        folder = _folder(event)
        if folder is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.take(folder)


def _folder(event: QDropEvent) -> Path | None:
    """The folder that is being dropped, if it is one."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return next((path for path in paths if path.is_dir()), None)

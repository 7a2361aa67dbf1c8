"""Progress: what the engine does, in plain words, how far it is, and Stop. Background work has a line of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from editor.panels.controls import button
from editor.requests import Request, Requests
from engine.document.job import Step

PATIENCE_MS = 300  # what is shorter than this is not worth a flicker


class ProgressLine(QWidget):
    """One job: note, bar and Stop."""

    def __init__(self, stop_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = QLabel()
        self.bar = QProgressBar()
        self.bar.setFixedSize(160, 10)
        self.bar.setTextVisible(False)
        self.stop = button(self.tr("Stop"), stop_name, self.tr("Stop, and keep the best so far (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        self.stop.setProperty("small", True)
        for widget in (self.note, self.bar, self.stop):
            row.addWidget(widget)
        keep_room = self.sizePolicy()
        keep_room.setRetainSizeWhenHidden(True)  # the canvas must not change its size when work begins
        self.setSizePolicy(keep_room)
        self.hide()

    def report(self, note: str, fraction: float) -> None:
        """Show how far the job is; fraction 0 means that nobody knows yet."""
        self.note.setText(note)
        self.bar.setAccessibleName(note)
        self.bar.setRange(0, 1000 if fraction > 0 else 0)
        self.bar.setValue(round(1000 * min(fraction, 1.0)))


class Progress(QWidget):
    """The interactive job and the oldest background job."""

    def __init__(self, requests: Requests, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._requests = requests
        self.interactive = ProgressLine(self.tr("Stop what is running"))
        self.background = ProgressLine(self.tr("Stop the work in the background"))
        self.background.stop.setToolTip(self.tr("Stop; nothing half-written stays behind"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.background, alignment=Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.interactive, alignment=Qt.AlignmentFlag.AlignRight)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._refresh)
        self.background.stop.clicked.connect(self._stop_background)
        requests.asked.connect(self._begin)
        requests.progressed.connect(self._progress)
        requests.woke.connect(self._wake)
        requests.finished.connect(self._end)

    def _begin(self, request: Request) -> None:
        awake = self._requests.awake
        self._line(request).report(request.title if awake else self.tr("Waking the engine up"), 0.0)
        if not self._patience.isActive():
            self._patience.start()

    def _progress(self, news: tuple[Request, Step]) -> None:
        request, step = news
        self._line(request).report(step.note or request.title, step.fraction)

    def _wake(self) -> None:
        for request in (self._requests.interactive(), *self._requests.background()):
            if request is not None:
                self._line(request).report(request.title, 0.0)

    def _end(self, request: Request) -> None:
        for rest in self._requests.background()[:1]:
            if request.job.background and self.background.note.text() != rest.title:
                self.background.report(rest.title, 0.0)
        if not self._patience.isActive():  # the next request often follows at once
            self._patience.start()

    def _refresh(self) -> None:
        self.interactive.setVisible(self._requests.interactive() is not None)
        self.background.setVisible(bool(self._requests.background()))

    def _line(self, request: Request) -> ProgressLine:
        return self.background if request.job.background else self.interactive

    def _stop_background(self) -> None:
        for request in sorted(self._requests.background(), key=lambda request: request.job.patient)[:1]:
            self._requests.cancel(request.job.ticket)

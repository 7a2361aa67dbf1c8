"""Export: the dialog that asks how the movie is to be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

FORMATS = (
    (".mp4", "MP4 (plays everywhere)"),
    (".webm", "WebM (free format, for the web)"),
    (".gif", "GIF (256 colours)"),
    (".apng", "APNG (all colours, large)"),
    (".webp", "WebP (all colours, small)"),
    ("", "PNG frames in a folder"),
)


class ExportDialog(QDialog):
    """Format, frames a second, size, loop and ping-pong; remembered for the next time."""

    def __init__(self, settings: QSettings, duration: float, photo_side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export Movie"))
        self._settings = settings
        self.format = QComboBox()
        for suffix, text in FORMATS:
            self.format.addItem(self.tr(text), suffix)
        self.format.setCurrentIndex(self._number("movie/format", 0))
        self.fps, self.long_side = QSpinBox(), QSpinBox()
        self.fps.setRange(1, 60)
        self.fps.setSuffix(self.tr(" per second"))
        self.fps.setValue(self._number("movie/fps", 24))
        self.long_side.setRange(64, 8192)
        self.long_side.setSuffix(" px")
        self.long_side.setValue(min(self._number("movie/side", 1080), photo_side))
        self.loop, self.ping_pong = QCheckBox(self.tr("Loop for ever")), QCheckBox(self.tr("Forth and back"))
        self.loop.setChecked(bool(self._number("movie/loop", 1)))
        self.ping_pong.setChecked(bool(self._number("movie/ping-pong", 0)))
        self._explain()
        form = QFormLayout(self)
        form.addRow(QLabel(self.tr("{s:.1f} seconds, from the first kept state to the last").format(s=duration)))
        form.addRow(self.tr("Format"), self.format)
        form.addRow(self.tr("Frames"), self.fps)
        form.addRow(self.tr("Longer side"), self.long_side)
        form.addRow("", self.loop)
        form.addRow("", self.ping_pong)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.tr("Export…"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def ask_path(self, start: Path) -> Path | None:
        """Where to write; None where it was given up. Also remembers what was set."""
        for name, value in (
            ("format", self.format.currentIndex()), ("fps", self.fps.value()), ("side", self.long_side.value()),
            ("loop", int(self.loop.isChecked())), ("ping-pong", int(self.ping_pong.isChecked())),
        ):  # fmt: skip
            self._settings.setValue(f"movie/{name}", value)
        suffix = self.format.currentData()
        if not suffix:
            folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the frames"), str(start.parent))
            return Path(folder) if folder else None
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export Movie"), str(start.with_suffix(suffix)), f"*{suffix}"
        )
        return Path(name).with_suffix(suffix) if name else None

    def _number(self, name: str, default: int) -> int:
        try:
            return int(str(self._settings.value(name, default)))
        except ValueError:
            return default

    def _explain(self) -> None:
        for control, name, tip in (
            (self.format, "Format", "What kind of file is written"),
            (self.fps, "Frames a second", "More is smoother and larger"),
            (self.long_side, "Longer side", "The longer side of the movie; it is never larger than the photo"),
            (self.loop, "Loop", "Start again at the end (GIF, APNG and WebP)"),
            (self.ping_pong, "Forth and back", "Run to the last state and back to the first"),
        ):
            control.setAccessibleName(self.tr(name))
            control.setToolTip(self.tr(tip))

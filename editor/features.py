"""Features: by which network layers are refined, the program's own or VGG-19 from a file of the artist's; a submenu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from editor.session import Session
from engine.document.job import Failure, Step, UseFeatures

SETTING = "features"
WEIGHTS = "VGG weights (*.pth *.pt *.safetensors)"


class FeaturesMenu(QMenu):
    """The choice, which is kept in the settings and told to the engine when the program starts."""

    def __init__(self, session: Session, settings: QSettings, parent: QWidget) -> None:
        super().__init__("Re&fine By", parent)
        self._session, self._settings = session, settings
        self.setToolTipsVisible(True)
        group = QActionGroup(self)
        self._own = self._choice(group, self.tr("&The Program's Own Features"), self.tr("Quick, and made for this"))
        self._file = self._choice(group, "", self.tr(
            "The network of Gatys' papers, from a file on your disk: ten times slower. A style then needs its picture"
        ))  # fmt: skip
        self._own.triggered.connect(self._take_own)
        self._file.triggered.connect(self._ask)
        self._show(self._kept())
        if self._kept() is not None:
            self._use(self._kept())

    def _choice(self, group: QActionGroup, text: str, tip: str) -> QAction:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setToolTip(tip)
        group.addAction(action)
        return action

    def _kept(self) -> Path | None:
        path = str(self._settings.value(SETTING, ""))
        return Path(path) if path else None

    def _show(self, path: Path | None) -> None:
        (self._own if path is None else self._file).setChecked(True)
        name = "" if path is None else f" ({path.name})"
        self._file.setText(self.tr("&VGG-19 from a File{name}…").format(name=name))

    def _take_own(self) -> None:
        self._use(None)

    def _ask(self) -> None:
        kept = self._kept()
        folder = str(Path.home() if kept is None else kept.parent)
        title = self.tr("Weights of VGG-19")
        name, _ = QFileDialog.getOpenFileName(self, title, folder, f"{WEIGHTS};;All files (*)")
        self._show(kept)  # until they have been read
        if name:
            self._use(Path(name), said=True)

    def _use(self, path: Path | None, said: bool = False) -> None:
        def answer(step: Step) -> None:
            self._settings.setValue(SETTING, "" if path is None else str(path))
            self._show(path)
            if said:
                text = self.tr("Layers are refined by {name} from now on; what is refined already stays as it is.")
                self._session.say(text.format(name=step.note))

        self._session.requests.ask(UseFeatures, self.tr("Reading the network"), answer, self._refused, path=path)

    def _refused(self, failure: Failure) -> None:
        """The reason has been said already."""
        self._settings.setValue(SETTING, "")
        self._show(None)
        self._session.requests.ask(UseFeatures, self.tr("Reading the network"), lambda step: None, path=None)

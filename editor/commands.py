"""Commands: what menus name that is neither the session's nor the files', and the key that is held to compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QMessageBox, QWidget

from editor.canvas.canvas import Canvas
from editor.learning import LEARNING
from editor.panels.difference import DifferenceDialog
from editor.panels.export import ExportDialog
from editor.panels.keys import KeysDialog
from editor.panels.teach import TeachDialog
from editor.panels.training import TrainingDialog
from editor.places import has_faces
from editor.teaching import Teaching
from editor.training import LOSES_NOTHING, State
from engine.document.job import Export, Step
from engine.document.lens import Lens

if TYPE_CHECKING:
    from editor.files import Files
    from editor.window import Window

TURN = 15.0  # degrees
CLOSER = 1.25
COMPARE_KEYS = (Qt.Key.Key_Backslash, Qt.Key.Key_C)

LENSES = {"lens-plausible": Lens.PLAUSIBLE, "lens-residual": Lens.RESIDUAL}


class Commands(QObject):
    """The handlers of menus and keys that concern the window itself."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._training: TrainingDialog | None = None
        self._session.requests.failed.connect(self.offer_pack)
        self._left = self._offer = ""  # the training that was left, and what is said of it

    # The model pack

    def offer_pack(self) -> None:
        """Say so where the model of faces is missing, with the button that gets it."""
        if not has_faces():
            self._session.say(self.tr("The model of faces is needed once, and is not installed yet."), "models", True)

    def get_faces(self) -> None:
        """Download the model of faces."""
        self._session.install("faces", self._installed)

    def _installed(self, step: Step) -> None:
        if step.settled:
            self._session.say(self.tr("The model of faces is installed."))
            if self._session.placing.active:
                self._session.placing.find()

    # The view

    def stop(self) -> None:
        """Esc: leave the movie, stop what runs, or go back to painting, whichever there is."""
        if self._window.player.moment is not None:
            self._window.player.leave()
        elif self._session.requests.interactive() is not None:
            self._session.cancel()
        elif self._session.placing.active:
            self._session.placing.leave()

    def zoom_in(self) -> None:
        """Closer."""
        self._window.canvas.zoom(CLOSER)

    def zoom_out(self) -> None:
        """Farther away."""
        self._window.canvas.zoom(1 / CLOSER)

    def see_plausible(self, on: bool) -> None:
        """Look at the face through the plausible lens, or not."""
        self._look_through(Lens.PLAUSIBLE, on)

    def see_residual(self, on: bool) -> None:
        """Look at what the model missed of the face, or not."""
        self._look_through(Lens.RESIDUAL, on)

    def _look_through(self, lens: Lens, on: bool) -> None:
        inspecting = self._session.inspecting
        if on or inspecting.lens is lens:
            inspecting.use(lens if on else None)
            for id, each in LENSES.items():
                self._window.acts[id].setChecked(each is inspecting.lens)

    def turn_left(self) -> None:
        """Turn the view counter-clockwise."""
        self._window.canvas.rotate(-TURN)

    def turn_right(self) -> None:
        """Turn the view clockwise."""
        self._window.canvas.rotate(TURN)

    def show_strokes(self, shown: bool) -> None:
        """Show the strokes over the picture, or only the picture."""
        self._window.stage.show_strokes(shown)

    def hide_panels(self, hidden: bool) -> None:
        """Leave only the picture and the tools, or bring the panels back."""
        for dock in self._window.docks:
            dock.setVisible(not hidden)

    # Candidates by number

    def take_1(self) -> None:
        """Take the first candidate."""
        self._session.painting.choose(0)

    def take_2(self) -> None:
        """Take the second candidate."""
        self._session.painting.choose(1)

    def take_3(self) -> None:
        """Take the third candidate."""
        self._session.painting.choose(2)

    def take_4(self) -> None:
        """Take the fourth candidate."""
        self._session.painting.choose(3)

    # Sliders

    def teach_slider(self) -> None:
        """Make a slider of pictures that are judged; those on the wall are judged along with random ones."""
        edit = self._session.edit
        if edit is None:
            return
        teaching = Teaching(self._session, edit.base.manifold, self._session.entry.wall().candidates)
        dialog = TeachDialog(teaching, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.kept.connect(self._session.sliding.keep)
        dialog.open()

    def make_difference(self) -> None:
        """Make a slider of what two pictures of the session differ by, and add it to the face once."""
        dialog = DifferenceDialog(self._session, self._window)
        if dialog.exec() and dialog.direction is not None:
            self._window.sliders.add(dialog.direction)
            self._session.sliding.set(dialog.direction, 1.0)
            self._session.painting.end_gesture()

    # Training

    def train_folder(self, folder: Path | None = None) -> None:
        """Show the window in which a training is set up and watched."""
        if self._training is None:
            self._training = TrainingDialog(self._session.training, self._session.requests, self._window)
        self._training.show()
        self._training.raise_()
        self._training.activateWindow()
        if folder is not None:
            self._training.take(folder)

    def go_on_training(self) -> None:
        """Go on with the training that was left last, and show it."""
        training = self._session.training
        left = training.left()
        if left:
            training.go_on(left[0])
        else:
            self._session.say(self.tr("There is no training to go on with."))
        self.train_folder()

    def offer_training(self) -> None:
        """After the start: offer to go on with the training that was left last, whenever there is nothing else to be
        said, until the artist has answered that."""
        left = self._session.training.left()
        if left:
            told = self.tr("The training of “{name}” was left when {share:.0f} % was done.")
            self._left, self._offer = left[0].name, told.format(name=left[0].name, share=100 * left[0].fraction)
            self._window.messages.cleared.connect(self._offer_later)
            self._window.messages.answered.connect(self._answered)
            self._offer_left()

    def _offer_later(self) -> None:
        QTimer.singleShot(0, self, self._offer_left)

    def _answered(self, line: str) -> None:
        if line == self._offer:
            self._left = ""

    def _offer_left(self) -> None:
        waits = self._session.training.state is State.NONE and not self._window.messages.text()
        if waits and any(plan.name == self._left for plan in self._session.training.left()):
            self._session.say(self._offer, "go-on-training")

    # The movie

    def export_movie(self) -> None:
        """Ask how the movie is to be written, and write it in the background."""
        window, document = self._window, self._session.document
        if document is None or len(document.sequence.keyframes) < 2:
            self._session.say(self.tr("Keep at least two states: the movie runs from one to the next."), "keep")
            return
        photo = document.photo
        dialog = ExportDialog(window.settings, document.sequence.duration(), max(photo.width, photo.height), window)
        if not dialog.exec():
            return
        path = dialog.ask_path(window.files.folder() / f"{Path(window.files.title()).stem}-movie")
        if path is not None:
            self.write_movie(path, dialog.fps.value(), dialog.long_side.value(), dialog.loop.isChecked(),
                             dialog.ping_pong.isChecked())  # fmt: skip

    def write_movie(self, path: Path, fps: int, long_side: int, loop: bool, ping_pong: bool) -> None:
        """Write the document's sequence to `path`."""
        self._session.requests.ask(
            Export, self.tr("Writing {name}").format(name=path.name), self._exported, document=self._session.document,
            path=path, fps=fps, long_side=long_side, loop=loop, ping_pong=ping_pong,
        )  # fmt: skip

    def may_stop_work(self) -> bool:
        """Whether what runs in the background may be given up: asks where that would lose something."""
        harmless = (*LEARNING, *LOSES_NOTHING)
        work = [r for r in self._session.requests.background() if not isinstance(r.job, harmless)]
        if not work:
            return True
        text = self.tr("{what} is not finished. Stop it?").format(what=work[0].title)
        return QMessageBox.question(self._window, "Ganvas", text) == QMessageBox.StandardButton.Yes

    def _exported(self, step: Step) -> None:
        if step.settled:
            name = "" if step.path is None else step.path.name
            self._session.say(self.tr("Wrote {name}.").format(name=name))

    # Help

    def show_keys(self) -> None:
        """All keys on one page."""
        KeysDialog(self._window).exec()

    def show_about(self) -> None:
        """What this program is."""
        text = self.tr(
            "<h3>Ganvas</h3><p>A photo editor in which every stroke lands on a plausible picture. It keeps your photo: "
            "what you did not touch stays as it was, to the last bit.</p>"
        )
        QMessageBox.about(self._window, self.tr("About Ganvas"), text)


class Comparing(QObject):
    """While the key or the button is held, the canvas shows the photo as it was."""

    def __init__(self, canvas: Canvas, button: QAbstractButton, window: QWidget) -> None:
        super().__init__(window)
        self._canvas, self._window = canvas, window
        button.pressed.connect(self._begin)
        button.released.connect(self._end)
        window.installEventFilter(self)
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for the key going down and up."""
        if isinstance(event, QKeyEvent) and event.key() in COMPARE_KEYS and not event.modifiers():
            if event.type() is QEvent.Type.KeyPress and not isinstance(QApplication.focusWidget(), QLineEdit):
                self._begin()
                return True
            if event.type() is QEvent.Type.KeyRelease and not event.isAutoRepeat():
                self._end()
        elif event.type() is QEvent.Type.WindowDeactivate:
            self._end()
        return False

    def _begin(self) -> None:
        self._canvas.set_compare(True)

    def _end(self) -> None:
        self._canvas.set_compare(False)


class RecentMenu(QMenu):
    """The files that were open lately."""

    def __init__(self, files: Files, parent: QWidget) -> None:
        super().__init__("Open &Recent", parent)
        self._files = files
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._open)

    def _fill(self) -> None:
        self.clear()
        for path in self._files.recent():
            action = self.addAction(Path(path).name)
            action.setData(path)
            action.setToolTip(path)
        if self.isEmpty():
            self.addAction(self.tr("Nothing yet")).setEnabled(False)

    def _open(self, action: object) -> None:
        path = getattr(action, "data", lambda: None)()
        if path:
            self._files.open_path(path)

"""Dropping: what becomes of pictures that are dropped, pasted or opened to be used on the photo, and of the lasso.

Files are read in the background. What cannot be used is answered by one line; the session is then as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from editor import pictures
from editor.canvas.drop import Dropped, Use, taken
from editor.files import PHOTOS
from editor.tools.tool import Lasso
from engine.document.errors import InputError
from engine.document.library import Library
from engine.document.motif import Motif
from engine.document.style import Style
from engine.document.texture import Texture

if TYPE_CHECKING:
    from editor.window import Window

Named = tuple[str, np.ndarray]
Result = TypeVar("Result")


class Dropping(QObject):
    """Takes what was dropped on `window` to where it belongs."""

    def __init__(self, window: Window, library: Library) -> None:
        super().__init__(window)
        self._window, self._library = window, library
        self._session, self._files = window.session, window.files

    def take(self, what: Dropped) -> None:
        """Use what was dropped for what it was dropped for."""
        if isinstance(what.found, str):
            self.take_from_library(what.found, what.use)
        elif what.use is Use.PHOTO:
            self._files.take(what.found)
        elif not what.found:
            self._files.take(None)
        else:
            source = what.found[0] if isinstance(what.found, list) else what.found
            self._use(source, what.use)

    def take_from_library(self, id: str, use: Use) -> None:
        """Use a style or a texture of the library."""
        try:
            if use is Use.STYLE:
                self.add_style(self._library.style(id))
            else:
                self.add_texture(self._library.texture(id))
        except InputError as error:
            self._refuse(error)

    def add_style(self, style: Style) -> None:
        """Repaint the photo in that style."""
        if self._session.document is None:
            self._session.say(self.tr("Open a photo first."))
        else:
            self._session.layering.add_style(style)

    def open_style(self) -> None:
        """Ask for a picture, and repaint the photo in its manner."""
        self._ask(self.tr("Use a Picture as Style"), Use.STYLE)

    def open_texture(self) -> None:
        """Ask for a picture, and make a texture brush of it."""
        self._ask(self.tr("Use a Picture as Texture"), Use.TEXTURE)

    def open_blend(self) -> None:
        """Ask for a picture, and blend it with the photo."""
        self._ask(self.tr("Blend with a Picture"), Use.BLEND)

    def open_second_style(self) -> None:
        """Ask for a picture, and mix its manner into the current style layer."""
        path = self._ask_path(self.tr("Mix in a Second Style"))
        if path is not None:
            self._read(lambda: pictures.style_picture(path), self._mix)

    def mix(self, what: Dropped) -> None:
        """Mix what was dropped into the current style layer."""
        if isinstance(what.found, str):
            try:
                self._session.layering.mix(self._library.style(what.found))
            except InputError as error:
                self._refuse(error)
        elif what.found:
            source = what.found[0] if isinstance(what.found, list) else what.found
            self._read(lambda: pictures.style_picture(source), self._mix)

    def paste_style(self) -> None:
        """Repaint the photo in the manner of the picture that is on the clipboard."""
        self.take(Dropped(taken(QGuiApplication.clipboard().mimeData()), Use.STYLE))

    def paste_texture(self) -> None:
        """Make a texture brush of the picture that is on the clipboard."""
        self.take(Dropped(taken(QGuiApplication.clipboard().mimeData()), Use.TEXTURE))

    def paste_blend(self) -> None:
        """Blend the photo with the picture that is on the clipboard."""
        self.take(Dropped(taken(QGuiApplication.clipboard().mimeData()), Use.BLEND))

    def lasso(self, lasso: Lasso) -> None:
        """Make a texture brush of what lies inside the lasso, as it is seen."""
        document = self._session.document
        if document is None:
            return
        self._read(lambda: pictures.exemplar_inside(document, lasso.points), self._learn_part)

    def _ask(self, title: str, use: Use) -> None:
        path = self._ask_path(title)
        if path is not None:
            self._use(path, use)

    def _ask_path(self, title: str) -> Path | None:
        folder = str(self._window.settings.value("style-folder", str(Path.home())))
        name, _ = QFileDialog.getOpenFileName(self._window, title, folder, f"Pictures ({PHOTOS});;All files (*)")
        if name:
            self._window.settings.setValue("style-folder", str(Path(name).parent))
        return Path(name) if name else None

    def _use(self, source: Path | bytes, use: Use) -> None:
        if use is Use.STYLE:
            self._read(lambda: pictures.style_picture(source), self._describe)
        elif use is Use.BLEND:
            self._read(lambda: pictures.motif_picture(source), self._blend)
        else:
            self._read(lambda: pictures.texture_picture(source), self._learn)

    def _read(self, work: Callable[[], Result], use: Callable[[Result], None]) -> None:
        def answer(result: object) -> None:
            if isinstance(result, InputError):
                self._refuse(result)
            elif self._session.document is not None:
                use(cast(Result, result))

        self._files.background.run(work, answer)

    def _refuse(self, error: InputError) -> None:
        text = str(error)
        self._session.say(text[:1].upper() + text[1:], serious=True)

    def _describe(self, picture: Named) -> None:
        self._session.learning.describe(*picture)

    def _mix(self, picture: Named) -> None:
        self._session.learning.describe(*picture, self._session.layering.mix)

    def _blend(self, picture: Named) -> None:
        self._session.layering.add_blend(Motif(*picture))

    def _learn_part(self, part: pictures.Part) -> None:
        document = self._session.document
        assert document is not None
        name = self.tr("from {name}").format(name=pictures.named(document.photo))
        self.add_texture(Texture(name, part.exemplar), part.scale)

    def _learn(self, picture: Named) -> None:
        self.add_texture(Texture(*picture))

    def add_texture(self, texture: Texture, scale: float = 1.0) -> None:
        """A layer to be painted with the texture, which learns meanwhile where it has not."""
        if self._session.document is None:
            self._session.say(self.tr("Open a photo first."))
            return
        self._session.layering.add_texture(texture, scale)
        self._session.say(self.tr("Paint with “{name}”.").format(name=texture.name))
        if not texture.network:
            self._session.learning.learn(texture)

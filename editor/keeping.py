"""Keeping: what gets into the library. Styles and textures of layers, pictures, and files somebody else has made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from editor import pictures
from editor.background import Background
from editor.session import Session
from engine.document.edit import StyleEdit, TextureEdit
from engine.document.errors import InputError
from engine.document.library import Library
from engine.document.library_files import SUFFIX
from engine.document.style import Style
from engine.document.texture import Texture

Value = TypeVar("Value")


class Keeping(QObject):
    """Adds to one library. What cannot be added is answered by one line."""

    added = Signal(object)  # Entry

    def __init__(self, session: Session, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._library = session, library
        self._background = Background(self)

    def keep(self, item: Style | Texture) -> None:
        """Add a style or texture to the user's own; one of the same id is replaced."""
        if any(entry.id == item.id and not entry.own for entry in self._library.entries()):
            self._session.say(self.tr("“{name}” is in the library.").format(name=item.name))
        else:
            self._add(lambda: self._library.add(item))

    def keep_layer(self) -> None:
        """Add what the current layer paints with."""
        layer = self._session.layer
        if isinstance(layer, StyleEdit):
            for style in layer.styles:
                self.keep(style)
        elif isinstance(layer, TextureEdit):
            self.keep(layer.texture)

    def add(self, sources: list[Path] | list[bytes], as_textures: bool) -> None:
        """Make a style, or a texture, of each picture: a file, or the bytes of one.

        A file of the library's own kind, somebody else's for instance, is taken as what it is.
        """
        read, make = pictures.style_picture, self._make_style
        if as_textures:
            read, make = pictures.texture_picture, self._make_texture
        for source in sources:
            if isinstance(source, Path) and source.suffix.lower() == SUFFIX:
                self._add(partial(self._library.take, source))
            else:
                self._background.run(partial(read, source), make)

    def attempt(self, do: Callable[[], Value]) -> Value | None:
        """What `do` returns; where it cannot be done, one line says why."""
        try:
            return do()
        except InputError as error:
            self._refuse(error)
            return None

    def _make_style(self, read: object) -> None:
        if isinstance(read, InputError):
            self._refuse(read)
        elif isinstance(read, tuple):
            name, pixels = read
            self._session.learning.describe(name, pixels, self.keep)

    def _make_texture(self, read: object) -> None:
        if isinstance(read, InputError):
            self._refuse(read)
        elif isinstance(read, tuple):
            name, pixels = read
            self.keep(Texture(name, pixels))

    def _add(self, do: Callable[[], object]) -> None:
        entry = self.attempt(do)
        if entry is not None:
            self.added.emit(entry)

    def _refuse(self, error: InputError) -> None:
        text = str(error)
        is_file = "." in text.partition(" ")[0]  # it begins with a file's name, which stays as it is
        self._session.say(text if is_file else text[:1].upper() + text[1:], serious=True)

"""Opening: what the window needs of a photo before it can show it, made on the thread that has read the file.

The screen's copy of 24 megapixels and the small pictures of the panels take a quarter of a second, for which the window
would stand still.
"""

from __future__ import annotations

from typing import TypeVar

from editor import thumbnails
from editor.canvas import picture
from editor.panels.layer_row import SIDE
from engine.document.document import Document
from engine.document.photo import Photo

Content = TypeVar("Content", bound=Photo | Document)


def prepared(content: Content) -> Content:
    """The same photo or document, got ready to be shown. Safe on any thread."""
    photo = content.photo if isinstance(content, Document) else content
    picture.prepare(photo)
    thumbnails.of_edits(photo, (), SIDE)  # what it makes on the way is kept
    return content

"""The line over the picture keeps out of the hand's way."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF

from editor.window import Window
from engine.document.photo import Photo


def test_a_message_keeps_clear_of_the_frames_handles(window: Window, photo: Photo) -> None:
    """Moved to the lower edge, the frame has corners where the line was; moved away, the line is back."""
    window.session.open_photo(photo)
    window.canvas.fit()
    window.session.say("Something.", "project")
    frame = window.session.placing.frames[0]
    below = window.messages.y()
    assert below > window.pages.height() / 2
    low = window.canvas.to_photo(QPointF(window.messages.geometry().center()))[1]
    window.session.placing.move(replace(frame, x=photo.width / 2, y=low - frame.size / 2))
    assert window.messages.y() < window.pages.height() / 2
    handles = [point.toPoint() for point in window.canvas.handles()]
    assert len(handles) == 5 and not any(window.messages.geometry().contains(point) for point in handles)
    window.session.placing.move(frame)
    assert window.messages.y() == below

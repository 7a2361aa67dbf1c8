"""Stage: keeps the canvas in step with the session, and brings what the hand does on the canvas to the session."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from editor.canvas.canvas import Canvas
from editor.canvas.lens import LensView
from editor.preview import Above
from editor.session import Session
from editor.tools import TOOLS, Tool
from engine.document.document import Document
from engine.document.job import Step
from engine.document.latent import Frame
from engine.document.lens import Lens
from engine.document.stroke import Stroke

BY_ID = {tool.id: tool for tool in TOOLS}


class Stage(QObject):
    """One canvas showing one session."""

    def __init__(self, session: Session, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self._places: list[int] = []  # which of the session's frames the canvas shows
        self._tool: Tool | None = None
        self._above = Above()
        self._overlaid: np.ndarray | None = None
        self.strokes_shown = True
        session.opened.connect(self._open)
        session.changed.connect(self._refresh)
        session.overlaid.connect(self._overlay)
        session.inspecting.seen.connect(self._lens)
        session.placing.changed.connect(self._frames)
        session.brush.changed.connect(self._brush)
        canvas.stroke_moved.connect(session.painting.follow)
        canvas.stroke_finished.connect(self._finish)
        canvas.stroke_cancelled.connect(session.painting.drop)
        canvas.frame_moved.connect(session.placing.move)
        canvas.frame_finished.connect(session.placing.move)
        canvas.frame_chosen.connect(self._choose)
        canvas.color_picked.connect(session.brush.set_color)
        canvas.radius_changed.connect(session.brush.set_radius)
        self._brush()

    def show_strokes(self, shown: bool) -> None:
        """Show the strokes over the picture, or only the picture."""
        self.strokes_shown = shown
        self._strokes()

    def show_picture(self, picture: np.ndarray | None) -> None:
        """Lay a small picture of the whole photo (hxwx3 uint8) over it, as while a movie plays; None takes it off."""
        if picture is None or self._session.document is None:
            self._canvas.set_overlay(None)
        else:
            self._canvas.set_overlay(np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]))

    def _open(self) -> None:
        document = self._session.document
        assert document is not None
        self._canvas.set_photo(document.photo)

    def _refresh(self) -> None:
        document = self._session.document
        if document is None:
            return
        self._canvas.set_edits(document.edits)
        self._strokes()
        self._frames()

    def _strokes(self) -> None:
        """The strokes of a face; those of a layer are seen in what they have painted."""
        edit = self._session.edit
        self._canvas.even = self._session.layer is not None  # pressure is strength there, and width on a face
        self._canvas.set_strokes(() if edit is None else edit.strokes, self.strokes_shown)

    def _overlay(self, step: Step | None) -> None:
        document = self._session.document
        if document is None or step is None or step.overlay is None:
            self._overlaid = None
            self._canvas.set_overlay(None)
        elif step.overlay is not self._overlaid:  # steps that only say how far the work is bring the same one
            self._overlaid = step.overlay
            self._canvas.set_overlay(self._preview(document, step), self._place(step))

    def _lens(self, seen: tuple[Lens, Step] | None) -> None:
        if seen is None:
            self._canvas.set_lens(None)
            return
        lens, step = seen
        assert step.overlay is not None and step.frame is not None
        title, *ends = {
            Lens.PLAUSIBLE: (self.tr("What the model shows is here"), self.tr("usual"), self.tr("implausible")),
            Lens.RESIDUAL: (self.tr("The photo is here"), self.tr("as the model has it"), self.tr("missed")),
        }[lens]
        self._canvas.set_lens(LensView(lens, step.overlay, step.frame, title, (ends[0], ends[1])))

    def _preview(self, document: Document, step: Step) -> np.ndarray:
        """The step's overlay; with the layers above it on top, where it is of a layer."""
        assert step.overlay is not None
        showing = self._session.showing
        if showing is None:
            return step.overlay
        below = document.below(showing)
        return self._above.over(step.overlay, document.photo, below, document.edits[len(below) + 1 :])

    def _place(self, step: Step) -> Frame | None:
        """Where on the photo the step's overlay lies; None where it covers the photo, as that of a layer does."""
        edit, placing = self._session.edit, self._session.placing
        if step.frame is not None or self._session.showing is not None:
            return step.frame
        if placing.active and placing.current is not None:
            return placing.frames[placing.current]
        return edit.frame if edit else None

    def _frames(self) -> None:
        placing, on_layer = self._session.placing, self._session.layer is not None
        # While painting, faces that are only proposed would but distract; and on a layer all of them.
        self._places = [i for i, id in enumerate(placing.ids) if placing.active or (id is not None and not on_layer)]
        current = self._places.index(placing.current) if placing.current in self._places else None
        editable = placing.active and not placing.projecting
        self._canvas.set_frames(tuple(placing.frames[i] for i in self._places), current, editable)
        self._brush()

    def _choose(self, place: int) -> None:
        if not self._session.placing.projecting:
            self._session.placing.choose(self._places[place])

    def _brush(self) -> None:
        brush = self._session.brush
        tool = BY_ID["frame" if self._session.placing.active else brush.tool]
        if tool is not self._tool:  # taking a tool in hand ends the drag of the one before
            self._tool = tool
            self._canvas.set_tool(tool)
        self._canvas.set_brush(brush.radius, brush.color, brush.weight)

    def _finish(self, stroke: Stroke) -> None:
        self._session.painting.finish(stroke)

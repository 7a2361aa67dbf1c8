"""Canvas: the photo under the artist's hand.

A press starts one drag (`drags`): of the view, of the brush size, or of the tool in hand. Moves are sent into it and
the release ends it. The growing stroke is drawn at once, before anybody answers, and leaves as a signal; strokes and
frames that rest are what the session last set.

Left drag: the tool. Middle drag, or Space and drag: pan. Wheel: zoom about the pointer. Ctrl or Alt and drag: pick a
colour. Shift and drag, [ and ]: brush size. Esc: take back the drag. A pen's eraser end erases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from inspect import GEN_RUNNING, getgeneratorstate

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QSinglePointEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from editor.canvas import drags
from editor.canvas.cursors import shape
from editor.canvas.sheet import Sheet
from editor.canvas.zones import DropZones
from editor.tools.frame import FRAME, Handle, handle_at
from editor.tools.pick import PICK
from editor.tools.tool import Cursor, Hand, Lasso, Mark, Pick, PointerEvent, Tool
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.stroke import Stroke

WHEEL_STEP = 1.2  # zoom factor of one notch
RADIUS_STEP = 1.15
PICK_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
KEYS = (Qt.Key.Key_Space, Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight)


class Canvas(Sheet):
    """The photo, what is drawn over it, and the hand. Signals carry values."""

    stroke_moved = Signal(object)  # Stroke
    stroke_finished = Signal(object)  # Stroke
    stroke_cancelled = Signal()
    frame_moved = Signal(object)  # Frame
    frame_finished = Signal(object)  # Frame
    frame_chosen = Signal(int)
    color_picked = Signal(object)  # (red, green, blue), 0..255
    radius_changed = Signal(float)
    dropped = Signal(object)  # Dropped
    lassoed = Signal(object)  # Lasso

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.drop_zones = DropZones(self)
        self.setAccessibleName(self.tr("Canvas"))
        self.hand = Hand()
        self._tool: Tool | None = None
        self._drag: drags.Drag | None = None
        self._button = Qt.MouseButton.NoButton  # the one that began it
        self._unwanted = False  # the drag is to be taken back as soon as it waits
        self._pointer: QPointF | None = None  # None while the pointer is elsewhere
        self.brush_held: QPointF | None = None  # where the circle stays while its size is dragged
        self._panning = False  # Space is down

    def set_photo(self, photo: Photo | None) -> None:
        """Show another photo, all of it, with no strokes and no frames; a drag in progress is taken back."""
        self.cancel()
        super().set_photo(photo)

    def set_tool(self, tool: Tool | None) -> None:
        """Take a tool in hand, or none; a drag in progress is taken back."""
        self.cancel()
        self._tool = tool
        self._point_out()

    def set_brush(self, radius: float, color: tuple[int, int, int], weight: float) -> None:
        """radius: photo pixels. color: sRGB 0..255. weight: 0..4. They hold from the next press on."""
        self.hand = replace(self.hand, radius=max(radius, drags.LEAST_RADIUS), color=color, weight=weight)
        self._point_out()

    def set_frames(self, frames: tuple[Frame, ...], current: int | None = None, editable: bool = False) -> None:
        """The frames; the `current` one shows handles when `editable`, the others can be clicked (frame_chosen)."""
        super().set_frames(frames, current, editable)
        self._point_out()

    def cancel(self) -> bool:
        """Take back the drag in progress; whether there was one."""
        drag = self._drag
        if drag is None:
            return False
        self._unwanted = True
        if not _running(drag):  # else somebody who hears of its marks asks for this: `_run` will see to it
            self._drag = None
            with suppress(StopIteration, drags.TakenBack):
                drag.throw(drags.TakenBack)
            self._point_out()
        return True

    # What drags do

    def pointer_event(self, touch: drags.Touch) -> PointerEvent:
        """The touch as tools see it."""
        x, y = self.to_photo(touch.position)
        return PointerEvent(x, y, touch.pressure, touch.eraser, 1 / self.view.zoom, touch.shift, touch.last)

    def change_radius(self, radius: float) -> None:
        """Another brush size, from the hand itself: the session is told."""
        radius = min(radius, max(*self.photo_size, 1))
        self.set_brush(radius, self.hand.color, self.hand.weight)
        self.radius_changed.emit(self.hand.radius)

    def show_mark(self, mark: Mark) -> None:
        """Show what a tool's drag has come to, and send it out."""
        if isinstance(mark, Stroke):
            self.grow(mark)
            self.stroke_moved.emit(mark)
        elif isinstance(mark, Frame):
            self.place(mark)
            self.frame_moved.emit(mark)
        elif isinstance(mark, Lasso):
            self.tighten(mark)
        else:
            self._pick(mark)

    def finish_mark(self, mark: Mark | None) -> None:
        """Send out what a tool's drag has ended with; a stroke stays in sight if the session sets it back."""
        began = self._growing is not None
        self.grow(None)
        self.tighten(None)
        if isinstance(mark, Stroke):
            self.stroke_finished.emit(mark)
        elif isinstance(mark, Frame):
            self.place(mark)
            self.frame_finished.emit(mark)
        elif isinstance(mark, Lasso):
            self.lassoed.emit(mark)
        elif isinstance(mark, Pick):
            self._pick(mark)
        elif began:
            self.stroke_cancelled.emit()

    def take_back(self, frame: Frame | None) -> None:
        """Undo what a tool's drag showed. frame: the chosen one when it began."""
        self.tighten(None)
        if self._growing is not None:
            self.grow(None)
            self.stroke_cancelled.emit()
        if frame is not None and self.frames.chosen() not in (None, frame):
            self.place(frame)
            self.frame_moved.emit(frame)

    def _pick(self, pick: Pick) -> None:
        width, height = self.photo_size
        if 0 <= pick.x < width and 0 <= pick.y < height:
            self.color_picked.emit(self.color_at(self.to_view(pick.x, pick.y)))

    # From press to release

    def _press(self, touch: drags.Touch, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        if self._photo is None or self._drag is not None:
            return
        self._button = button
        under = self._under(touch.position)
        if button is Qt.MouseButton.MiddleButton or (button is Qt.MouseButton.LeftButton and self._panning):
            self._begin(drags.pan(self, touch))
        elif button is not Qt.MouseButton.LeftButton or self._comparing:
            return
        elif keys & PICK_KEYS and self._tool is not FRAME:
            self._begin(drags.use(self, PICK, touch))
        elif under is not None and not isinstance(under, Handle):
            self.frame_chosen.emit(under)
        elif touch.shift and self._brush_in_hand():
            self._begin(drags.resize(self, touch))
        elif self._tool is not None and (self._tool is not FRAME or self.frames.editable):
            self._begin(drags.use(self, self._tool, touch))

    def _begin(self, drag: drags.Drag) -> None:
        self._drag, self._unwanted = drag, False
        self._run(lambda: next(drag))

    def _move(self, touch: drags.Touch) -> None:
        self._pointer = touch.position
        drag = self._drag
        if drag is not None and not _running(drag):
            self._run(lambda: drag.send(touch))
        else:
            self._point_out()

    def _run(self, step: Callable[[], None]) -> None:
        """Let the drag go one step, to its end or to where it waits for the next touch."""
        try:
            step()
        except StopIteration:
            self._drag = None
        if self._unwanted:
            self.cancel()
        self._point_out()

    # What the pointer looks like

    def _brush_in_hand(self) -> bool:
        return self._tool is not None and self._tool.cursor is Cursor.CIRCLE and self._photo is not None

    def _under(self, position: QPointF) -> Handle | int | None:
        """What of the frames can be pressed at the view point: a handle of the chosen, or the index of another."""
        chosen = self.frames.chosen()
        if chosen is not None and self.frames.editable and self._tool is FRAME:
            handle = handle_at(chosen, *self.to_photo(position), 1 / self.view.zoom)
            if handle is not None:
                return handle
        return None if self._tool is PICK else self.frames.other_at(*self.to_photo(position))

    def _point_out(self) -> None:
        """Bring the brush's circle, the lit handle and the cursor in line with where the pointer is."""
        circle = self._brush_in_hand() and not self._panning
        self.show_brush((self.brush_held or self._pointer) if circle else None, self.hand.radius)
        if self._drag is None:
            under = None if self._pointer is None else self._under(self._pointer)
            self.hover(under)
            self.setCursor(shape(self._tool, under, self._angle(), self._panning))

    def _angle(self) -> float:
        chosen = self.frames.chosen()
        return self.view.angle + (math.degrees(chosen.angle) if chosen else 0)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag."""
        self._press(_touch(event), event.button(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of two quick dabs is a press like any other."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag, or show what is under the pointer."""
        self._move(_touch(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag when the button lifts that began it."""
        self._move(_touch(event, last=event.button() is self._button))

    def tabletEvent(self, event: QTabletEvent) -> None:
        """The pen: as the mouse, with pressure and an eraser."""
        eraser = event.pointerType() is QPointingDevice.PointerType.Eraser
        last = event.type() is QEvent.Type.TabletRelease and event.button() is self._button
        touch = _touch(event, event.pressure(), eraser, last)
        if event.type() is QEvent.Type.TabletPress:
            self._press(touch, event.button(), event.modifiers())
        else:
            self._move(touch)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        notches = event.angleDelta().y() / 120
        if self._photo is not None and notches:
            self.zoom(WHEEL_STEP**notches, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, brackets and Esc; the rest is the window's."""
        key = event.key()
        if key == Qt.Key.Key_Space:
            self._panning = True
            self._point_out()
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.change_radius(self.hand.radius * RADIUS_STEP ** (1 if key == Qt.Key.Key_BracketRight else -1))
        elif key != Qt.Key.Key_Escape or not self.cancel():
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space lifts."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._panning = False
            self._point_out()
        super().keyReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keys that mean something here are not to be taken for shortcuts; a pinch zooms."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if plain and (event.key() in KEYS or (event.key() == Qt.Key.Key_Escape and self._drag is not None)):
                event.accept()
                return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1 + event.value(), event.position())
            return True
        return super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer comes in, and the keys with it unless somebody is typing elsewhere."""
        typing = QApplication.focusWidget()
        if typing is None or not typing.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pointer = event.position()
        self._point_out()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer goes out."""
        self._pointer = None
        self._point_out()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key that lifts elsewhere is not heard here."""
        self._panning = False
        self._point_out()
        super().focusOutEvent(event)


def _running(drag: drags.Drag) -> bool:
    return getgeneratorstate(drag) == GEN_RUNNING


def _touch(event: QSinglePointEvent, pressure: float = 1.0, eraser: bool = False, last: bool = False) -> drags.Touch:
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return drags.Touch(event.position(), pressure, eraser, shift, last)

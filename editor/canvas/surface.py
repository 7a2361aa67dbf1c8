"""Surface: the widget that shows the photo, its picture and the model overlay, and pans, zooms and turns them.

It paints only what Qt asks for (event.rect()), straight from the buffers of `picture`, which `composing` keeps in step
with the edits; so a dab costs what a dab is large, and a whole 24-megapixel photo costs what the screen is large. What
is drawn on top (strokes, frames, the brush) and what the hand does is `canvas`.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from editor.canvas.composing import Composing
from editor.canvas.lens import LensView
from editor.canvas.overlay import ModelOverlay
from editor.canvas.picture import Picture, Rect, picture_of
from editor.canvas.view import View, fitted, reachable
from engine.document.edit import Edit
from engine.document.latent import Frame
from engine.document.photo import Photo

SURROUND = QColor(38, 38, 38)  # neutral, so that it does not colour the artist's judgement
HINT = QColor(150, 150, 150)
REST = 60  # milliseconds without a change after which the hand is taken to rest
MARGIN = 3  # view pixels that smooth sampling and antialiasing may reach beyond a changed rectangle


class Surface(QWidget):
    """Shows a photo. zoom_changed: the new zoom in device pixels per photo pixel, 1.0 being "100 %"."""

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(QSize(160, 120))
        self.view = View()
        self._fits = True
        self._photo: Photo | None = None
        self._edits: tuple[Edit, ...] = ()
        self._picture: Picture | None = None
        self._composing: Composing | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._improve)
        self._overlay: ModelOverlay | None = None
        self._lens: LensView | None = None
        self._comparing = False

    @property
    def photo_size(self) -> tuple[int, int]:
        """(width, height) of the photo, (0, 0) without one."""
        return (self._photo.width, self._photo.height) if self._photo else (0, 0)

    def set_photo(self, photo: Photo | None) -> None:
        """Show another photo, all of it, upright; None for an empty canvas."""
        self._photo, self._edits, self._overlay, self._lens = photo, (), None, None
        self._picture = picture_of(photo) if photo else None
        self._composing = Composing(photo, self._picture) if photo and self._picture else None
        self._timer.stop()
        self.view = View()
        self.fit()
        self.update()

    def set_edits(self, edits: tuple[Edit, ...]) -> None:
        """Show what the edits make of the photo. ValueError where there is none."""
        if self._composing is None:
            raise ValueError("there is no photo to edit")
        self._edits = edits
        if not self._comparing:
            self._recompose(edits)

    def settled(self) -> bool:
        """Whether the picture is the document's own everywhere; else what is not is a draft of it."""
        return self._composing is None or self._composing.settled

    def set_overlay(self, rgba: np.ndarray | None, frame: Frame | None = None) -> None:
        """Show a HxWx4 uint8 RGBA picture over the photo: at `frame` (then H = W), else over all of it.

        None takes it away.
        """
        self._update_overlay()
        transform = self._picture.transform if self._picture else None
        self._overlay = None if rgba is None else ModelOverlay(rgba, frame or self.photo_size, transform)
        self._update_overlay()

    def set_lens(self, lens: LensView | None) -> None:
        """Lay a lens's map and its key over everything but strokes and frames; None takes it away."""
        for each in (self._lens, lens):
            if each is not None:
                self.update(self.view_rect(each.bounds()))
                self.update(each.key_place(self.rect()).toAlignedRect())
        self._lens = lens

    def set_compare(self, comparing: bool) -> None:
        """Show the photo as it was opened, with nothing over it, for as long as `comparing`."""
        if comparing == self._comparing:
            return
        self._comparing = comparing
        self._recompose(() if comparing else self._edits)
        self.update()

    def fit(self) -> None:
        """Show the whole photo as large as it goes, and keep it so when the widget is resized."""
        if self._photo is not None:
            self.set_view(fitted(*self.photo_size, (self.width(), self.height()), self.view.angle))
        self._fits = True

    def actual(self) -> None:
        """One photo pixel to one device pixel, about the middle of the widget."""
        self.zoom(1 / (self.view.zoom * self.devicePixelRatioF()))

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom by `factor`, with the view point `about` held (the middle of the widget when None)."""
        point = about or QRectF(self.rect()).center()
        self.set_view(self.view.zoomed(factor, point.x(), point.y()))

    def rotate(self, degrees: float) -> None:
        """Turn the view (not the photo) clockwise about the middle of the widget."""
        fits, middle = self._fits, QRectF(self.rect()).center()
        self.set_view(self.view.rotated(degrees, middle.x(), middle.y()))
        if fits:
            self.fit()

    def pan(self, dx: float, dy: float) -> None:
        """Shift by view pixels."""
        self.set_view(self.view.panned(dx, dy))

    def set_view(self, view: View) -> None:
        """Look at the photo through `view`, but never so far aside that the photo is lost."""
        ratio, old = self.devicePixelRatioF(), self.view
        self.view = reachable(view, *self.photo_size, (self.width(), self.height())).snapped(ratio)
        self._fits = False
        dx, dy = self.view.x - old.x, self.view.y - old.y
        same = self.view.zoom == old.zoom and self.view.angle == old.angle
        if same and all(d == int(d) and d * ratio == int(d * ratio) for d in (dx, dy)):
            self.shift(int(dx), int(dy))
        else:
            self.update()
        if self.view.zoom != old.zoom:
            self.zoom_changed.emit(self.view.zoom * ratio)

    def shift(self, dx: int, dy: int) -> None:
        """Move what is on the screen, so that only what comes into sight is painted."""
        if self._lens is not None:  # its key stays where it is
            self.update()
        else:
            self.scroll(dx, dy)

    def to_photo(self, point: QPointF) -> tuple[float, float]:
        """View point -> photo coordinates."""
        return self.view.to_photo(point.x(), point.y())

    def to_view(self, x: float, y: float) -> QPointF:
        """Photo coordinates -> view point."""
        return QPointF(*self.view.to_view(x, y))

    def color_at(self, point: QPointF) -> tuple[int, int, int]:
        """The colour seen at a view point, without strokes and frames: the mean of 3x3 view pixels, sRGB 0..255."""
        image = QImage(3, 3, QImage.Format.Format_RGB32)
        corner = QRect(int(point.x()) - 1, int(point.y()) - 1, 3, 3)
        if self._composing is not None:
            self._composing.finish(self._on_photo(corner))
        painter = QPainter(image)
        painter.translate(-corner.topLeft())
        self.paint_scene(painter, corner)
        painter.end()
        blue, green, red, _ = np.frombuffer(image.constBits(), np.uint8).reshape(9, 4).mean(0).round().astype(int)
        return int(red), int(green), int(blue)

    def view_rect(self, rect: QRectF) -> QRect:
        """The widget's rectangle that may change when the photo changes inside `rect` (photo coordinates)."""
        margin = MARGIN + int(self.view.zoom)
        return self.view.transform().mapRect(rect).toAlignedRect().adjusted(-margin, -margin, margin, margin)

    def sizeHint(self) -> QSize:
        """Room for a photo."""
        return QSize(900, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the whole photo in sight if it was, its middle otherwise."""
        if self._fits:
            self.fit()
        else:
            old, new = event.oldSize(), event.size()
            self.pan((new.width() - old.width()) / 2, (new.height() - old.height()) / 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was asked for and nothing else."""
        painter = QPainter(self)
        self.paint_scene(painter, event.rect())
        if self._photo is None:
            self._paint_hint(painter)
        elif not self._comparing:
            if self._lens is not None:
                self._lens.draw(painter, self.view, self.devicePixelRatioF())
            self.paint_marks(painter, event.rect())
            if self._lens is not None:
                self._lens.draw_key(painter, self.rect())

    def paint_scene(self, painter: QPainter, rect: QRect) -> None:
        """The surround, the picture and the model overlay inside `rect` (view coordinates)."""
        painter.fillRect(rect, SURROUND)
        if self._picture is None or self._composing is None:
            return
        scale = self.view.zoom * self.devicePixelRatioF()
        part = self._on_photo(rect)
        self._composing.prepare(part, self._picture.level(scale))
        width, height = self.photo_size
        if self._picture.alpha is not None:
            self._paint_checkerboard(painter)
        painter.save()
        painter.setTransform(self.view.transform(), True)
        self._picture.draw(painter, (width, height), scale, part)
        if self._overlay is not None and not self._comparing and self._overlay.bounds().intersects(part):
            self._overlay.draw(painter, scale)
        painter.restore()

    def paint_marks(self, painter: QPainter, rect: QRect) -> None:
        """What lies over the picture; nothing here."""

    def _on_photo(self, rect: QRect) -> QRectF:
        """The photo's rectangle around one of the widget."""
        return self.view.transform().inverted()[0].mapRect(QRectF(rect))

    def _recompose(self, edits: tuple[Edit, ...]) -> None:
        """Paint what looks different with these edits, and improve on it when the hand rests."""
        rect = None if self._composing is None else self._composing.show(edits)
        if rect is not None:
            self._timer.start(REST)
        self._update_photo(rect)

    def _improve(self) -> None:
        if self._composing is not None:
            self._update_photo(self._composing.step())
        if self.settled():
            self._timer.stop()
        else:
            self._timer.setInterval(0)

    def _update_photo(self, rect: Rect | None) -> None:
        if rect is not None:
            self.update(self.view_rect(QRectF(*rect)))

    def _update_overlay(self) -> None:
        if self._overlay is not None:
            self.update(self.view_rect(self._overlay.bounds()))

    def _paint_checkerboard(self, painter: QPainter) -> None:
        tile = QPixmap(16, 16)
        tile.fill(QColor(154, 154, 154))
        squares = QPainter(tile)
        squares.fillRect(0, 0, 8, 8, QColor(102, 102, 102))
        squares.fillRect(8, 8, 8, 8, QColor(102, 102, 102))
        squares.end()
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(tile))
        painter.setBrushOrigin(QPointF(self.view.x, self.view.y))
        painter.drawPolygon(self.view.transform().map(QPolygonF(QRectF(0, 0, *self.photo_size))))
        painter.restore()

    def _paint_hint(self, painter: QPainter) -> None:
        painter.setPen(HINT)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Drop a photo here"))

"""Drop zones: while something is dragged over the canvas, they show what letting go here or there would do with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QFileInfo, QMimeData, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QImage,
    QImageReader,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from editor import theme
from editor.canvas.drop import Use, dropped, local_files, uses
from editor.icons import image

GAP, ICON, THUMB = 14, 44, 150  # view pixels
LARGEST = 40 << 20  # bytes: of a larger file no thumbnail is made while it is dragged
VEIL = QColor(20, 20, 20, 150)
SIGNS = {Use.PHOTO: "picture", Use.STYLE: "style-brush", Use.TEXTURE: "texture-brush", Use.BLEND: "blend"}


class DropZones(QWidget):
    """Lies over the canvas, hidden until something comes that can be dropped. It sends `canvas.dropped`."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas = canvas
        self._uses: tuple[Use, ...] = ()
        self._hot: Use | None = None
        self._thumbnail = self._blend = QImage()
        canvas.setAcceptDrops(True)
        canvas.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The canvas's drags."""
        if isinstance(event, QDragEnterEvent):
            self._enter(event)
        elif isinstance(event, QDragMoveEvent):
            self._move(event)
        elif event.type() is QEvent.Type.DragLeave:
            self.hide()
        elif isinstance(event, QDropEvent):
            self._drop(event)
        elif event.type() is QEvent.Type.Resize:
            self.resize(self._canvas.size())
            return False
        else:
            return False
        return True

    def _enter(self, event: QDragEnterEvent) -> None:
        photo = getattr(self._canvas, "photo_size", (0, 0)) != (0, 0)
        offered = uses(event.mimeData())
        self._uses = offered if photo else tuple(use for use in offered if use is Use.PHOTO)
        if not self._uses:
            event.ignore()
            return
        event.acceptProposedAction()
        self._thumbnail = thumbnail(event.mimeData())
        self._blend = blended(self._canvas, self._thumbnail) if Use.BLEND in self._uses else QImage()
        self._hot = self._use_at(event.position())
        self.resize(self._canvas.size())
        self.show()
        self.raise_()
        self.update()

    def _move(self, event: QDragMoveEvent) -> None:
        if not self._uses:
            event.ignore()
            return
        event.acceptProposedAction()
        hot = self._use_at(event.position())
        if hot is not self._hot:
            self._hot = hot
            self.update()

    def _drop(self, event: QDropEvent) -> None:
        self.hide()
        use = self._use_at(event.position())
        if use is not None:
            event.acceptProposedAction()
            self._canvas.dropped.emit(dropped(event.mimeData(), use))  # type: ignore[attr-defined]

    def zones(self) -> dict[Use, QRectF]:
        """Where each zone lies, beside one another."""
        if not self._uses:
            return {}
        width = (self.width() - GAP) / len(self._uses)
        height = self.height() - 2 * GAP
        return {use: QRectF(GAP + i * width, GAP, width - GAP, height) for i, use in enumerate(self._uses)}

    def _use_at(self, point: QPointF) -> Use | None:
        """The zone nearest to the point."""
        if not self._uses:
            return None
        column = int(point.x() * len(self._uses) / max(self._canvas.width(), 1))
        return self._uses[min(max(column, 0), len(self._uses) - 1)]

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture dimmed, and on it one card for each thing that can be done."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), VEIL)
        for use, zone in self.zones().items():
            self._paint_zone(painter, use, zone)

    def _paint_zone(self, painter: QPainter, use: Use, zone: QRectF) -> None:
        hot = use is self._hot
        fill = QColor(theme.ACCENT if hot else theme.PANEL)
        fill.setAlpha(190 if hot else 165)
        edge, line = ("white", Qt.PenStyle.SolidLine) if hot else (theme.FAINT, Qt.PenStyle.DashLine)
        painter.setPen(QPen(QColor(edge), 2, line))
        painter.setBrush(fill)
        painter.drawRoundedRect(zone, 12, 12)
        top = self._paint_picture(painter, use, zone)
        title, text = self._words()[use]
        font = QFont(self.font())
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.35)
        painter.setFont(font)
        painter.setPen(QColor("white"))
        wrap = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        inner = zone.adjusted(GAP, 0, -GAP, -GAP)
        inner.setTop(top + GAP)
        used = painter.boundingRect(inner, wrap, title)
        painter.drawText(inner, wrap, title)
        painter.setFont(self.font())
        painter.setPen(QColor(255, 255, 255, 255 if hot else 190))
        inner.setTop(used.bottom() + 6)
        painter.drawText(inner, wrap, text)

    def _paint_picture(self, painter: QPainter, use: Use, zone: QRectF) -> float:
        """The sign of the use, above it what is dragged; returns where they end."""
        sign = image(SIGNS[use], QColor("white"), 2 * ICON)
        top = zone.center().y() - ICON
        shown = self._blend if use is Use.BLEND else self._thumbnail
        if not shown.isNull() and zone.height() > 3 * THUMB:
            size = QSize(shown.size()).scaled(THUMB, THUMB, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(zone.center().x() - size.width() / 2, top - size.height() - GAP, size.width(), size.height())
            painter.drawImage(place, shown)
        painter.drawImage(QRectF(zone.center().x() - ICON / 2, top, ICON, ICON), sign)
        return top + ICON

    def _words(self) -> dict[Use, tuple[str, str]]:
        return {
            Use.PHOTO: (self.tr("Open as photo"), self.tr("It takes the place of what is open.")),
            Use.STYLE: (
                self.tr("Use as style"),
                self.tr("Your photo is repainted in the manner of this picture, as a layer."),
            ),
            Use.TEXTURE: (
                self.tr("Use as texture brush"),
                self.tr("Its texture comes into your hand: paint with it as long as you like."),
            ),
            Use.BLEND: (
                self.tr("Blend with the photo"),
                self.tr("What is in this picture comes to stand among what is in yours."),
            ),
        }


def blended(canvas: QWidget, other: QImage) -> QImage:
    """About what a blend of the photo on the canvas with another picture will be; nothing where one is not there."""
    width, height = getattr(canvas, "photo_size", (0, 0))
    if other.isNull() or not width or not hasattr(canvas, "to_view"):
        return QImage()
    corners = QRectF(canvas.to_view(0, 0), canvas.to_view(width, height)).normalized().toAlignedRect()
    keep, cover = Qt.AspectRatioMode.KeepAspectRatio, Qt.AspectRatioMode.KeepAspectRatioByExpanding
    seen = canvas.grab(corners & canvas.rect()).toImage().scaled(2 * THUMB, 2 * THUMB, keep)
    above = other.scaled(seen.size(), cover, Qt.TransformationMode.SmoothTransformation)
    painter = QPainter(seen)
    painter.setOpacity(0.5)
    painter.drawImage((seen.width() - above.width()) // 2, (seen.height() - above.height()) // 2, above)
    painter.end()
    return seen


def thumbnail(data: QMimeData) -> QImage:
    """A small picture of what is dragged, where that can be had at once."""
    if data.hasImage():
        made = QImage(data.imageData())
        return made.scaled(2 * THUMB, 2 * THUMB, Qt.AspectRatioMode.KeepAspectRatio) if not made.isNull() else made
    for path in local_files(data)[:1]:
        if QFileInfo(str(path)).size() <= LARGEST:
            reader = QImageReader(str(path))
            reader.setAutoTransform(True)
            size = reader.size()
            if size.isValid():
                reader.setScaledSize(size.scaled(2 * THUMB, 2 * THUMB, Qt.AspectRatioMode.KeepAspectRatio))
                return reader.read()
    return QImage()

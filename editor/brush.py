"""Brush: what the hand holds. Tool, colours, size and weight; no document and no widget."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.document.stroke import StrokeKind

Color = tuple[int, int, int]
SMALLEST, LARGEST = 1.0, 4000.0
HEAVIEST = 4.0
FIRST_COLORS: tuple[Color, Color] = ((176, 98, 48), (238, 232, 222))


class Brush(QObject):
    """tool: a stroke kind, `frame` or `pick`. radius: photo pixels. weight: 0..4. Two colours that can be swapped."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tool = "frame"
        self.color, self.other_color = FIRST_COLORS
        self.radius = 24.0
        self.weights = dict.fromkeys(StrokeKind, 1.0)

    @property
    def weight(self) -> float:
        """How strongly strokes of the current tool are obeyed; each kind of stroke remembers its own."""
        return self.weights[StrokeKind(self.tool)] if self.paints() else 1.0

    def paints(self) -> bool:
        """Whether the current tool makes strokes."""
        return self.tool in set(StrokeKind)

    def set_tool(self, tool: str) -> None:
        """Take another tool."""
        if tool != self.tool:
            self.tool = tool
            self.changed.emit()

    def set_color(self, color: Color) -> None:
        """Paint in `color`, sRGB 0..255."""
        if color != self.color:
            self.color = color
            self.changed.emit()

    def swap_colors(self) -> None:
        """Take the other colour."""
        self.color, self.other_color = self.other_color, self.color
        self.changed.emit()

    def reset_colors(self) -> None:
        """Back to the two colours the program starts with."""
        self.color, self.other_color = FIRST_COLORS
        self.changed.emit()

    def set_radius(self, radius: float) -> None:
        """Make the brush this large, in photo pixels."""
        radius = min(max(float(radius), SMALLEST), LARGEST)
        if radius != self.radius:
            self.radius = radius
            self.changed.emit()

    def grow(self) -> None:
        """A step larger."""
        self.set_radius(max(self.radius * 1.2, self.radius + 1))

    def shrink(self) -> None:
        """A step smaller."""
        self.set_radius(min(self.radius / 1.2, self.radius - 1))

    def set_weight(self, weight: float) -> None:
        """How strongly the current tool's strokes are obeyed, 0..4."""
        weight = min(max(float(weight), 0.0), HEAVIEST)
        if self.paints() and weight != self.weight:
            self.weights[StrokeKind(self.tool)] = weight
            self.changed.emit()

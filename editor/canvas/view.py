"""View: where the photo lies in the widget. A pure value; every change makes a new one.

Photo coordinates are photo pixels with pixel centres at integer + 0.5; view coordinates are the widget's logical
pixels. view = zoom * rotation(angle) * photo + (x, y).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtGui import QTransform

CLOSEST = 64.0  # view pixels a photo pixel, at most
FARTHEST = 1 / 256


@dataclass(frozen=True)
class View:
    """zoom: view pixels per photo pixel. angle: degrees, clockwise. x, y: where the photo's top-left corner lies."""

    zoom: float = 1.0
    angle: float = 0.0
    x: float = 0.0
    y: float = 0.0

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Photo point -> view point."""
        cos, sin = self._turn()
        return cos * x - sin * y + self.x, sin * x + cos * y + self.y

    def to_photo(self, x: float, y: float) -> tuple[float, float]:
        """View point -> photo point."""
        cos, sin = self._turn()
        dx, dy, square = x - self.x, y - self.y, self.zoom * self.zoom
        return (cos * dx + sin * dy) / square, (cos * dy - sin * dx) / square

    def panned(self, dx: float, dy: float) -> View:
        """Shifted by view pixels."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, factor: float, x: float, y: float) -> View:
        """Scaled, with the photo point under the view point (x, y) held."""
        zoom = min(max(self.zoom * factor, FARTHEST), CLOSEST)
        return replace(self, zoom=zoom).holding(self.to_photo(x, y), x, y)

    def rotated(self, degrees: float, x: float, y: float) -> View:
        """Turned clockwise, with the photo point under the view point (x, y) held."""
        angle = math.remainder(self.angle + degrees, 360)
        return replace(self, angle=angle).holding(self.to_photo(x, y), x, y)

    def holding(self, photo: tuple[float, float], x: float, y: float) -> View:
        """Shifted so that the photo point lies at the view point (x, y)."""
        now = self.to_view(*photo)
        return self.panned(x - now[0], y - now[1])

    def snapped(self, pixel_ratio: float) -> View:
        """Shifted by less than a pixel so that the photo's corner falls on a device pixel: 1:1 is then sharp."""
        return replace(self, x=round(self.x * pixel_ratio) / pixel_ratio, y=round(self.y * pixel_ratio) / pixel_ratio)

    def transform(self) -> QTransform:
        """The same, for a painter."""
        cos, sin = self._turn()
        return QTransform(cos, sin, -sin, cos, self.x, self.y)

    def _turn(self) -> tuple[float, float]:
        """zoom * (cos, sin), exact at quarter turns, so that upright pictures take the painter's fast paths."""
        quarters = self.angle / 90
        if quarters == round(quarters):
            cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[round(quarters) % 4]
            return self.zoom * cos, self.zoom * sin
        return self.zoom * math.cos(math.radians(self.angle)), self.zoom * math.sin(math.radians(self.angle))


def extent(view: View, width: float, height: float) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the photo of that size in view coordinates."""
    corners = [view.to_view(x, y) for x in (0, width) for y in (0, height)]
    return (
        min(c[0] for c in corners),
        min(c[1] for c in corners),
        max(c[0] for c in corners),
        max(c[1] for c in corners),
    )


def fitted(width: float, height: float, area: tuple[float, float], angle: float = 0.0, margin: float = 16.0) -> View:
    """The photo, turned by `angle`, as large as `area` (view pixels) less the margin allows, in its middle."""
    view = View(1.0, angle)
    left, top, right, bottom = extent(view, width, height)
    zoom = min((area[0] - 2 * margin) / (right - left), (area[1] - 2 * margin) / (bottom - top))
    zoom = min(max(zoom, FARTHEST), CLOSEST / 2)
    return replace(view, zoom=zoom).holding((width / 2, height / 2), area[0] / 2, area[1] / 2)


def reachable(view: View, width: float, height: float, area: tuple[float, float], least: float = 48.0) -> View:
    """Shifted back so far that at least `least` view pixels of the photo stay inside `area`."""
    left, top, right, bottom = extent(view, width, height)
    dx = max(least - right, 0) - max(left - area[0] + least, 0)
    dy = max(least - bottom, 0) - max(top - area[1] + least, 0)
    return view.panned(dx, dy) if dx or dy else view

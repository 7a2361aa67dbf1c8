"""Target: what lies under a frame that may still be moved a little.

The artist's frame, or a landmark detector's, is a few pixels off, and a model of aligned faces answers that with
another face. So the frame is shifted, turned and scaled to where the photo agrees best with the model's picture: small
Gauss-Newton steps on blurred pictures, within narrow limits. But not for a model of places: these lie anyhow, and their
frame is to cover the photo.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import align
from engine.edit.losses import blur
from engine.model.manifold import Manifold, to_tensor

MARGIN = 1.25
"""The photo is cut out this much larger than the frame, so that the frame can be refined without going back to it."""


class Target:
    """The photo under a frame that can be shifted, turned and scaled a little: the model's picture chooses how."""

    LIMITS = (0.06, 0.06, 0.12, 0.12)  # of the frame's side: across, down; radians; log scale

    def __init__(self, photo: Photo, frame: Frame, manifold: Manifold) -> None:
        self.given, self.frame, self.side = frame, frame, manifold.preview_size
        self._device = manifold.device
        wide = replace(frame, size=frame.size * MARGIN)
        self.wide = align.crop(photo, wide, round(self.side * MARGIN))
        self.picture = self._cut(frame)

    def _cut(self, frame: Frame) -> Tensor:
        """1x3xPxP in [-1, 1]: the wide cut-out seen through `frame`."""
        corners = np.array([[0, 0], [self.side, 0], [0, self.side]], np.float64)
        wide = replace(self.given, size=self.given.size * MARGIN)
        seen = wide.to_model(frame.to_photo(corners, self.side), self.wide.shape[0])
        matrix = cv2.getAffineTransform(seen.astype(np.float32), corners.astype(np.float32))
        # Pixel centres lie at integer + 0.5 in both pictures; OpenCV counts from the centre of the first pixel.
        matrix[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
        cut = cv2.warpAffine(self.wide, matrix, (self.side, self.side), flags=cv2.INTER_LINEAR,
                             borderMode=cv2.BORDER_REFLECT_101)
        return to_tensor(cut, self._device)

    def refine(self, picture: Tensor, importance: Tensor) -> None:
        """Moves the frame to where the photo agrees best with the model's picture; a few small Gauss-Newton steps."""
        weight = importance.sqrt()
        radius = round(self.side / 80)  # details that the model has not found yet would only mislead
        model = blur(picture, radius)
        for _ in range(3):
            here = blur(self.picture, radius)
            step = _similarity_step(here, model, weight)
            moved = self._limited(step)
            if moved is None:
                return
            self.frame, self.picture = moved, self._cut(moved)

    def _limited(self, step: np.ndarray) -> Frame | None:
        """The frame after a step (dx, dy in pixels, angle, log scale), or None when it goes beyond the limits."""
        unit = self.frame.size / self.side
        cos, sin = math.cos(self.frame.angle), math.sin(self.frame.angle)
        frame = Frame(self.frame.x + unit * (cos * step[0] - sin * step[1]),
                      self.frame.y + unit * (sin * step[0] + cos * step[1]),
                      self.frame.size * math.exp(step[3]), self.frame.angle + step[2])
        away = (abs(frame.x - self.given.x) / self.given.size, abs(frame.y - self.given.y) / self.given.size,
                abs(frame.angle - self.given.angle), abs(math.log(frame.size / self.given.size)))
        return None if any(a > limit for a, limit in zip(away, self.LIMITS, strict=True)) else frame


def _similarity_step(here: Tensor, model: Tensor, weight: Tensor) -> np.ndarray:
    """Least-squares (dx, dy, angle, log scale) by which to move the sampling frame so that `here` becomes `model`."""
    side = here.shape[-1]
    dx = (here[:, :, 1:-1, 2:] - here[:, :, 1:-1, :-2]) / 2
    dy = (here[:, :, 2:, 1:-1] - here[:, :, :-2, 1:-1]) / 2
    place = torch.arange(1, side - 1, dtype=torch.float32, device=here.device) + 0.5 - side / 2
    x, y = place[None, :].expand_as(dx), place[:, None].expand_as(dx)
    weight = weight[:, :, 1:-1, 1:-1].expand_as(dx)
    columns = torch.stack([dx, dy, dy * x - dx * y, dx * x + dy * y], dim=-1).reshape(-1, 4) * weight.reshape(-1, 1)
    rest = ((model - here)[:, :, 1:-1, 1:-1] * weight).reshape(-1, 1)
    normal = (columns.T @ columns).cpu().double()
    # The prior says: no further than about two pixels at the border in one step.
    normal = normal + torch.diag(normal.diagonal() * 0.1 + 1e-6)
    return np.asarray(0.7 * torch.linalg.solve(normal, (columns.T @ rest).cpu().double())[:, 0])

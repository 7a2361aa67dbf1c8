"""Encoder: a picture -> whitened style coordinates, shared and per layer.

The compact feature network's convolutions (which know real photographs) are its first stages; further strided
convolutions and one fully connected layer turn them into a shared style in all K whitened coordinates and a correction
for each layer in the first few, where most of the variance is. After Richardson et al. 2021, "Encoding in Style" (pSp),
and Tov et al. 2021, "Designing an Encoder for StyleGAN Image Manipulation" (e4e: one style plus small offsets).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import CompactVGG

SIDE = 128
"""Pictures are area-averaged to this side before they are looked at."""


class StyleEncoder(nn.Module):
    """Bx3xHxW in [-1, 1] -> shared Bx1xK and own BxLxK, in units of the styles' standard deviation."""

    def __init__(self, layers: int = 23, coordinates: int = 512, own_coordinates: int = 64, width: int = 256) -> None:
        super().__init__()
        self.layers, self.coordinates, self.own_coordinates = layers, coordinates, own_coordinates
        self.body = CompactVGG().stages
        self.deep = nn.Sequential(
            nn.Conv2d(128, width, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
        )
        self.join = nn.Linear(width * (SIDE // 32) ** 2, 768)
        self.shared = nn.Linear(768, coordinates)
        self.own = nn.Linear(768, layers * own_coordinates)
        nn.init.zeros_(self.own.weight)
        nn.init.zeros_(self.own.bias)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Any square size; the answer depends on nothing finer than 128 pixels."""
        x = F.interpolate(pictures, size=(SIDE, SIDE), mode="area")
        for index, stage in enumerate(self.body):
            x = stage(x if index == 0 else F.avg_pool2d(x, 2))
        x = F.leaky_relu(self.join(self.deep(x).flatten(1)), 0.2)
        own = self.own(x).reshape(-1, self.layers, self.own_coordinates)
        missing = self.coordinates - self.own_coordinates
        return self.shared(x)[:, None], torch.cat([own, own.new_zeros(*own.shape[:2], missing)], dim=2)

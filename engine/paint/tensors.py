"""Pixels to tensors and back: uint8 or uint16 HxWx3 on one side, 1x3xHxW in [-1, 1], channels last, on the other."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.model.device import CPU


def to_tensor(pixels: np.ndarray, device: torch.device = CPU) -> Tensor:
    """HxWx3 uint8 or uint16 -> 1x3xHxW float32 in [-1, 1], channels last as the array was."""
    values = pixels.astype(np.float32) * np.float32(2 / np.iinfo(pixels.dtype).max) - np.float32(1)
    return torch.from_numpy(values).to(device).permute(2, 0, 1)[None]


def to_pixels(picture: Tensor, dtype: np.dtype) -> np.ndarray:
    """1x3xHxW in [-1, 1] -> HxWx3 of that depth."""
    half = np.iinfo(dtype).max / 2
    values = (picture[0] * half).add_(half + 0.5).clamp_(0, 2 * half).permute(1, 2, 0)
    return values.contiguous().cpu().numpy().astype(dtype)

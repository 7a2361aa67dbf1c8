"""Style: the manner of a picture, as the statistics of its features; named, and independent of any photo.

The statistics are those of the compact network's four taps, fine to coarse; the artist's words for the four octaves
are grain, stroke, pattern and composition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.document.arrays import frozen
from engine.document.stroke import new_id

OCTAVES: Final = ("grain", "stroke", "pattern", "composition")


class ColorsBy(StrEnum):
    """By what a photo in a style keeps its own colours (Gatys et al. 2017, section 5)."""

    LUMINANCE = "luminance"  # hue and chroma are the photo's, place by place; only lightness is painted
    STATISTICS = "statistics"  # the style's colours have the mean and covariance of the photo's, and go where they will


@dataclass(frozen=True, eq=False)
class Style:
    """A style with where it comes from (artist and year may be empty).

    means: per octave C float32; grams: per octave CxC float32, second moments about zero over positions (Gatys' Gram
    matrix per position), so that standard deviations are sqrt(diag(gram) - mean^2). exemplar: HxWx3 uint8 no larger
    than 512 px, or None where the picture is not shipped. network: weights by name of a network trained for this
    style alone, empty where there is none. fitted: 4xE float32, where in the style network's own terms the manner was
    found to lie by descent on the photo of its layer, None where it was not looked for (nor in the library, which knows
    no photo); fitted_to: fingerprint of the network it holds for.
    """

    name: str
    means: tuple[np.ndarray, ...]
    grams: tuple[np.ndarray, ...]
    artist: str = ""
    year: str = ""
    exemplar: np.ndarray | None = None
    network: Mapping[str, np.ndarray] = field(default_factory=dict)
    id: str = field(default_factory=new_id)
    fitted: np.ndarray | None = None
    fitted_to: str = ""

    def __post_init__(self) -> None:
        if len(self.means) != len(OCTAVES) or len(self.grams) != len(OCTAVES):
            raise ValueError(f"a style has {len(OCTAVES)} octaves, not {len(self.means)} and {len(self.grams)}")
        for mean, gram in zip(self.means, self.grams, strict=True):
            if mean.ndim != 1 or gram.shape != (len(mean), len(mean)):
                raise ValueError(f"means {mean.shape} and Gram matrix {gram.shape} do not agree")
            if not (np.isfinite(mean).all() and np.isfinite(gram).all()):
                raise ValueError("a style's statistics must be finite")
        object.__setattr__(self, "means", tuple(frozen(mean, np.float32) for mean in self.means))
        object.__setattr__(self, "grams", tuple(frozen(gram, np.float32) for gram in self.grams))
        if self.exemplar is not None:
            object.__setattr__(self, "exemplar", frozen(self.exemplar, np.uint8))
        object.__setattr__(self, "network", read_only(self.network))
        if self.fitted is not None:
            if self.fitted.ndim != 2 or len(self.fitted) != len(OCTAVES) or not np.isfinite(self.fitted).all():
                raise ValueError(f"a fitted style is {len(OCTAVES)}xE finite numbers, not {self.fitted.shape}")
            object.__setattr__(self, "fitted", frozen(self.fitted, np.float32))


def read_only(arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """The same names with read-only arrays."""
    return MappingProxyType({name: frozen(array) for name, array in arrays.items()})

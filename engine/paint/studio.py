"""Studio: the networks that paint, opened when first needed, and what they have already found out.

Lives on the engine's thread. What a slider or a brush move needs again is kept: the embedding of each style, the
picture below a layer at the sizes at which it was looked at, and the painted sheets. Everything is known by the
identity of the frozen values it was made from, and only the newest few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.document.edit import Edit, blend_of, picture
from engine.document.errors import InputError
from engine.document.photo import Photo
from engine.document.style import Style
from engine.model.device import CPU
from engine.model.features import Features
from engine.model.networks.style_transfer import EMBEDDING, StyleTransfer, fingerprint
from engine.model.vgg19 import Extractor, compact, read_vgg
from engine.paint.ground import Ground
from engine.paint.invert import Inverter
from resources import path

Value = TypeVar("Value")
KEPT = {"ground": 2, "own": 4, "sheet": 4, "style": 64, "texture": 8, "refining": 3, "meeting": 1}
"""So many of each kind of thing are kept, the newest. A sheet of a 24-megapixel photo has about 100 MB."""


class Studio:
    """features, network: given by tests; the program's own otherwise. device: where all networks are."""

    def __init__(self, features: Features | None = None, network: StyleTransfer | None = None,
                 device: torch.device = CPU) -> None:  # fmt: skip
        self._given, self.device = (features, network), device
        self._extractor: Extractor | None = None
        self._kept: dict[str, OrderedDict[Hashable, tuple[Any, Any]]] = {kind: OrderedDict() for kind in KEPT}

    @cached_property
    def features(self) -> Features:
        """The compact feature network."""
        return (self._given[0] or Features.load()).on(self.device)

    @cached_property
    def own_extractor(self) -> Extractor:
        """The compact features in the form in which layers are refined by them."""
        return compact(self.features)

    @property
    def extractor(self) -> Extractor:
        """The features by which layers are refined: the compact ones, unless others have been chosen."""
        return self._extractor or self.own_extractor

    def extractor_for(self, styles: Sequence[Style]) -> Extractor:
        """The same for these styles: other networks than the compact one need their pictures."""
        shown = all(style.exemplar is not None for style in styles)
        return self.extractor if shown else self.own_extractor

    def use_features(self, path: Path | None) -> str:
        """Refine by the VGG network in that file from now on, or by the compact one; returns the network's name.

        InputError where the file has no such network; all is then as before.
        """
        self._extractor = None if path is None else read_vgg(path).on(self.device)
        return self.extractor.name

    @cached_property
    def inverter(self) -> Inverter:
        """The decoder of the compact features; InputError where its weights are missing."""
        return Inverter.load(features=self.features)

    @cached_property
    def network(self) -> StyleTransfer:
        """The style network, frozen; InputError where its weights are missing."""
        network = self._given[1] or _shipped()
        return network.eval().requires_grad_(False).to(self.device).to(memory_format=torch.channels_last)

    @cached_property
    def fingerprint(self) -> str:
        """Of the style network: which fitted styles hold for it."""
        return fingerprint(self.network)

    def is_fitted(self, style: Style) -> bool:
        """Whether how to tell the network of that style was found already, and for this network."""
        fitted = style.fitted
        return fitted is not None and fitted.shape[1] == EMBEDDING and style.fitted_to == self.fingerprint

    def ground(self, photo: Photo, below: Sequence[Edit] = ()) -> Ground:
        """What a layer lies on; the same object as long as it is the same picture."""
        shown = [edit for edit in below if edit.visible and edit.patch is not None and edit.opacity > 0]
        key = (id(photo), *((id(edit.patch), edit.opacity, blend_of(edit)) for edit in shown))
        alive = (photo, [edit.patch for edit in shown])
        return self.kept("ground", key, alive, lambda: Ground(picture(photo, shown)))

    def bare(self, pixels: np.ndarray) -> Ground:
        """The same for an array."""
        return self.kept("ground", id(pixels), pixels, lambda: Ground(pixels))

    def embedding(self, style: Style) -> list[Tensor]:
        """The style network's embedding of a style, octave by octave, 1xN each."""

        def embed() -> list[Tensor]:
            if style.fitted is not None and self.is_fitted(style):
                return [torch.from_numpy(np.array(octave)).to(self.device)[None] for octave in style.fitted]
            with torch.no_grad():
                return self.network.embed([numbers.to(self.device) for numbers in code(style)])

        return self.kept("style", id(style), style, embed)

    def kept(self, kind: str, key: Hashable, alive: object, make: Callable[[], Value]) -> Value:
        """What was made under `key` before, or else is made now. alive: held, so that ids in the key stay true."""
        shelf = self._kept[kind]
        if key not in shelf:
            shelf[key] = make(), alive
        shelf.move_to_end(key)
        while len(shelf) > KEPT[kind]:
            shelf.popitem(last=False)
        value: Value = shelf[key][0]
        return value


def code(style: Style) -> list[Tensor]:
    """What the network embeds of a style: per octave 1x2C, means, then standard deviations."""
    numbers = []
    for mean, gram in zip(style.means, style.grams, strict=True):
        variance = np.maximum(np.diag(gram) - mean * mean, 0)
        numbers.append(torch.from_numpy(np.concatenate([mean, np.sqrt(variance + 1e-4)]))[None])
    return numbers


def _shipped() -> StyleTransfer:
    try:
        weights = load_file(path("models", "style.safetensors"))
    except FileNotFoundError as error:
        raise InputError("style weights are missing: install Ganvas again.") from error
    network = StyleTransfer()
    network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return network

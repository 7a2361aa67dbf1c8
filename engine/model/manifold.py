"""Manifold: the pictures a generator can make, and the ways on and off it. Lives on the engine thread only.

A manifold is four networks around one latent space: the full generator, a light preview of it, an encoder that guesses
the latent of a picture, and (for manifolds that have one) a critic that judges plausibility. Latents are BxLxW: one
style for each of L layers ("W+"; Abdal et al. 2019, "Image2StyleGAN").
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.arrays import frozen
from engine.document.errors import InputError
from engine.document.latent import Latent
from engine.document.tuning import Tuning
from engine.model.device import CPU, halves
from engine.model.family import Way
from engine.model.kinds import Kinds
from engine.model.pieces import Passage, Stage, drawing

Value = TypeVar("Value")
REMEMBERED = 4
"""Pictures of latents that are kept: 12 MB each for faces. An edit's base is asked for at every stroke."""


@runtime_checkable
class Staged(Protocol):
    """A network that can be run in pieces."""

    def stages(self) -> tuple[Stage, ...]:
        """What makes the picture of BxLxW latents, one after the other."""


@dataclass(frozen=True, eq=False)
class Manifold:
    """size and preview_size: sides in pixels of what `picture` and `preview` make.

    mean: W, the average style. basis: KxW, principal axes of the cloud of styles, each as long as the cloud's standard
    deviation along it, so that a step in these (whitened) coordinates is equally plausible in every direction.
    draw: (count, seed) -> count x W styles, on the processor wherever the rest is. importance: 1x1xPxP weights at
    preview size of where people look first.
    sketches: networks that make the full one's picture averaged down, nearly, for less work; the smallest first.
    tuning: how the full network was changed for one picture, where it was; latents found in it say so too.
    axes: LxRxK, rows orthonormal in whitened coordinates, along which a layer's slopes lie, the steepest first; without
    them descents go along the principal axes.
    kinds: its classes, where it was told them. cutter: says what of a picture is the thing shown. ways: its inputs.
    finisher: makes pictures that stand alone, where these have more in them than the networks'. centred: whether what
    is nearer the mean is likelier (see `family.Drawing`). halve: copies sketches as `halved` says; by default it gives
    them as they are. layout: of its card.
    """

    id: str
    layers: int
    size: int
    preview_size: int
    mean: Tensor
    basis: Tensor
    generator: nn.Module
    light: nn.Module
    draw: Callable[[int, int], Tensor]
    importance: Tensor
    encoder: nn.Module | None = None
    critic: nn.Module | None = None
    sketches: tuple[nn.Module, ...] = ()
    tuning: Tuning | None = None
    kinds: Kinds | None = None
    cutter: Callable[[Tensor], Tensor | None] = lambda latents: None
    finisher: Callable[[Tensor], Tensor] | None = None
    ways: tuple[Way, ...] = ()
    axes: Tensor | None = None
    centred: bool = True
    halve: Callable[[Sequence[nn.Module]], tuple[nn.Module, ...]] = tuple
    layout: str = ""
    _drawn: OrderedDict[Latent, np.ndarray] = field(default_factory=OrderedDict, init=False, repr=False)
    _previewed: OrderedDict[Latent, Tensor] = field(default_factory=OrderedDict, init=False, repr=False)

    @cached_property
    def halved(self) -> tuple[nn.Module, ...]:
        """The sketches as a descent goes through them: in short numbers, where this device is quicker with those."""
        return self.halve(self.sketches) if halves(self.device) else self.sketches

    @property
    def short(self) -> bool:
        """Whether descents go through short numbers."""
        return self.halved is not self.sketches

    @property
    def width(self) -> int:
        """Numbers in one layer's style."""
        return int(self.mean.shape[0])

    @property
    def device(self) -> torch.device:
        """Where its networks and tensors are, and its latents and pictures."""
        return self.mean.device

    def on(self, device: torch.device) -> Manifold:
        """The manifold there. Its networks are moved and not copied: this one is not to be used any more."""
        for network in (self.generator, self.light, *self.sketches, self.encoder, self.critic):
            if network is not None:
                network.to(device)
        return replace(self, mean=self.mean.to(device), basis=self.basis.to(device), kinds=self.kinds and
                       self.kinds.on(device), importance=self.importance.to(device),
                       axes=None if self.axes is None else self.axes.to(device))

    def picture(self, latents: Tensor) -> Tensor:
        """BxLxW -> Bx3xSxS in about [-1, 1], the full network."""
        result: Tensor = self.generator(latents)
        return result

    def preview(self, latents: Tensor) -> Tensor:
        """BxLxW -> Bx3xPxP in about [-1, 1], the light network."""
        result: Tensor = self.light(latents)
        return result

    def whole(self, latents: Tensor) -> Tensor:
        """The same with what an edit leaves to the photo, such as grain: a picture that stands alone."""
        return self.preview(latents) if self.finisher is None else self.finisher(latents)

    def cut(self, latents: Tensor) -> Tensor | None:
        """BxLxW -> Bx1xSxS in 0..1, how far each pixel belongs to the thing shown; None where that is not known."""
        return self.cutter(latents)

    def passage(self, latents: Tensor, sharp: bool) -> Passage:
        """BxLxW -> the way to what `picture` (sharp) or `preview` makes of them and back, in pieces."""
        return Passage(stages_of(self.generator if sharp else self.light), latents)

    def drawn(self, latent: Latent) -> Generator[None, None, np.ndarray]:
        """SxSx3 float32 in 0..1, read-only: the full network's picture, with pauses; the last few are remembered."""
        if latent in self._drawn:
            self._drawn.move_to_end(latent)
            return self._drawn[latent]
        picture = yield from drawing(stages_of(self.generator), self.tensor(latent))
        drawn = self.remember(latent, picture)
        yield  # meanwhile others may draw so many that this one is forgotten
        return drawn

    def remember(self, latent: Latent, picture: Tensor) -> np.ndarray:
        """1x3xSxS: the full network's picture of that latent, made elsewhere -> what `drawn` gives."""
        drawn = frozen(to_array(picture))
        _kept(self._drawn, latent, drawn)
        return drawn

    def previewed(self, latent: Latent) -> Tensor:
        """1x3xPxP: the light network's picture; the last few are remembered. Not to be changed."""
        if latent not in self._previewed:
            with torch.no_grad():
                _kept(self._previewed, latent, self.preview(self.tensor(latent)))
        self._previewed.move_to_end(latent)
        return self._previewed[latent]

    def sample(self, count: int, seed: int, truncation: float = 0.8, kind: str = "") -> Tensor:
        """count x L x W: random plausible latents, drawn towards the mean by `truncation` (1 = not at all).

        Where there are classes, towards the mean of their own; kind: of that class only, InputError for an unknown one.
        Where what is nearer the mean is not likelier, they are not drawn to it.
        """
        if kind and self.kinds is None:
            raise InputError(f"{self.id} was told no classes: leave the class out.")
        if self.kinds is None:
            styles, centre = self.draw(count, seed).to(self.device), self.mean
        else:
            drawn = self.kinds.draw(self.kinds.index(kind), count, seed) if kind else self.draw(count, seed)
            styles = drawn.to(self.device)
            centre = self.kinds.means[self.kinds.nearest(styles)]
        if self.centred:
            styles = centre + truncation * (styles - centre)
        return styles[:, None].expand(-1, self.layers, -1).contiguous()

    def average(self) -> Tensor:
        """1 x L x W: the mean picture's latent."""
        return self.mean.expand(1, self.layers, -1).contiguous()

    def latents(self, shared: Tensor, own: Tensor) -> Tensor:
        """Whitened coordinates, shared by all layers (Bx1xK) plus each layer's own (BxLxK) -> BxLxW."""
        return self.mean + (shared + own) @ self.basis

    def coordinates(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse of `latents`: the layers' average as the shared part, the rest as each layer's own."""
        whitened = (latents - self.mean) @ self.basis.T / self.basis.square().sum(dim=1)
        shared = whitened.mean(dim=1, keepdim=True)
        return shared, whitened - shared

    def still(self) -> Tensor:
        """1xLxR zeros: no way along the axes of the slopes."""
        count = len(self.basis) if self.axes is None else self.axes.shape[1]
        return self.mean.new_zeros(1, self.layers, count)

    def turned(self, ways: Tensor) -> Tensor:
        """Ways along the axes of the slopes (BxLxR) -> in whitened coordinates (BxLxK)."""
        return ways if self.axes is None else torch.einsum("blr,lrk->blk", ways, self.axes)

    def guess(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Bx3xPxP pictures in [-1, 1] -> the encoder's answer in whitened coordinates, shared and own.

        The average picture's coordinates for a manifold without an encoder.
        """
        if self.encoder is None:
            batch, axes = pictures.shape[0], self.basis.shape[0]
            return self.mean.new_zeros(batch, 1, axes), self.mean.new_zeros(batch, self.layers, axes)
        shared, own = self.encoder(pictures)
        return shared, own

    def tensor(self, latent: Latent) -> Tensor:
        """A document's latent as 1xLxW. ValueError when it belongs to another manifold."""
        if latent.manifold != self.id or latent.values.shape != (self.layers, self.width):
            raise ValueError(f"a latent of {latent.manifold} {latent.values.shape} is not one of {self.id}")
        return torch.from_numpy(latent.values.copy())[None].to(self.device)

    def latent(self, tensor: Tensor) -> Latent:
        """LxW or 1xLxW -> a value that may leave the engine."""
        return Latent(tensor.detach().reshape(self.layers, self.width).cpu().numpy(), self.id, self.tuning)


def stages_of(network: nn.Module) -> tuple[Stage, ...]:
    """What makes a network's picture, in pieces. The network's own; one that names none is a single stage."""
    return network.stages() if isinstance(network, Staged) else (lambda start, row, latents: network(latents),)


def _kept(memory: OrderedDict[Latent, Value], latent: Latent, value: Value) -> None:
    memory[latent] = value
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)


def to_array(picture: Tensor) -> np.ndarray:
    """3xHxW or 1x3xHxW in [-1, 1] -> HxWx3 float32 in 0..1."""
    values = (picture.detach().reshape(3, *picture.shape[-2:]).clamp(-1, 1) + 1) / 2
    return np.ascontiguousarray(values.permute(1, 2, 0).cpu().numpy(), dtype=np.float32)


def to_uint8(picture: Tensor) -> np.ndarray:
    """3xHxW or 1x3xHxW in [-1, 1] -> HxWx3 uint8."""
    return np.rint(to_array(picture) * 255).astype(np.uint8)


def to_tensor(picture: np.ndarray, device: torch.device = CPU) -> Tensor:
    """HxWx3 float32 in 0..1 -> 1x3xHxW in [-1, 1]."""
    values = torch.from_numpy(np.ascontiguousarray(picture, np.float32)).to(device)
    return values.permute(2, 0, 1)[None] * 2 - 1

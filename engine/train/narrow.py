"""Narrows a generator's octaves to those of the preview's head, before anything is trained.

Which channels between an octave's two convolutions are left out is found as Optimal Brain Surgeon finds weights
(Hassibi and Stork 1993, "Second order derivatives for network pruning"): always those without which the second
convolution's answers can best be made of the others, by least squares over what they are on some latents; what it makes
of the rest is that least-squares answer (as in He et al. 2017, "Channel Pruning for Accelerating Very Deep Neural
Networks"). A head as wide as the generator itself is therefore the folded generator, exactly.
"""

from __future__ import annotations

from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.folded import Folded, FoldedConv, FoldedOctave, folded_kernel
from engine.model.networks.mobilestylegan import Octave, StyledConv, Synthesis
from engine.model.networks.style_preview import TIMES, NarrowOctave, PreviewHead

AT_ONCE = 8
"""Channels that are left out between two solutions of the least squares."""
RIDGE = 1e-5
ENLARGED = torch.tensor([[3, 5, 0], [1, 7, 0], [0, 7, 1], [0, 5, 3]]) / 8
"""Of four pixels between those of the small picture, how much of each neighbour, along one side: bilinear."""

Moments = list[Tensor]


@torch.no_grad()
def narrow(synthesis: Synthesis, head: PreviewHead, latents: Tensor) -> None:
    """Write the generator's weights into the head: of those channels that matter on these N x L x width latents."""
    network = Folded(synthesis, head.size)
    octaves = cast("list[Octave]", list(synthesis.octaves)[synthesis.sizes.index(head.trunk):])
    ways = [_Way(*found) for found in zip(cast("list[NarrowOctave]", list(head.octaves)), octaves, strict=True)]
    _look(network, ways, latents)
    for way in ways:
        way.write(network.size)
    head.head_style.load_state_dict(synthesis.head_style.state_dict())
    for mine, full in zip(head.head.parameters(), synthesis.head.parameters(), strict=True):
        mine.copy_(0.5 * full[:3])
    _begin_fine(head)


def chosen(moment: Tensor, weight: Tensor, keep: int) -> tuple[Tensor, Tensor]:
    """Which of C inputs to keep, in their order, and the best O x (keep + 1) weights of these, the bias last.

    moment: (C + 1) x (C + 1), mean products of the inputs and a constant one. weight: O x (C + 1), of all of them.
    """
    moment = moment + RIDGE * moment.diagonal().mean() * torch.eye(len(moment), dtype=moment.dtype)
    left, crossed = torch.arange(len(moment)), weight @ moment
    while True:
        inverse = torch.linalg.inv(moment[left][:, left])
        best = crossed[:, left] @ inverse
        surplus = len(left) - 1 - keep
        if surplus <= 0:
            return left[:-1], best
        loss = (best.square().sum(dim=0) / inverse.diagonal())[:-1]
        stays = torch.ones(len(left), dtype=torch.bool)
        stays[loss.argsort()[:min(surplus, AT_ONCE)]] = False
        left = left[stays]


class _Way:
    """One of the head's octaves, the generator's that it stands for, and what goes into that one's last mixing."""

    def __init__(self, narrow: NarrowOctave, full: Octave) -> None:
        self.narrow, self.full = narrow, full
        self.moment = torch.zeros(full.conv2.mix.in_channels + 1, full.conv2.mix.in_channels + 1, dtype=torch.float64)

    def see(self, x: Tensor, kernel: Tensor) -> None:
        """Take in what goes into the second convolution, scaled."""
        spread = F.conv2d(x, kernel, padding=1, groups=len(kernel)).movedim(1, 0).flatten(1).double()
        spread = torch.cat([spread, torch.ones_like(spread[:1])])
        self.moment += spread @ spread.T

    def write(self, size: int) -> None:
        """The generator's weights into the head's octave, whose pictures have at most that size."""
        narrow, full = self.narrow, self.full
        mix = full.conv2.mix
        assert mix.bias is not None
        weight = torch.cat([mix.weight[:, :, 0, 0], mix.bias[:, None]], dim=1).double()
        weight = weight[self._outputs(weight)]
        kept, best = chosen(self.moment, weight, narrow.conv1.mix.out_channels)
        _copy(narrow.up, full.up.weight, full.up.bias)
        _copy(narrow.conv1.style, full.conv1.style.weight, full.conv1.style.bias)
        _copy(narrow.conv1.mix, full.conv1.mix.weight[kept], cast(Tensor, full.conv1.mix.bias)[kept])
        _copy(narrow.conv2.style, full.conv2.style.weight[kept], full.conv2.style.bias[kept])
        _copy(narrow.conv2.mix, best[:, :-1, None, None], best[:, -1])
        for mine, theirs, inputs in ((narrow.conv1, full.conv1, slice(None)), (narrow.conv2, full.conv2, kept)):
            factor = max(1, theirs.noise.shape[-1] // size)
            cast(nn.Conv2d, mine.depthwise).weight.copy_(folded_kernel(_kernel(theirs), factor)[inputs])
            mine.noise.copy_(F.avg_pool2d(theirs.noise, factor))

    def _outputs(self, weight: Tensor) -> Tensor:
        """Which answers: the first, as many as are wanted; of detail bands those with most in them."""
        outputs, low = self.narrow.conv2.mix.out_channels, len(weight) // 4
        if outputs in (low, len(weight)):
            return torch.arange(outputs)
        energy = ((weight @ self.moment) * weight).sum(dim=1)[low:]
        return torch.cat([torch.arange(low), low + energy.argsort(descending=True)[:outputs - low].sort().values])


def _look(network: Folded, ways: list[_Way], latents: Tensor) -> None:
    """Let every way see what goes through the folded generator."""
    folded = {octave.octave: octave.conv2 for octave in cast("list[FoldedOctave]", list(network.later))}
    hooks = []
    for way in ways:
        if way.full in folded:
            convolution = folded[way.full]
            hooks.append(convolution.register_forward_pre_hook(partial(_folded_input, way)))
        else:
            hooks.append(way.full.conv2.register_forward_pre_hook(partial(_input, way)))
    for latent in latents:
        network(latent[None])
    for hook in hooks:
        hook.remove()


def _folded_input(way: _Way, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    way.see(inputs[0], cast(FoldedConv, module).kernel)


def _input(way: _Way, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    way.see(inputs[0] * inputs[1][:, :, None, None], _kernel(cast(StyledConv, module)))


def _kernel(convolution: StyledConv) -> Tensor:
    assert convolution.depthwise is not None
    return convolution.depthwise.weight


def _copy(layer: nn.Linear | nn.Conv2d, weight: Tensor, bias: Tensor) -> None:
    """The first rows, as many as it has."""
    layer.weight.copy_(weight[:len(layer.weight)])
    cast(Tensor, layer.bias).copy_(bias[:len(layer.weight)])


def _begin_fine(head: PreviewHead) -> None:
    """The small picture enlarged, and no detail yet."""
    rows, columns = ENLARGED.repeat_interleave(TIMES, dim=0), ENLARGED.repeat(TIMES, 1)
    kernels = rows[:, :, None] * columns[:, None]
    head.enlarge.weight.copy_(kernels.repeat(3, 1, 1)[:, None])
    head.detail.weight.zero_()
    cast(Tensor, head.detail.bias).zero_()
    for affine in (head.fine.style, head.detail_style):
        affine.weight.mul_(0.1)
        cast(Tensor, affine.bias).fill_(1.0)

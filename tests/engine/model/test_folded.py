"""The folded generator: the full one's weights, exact where the picture is even, cheap everywhere."""

from __future__ import annotations

from collections.abc import Generator
from typing import cast

import pytest
import torch
from tiny_pack import CHANNELS, WIDTH, write_wheel
from torch import Tensor
from torch.nn import functional as F

from engine.model import pieces
from engine.model.faces_pack import build, read
from engine.model.networks import folded, mobilestylegan
from engine.model.networks.folded import Folded, folded_kernel
from engine.model.networks.mobilestylegan import Octave, Synthesis
from engine.model.pieces import Passage


@pytest.fixture
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return build(read(write_wheel(tmp_path_factory.mktemp("pack") / "tiny.whl"), CHANNELS, WIDTH))[1]


def some_latents(batch: int = 2) -> Tensor:
    return torch.randn(batch, 8, WIDTH, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_a_folded_kernel_answers_as_the_fine_one_does_on_average(factor: int) -> None:
    random = torch.Generator().manual_seed(1)
    coarse, kernel = torch.randn(1, 5, 6, 6, generator=random), torch.randn(5, 1, 3, 3, generator=random)
    even = F.interpolate(coarse, scale_factor=factor, mode="nearest")
    fine = F.avg_pool2d(F.conv2d(even, kernel, padding=1, groups=5), factor)
    torch.testing.assert_close(F.conv2d(coarse, folded_kernel(kernel, factor), padding=1, groups=5), fine)


def test_it_is_the_generator_averaged_where_nothing_is_bent(synthesis: Synthesis,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """With ReLUs that leak everything, and kernels that look at no neighbour, details have no way into averages."""
    for octave in cast(list[Octave], list(synthesis.octaves)):
        for convolution in (octave.conv1, octave.conv2):
            assert convolution.depthwise is not None
            centre = torch.zeros_like(convolution.depthwise.weight)
            centre[:, :, 1, 1] = convolution.depthwise.weight[:, :, 1, 1]
            convolution.depthwise.weight.copy_(centre)
    for module in (folded, mobilestylegan):
        monkeypatch.setattr(module, "LEAK", 1.0)
    latents = some_latents()
    whole = synthesis(latents)
    for size in synthesis.sizes:
        picture = Folded(synthesis, size)(latents)
        assert picture.shape == (2, 3, size, size)
        torch.testing.assert_close(picture, F.adaptive_avg_pool2d(whole, size), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("values", [1, 300])
def test_pieces_give_its_picture_and_gradient(synthesis: Synthesis, monkeypatch: pytest.MonkeyPatch,
                                              values: int) -> None:
    network, latents = Folded(synthesis, 8), some_latents(1).requires_grad_()
    whole = network(latents)
    whole.square().sum().backward()
    monkeypatch.setattr(pieces, "STRIP_FROM", 1)
    monkeypatch.setattr(pieces, "STRIP_VALUES", values)
    monkeypatch.setattr(mobilestylegan, "WHOLE", 4)
    passage = Passage(network.stages(), latents)
    picture = _run(passage.forward())
    gradient = _run(passage.backward(2 * picture.detach()))
    torch.testing.assert_close(picture.detach(), whole.detach(), rtol=1e-4, atol=1e-4)
    assert latents.grad is not None
    torch.testing.assert_close(gradient, latents.grad, rtol=1e-3, atol=1e-3)


def _run(work: Generator[None, None, Tensor]) -> Tensor:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return cast(Tensor, end.value)

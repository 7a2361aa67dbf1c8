"""The preview's head: its pictures and gradients in pieces, and what it is of the generator that it is made from."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.pauses import finished
from engine.model.networks.folded import Folded
from engine.model.networks.mobilestylegan import Synthesis
from engine.model.networks.style_preview import TIMES, Preview, PreviewHead
from engine.model.pieces import Passage
from engine.train.narrow import chosen, narrow

CHANNELS, WIDTH, TRUNK = (8, 8, 16, 8, 8), 6, 8
FULL = (16, 8, 8)
"""Channels between the convolutions of the octaves after the trunk: all there are."""


def synthesis() -> Synthesis:
    torch.manual_seed(1)
    network = Synthesis(CHANNELS, WIDTH).eval().requires_grad_(False)
    for name, buffer in network.named_buffers():
        buffer.normal_(std=1.0 if name == "constant" else 0.1)
    return network


def some_latents(batch: int) -> Tensor:
    return torch.randn(batch, 14, WIDTH, generator=torch.Generator().manual_seed(3))


def narrowed(network: Synthesis, middle: tuple[int, ...]) -> Preview:
    head = PreviewHead(CHANNELS, TRUNK, WIDTH, middle, fine=3).requires_grad_(False)
    narrow(network, head, some_latents(4))
    return Preview(network, head)


def test_as_wide_as_the_generator_it_is_the_folded_one_enlarged() -> None:
    network = synthesis()
    with torch.no_grad():
        made, folded = narrowed(network, FULL)(some_latents(2)), Folded(network, 2 * TRUNK)(some_latents(2))
    assert made.shape == (2, 3, 8 * TRUNK, 8 * TRUNK)
    enlarged = F.interpolate(folded, scale_factor=TIMES, mode="bilinear", align_corners=False)
    torch.testing.assert_close(made, enlarged, rtol=1e-3, atol=1e-3)


def test_the_fewer_channels_the_further_away() -> None:
    network, latents = synthesis(), some_latents(3)
    with torch.no_grad():
        whole = narrowed(network, FULL)(latents)
        most, few = (narrowed(network, middle)(latents) for middle in ((14, 7, 7), (4, 3, 3)))
    assert 0 < (most - whole).abs().mean() < (few - whole).abs().mean()


def test_pieces_give_its_picture_and_gradient() -> None:
    preview, latents = narrowed(synthesis(), (10, 6, 6)), some_latents(2).requires_grad_()
    whole = preview(latents)
    whole.square().sum().backward()
    passage = Passage(preview.stages(), latents)
    picture = finished(passage.forward())
    gradient = finished(passage.backward(2 * picture.detach()))
    torch.testing.assert_close(picture.detach(), whole.detach())
    assert latents.grad is not None and latents.grad.abs().sum(dim=(0, 2)).min() > 0, "every layer acts"
    torch.testing.assert_close(gradient, latents.grad, rtol=1e-4, atol=1e-5)


def test_an_input_that_others_make_is_left_out_first_and_made_up_for() -> None:
    inputs = torch.randn(3, 1000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inputs = torch.cat([inputs, inputs[:1] - 2 * inputs[1:2] + 0.5, torch.ones(1, 1000)])
    weight = torch.tensor([[1.0, 1.0, 5.0, 1.0, 2.0], [0.0, 3.0, 5.0, 1.0, 0.0]], dtype=torch.float64)
    kept, made = chosen(inputs @ inputs.T, weight, 3)
    assert 2 in kept and len(kept) == 3
    torch.testing.assert_close(made @ torch.cat([inputs[kept], inputs[-1:]]), weight @ inputs, rtol=0.01, atol=0.05)

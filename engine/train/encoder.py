"""Teaches the encoder to read latents off pictures that look as photographs do.

The generator makes unlimited pairs; the pictures are then treated as cameras, compression and careless framing treat
photographs (exposure, white balance, contrast, blur, grain, JPEG blocks, a hand or a hat in front, a frame a little
off), while the answer stays the latent of the clean, well-framed picture. The loss is squared error in style space and,
every few steps, the distance between the clean picture and the preview of the answer, through the preview network.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.mobilestylegan import Mapping
from engine.model.networks.style_encoder import SIDE, StyleEncoder
from engine.train.pairs import draw_latents
from engine.train.trainer import Budget, Training, TrainingStep

PICTURE_EVERY = 3
"""The expensive term, through the preview and the features, is asked for in one step of so many."""


def augment(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Bx3xHxW clean pictures in [-1, 1] -> Bx3xSIDExSIDE as a camera might have taken them."""
    arrays = ((pictures.clamp(-1, 1) + 1) / 2).permute(0, 2, 3, 1).numpy()
    made = np.stack([_photographed(array, random) for array in arrays])
    return torch.from_numpy(made).permute(0, 3, 1, 2) * 2 - 1


def _photographed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    picture = _framed(picture, random)
    gain = np.exp(random.normal(0, 0.08, 3) + random.normal(0, 0.12)).astype(np.float32)
    picture = np.clip(picture * gain, 0, 1) ** np.float32(np.exp(random.normal(0, 0.2)))
    gray = picture.mean(axis=2, keepdims=True)
    picture = gray + (picture - gray) * np.float32(0 if random.random() < 0.08 else random.uniform(0.6, 1.3))
    if random.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.4, 1.5))
    if random.random() < 0.25:
        picture = _covered(picture, random)
    picture = picture + random.normal(0, random.uniform(0, 0.03), picture.shape).astype(np.float32)
    if random.random() < 0.4:
        picture = _compressed(picture, random)
    return np.ascontiguousarray(np.clip(picture, 0, 1), np.float32)


def _framed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Turned, scaled and shifted by what a landmark detector gets wrong."""
    size = picture.shape[0]
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), random.normal(0, 2.0), np.exp(random.normal(0, 0.04)))
    matrix[:, 2] += random.normal(0, 0.012, 2) * size
    moved = cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.resize(moved, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def _covered(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A plain blob near the border of the picture: hats, hands, microphones, other people's shoulders."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    angle, distance = random.uniform(0, 2 * np.pi), random.uniform(0.4, 0.6) * SIDE
    centre = (int(SIDE / 2 + distance * np.cos(angle)), int(SIDE / 2 + distance * np.sin(angle)))
    axes = (int(random.uniform(0.08, 0.3) * SIDE), int(random.uniform(0.08, 0.3) * SIDE))
    cv2.ellipse(mask, centre, axes, random.uniform(0, 180), 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 1.5)[..., None]
    return np.asarray(picture * (1 - soft) + random.uniform(0, 1, 3).astype(np.float32) * soft)


def _compressed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    pixels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    done, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))])
    assert done
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded.astype(np.float32) / 255


def latent_error(manifold: Manifold, shared: Tensor, own: Tensor, latents: Tensor) -> Tensor:
    """Squared error in style space, relative to the cloud's variance: 1 is what the mean style would get."""
    variance = manifold.basis.square().sum(dim=1).sum() / manifold.width
    return (manifold.latents(shared, own) - latents).square().mean() / variance


def teach(manifold: Manifold, mapping: Mapping, encoder: StyleEncoder, features: Features, budget: Budget,
          checkpoint: Path, resume: bool, batch: int = 8) -> tuple[Training, Iterator[TrainingStep]]:
    """The run and its iterator. The manifold needs no encoder of its own."""
    training = Training(encoder, budget, checkpoint)
    if resume:
        training.resume()
    random = np.random.default_rng(training.step + 1)
    generator = torch.Generator().manual_seed(training.step + 1)

    def loss_of(step: int) -> Tensor:
        with torch.no_grad():
            latents = draw_latents(mapping, manifold.mean, manifold.layers, batch, generator)
            clean = manifold.preview(latents)
        shared, own = encoder(augment(clean, random))
        loss = latent_error(manifold, shared, own, latents) + 1e-3 * own.square().mean()
        if step % PICTURE_EVERY == 0:
            loss = loss + PICTURE_EVERY * _picture_error(manifold, features, shared, own, clean)
        return loss

    return training, training.run(loss_of)


def evaluate(manifold: Manifold, mapping: Mapping, encoder: StyleEncoder, count: int = 64) -> float:
    """`latent_error` on augmented pairs from a seed that training never uses."""
    generator, random = torch.Generator().manual_seed(2**40), np.random.default_rng(2**40)
    with torch.no_grad():
        latents = draw_latents(mapping, manifold.mean, manifold.layers, count, generator)
        clean = torch.cat([manifold.preview(part) for part in latents.split(8)])
        shared, own = encoder(augment(clean, random))
        return float(latent_error(manifold, shared, own, latents))


def _picture_error(manifold: Manifold, features: Features, shared: Tensor, own: Tensor, clean: Tensor) -> Tensor:
    half = clean.shape[0] // 2  # half of the batch: memory and time
    picture = F.avg_pool2d(manifold.preview(manifold.latents(shared[:half], own[:half])), 2)
    clean = F.avg_pool2d(clean[:half], 2)
    importance = F.avg_pool2d(manifold.importance, 2)
    pixels = ((picture - clean).square() * importance).mean()
    return 0.5 * features.distance(picture, clean, importance) + 0.5 * pixels

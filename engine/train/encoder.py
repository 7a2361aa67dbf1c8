"""Fits the encoder: latents read off pictures that look as photographs do.

The generator makes unlimited pairs; the pictures are then treated as cameras, compression and careless framing treat
photographs (exposure, white balance, contrast, blur, grain, JPEG blocks, a hand or a hat in front, a frame a little
off), while the answer stays the latent of the clean, well-framed picture. The encoder's map is linear in its
descriptors, so ridge regression finds the best one in closed form, in minutes and without a learning rate; its
stiffness is chosen on pairs that were held out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.model.manifold import Manifold
from engine.model.networks.mobilestylegan import Mapping
from engine.model.networks.style_encoder import SIDE, StyleEncoder
from engine.train.pairs import draw_latents

BATCH = 8
HELD_OUT = 10
"""One pair in so many chooses the stiffness."""

STIFFNESS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Tried ridge weights, relative to the descriptors' mean variance times their number."""


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


@dataclass(frozen=True, eq=False)
class Fit:
    """error: of `evaluate`'s kind, on the held-out pairs. stiffness: the chosen one."""

    error: float
    stiffness: float
    count: int


def sample(manifold: Manifold, mapping: Mapping, encoder: StyleEncoder, count: int, seed: int,
           ) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Yields (made so far, NxD descriptors, NxR answers) of photographed pairs; both grow in place."""
    random, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    described = torch.empty(count, encoder.read.in_features)
    answers = torch.empty(count, encoder.read.out_features)
    for start in range(0, count, BATCH):
        rows = slice(start, min(start + BATCH, count))
        with torch.no_grad():
            latents = draw_latents(mapping, manifold.mean, manifold.layers, rows.stop - start, generator)
            described[rows] = encoder.describe(augment(manifold.preview(latents), random))
            answers[rows] = encoder.join(*manifold.coordinates(latents))
        yield rows.stop, described, answers


def fit(manifold: Manifold, encoder: StyleEncoder, described: Tensor, answers: Tensor) -> Fit:
    """Ridge regression in its dual form (fewer pairs than descriptors); writes the map into the encoder."""
    held = torch.arange(len(described)) % HELD_OUT == 0
    mean, center = described[~held].mean(dim=0), answers[~held].mean(dim=0)
    x, y = (described - mean).double(), (answers - center).double()
    gram = x[~held] @ x[~held].T
    values, vectors = torch.linalg.eigh(gram)
    rotated = vectors.T @ y[~held]
    importance = answer_weights(manifold, encoder).double()
    best, chosen = float("inf"), torch.empty(0)
    for stiffness in STIFFNESS:
        solution = x[~held].T @ (vectors @ (rotated / (values + stiffness * values.mean())[:, None]))
        wrong = ((x[held] @ solution - y[held]).square().mean(dim=0) * importance).sum()
        error = float(wrong / (y[held].square().mean(dim=0) * importance).sum())
        if error < best:
            best, kept, chosen = error, stiffness, solution
    with torch.no_grad():
        encoder.read.weight.copy_(chosen.T)
        encoder.read.bias.copy_(center - chosen.T.float() @ mean)
    return Fit(best, kept, len(described))


def answer_weights(manifold: Manifold, encoder: StyleEncoder) -> Tensor:
    """R: each answer counts as much as it moves the style, so that the error is one in style space."""
    scale = manifold.basis.square().sum(dim=1)
    groups = [scale[: encoder.own_coordinates] / 3] * 3
    return torch.cat([scale, *groups])


def evaluate(manifold: Manifold, mapping: Mapping, encoder: StyleEncoder, count: int = 64) -> float:
    """Squared error in style space over the mean style's (1 = knows nothing), on photographed pairs never fitted."""
    generator, random = torch.Generator().manual_seed(2**40), np.random.default_rng(2**40)
    with torch.no_grad():
        latents = draw_latents(mapping, manifold.mean, manifold.layers, count, generator)
        clean = torch.cat([manifold.preview(part) for part in latents.split(BATCH)])
        guessed = manifold.latents(*encoder(augment(clean, random)))
        return float((guessed - latents).square().mean() / (latents - manifold.mean).square().mean())

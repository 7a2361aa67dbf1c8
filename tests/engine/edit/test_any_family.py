"""Projecting, painting, sliding and mapping ask nothing of a manifold that one of any family does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.document.direction import set_to
from engine.document.edit import ManifoldEdit
from engine.document.job import ListDirections, Project, Solve, Step, Transfer
from engine.document.latent import Frame
from engine.document.map_jobs import DrawMap
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.edit.project import project
from engine.edit.render import render
from engine.edit.solve import solve
from engine.model import own_manifold, packs
from engine.model.directions import list_directions
from engine.model.families import FAMILIES
from engine.model.features import Features
from engine.model.latent_map import draw_map
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.picture_encoder import PictureEncoder

NAMES = ("cup", "pear")


def last(steps: Iterator[Step]) -> Step:
    *_, end = steps
    assert end.settled
    return end


def manifold_of(family: str) -> Manifold:
    """Untaught, as small as can be, with an encoder and, where the family can be told them, two classes."""
    torch.manual_seed(0)
    kind = FAMILIES[family]
    generator = kind.generator(kind.least, (0.5, 0.5) if kind.classed else ())
    mean, basis = own_manifold.cloud(generator)
    encoder = PictureEncoder(generator.layers, len(basis))
    kinds = own_manifold.kinds_of(generator, NAMES if kind.classed else ())
    return own_manifold.manifold_of("any", generator, mean, basis, encoder, kinds=kinds)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_all_that_can_be_done(family: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    manifold = manifold_of(family)
    photo = Photo(np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8))
    found = last(project(Project(ticket=1, photo=photo, frame=Frame(32, 24, 32), manifold="any", steps=4), manifold))
    base = found.candidates[0].latent
    assert base.manifold == "any" and found.frame is not None
    if manifold.kinds is not None:
        assert manifold.kinds.name_of(manifold.tensor(base)) in NAMES

    stroke = Stroke(StrokeKind.COLOR, np.array([(32, 24, 1)], np.float32), 6, color=(255, 0, 0))
    edit = ManifoldEdit(found.frame, base, base, (stroke,))
    solved = last(solve(Solve(ticket=2, photo=photo, edit=edit, starts=(base,), settle=True, candidates=2, steps=4),
                        manifold))  # fmt: skip
    assert len(solved.candidates) == 2 and solved.patch is not None

    ways = last(list_directions(ListDirections(ticket=3, manifold="any"), manifold)).directions
    assert len(ways) >= 2 and len({way.id for way in ways}) == len(ways)
    slid = replace(edit, strokes=()).slid(set_to((), ways[0], ways[0].limit))
    assert last(render(Transfer(ticket=4, photo=photo, edit=slid), manifold)).patch is not None
    sheet = last(draw_map(DrawMap(ticket=5, start=base, across=ways[0], up=ways[1], count=3, side=8), manifold))
    assert sheet.picture is not None and sheet.picture.shape == (24, 24, 3)

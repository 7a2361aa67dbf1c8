"""Everything that is done with a manifold is done on its device, and comes to what it comes to on the processor.

The device is a pretend one that refuses what a graphics card would refuse: a tensor left behind fails here, where there
is no card.
"""

from __future__ import annotations

import json
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from elsewhere import ELSEWHERE, Present

from engine.document.direction import set_to
from engine.document.edit import ManifoldEdit
from engine.document.job import (
    Example,
    Inspect,
    Linearise,
    ListDirections,
    Project,
    Sample,
    Solve,
    Step,
    Teach,
    Transfer,
)
from engine.document.latent import Frame, Latent
from engine.document.lens import Lens
from engine.document.map_jobs import DrawMap
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.edit.lens import inspect
from engine.edit.project import project
from engine.edit.ready import linearise, tangent_of
from engine.edit.render import render
from engine.edit.solve import solve
from engine.edit.tangent import Tangent
from engine.model import direction_cache, directions, own_manifold, packs, style_space, usual
from engine.model.catalog import open_manifold
from engine.model.device import CUDA, agrees, has_cuda
from engine.model.directions import list_directions
from engine.model.families import FAMILIES
from engine.model.features import Features
from engine.model.halved import halved
from engine.model.latent_map import draw_map
from engine.model.manifold import Manifold, to_array
from engine.model.networks import mobilestylegan
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.folded import Folded
from engine.model.networks.mobilestylegan import Synthesis
from engine.model.networks.picture_encoder import PictureEncoder
from engine.model.networks.style_encoder import StyleEncoder
from engine.model.networks.style_preview import Preview, PreviewHead
from engine.model.networks.vae import Recognition
from engine.model.teach import sample, teach
from engine.model.tuned import for_latent

Work = Callable[[Manifold], list[np.ndarray]]

WIDTH, CHANNELS = 8, (16, 16, 8)
NAMES = ("cup", "pear")
PHOTO = Photo(np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8))
FRAME = Frame(32, 24, 32)


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is kept, features are a network nobody taught, somebody has named a direction, short numbers are quicker.
    """
    monkeypatch.setattr("engine.model.manifold.halves", lambda device: True)
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    monkeypatch.setattr(directions, "ROOT", tmp_path)
    for id in ("small", "any"):
        named = {"name": "Older", "layers": (0, 1), "limit": 3, "coordinates": (0.5, 1)}
        file = tmp_path / "directions" / f"{id}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"manifold": id, "directions": [named]}), encoding="utf-8")
    monkeypatch.setattr(Features, "load", untaught)
    monkeypatch.setattr(usual, "_known", {})
    for name, value in (("PATCH", 8), ("SAMPLES", 12), ("FURTHER", 3), ("COORDINATES", 4)):
        monkeypatch.setattr(usual, name, value)


def untaught() -> Features:
    torch.manual_seed(0)
    return Features(CompactVGG())


def faces() -> Manifold:
    """As the faces are: a style network, a preview on its trunk, sketches, an encoder; of 32 px and random weights."""
    torch.manual_seed(3)
    network = Synthesis(CHANNELS, WIDTH).eval().requires_grad_(False)
    network.constant.normal_()
    for layer in network.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.weight.mul_(0.3)
            layer.bias.fill_(1.0)
    head = PreviewHead(CHANNELS, 4, WIDTH, (8, 8), fine=4).eval().requires_grad_(False)
    sketches = tuple(Folded(network, size) for size in (8, 8, 16))
    encoder = StyleEncoder(network.layers, WIDTH, 4).eval().requires_grad_(False)

    def draw(count: int, seed: int) -> torch.Tensor:
        return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))

    return Manifold("small", network.layers, 32, 32, torch.zeros(WIDTH), torch.eye(WIDTH), network,
                    Preview(network, head), draw, torch.ones(1, 1, 32, 32), encoder, sketches=sketches,
                    axes=torch.eye(WIDTH)[:6].repeat(network.layers, 1, 1), halve=halved)


def own(family: str) -> Manifold:
    """Untaught, as small as can be, with an encoder, a critic and two classes as far as the family can be told them."""
    torch.manual_seed(0)
    kind = FAMILIES[family]
    shares = (0.5, 0.5) if kind.classed else ()
    generator, critic = kind.generator(kind.least, shares), kind.critic and kind.critic(kind.least, shares)
    stats = finished(style_space.measure(generator.mapping, 200))
    mean, basis = stats["stats.mean"], stats["stats.basis"]
    encoder = Recognition(len(basis)) if family == "vae" else PictureEncoder(generator.layers, len(basis))
    kinds = own_manifold.kinds_of(generator, NAMES if kind.classed else ())
    return own_manifold.manifold_of("any", generator, mean, basis, encoder, critic, kinds)


def last(steps: Iterator[Step]) -> Step:
    *_, end = steps
    assert end.settled
    return end


def assert_alike(work: Work, make: Callable[[], Manifold]) -> None:
    """The work comes to the same on the processor and elsewhere."""
    here, manifold = work(make()), make()
    forget()
    with Present():
        there = work(manifold.on(ELSEWHERE))
    assert len(here) == len(there) > 0
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-4 * max(1.0, float(np.abs(a).max())))


def forget() -> None:
    """What was measured of manifolds: it is to be measured anew."""
    usual._known.clear()
    shutil.rmtree(direction_cache.folder(), ignore_errors=True)


def found(manifold: Manifold, steps: int = 8, quality: int = 0) -> tuple[Frame, Latent]:
    step = last(project(Project(ticket=1, photo=PHOTO, frame=FRAME, manifold=manifold.id, steps=steps, quality=quality),
                        manifold))  # fmt: skip
    assert step.frame is not None
    return step.frame, step.candidates[0].latent


def strokes() -> tuple[Stroke, ...]:
    line = np.array([(24, 24, 1), (40, 24, 1)], np.float32)
    return (Stroke(StrokeKind.COLOR, line, 6, color=(255, 0, 0)), Stroke(StrokeKind.WARP, line, 6),
            Stroke(StrokeKind.SKETCH, line + 4, 2), Stroke(StrokeKind.PROTECT, line - 8, 2))  # fmt: skip


def painted(manifold: Manifold) -> list[np.ndarray]:
    """A projection, and strokes on it: while the hand moves, by the tangent and on, and when it has lifted."""
    frame, base = found(manifold)
    kept: OrderedDict[Latent, Tangent] = OrderedDict()
    edit = ManifoldEdit(frame, base, base, strokes())
    last(linearise(Linearise(ticket=2, photo=PHOTO, edit=edit), manifold, kept))
    moving = Solve(ticket=3, photo=PHOTO, edit=edit, starts=(base,), steps=2)
    followed = list(solve(moving, manifold, tangent=tangent_of(base, base, kept)))[-1].candidates
    lifted = replace(moving, settle=True, candidates=3, steps=6)
    candidates = last(solve(lifted, manifold)).candidates
    return [base.values, *(each.latent.values for each in (*followed, *candidates))]


def slid(manifold: Manifold) -> list[np.ndarray]:
    """Sliders, the map of two of them, and a slide that is rendered."""
    base = manifold.latent(manifold.sample(1, 1))
    last(list_directions(ListDirections(ticket=1, manifold=manifold.id), manifold))
    ways = last(list_directions(ListDirections(ticket=1, manifold=manifold.id), manifold)).directions  # the kept ones
    edit = ManifoldEdit(FRAME, base, base).slid(set_to((), ways[0], ways[0].limit))
    patch = last(render(Transfer(ticket=2, photo=PHOTO, edit=edit), manifold)).patch
    sheet = last(draw_map(DrawMap(ticket=3, start=base, across=ways[0], up=ways[1], count=3, side=8), manifold)).picture
    assert patch is not None and sheet is not None
    list(render(Transfer(ticket=4, photo=PHOTO, edit=edit, settle=False), manifold))
    return [sheet / 255, *(way.values for way in ways)]


def looked(manifold: Manifold) -> list[np.ndarray]:
    """Both lenses and the way back; the second time by what was kept."""
    base = manifold.latent(manifold.sample(1, 1))
    edit = ManifoldEdit(FRAME, base, replace(base, values=base.values + 3))
    steps = []
    for lens in (Lens.PLAUSIBLE, Lens.PLAUSIBLE, Lens.RESIDUAL):
        steps.append(last(inspect(Inspect(ticket=1, photo=PHOTO, edit=edit, lens=lens), manifold)))
        usual._known.clear()
    overlays = [step.overlay / 255 for step in steps if step.overlay is not None]
    return [*overlays, *(step.directions[0].values for step in steps)]


def taught(manifold: Manifold) -> list[np.ndarray]:
    """A slider from pictures of which some are liked."""
    *_, drawn = sample(Sample(ticket=1, count=6, seed=0), manifold)
    likes = (True, True, False, False, None, None)
    examples = tuple(Example(each.latent, each.picture, like)
                     for each, like in zip(drawn.candidates, likes, strict=True))
    return [last(teach(Teach(ticket=2, name="mine", examples=examples), manifold)).directions[0].values]


@pytest.mark.parametrize("work", [painted, slid, looked, taught])
def test_faces(work: Work) -> None:
    assert_alike(work, faces)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_any_family(family: str) -> None:
    def work(manifold: Manifold) -> list[np.ndarray]:
        """A projection, a stroke through the full network, a slider; what is known of the class and of the outline."""
        frame, base = found(manifold, steps=3)
        edit = ManifoldEdit(frame, base, base, strokes())
        lifted = Solve(ticket=2, photo=PHOTO, edit=edit, starts=(base,), settle=True, candidates=2, steps=2)
        last(list_directions(ListDirections(ticket=3, manifold=manifold.id), manifold))
        kinds, outline = manifold.kinds, manifold.cut(manifold.tensor(base))
        assert kinds is None or kinds.name_of(manifold.tensor(base)) in NAMES
        samples = manifold.sample(2, 0, kind=NAMES[1] if kinds else "")
        outlines = [] if outline is None else [outline.detach().cpu().numpy()]
        return [base.values, samples.cpu().numpy(), *outlines,
                *(each.latent.values for each in last(solve(lifted, manifold)).candidates)]

    assert_alike(work, lambda: own(family))


def test_places_are_judged_by_a_critic() -> None:
    assert_alike(looked, lambda: own("style"))


def test_a_tuned_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mobilestylegan, "LATE", (8, 16))

    def tuned(manifold: Manifold) -> list[np.ndarray]:
        frame, base = found(manifold, quality=6)
        assert base.tuning is not None
        picture = last(solve(Solve(ticket=2, photo=PHOTO, edit=ManifoldEdit(frame, base, base, strokes()[:1]),
                                   starts=(base,), settle=True, candidates=1, steps=2), for_latent(manifold, base)))
        assert picture.patch is not None
        return [base.values, *(up @ down for up, down in base.tuning.factors.values())]

    assert_alike(tuned, faces)


with_cuda = pytest.mark.skipif(not has_cuda(), reason="there is no CUDA device")


@pytest.mark.cuda
@with_cuda
@pytest.mark.parametrize("work", [painted, slid, looked, taught])
def test_faces_on_cuda(work: Work) -> None:
    """Steps that follow the sign of a slope part where it is nought, so that descents agree on the average only."""
    assert agrees(CUDA)
    here = work(faces())
    forget()
    there = work(faces().on(CUDA))
    assert len(here) == len(there) > 0
    for a, b in zip(here, there, strict=True):
        assert np.abs(a - b).mean() <= 0.02 * max(1.0, float(np.abs(a).max()))


@pytest.mark.cuda
@pytest.mark.pack
@with_cuda
def test_a_true_face_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    here, there = open_manifold("faces"), open_manifold("faces").on(CUDA)
    latent = here.latent(here.sample(1, 5))
    with torch.no_grad():
        shown = [to_array(each.picture(each.tensor(latent))) for each in (here, there)]
    assert np.abs(shown[0] - shown[1]).mean() < 0.005
    photo = Photo(np.rint(255 * shown[0]).astype(np.uint8))
    job = Project(ticket=1, photo=photo, frame=Frame(512, 512, 1024), steps=12)
    costs = [last(project(job, each)).candidates[0].cost for each in (here, there)]
    assert costs[1] < 1.1 * costs[0]

"""Steps: the table of which generator does which job, and the manifolds and the studio those generators
work on.

The modules behind the table load torch, so they are imported when the first job of their kind comes: importing this
module costs nothing, and the editor is on the screen before the engine is warm.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.document.errors import InputError
from engine.document.job import (
    Describe,
    Export,
    FindRegions,
    FitStyle,
    Inspect,
    Install,
    Job,
    LearnStyle,
    LearnTexture,
    Linearise,
    ListDirections,
    ListManifolds,
    Paint,
    Project,
    Sample,
    Scrub,
    Solve,
    Step,
    Teach,
    Transfer,
    UseFeatures,
)
from engine.document.map_jobs import DrawMap
from engine.document.training import Crop
from engine.document.training_jobs import DiscardTraining, LookAtFolder, TimeTraining, TrainManifold, UseSoFar

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from engine.document.latent import Latent
    from engine.edit.tangent import Tangent
    from engine.model.manifold import Manifold
    from engine.paint.studio import Studio
    from engine.train.shelf import Shelf

OpenManifold = Callable[[str], "Manifold"]


class Steps:
    """Begins jobs. open_manifold: how to open a manifold by its id; each is opened once (a failure is not kept)."""

    def __init__(self, open_manifold: OpenManifold | None = None) -> None:
        self._open = open_manifold or _installed
        self._manifolds: dict[str, Manifold] = {}
        self._studio: Studio | None = None
        self._left: dict[str, Shelf[Any]] = {}
        self.tangents: OrderedDict[Latent, Tangent] = OrderedDict()

    def begin(self, job: Job) -> Iterator[Step]:
        """The generator that does `job`; nothing has run yet but the import of its module. TypeError for others."""
        for kind, generator in TABLE.items():
            if isinstance(job, kind):
                return generator(job, self)
        raise TypeError(f"no generator for {type(job).__name__}")

    def manifold(self, id: str) -> Manifold:
        """The open manifold of that id; InputError where it is not installed."""
        if id not in self._manifolds:
            self._manifolds[id] = self._open(id)
        return self._manifolds[id]

    def for_latent(self, latent: Latent) -> Manifold:
        """The manifold as that latent was found in it: tuned to its photo, where it was."""
        from engine.model.tuned import for_latent

        return for_latent(self.manifold(latent.manifold), latent)

    @property
    def studio(self) -> Studio:
        """The one studio in which layers are painted."""
        if self._studio is None:
            from engine.model.device import chosen
            from engine.paint.studio import Studio

            self._studio = Studio(device=chosen())
        return self._studio

    def left(self, kind: str) -> Shelf[Any]:
        """Trainings of that kind that were left, to be gone on with."""
        from engine.train.shelf import Shelf

        return self._left.setdefault(kind, Shelf())

    def on_processor(self) -> Steps:
        """Others, whose manifolds are on the processor whatever there is: for figures that are the processor's."""
        from engine.model.device import CPU

        return Steps(lambda id: self._open(id).on(CPU))

    def forget(self, id: str) -> None:
        """Open that manifold anew the next time: its files have changed."""
        self._manifolds.pop(id, None)

    def warm_up(self) -> None:
        """Make the first stroke as quick as the others: load torch, go back through a network once, open the faces.

        One core is left to the window: with all of them the engine slows its own window more than it gains.
        """
        import torch

        torch.set_num_threads(max(1, min(8, (os.cpu_count() or 2) - 1)))
        point = torch.zeros(1, 3, 8, 8, requires_grad=True)
        torch.nn.functional.conv2d(point, torch.ones(1, 3, 3, 3)).square().sum().backward()
        try:
            self.manifold("faces")
        except InputError:
            return  # not installed yet: the first job that needs it says so


def _installed(id: str) -> Manifold:
    from engine.model import catalog, device

    return device.placed(catalog.open_manifold(id))


def _find_regions(job: FindRegions, steps: Steps) -> Iterator[Step]:
    from engine.edit.regions import find_regions

    return find_regions(job)


def _project(job: Project, steps: Steps) -> Iterator[Step]:
    from engine.edit.project import project

    return project(job, steps.manifold(job.manifold))


def _solve(job: Solve, steps: Steps) -> Iterator[Step]:
    from engine.edit.ready import tangent_of
    from engine.edit.solve import solve

    tangent = tangent_of(job.edit.origin(), job.edit.base, steps.tangents)
    return solve(job, steps.for_latent(job.edit.base), tangent=tangent)


def _linearise(job: Linearise, steps: Steps) -> Iterator[Step]:
    from engine.edit.ready import linearise

    try:
        manifold = steps.for_latent(job.edit.base)
    except InputError:  # not installed: the stroke itself says so
        return iter((Step(ticket=job.ticket, settled=True),))
    return linearise(job, manifold, steps.tangents)


def _inspect(job: Inspect, steps: Steps) -> Iterator[Step]:
    from engine.edit.lens import inspect

    return inspect(job, steps.for_latent(job.edit.base))


def _transfer(job: Transfer, steps: Steps) -> Iterator[Step]:
    from engine.edit.render import render

    return render(job, steps.for_latent(job.edit.base))


def _paint(job: Paint, steps: Steps) -> Iterator[Step]:
    from engine.paint.render import paint

    return _sharing(paint(job, steps.studio), job)


def _sharing(work: Iterator[Step], job: Paint) -> Iterator[Step]:
    """A stroke changes a part of a layer: the rest of its new patch is held in common with the one before."""
    for step in work:
        yield step if step.patch is None else replace(step, patch=step.patch.sharing(job.edit.patch))


def _describe(job: Describe, steps: Steps) -> Iterator[Step]:
    from engine.paint.describe import describe

    return describe(job, steps.studio)


def _learn_texture(job: LearnTexture, steps: Steps) -> Iterator[Step]:
    from engine.train.texture import learn_texture

    return learn_texture(job, shelf=steps.left("texture"))


def _fit_style(job: FitStyle, steps: Steps) -> Iterator[Step]:
    from engine.train.style_fit import fit_style

    studio = steps.studio
    if studio.is_fitted(job.style):
        return iter((Step(ticket=job.ticket, style=job.style, settled=True, fraction=1.0),))
    start = studio.embedding(job.style)
    return fit_style(job, studio.network, studio.features.network, start, studio.fingerprint)


def _learn_style(job: LearnStyle, steps: Steps) -> Iterator[Step]:
    from engine.train.style_single import learn_style

    return learn_style(job, steps.left("style"))


def _scrub(job: Scrub, steps: Steps) -> Iterator[Step]:
    from engine.animate.morph import scrub

    return scrub(job, steps.manifold, steps.studio)


def _export(job: Export, steps: Steps) -> Iterator[Step]:
    from engine.animate.movie import export

    return export(job, steps.manifold, steps.studio)


def _list_directions(job: ListDirections, steps: Steps) -> Iterator[Step]:
    from engine.model.directions import list_directions

    return list_directions(job, steps.manifold(job.manifold))


def _list_manifolds(job: ListManifolds, steps: Steps) -> Iterator[Step]:
    from engine.model.listing import list_manifolds

    return list_manifolds(job, steps.manifold)


def _draw_map(job: DrawMap, steps: Steps) -> Iterator[Step]:
    from engine.model.latent_map import draw_map

    return draw_map(job, steps.manifold(job.start.manifold))


def _sample(job: Sample, steps: Steps) -> Iterator[Step]:
    from engine.model.teach import sample

    return sample(job, steps.manifold(job.manifold))


def _teach(job: Teach, steps: Steps) -> Iterator[Step]:
    from engine.model.teach import teach

    return teach(job, steps.manifold(job.examples[0].latent.manifold))


def _use_features(job: UseFeatures, steps: Steps) -> Iterator[Step]:
    yield Step(ticket=job.ticket, settled=True, note=steps.studio.use_features(job.path))


def _install(job: Install, steps: Steps) -> Iterator[Step]:
    from engine.model.packs import install

    for step in install(job.pack):
        yield Step(ticket=job.ticket, fraction=step.fraction, note=step.note)
    steps.forget(job.pack)
    yield Step(ticket=job.ticket, settled=True, fraction=1.0, note=f"{job.pack} is installed")


def _look_at_folder(job: LookAtFolder, steps: Steps) -> Iterator[Step]:
    from engine.train.looking import look_at_folder

    return look_at_folder(job, _cut(job.crop))


def _time_training(job: TimeTraining, steps: Steps) -> Iterator[Step]:
    from engine.train.timing import time_training

    return time_training(job)


def _train_manifold(job: TrainManifold, steps: Steps) -> Iterator[Step]:
    from engine.train.own import train_manifold

    with closing(train_manifold(job, _cut(job.plan.crop))) as work:
        for step in work:
            if step.settled:
                steps.forget(job.plan.name)
            yield step


def _use_so_far(job: UseSoFar, steps: Steps) -> Iterator[Step]:
    from engine.train.so_far import use_so_far

    return use_so_far(job)


def _discard_training(job: DiscardTraining, steps: Steps) -> Iterator[Step]:
    from engine.document.training import discard
    from engine.model.packs import home

    discard(home(), job.name)
    yield Step(ticket=job.ticket, settled=True)


def _cut(crop: Crop) -> Callable[[Path, int], np.ndarray] | None:
    """Faces are found and laid by what stands beside training; the other crops it makes itself."""
    if crop is not Crop.FACE:
        return None
    from engine.edit.face_square import face_square

    return face_square


TABLE: dict[type[Job], Callable[[Any, Steps], Iterator[Step]]] = {
    FindRegions: _find_regions,
    Project: _project,
    Linearise: _linearise,
    Inspect: _inspect,
    Solve: _solve,
    Transfer: _transfer,
    Paint: _paint,
    Describe: _describe,
    LearnTexture: _learn_texture,
    FitStyle: _fit_style,
    LearnStyle: _learn_style,
    Scrub: _scrub,
    Export: _export,
    UseFeatures: _use_features,
    Install: _install,
    ListDirections: _list_directions,
    ListManifolds: _list_manifolds,
    DrawMap: _draw_map,
    Sample: _sample,
    Teach: _teach,
    LookAtFolder: _look_at_folder,
    TimeTraining: _time_training,
    TrainManifold: _train_manifold,
    UseSoFar: _use_so_far,
    DiscardTraining: _discard_training,
}
"""Job type -> generator function."""

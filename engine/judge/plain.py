"""Sets our projection beside plain descent: how long the guess takes, and how soon ours is as near as many plain steps.

Plain descent is what programs did before: Adam from the average picture, one start, every step at one size, no encoder,
the frame as it was given. It comes in two freedoms: one style for all layers, as StyleGAN's own projector has it
(Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", appendix D), and a style for each layer
(Abdal et al. 2019, "Image2StyleGAN"), which comes nearer. Both go through the finest sketch, which costs a part of the
full network, with a rate that falls to almost nothing; both are judged, as ours is, by the full network's picture.

A thousand steps take a processor's core many minutes: what has been done is kept beside the table, and gone on with.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.document.image_files import read_photo
from engine.document.latent import Frame
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.edit.descent import descend
from engine.edit.sight import Sight
from engine.edit.target import Target
from engine.judge.portraits import frames
from engine.model.adam import Adam, Group, rate
from engine.model.features import Features
from engine.model.manifold import Manifold, stages_of
from engine.model.pieces import Passage, drawing, pull

FREEDOMS = {"one style": False, "a style a layer": True}
RATE, WARM_UP = 0.1, 20
BUDGETS = (6, 12, 24, 48, 96)
"""Steps of our descent: as each has its own shares of coarse and fine, each is a run of its own."""
KEEP_EVERY = 20


@dataclass(frozen=True)
class Mark:
    """Where a descent was. seconds: of the processor's work. error: the energy of the full network's picture."""

    steps: int
    seconds: float
    error: float


@dataclass(frozen=True)
class Comparison:
    """One portrait. ours: the guess alone, then each budget. reached: seconds in which ours came as near as each plain
    one; None where it did not.
    """

    name: str
    frame: Frame
    ours: tuple[Mark, ...]
    plain: dict[str, Mark]
    reached: dict[str, float | None]


Tell = Callable[[str], None]


def compare(paths: Sequence[Path], manifold: Manifold, out: Path, steps: int, tell: Tell = lambda line: None,
            budgets: Sequence[int] = BUDGETS) -> Iterator[Comparison]:
    """Yields a row a portrait, and keeps plain.json in `out` as it grows; what is there is not done again."""
    out.mkdir(parents=True, exist_ok=True)
    comparing, rows = Comparing(manifold, out, steps, tell, budgets), _read(out / "plain.json")
    for path in paths:
        row = None
        for row in comparing.portrait(path, rows.get(path.stem)):
            rows[row.name] = row
            written = json.dumps([asdict(each) for each in rows.values()], indent=1)
            (out / "plain.json").write_text(written, encoding="utf-8")
        if row is not None:
            yield row


class Comparing:
    """What all portraits have in common. steps: of the plain descents, which are kept in `out` while under way."""

    def __init__(self, manifold: Manifold, out: Path, steps: int, tell: Tell, budgets: Sequence[int]) -> None:
        self._manifold, self._features = manifold, Features.load()
        self._out, self._steps, self._tell, self._budgets = out, steps, tell, budgets

    def portrait(self, path: Path, before: Comparison | None) -> Iterator[Comparison]:
        """The row of the largest face, as it grows from what there was; nothing where there is no face."""
        photo = read_photo(path)
        for frame in (before.frame,) if before else frames(photo)[:1]:
            ours = {mark.steps: mark for mark in before.ours} if before else {}
            plain = {way: mark for way, mark in before.plain.items() if mark.steps == self._steps} if before else {}
            for budget in [budget for budget in (0, *self._budgets) if budget not in ours]:
                ours[budget] = _ours(self._manifold, self._features, photo, frame, budget)
                self._tell(f"{path.stem}: ours, {ours[budget]}")
                yield _row(path.stem, frame, ours, plain)
            for way in [way for way in FREEDOMS if way not in plain]:
                plain[way] = self._plain(way, photo, frame, path.stem)
                yield _row(path.stem, frame, ours, plain)
            yield _row(path.stem, frame, ours, plain)

    def _plain(self, way: str, photo: Photo, frame: Frame, name: str) -> Mark:
        steps, kept = self._steps, self._out / f"{name}-{way.replace(' ', '-')}-{self._steps}.safetensors"
        descent = Plain(self._manifold, self._features, Target(photo, frame, self._manifold), FREEDOMS[way])
        if kept.exists():
            descent.go_on(kept)
        while descent.steps < steps:
            descent.step(steps)
            if descent.steps % KEEP_EVERY == 0 or descent.steps == steps:
                descent.keep(kept)
                self._tell(f"{name}, {way}: {descent.steps} of {steps} steps, {descent.seconds:.0f} s of work")
        return Mark(steps, descent.seconds, descent.error())


def _row(name: str, frame: Frame, ours: dict[int, Mark], plain: dict[str, Mark]) -> Comparison:
    marks = tuple(ours[steps] for steps in sorted(ours))
    return Comparison(name, frame, marks, dict(plain), {way: reached(marks, m.error) for way, m in plain.items()})


def _read(table: Path) -> dict[str, Comparison]:
    rows = json.loads(table.read_text(encoding="utf-8")) if table.exists() else []
    return {r["name"]: Comparison(r["name"], Frame(**r["frame"]), tuple(Mark(**m) for m in r["ours"]),
                                  {way: Mark(**m) for way, m in r["plain"].items()}, r["reached"]) for r in rows}


def reached(ours: Sequence[Mark], error: float) -> float | None:
    """Seconds in which ours came down to that error, between two marks by powers; None where it never did."""
    before = None
    for mark in ours:
        if mark.error <= error:
            if before is None or before.error == mark.error:
                return mark.seconds
            share = math.log(before.error / error) / math.log(before.error / mark.error)
            return before.seconds * (mark.seconds / before.seconds) ** share
        before = mark
    return None


def _ours(manifold: Manifold, features: Features, photo: Photo, frame: Frame, steps: int) -> Mark:
    """The whole of it, from the photo to the full network's picture; of no steps, the guess and the preview of it."""
    began = time.process_time()
    target = Target(photo, frame, manifold)
    if not steps:
        with torch.no_grad():
            manifold.preview(manifold.latents(*manifold.guess(target.picture)))
    guessed = time.process_time() - began
    *_, last = descend(manifold, features, target, steps, True)
    return Mark(steps, time.process_time() - began if steps else guessed, last.cost)


class Plain:
    """One plain descent. each: every layer has a style of its own. seconds: of work so far, without any judging."""

    def __init__(self, manifold: Manifold, features: Features, target: Target, each: bool) -> None:
        self._manifold = manifold
        self._network = manifold.sketches[-1] if manifold.sketches else manifold.generator
        self._sight = Sight(features, target, manifold.importance, target.side)
        start = manifold.coordinates(manifold.average())
        self._shared, self._own = (part.detach().clone().requires_grad_() for part in start)
        self._group = Group([self._shared, self._own] if each else [self._shared], RATE, (0.9, 0.999))
        self._adam = Adam([self._group])
        self.steps, self.seconds = 0, 0.0

    def step(self, steps: int) -> None:
        """One of so many."""
        began = time.process_time()
        self._group.rate = rate(RATE, WARM_UP, self.steps, self.steps / steps)
        latent = self._manifold.latents(self._shared, self._own)
        passage = Passage(stages_of(self._network), latent)
        picture = finished(passage.forward())
        self._sight.energy(picture).backward()
        assert picture.grad is not None
        self._adam.clear()
        pull(latent, finished(passage.backward(picture.grad))).backward()
        self._adam.step()
        self.steps += 1
        self.seconds += time.process_time() - began

    @torch.no_grad()
    def error(self) -> float:
        """Of the full network's picture."""
        latent = self._manifold.latents(self._shared, self._own)
        return float(self._sight.energy(finished(drawing(stages_of(self._manifold.generator), latent))))

    def _tensors(self) -> dict[str, Tensor]:
        found = {"shared": self._shared.detach(), "own": self._own.detach()}
        for number, moments in enumerate(self._group.moments):
            found |= {f"mean{number}": moments.mean, f"square{number}": moments.square}
        return found

    def keep(self, file: Path) -> None:
        """Write where it is."""
        count = torch.tensor([self.steps, self.seconds], dtype=torch.float64)
        save_file({**self._tensors(), "count": count}, file)

    @torch.no_grad()
    def go_on(self, file: Path) -> None:
        """From where it was kept."""
        kept = load_file(file)
        for name, tensor in self._tensors().items():
            tensor.copy_(kept[name])
        steps, self.seconds = kept["count"].tolist()
        self.steps = round(steps)
        for moments in self._group.moments:
            moments.steps = self.steps


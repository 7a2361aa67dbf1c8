"""Teaches a conditional generator on the squares of a folder: which class, from where, and what was done to it.

The folders below are the classes. A file's name may end in ELEVATION-AZIMUTH, in degrees: elevation from the top (0) to
the side (90), azimuth around; pictures of one name are then views of one thing, with one code. Other pictures are each
a thing of its own, seen from its side; so are those named by date or by time, which look much like views, but never go
far around. The thing is cut out of its ground (train.cutout), changed at random in all the
ways the generator has inputs for (Dosovitskiy et al. 2015, section 3.3), and laid on white: that is the picture to
draw, and the changed mask the outline.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.networks.conditional import CHANGES, CODE, VIEW, ConditionalGenerator
from engine.train import distributed
from engine.train.classes import labels_of, shares_of
from engine.train.course import Lessons, Task
from engine.train.cutout import thing
from engine.train.photos import to_tensor
from engine.train.trainer import Budget, Training

PIXELS, OUTLINE, PLAUSIBLE = 2.0, 0.4, 1e-3
CHANGED = 0.7
"""Spread of the changes, in steps of their sliders; a quarter of the pictures are left as they are."""

LEFT = 0.25
VIEWED = re.compile(r"(.+)-(\d{1,3})-(\d{1,3})")
SIDE_VIEW = 90.0
AROUND = 90
"""Degrees that some picture must have been taken from, for the numbers in names to be views: months, days, minutes and
seconds stay below."""

CUT_BYTES = 1 << 28
"""Of masks that are kept: beyond them pictures are cut out anew every time."""


@dataclass(frozen=True, eq=False)
class Known:
    """What the names say of N pictures: class, thing, and view (Nx2, in steps of the sliders)."""

    kinds: np.ndarray
    things: np.ndarray
    views: np.ndarray


def views_among(names: Sequence[str]) -> list[re.Match[str] | None]:
    """For each picture the thing, elevation and azimuth that its name says; None where it says none."""
    found = [VIEWED.fullmatch(PurePosixPath(name).stem) for name in names]
    around = any(each and int(each[3]) >= AROUND for each in found)
    return found if around else [None] * len(names)


def known_of(names: Sequence[str], classes: Sequence[str]) -> Known:
    """From the pictures' names below their folder."""
    places: dict[str, int] = {}
    things, views = [], []
    for name, found in zip(names, views_among(names), strict=True):
        path = PurePosixPath(name)
        whose = f"{path.parent}/{found[1]}" if found else name
        things.append(places.setdefault(whose, len(places)))
        above, turn = (SIDE_VIEW - float(found[2]), float(found[3])) if found else (0.0, 0.0)
        views.append((turn / VIEW[0].unit, above / VIEW[1].unit))
    kinds = labels_of(names, classes) if classes else np.zeros(len(names), np.int64)
    return Known(kinds, np.array(things, np.int64), np.array(views, np.float32))


class Lesson(nn.Module):
    """What is taught: the generator and a code for each thing."""

    def __init__(self, generator: ConditionalGenerator, things: int) -> None:
        super().__init__()
        self.generator, self.codes = generator, nn.Embedding(things, CODE)
        nn.init.normal_(self.codes.weight)

    def latents(self, kinds: Tensor, things: Tensor, views: Tensor, changes: Tensor) -> Tensor:
        """Bx1xW."""
        parts = [self.generator.mapping.classes(kinds), views, changes, self.codes(things)]
        return torch.cat(parts, dim=1)[:, None]


class Conditional(Lessons):
    """A course (see `course`)."""

    def __init__(self, task: Task) -> None:
        self._task, self._known = task, known_of(task.names, task.classes)
        self._features = Features.load()
        self._cut: dict[int, np.ndarray] = {}
        shares = shares_of(self._known.kinds, max(len(task.classes), 1))
        things = int(self._known.things.max()) + 1
        self._lesson = Lesson(ConditionalGenerator(task.size, shares), things).to(memory_format=torch.channels_last)
        distributed.agree(self._lesson)
        budget = Budget(task.minutes, 2e-3, checkpoint_minutes=task.checkpoint_minutes)
        self._training = Training(self._lesson, budget, task.checkpoint)
        if task.resume:
            self._training.resume()

    def losses_of(self, step: int) -> Iterator[Tensor]:
        """Of one batch."""
        random = torch.Generator().manual_seed(self._task.seed * 1_000_003 + step * 64 + distributed.rank())
        chosen = self._task.chosen[torch.randint(len(self._task.chosen), (self.batch,), generator=random).numpy()]
        changes = CHANGED * torch.randn(self.batch, len(CHANGES), generator=random)
        changes = changes * (torch.rand(self.batch, 1, generator=random) >= LEFT)
        for part in self._parts:
            yield self._lost(chosen[part], changes[part])

    def _lost(self, chosen: np.ndarray, changes: Tensor) -> Tensor:
        """By those pictures, each changed so."""
        known = self._known
        goal, outline = changed(to_tensor(self._task.pictures[chosen]), self._masks(chosen), changes)
        kinds, things, views = (torch.from_numpy(x[chosen]) for x in (known.kinds, known.things, known.views))
        picture, mask = self._lesson.generator.synthesis.both(self._lesson.latents(kinds, things, views, changes))
        with torch.no_grad():
            taps = self._features(goal)
        return (self._features.to_goal(picture, taps).mean() + PIXELS * F.mse_loss(picture, goal)
                + OUTLINE * F.binary_cross_entropy_with_logits(mask, outline)
                + PLAUSIBLE * self._lesson.codes(things).square().sum(dim=1).mean())

    def _masks(self, chosen: np.ndarray) -> Tensor:
        """Bx1xSxS of the pictures as they are."""
        return torch.from_numpy(np.stack([self._mask(int(place)) for place in chosen]))[:, None] / 255

    def _mask(self, place: int) -> np.ndarray:
        """SxS uint8."""
        kept = self._cut.get(place)
        if kept is None:
            kept = np.rint(255 * thing(self._task.pictures[place])).astype(np.uint8)
            if len(self._cut) < CUT_BYTES // kept.size:
                self._cut[place] = kept
        return kept

    def side(self) -> int:
        """Always the whole."""
        return self._task.size

    def averaged(self) -> ConditionalGenerator:
        """With the averaged weights; it draws codes as the things have them that were learned from."""
        lesson = copy.deepcopy(self._lesson)
        lesson.load_state_dict(self._training.averaged())
        chosen = self._task.chosen
        things, first = np.unique(self._known.things[chosen], return_index=True)
        codes = lesson.codes.weight.detach()[torch.from_numpy(things)]
        lesson.generator.mapping.fit(codes, torch.from_numpy(self._known.kinds[chosen[first]]))
        return lesson.generator.eval()

    def critic_kept(self) -> None:
        """There is none."""

    def encoder_kept(self, mean: Tensor, basis: Tensor) -> None:
        """None: it is taught afterwards."""

    def told(self) -> str:
        """For the card."""
        return f"cpu, {self.batch} pictures a step"


def changed(pictures: Tensor, masks: Tensor, changes: Tensor) -> tuple[Tensor, Tensor]:
    """Bx3xSxS in [-1, 1], Bx1xSxS masks, and changes (BxC, in steps) -> the things so changed, on white; the masks."""
    turn, right, down, larger, wider, hue, saturation, light = (
        changes[:, place] * each.unit for place, each in enumerate(CHANGES))
    grid = F.affine_grid(_back(turn * math.pi / 180, right, down, larger, wider), list(pictures.shape),
                         align_corners=False)
    both = F.grid_sample(torch.cat([pictures, masks], dim=1), grid, align_corners=False, padding_mode="border")
    inside = (grid.abs().amax(dim=-1) <= 1)[:, None]
    moved = both[:, 3:] * inside
    toned = _toned(both[:, :3], hue * math.pi / 180, saturation, light)
    return toned * moved + (1 - moved), moved


def _back(turn: Tensor, right: Tensor, down: Tensor, larger: Tensor, wider: Tensor) -> Tensor:
    """Bx2x3: from a place in the changed picture to the place it comes from."""
    cos, sin = turn.cos(), turn.sin()
    across, along = (-larger - wider).exp(), (-larger + wider).exp()
    x, y = -2 * right, -2 * down
    rows = [torch.stack([across * cos, across * sin, across * (cos * x + sin * y)], dim=1),
            torch.stack([-along * sin, along * cos, along * (cos * y - sin * x)], dim=1)]
    return torch.stack(rows, dim=1)


def _toned(pictures: Tensor, hue: Tensor, saturation: Tensor, light: Tensor) -> Tensor:
    """Colours turned about grey by an angle, made stronger (logarithm), and lighter (shares of the whole range)."""
    cos, sin = hue.cos()[:, None, None], hue.sin()[:, None, None]
    across = torch.full((3, 3), 1 / 3)
    spin = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    turned = cos * torch.eye(3) + (1 - cos) * across + sin * spin
    stretch = across + saturation.exp()[:, None, None] * (turned - across)
    toned = torch.einsum("bij,bjhw->bihw", stretch, pictures)
    return (toned + 2 * light[:, None, None, None]).clamp(-1, 1)


def course(task: Task) -> Conditional:
    """Begun, or taken up from its checkpoint."""
    return Conditional(task)

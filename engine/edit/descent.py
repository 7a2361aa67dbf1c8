"""Descent: from a guess to the latent whose picture is nearest to a target.

The distance is the compact features' plus squared error, with eyes and mouth weighted; plausibility is the length of
the whitened coordinates. All layers move on their own from the beginning, each along the axes of its own slopes: a
single style cannot show most real faces.

Coarse to fine: most steps go through networks that make a small picture (the manifold's sketches), against the target
averaged down as far; they cost a fifth of a full one and place everything, the few fine ones put in the detail. A
manifold without sketches takes its preview first. What comes out is judged by the full network: the last picture, or
the best that this very network has shown of the target as it is at last.

One start goes all the way. Successive halving of several (sixteen for ten steps, six for thirty, or a shorter look) was
tried on manifolds of 64 pixels, with and without an encoder, and was never nearer than one start that used the time to
go on: with a style for every layer descents from everywhere come to much the same. So small pictures, of which a step
costs a tenth of a face's, get more steps, and a descent that has come to rest ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.document.latent import Frame
from engine.document.manifold_entry import SCENE
from engine.document.tuning import Tuning
from engine.edit.losses import smoothness
from engine.edit.pace import at_rest
from engine.edit.recipe import SHORT_STEPS, STEPS, USUAL, Recipe
from engine.edit.sight import Sight, enlarged, side_of, small
from engine.edit.target import Target
from engine.model.adam import Adam, Group
from engine.model.features import Features
from engine.model.manifold import Manifold, stages_of
from engine.model.pieces import Passage, drawing, pull

SHOWN = 4
"""Of so many steps through a sketch one is shown with the preview's detail; the others would cost as much to show."""


@dataclass(frozen=True, eq=False)
class Projection:
    """One moment of a descent. latent: 1xLxW. picture: 1x3xPxP. cost: the energy without the plausibility term.

    level: through which network it was seen, the finest last; costs of two do not compare. full: 1x3xSxS, at the end.
    done: 0..1 of the tuning to this picture. tuning: the network's change, where it was tuned.
    """

    latent: Tensor
    picture: Tensor
    cost: float
    frame: Frame
    step: int
    level: int
    full: Tensor | None = None
    done: float = 1.0
    tuning: Tuning | None = None

    def better(self, other: Projection | None) -> bool:
        """Whether this is the one to keep."""
        if other is None or self.level != other.level:
            return other is None or self.level > other.level
        return self.cost <= other.cost


def levels(manifold: Manifold, recipe: Recipe, steps: int) -> list[tuple[nn.Module, int, int]]:
    """(network, side of its picture, the step before which it is gone through), the coarsest first."""
    if manifold.sketches:
        networks, shares = manifold.halved, recipe.shares
        sides = [side_of(network, manifold) for network in networks]
    else:
        networks, shares = (manifold.light, manifold.generator), recipe.plain
        sides = [manifold.preview_size, manifold.size]
    ends = [round(sum(shares[:index + 1]) * steps) for index in range(len(shares))]
    return list(zip(networks, sides, [*ends[:-1], steps], strict=True))


def enough(manifold: Manifold) -> int:
    """Steps that take about as long for small pictures, where each costs little, as for faces."""
    if manifold.sketches:
        return SHORT_STEPS if manifold.short else STEPS
    return STEPS * (4 if manifold.size <= 64 else 2 if manifold.size <= 128 else 1)


def descend(manifold: Manifold, features: Features, target: Target, steps: int, guess: bool,
            recipe: Recipe = USUAL) -> Iterator[Projection]:
    """Yields the start, what is shown on the way and the end. guess=False: from the average picture."""
    return (moment for moment in descending(manifold, features, target, steps, guess, recipe) if moment is not None)


def descending(manifold: Manifold, features: Features, target: Target, steps: int, guess: bool,
               recipe: Recipe = USUAL) -> Iterator[Projection | None]:
    """As `descend`, with a None wherever something else may be done in between."""
    with torch.no_grad():
        shared, own = manifold.guess(target.picture) if guess else manifold.coordinates(manifold.average())
        moved = manifold.still().requires_grad_()
    optimizer = Adam([Group([moved], recipe.rate, recipe.betas)])
    yield None
    plan, step = levels(manifold, recipe, steps), 0
    best: Best | None = None
    for level, (network, side, end) in enumerate(plan):
        sight = Sight(features, target, manifold.importance, side)
        costs: list[float] = []
        while step < end and not at_rest(costs, recipe.patience, recipe.still):
            place = own + manifold.turned(moved)
            latent = manifold.latents(shared, place)
            passage = Passage(stages_of(network), latent)
            picture = yield from passage.forward()
            cost = sight.energy(picture, recipe.pixel)
            costs.append(float(cost.detach()))
            if network is manifold.generator and (best is None or costs[-1] < best[0]):
                best = costs[-1], latent.detach()
            yield _seen(manifold, target, latent, picture, costs[-1], step, level)
            optimizer.clear()
            cost.backward()
            yield None
            assert picture.grad is not None
            gradient = yield from passage.backward(picture.grad)
            prior = smoothness(shared, place, recipe.shared_weight, recipe.own_weight).sum()
            (pull(latent, gradient) + prior).backward()
            optimizer.step()
            step += 1
            if step % recipe.refine_every == 0 and manifold.layout != SCENE:  # a place has no layout to be put into
                target.refine(enlarged(picture.detach(), target.side), manifold.importance)
                sight, best = Sight(features, target, manifold.importance, side), None
    last = manifold.latents(shared, own + manifold.turned(moved)).detach()
    yield from _judged(manifold, features, target, last, best, steps, len(plan))


Best = tuple[float, Tensor]
"""The lowest cost, and the latent that has it."""


def _judged(manifold: Manifold, features: Features, target: Target, latent: Tensor, best: Best | None, step: int,
            level: int) -> Iterator[Projection | None]:
    """The end, seen through the full network; `best` where that is the better one."""
    full = yield from drawing(stages_of(manifold.generator), latent)
    sight = Sight(features, target, manifold.importance, target.side)
    cost = float(sight.energy(full))
    if best is not None and best[0] < cost:
        cost, latent = best
        full = yield from drawing(stages_of(manifold.generator), latent)
    yield Projection(latent, small(full, target.side), cost, target.frame, step, level, full)


@torch.no_grad()
def _seen(manifold: Manifold, target: Target, latent: Tensor, picture: Tensor, cost: float, step: int, level: int,
          ) -> Projection | None:
    """The moment, with the preview's fine detail where the network sees less; None where it is not to be shown."""
    latent, picture = latent.detach(), picture.detach()
    if picture.shape[-1] < target.side:
        if step % SHOWN:
            return None
        preview = manifold.preview(latent)
        picture = preview + enlarged(picture - small(preview, picture.shape[-1]), target.side)
    return Projection(latent, small(picture, target.side), cost, target.frame, step, level)

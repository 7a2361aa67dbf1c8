"""Between: the edits of a moment between two keyframes. Numbers only, no model.

Edits are matched by id. A latent moves on a straight line in W+ (iGAN's morph, Zhu et al. 2016, is linear in the latent
too), a frame along a similarity: its centre straight, its size in equal ratios, its angle the short way round. An edit
that only one of the two has grows out of its own base, or shrinks back into it: a change that comes or goes, not a
dissolve. One whose frame was moved to another place, or that was found on another manifold, is two edits: it fades.
`layers` does the same for what is painted over the photo.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.animate.layers import LayerPassage, layer_passages, paired
from engine.document.edit import Edit, ManifoldEdit
from engine.document.latent import Frame, Latent
from engine.document.tuning import mixed_tuning

_SAME_PLACE = (0.25, 0.25, math.radians(20))
"""Up to so many frame sizes of shift, of log-size and of turning a frame has been refined rather than moved."""


@dataclass(frozen=True, eq=False)
class Passage:
    """One edit on its way from one keyframe to the next; `start` and `end` are what the two keyframes show of it."""

    start: ManifoldEdit
    end: ManifoldEdit

    def at(self, share: float) -> ManifoldEdit:
        """The edit `share` (0..1) of the way, without a patch. Slides say only that there are any."""
        a, b = self.start, self.end
        return replace(
            a,
            frame=mixed_frame(a.frame, b.frame, share),
            base=mixed_latent(a.base, b.base, share),
            latent=mixed_latent(a.latent, b.latent, share),
            realism=a.realism + share * (b.realism - a.realism),
            opacity=a.opacity + share * (b.opacity - a.opacity),
            slides=a.slides or b.slides,
            patch=None,
        )

    def is_still(self) -> bool:
        """Whether nothing changes on the way, and what was kept can be shown."""
        a, b = self.start, self.end
        same = a.patch is b.patch and a.latent is b.latent and a.base is b.base and a.frame == b.frame
        return same and (a.realism, a.opacity) == (b.realism, b.opacity)


def passages(start: tuple[Edit, ...], end: tuple[Edit, ...]) -> tuple[Passage | LayerPassage, ...]:
    """The edits of both keyframes in the order they are laid; those that show nothing in either are left out."""
    found = [p for pair in paired(start, end) for p in _of_any_kind(*pair)]
    return tuple(p for p in found if p.start.opacity > 0 or p.end.opacity > 0)


def _of_any_kind(a: Edit | None, b: Edit | None) -> Sequence[Passage | LayerPassage]:
    """The passages of one edit; an id that belongs to a manifold edit once and to a layer once is two edits."""
    found: list[Passage | LayerPassage] = []
    old, new = (edit if isinstance(edit, ManifoldEdit) else None for edit in (a, b))
    found += _passages(old, new) if old or new else []
    below, above = (None if edit is None or isinstance(edit, ManifoldEdit) else edit for edit in (a, b))
    return [*found, *(layer_passages(below, above) if below or above else [])]


def _passages(a: ManifoldEdit | None, b: ManifoldEdit | None) -> list[Passage]:
    a, b = a and _shown(a), b and _shown(b)
    if a is None or b is None:
        only = a or b
        assert only is not None
        gone = replace(only, latent=only.base, patch=None)
        return [Passage(a or gone, b or gone)]
    if a.base.manifold == b.base.manifold and a.base.values.shape == b.base.values.shape and _near(a.frame, b.frame):
        return [Passage(a, b)]
    return [Passage(a, replace(a, opacity=0.0)), Passage(replace(b, opacity=0.0), b)]


def _shown(edit: ManifoldEdit) -> ManifoldEdit:
    """The edit as the picture has it: at its base while it has no patch, with no opacity while it is hidden."""
    latent = edit.latent if edit.patch is not None else edit.base
    return replace(edit, latent=latent, opacity=edit.opacity if edit.visible else 0.0)


def _near(a: Frame, b: Frame) -> bool:
    shift, scale, turn = _SAME_PLACE
    return (
        math.hypot(b.x - a.x, b.y - a.y) <= shift * min(a.size, b.size)
        and abs(math.log(b.size / a.size)) <= scale
        and abs(_turn(a, b)) <= turn
    )


def _turn(a: Frame, b: Frame) -> float:
    """The shortest way, in radians, from the angle of `a` to that of `b`."""
    return math.remainder(b.angle - a.angle, math.tau)


def mixed_frame(a: Frame, b: Frame, share: float) -> Frame:
    """The frame `share` (0..1) of the way from `a` to `b`; `a` itself where they are equal."""
    if a == b:
        return a
    size = a.size * (b.size / a.size) ** share
    return Frame(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y), size, a.angle + share * _turn(a, b))


def mixed_latent(a: Latent, b: Latent, share: float) -> Latent:
    """The latent `share` (0..1) of the way on the straight line; `a` or `b` itself where nothing is mixed."""
    if share <= 0 or a is b or (a.tuning is b.tuning and np.array_equal(a.values, b.values)):
        return a
    if share >= 1:
        return b
    tuning = mixed_tuning(a.tuning, b.tuning, share)
    return Latent(a.values + np.float32(share) * (b.values - a.values), a.manifold, tuning)

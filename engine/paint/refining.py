"""Refining: an optimisation that can be looked at while it works, left, and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from engine.model.vgg19 import OWN
from engine.paint.pauses import Working
from engine.paint.refine import Reached

Work = Callable[[], Generator[Reached | None, None, object]]
"""Begins it; None where there is nothing to be seen yet."""

CLOSE = 1e-3
"""Shares nearer to one another than this are the same."""


class Refining:
    """begin: how to begin the work, which is the same every time. by: the network that it goes by."""

    def __init__(self, begin: Work, by: str = OWN) -> None:
        self._begin, self.by = begin, by
        self._work: Generator[Reached | None, None, object] | None = None
        self._reached: Reached | None = None
        self._picture: np.ndarray | None = None

    @property
    def share(self) -> float:
        """0..1, how much of the work is done."""
        return 0.0 if self._reached is None else self._reached.share

    def has(self, share: float) -> bool:
        """Whether it stands at that share of the work."""
        return abs(self.share - share) <= CLOSE

    def to(self, share: float) -> Working[None]:
        """Go on until that share is done; from the beginning where more is done already."""
        if self.share > share + CLOSE:
            self._work, self._reached, self._picture = None, None, None
        while self.share < share - CLOSE:
            self._work = self._work or self._begin()
            reached = next(self._work, self._reached)
            if reached is not None and reached is not self._reached:
                self._reached, self._picture = reached, None
            if self.share >= 1:
                self._work = None  # what it remembers is large
            yield

    def picture(self) -> np.ndarray | None:
        """What has been reached, at the size worked at; None where nothing has been begun."""
        if self._picture is None and self._reached is not None:
            self._picture = self._reached.picture()
        return self._picture

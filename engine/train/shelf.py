"""Shelf: trainings that were left, to be gone on with where they were while the program runs.

A saved network alone is not where its training was: the optimiser's memory is missing, and what is shown of a texture
has been settled, whose loss on the next tile is many times that of the network that was being taught.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Generic, TypeVar

import numpy as np

Training = TypeVar("Training")
KEPT = 3


class Shelf(Generic[Training]):
    """The newest few, by the id of what was learned."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[Training, Mapping[str, np.ndarray]]] = OrderedDict()

    def put(self, id: str, training: Training, shown: Mapping[str, np.ndarray]) -> None:
        """Keep a training. shown: the network that it gave last."""
        self._left[id] = training, shown
        self._left.move_to_end(id)
        while len(self._left) > KEPT:
            self._left.popitem(last=False)

    def take(self, id: str, network: Mapping[str, np.ndarray]) -> Training | None:
        """The training that gave that network; None where there is none, or it has given another since."""
        training, shown = self._left.pop(id, (None, {}))
        same = bool(network) and network.keys() == shown.keys()
        return training if same and all(np.array_equal(network[name], shown[name]) for name in shown) else None

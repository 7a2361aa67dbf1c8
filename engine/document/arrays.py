"""Read-only arrays: the only kind of array a frozen value may hold."""

from __future__ import annotations

import numpy as np


def frozen(array: np.ndarray, dtype: np.typing.DTypeLike | None = None) -> np.ndarray:
    """A contiguous read-only array with the values of `array`; copies unless it is already such an array."""
    if not array.flags.writeable and array.flags.c_contiguous and (dtype is None or array.dtype == np.dtype(dtype)):
        return array
    copy = np.array(array, dtype=dtype, order="C", copy=True)
    copy.flags.writeable = False
    return copy

"""A pretend device: its tensors lie in ordinary memory, but they do not mix with those of the processor.

What CUDA would refuse is refused here too, forwards and backwards: arithmetic between tensors here and there, an array
of a tensor that is still there, the processor's random generator drawing there. It calls itself by the name of torch's
device without memory, as that is one which every torch knows and nothing else in these tests uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

ELSEWHERE = torch.device("meta")

BETWEEN = ("aten::copy_", "aten::_to_copy", "aten::index", "aten::index_put_", "aten::_index_put_impl_")
"""What may be given tensors of two devices: copies, and places, which CUDA takes from the processor too."""


class There(Tensor):
    """A tensor of the pretend device. inner: what it is in truth."""

    inner: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner: Tensor) -> There:
        made: There = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, inner.size(), strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype,
            device=ELSEWHERE)  # fmt: skip
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, given: Sequence[Any] = (),
                           named: Mapping[str, Any] | None = None) -> Any:
        return _done(operation, given, named or {})


class Present(TorchDispatchMode):
    """While it lasts, the pretend device is there."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: torch would import its compiler only to be told that it is not wanted."""
        return False

    def __torch_dispatch__(self, operation: Any, types: Any, given: Sequence[Any] = (),
                           named: Mapping[str, Any] | None = None) -> Any:
        return _done(operation, given, named or {})


def _done(operation: Any, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """The operation in ordinary memory; RuntimeError where tensors, or generator and place, are not of one device."""
    known: dict[int, There] = {}
    stray: list[Tensor] = []

    def inner(value: Any) -> Any:
        if isinstance(value, There):
            known[id(value.inner)] = value
            return value.inner
        if isinstance(value, Tensor) and value.dim():
            stray.append(value)
        return torch.device("cpu") if isinstance(value, torch.device) else value

    def outer(value: Any) -> Any:
        """What is changed in place stays the tensor it was; what is new is there, if it `stays`."""
        if not isinstance(value, Tensor) or isinstance(value, There):
            return value
        return known[id(value)] if id(value) in known else There(value) if stays else value

    name, device = operation._schema.name, named.get("device")
    truly = _each(given, inner), {key: _each(value, inner) for key, value in named.items()}
    if known and stray and name not in BETWEEN:
        raise RuntimeError(f"{name}: {stray} of the processor's among {len(known)} tensors elsewhere")
    stays = bool(known) if device is None else torch.device(device) == ELSEWHERE
    if stays and isinstance(named.get("generator"), torch.Generator):
        raise RuntimeError(f"{name}: the processor's generator cannot draw elsewhere")
    made = operation(*truly[0], **truly[1])
    return given[0] if name == "aten::copy_" else _each(made, outer)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Changed, or its parts."""
    return type(value)(_each(part, change) for part in value) if type(value) in (tuple, list) else change(value)

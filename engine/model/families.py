"""The families of generators that a manifold of one's own can be of: found among `networks`, one file each."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from engine.model import networks
from engine.model.family import Family

SIZES = (16, 32, 64, 128, 256)
"""Of pictures; people are offered the last three, the others are for trying out."""


def found() -> dict[str, Family]:
    """By name, what the files in `networks` declare."""
    modules = (import_module(f"{networks.__name__}.{info.name}") for info in iter_modules(networks.__path__))
    families = (getattr(module, "FAMILY", None) for module in modules)
    return {family.name: family for family in families if isinstance(family, Family)}


FAMILIES = found()

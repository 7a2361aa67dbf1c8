"""Files the program ships: icons, themes, weights with their cards, style codes.

The folder is a package so that a checkout, an editable install and a wheel find it by the same import:
`resources.path("icons", "brush.svg")`.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """Where a shipped file or folder lies; FileNotFoundError when the installation lacks it."""
    found = ROOT.joinpath(*parts)
    if not found.exists():
        raise FileNotFoundError(f"the installation lacks resources/{'/'.join(parts)}: install Ganvas again")
    return found

"""The table of texture networks: each texture learned, measured, and raced against optimisation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.document.image_files import write_photo
from engine.document.photo import Photo
from engine.judge.plot import plotted
from engine.judge.textures import Learned, Race, exemplar_of, features_of, learned, raced, sheet

EARLY = 10.0
RACED = 5
"""So many textures, the first, race; optimisation takes long."""


def judge(paths: Sequence[Path], seconds: float, out: Path) -> Iterator[dict[str, object]]:
    """Yields a row a texture; at the end writes sheet.png, race.png and table.json into `out`."""
    features = features_of()
    items: list[Learned] = []
    races: list[Race] = []
    rows: list[dict[str, object]] = []
    for path in paths:
        item = learned(exemplar_of(path), seconds, features)
        names = ("seconds", "distance", "gatys")
        row: dict[str, object] = {"name": path.stem} | {
            when: dict(zip(names, moment, strict=True))
            for when, moment in (("first", item.moments[0]), ("early", item.at(EARLY)), ("last", item.moments[-1]))}
        if len(races) < RACED:
            races.append(raced(item.texture, features))
            row |= {"pass_seconds": races[-1].network[0], "ratio": races[-1].ratio}
        items.append(item)
        rows.append(row)
        yield row
    out.mkdir(parents=True, exist_ok=True)
    for name, picture in (("sheet.png", sheet(items)), ("race.png", plotted(races))):
        write_photo(picture, Photo(picture), out / name)
    (out / "table.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")

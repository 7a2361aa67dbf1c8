"""The table of texture networks: each texture learned, measured, and raced against optimisation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.document.image_files import write_photo
from engine.document.photo import Photo
from engine.judge.plot import plotted
from engine.judge.textures import (
    Learned,
    Race,
    exemplar_of,
    features_of,
    learned,
    raced,
    sheet,
    slope_by,
    slope_by_compact,
)
from engine.model.vgg19 import Extractor
from engine.paint.optimise import Method

EARLY = 10.0
RACED = 5
"""So many textures, the first, race; optimisation takes long."""


def judge(paths: Sequence[Path], seconds: float, out: Path, teacher: Extractor | None = None,
          ) -> Iterator[dict[str, object]]:
    """Yields a row a texture; at the end writes sheet.png, race.png and table.json into `out`.

    teacher: VGG, on which the optimisation is run too, as Gatys ran it; the quicker of both methods on the compact
    features is the harder opponent, L-BFGS on VGG the one that the papers raced.
    """
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
        if len(rows) < RACED:
            races.append(raced(item.texture, slope_by_compact(item.texture, features)))
            row |= {"pass_seconds": races[-1].network[0], "ratio": races[-1].ratio}
            if teacher is not None:
                texture = replace(item.texture, name=f"{item.texture.name}, {teacher.name}")
                races.append(raced(texture, slope_by(texture, teacher), (Method.LBFGS,)))
                row |= {"ratio_teacher": races[-1].ratio}
        items.append(item)
        rows.append(row)
        yield row
    out.mkdir(parents=True, exist_ok=True)
    for name, picture in (("sheet.png", sheet(items)), ("race.png", plotted(races))):
        write_photo(picture, Photo(picture), out / name)
    (out / "table.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")

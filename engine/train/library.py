"""Makes the styles and textures that the program ships.

Styles are the statistics of public-domain paintings. The paintings stay where they are: a file holds numbers and the
program's own rendering of the program's own drawing. How a picture is described and how a style is painted is given
from outside, so that the built-in styles are made by the very functions that make the user's. Textures are surfaces
that the program draws; their networks may be left to be learned where they are first used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from engine.document import library_files
from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.image_files import read_photo
from engine.document.job import LearnTexture
from engine.document.library import SWATCH
from engine.document.style import Style
from engine.document.texture import Texture
from engine.train.scene import scene
from engine.train.surfaces import SURFACES, drawn
from engine.train.texture import learn_texture
from engine.train.trainer import TrainingStep

Describe = Callable[[np.ndarray, str], Style]
"""HxWx3 uint8 and a name -> a style."""

Render = Callable[[np.ndarray, Style], np.ndarray]
"""HxWx3 uint8 and a style -> the same in that manner."""

CARD = "card.json"


@dataclass(frozen=True)
class Painting:
    """What a style is taken from. note: what else should be known of the picture."""

    title: str
    artist: str
    year: str
    note: str = ""


PAINTINGS = {
    "delaunay-portrait": Painting("Portrait of Jean Metzinger", "Robert Delaunay", "1906"),
    "gauguin-tahiti": Painting("Three Tahitian Women", "Paul Gauguin", "1896"),
    "hoitsu-flowers": Painting("Blossoming Cherry Trees", "Sakai Hōitsu", "c. 1805"),
    "hokusai-great-wave": Painting(
        "The Great Wave, Recoloured", "after Katsushika Hokusai", "",
        "A recent redrawing in other colours, its author unknown to us, of the print “Under the Wave off Kanagawa” "
        "(c. 1831), which is in the public domain.",
    ),
    "kandinsky-composition-vii": Painting("Composition VII", "Wassily Kandinsky", "1913"),
    "monet-water-lilies": Painting("Water Lilies", "Claude Monet", "1914–1926", "One of his late series."),
    "munch-the-scream": Painting("The Scream", "Edvard Munch", "1893"),
    "turner-shipwreck": Painting("The Wreck of a Transport Ship", "J. M. W. Turner", "c. 1810"),
    "van-gogh-cafe": Painting("The Night Café", "Vincent van Gogh", "1888"),
    "van-gogh-houses": Painting("Houses and Figure", "Vincent van Gogh", "1890"),
    "van-gogh-olive-trees": Painting("Olive Trees", "Vincent van Gogh", "1889"),
    "van-gogh-self-portrait": Painting("Self-Portrait with a Straw Hat", "Vincent van Gogh", "1887"),
    "van-gogh-starry-night": Painting("The Starry Night", "Vincent van Gogh", "1889"),
    "van-gogh-wheat-field": Painting("Wheat Field with Cypresses", "Vincent van Gogh", "1889"),
}  # fmt: skip
"""By the names of their files; these are also the styles' ids."""


def make(data: Path, out: Path, describe: Describe, render: Render) -> Iterator[TrainingStep]:
    """Writes a file into `out` for each painting whose picture lies in `data`, and the card.

    Raises InputError where one of the pictures is missing or broken.
    """
    files = {id: _file(data, id) for id in PAINTINGS}
    drawing = scene()
    out.mkdir(parents=True, exist_ok=True)
    for number, (id, painting) in enumerate(PAINTINGS.items(), 1):
        measured = describe(read_photo(files[id]).pixels, painting.title)
        style = replace(measured, artist=painting.artist, year=painting.year, exemplar=None, id=id)
        shown = cv2.resize(render(drawing, style), (SWATCH, SWATCH), interpolation=cv2.INTER_AREA)
        library_files.write(style, out / f"{id}{library_files.SUFFIX}", shown, np.float16)
        yield TrainingStep(number, 0.0, number / len(PAINTINGS))
    write_card(out)


def make_textures(out: Path, seconds: float, seed: int = 0) -> Iterator[TrainingStep]:
    """Draws each surface, lets a network learn it for so many seconds, and writes both into `out`.

    seconds: 0 leaves the network to be learned where the texture is first used.
    """
    out.mkdir(parents=True, exist_ok=True)
    for number, (id, surface) in enumerate(SURFACES.items()):
        texture = Texture(surface.title, drawn(id), id=id)
        job = LearnTexture(ticket=0, texture=texture, seconds=seconds, seed=seed)
        for step in learn_texture(job) if seconds > 0 else ():
            texture = step.texture or texture
            yield TrainingStep(number + 1, 0.0, (number + step.fraction) / len(SURFACES))
        halves = {name: weights.astype(np.float16) for name, weights in texture.network.items()}
        swatch = texture.exemplar[:SWATCH, :SWATCH]
        library_files.write(replace(texture, network=halves), out / f"{id}{library_files.SUFFIX}", swatch)
        yield TrainingStep(number + 1, 0.0, (number + 1) / len(SURFACES))
    write_card(out)


def write_card(out: Path) -> None:
    """Beside the files it speaks of."""
    with replacing(out / CARD) as temporary:
        temporary.write_text(json.dumps(card(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def card() -> dict[str, object]:
    """What is said of the styles."""
    return {
        "name": "built-in styles and textures",
        "what": "Means and covariances of the compact network's features over each painting, in half precision, and a "
                "swatch: the program's own drawing in that manner, rendered by the program's style network. No "
                "picture of a painting is contained in them.",
        "data": "Photographs of paintings whose authors died more than 70 years ago; the paintings are in the public "
                "domain, but for what a note says.",
        "textures": "Surfaces drawn by the program (engine/train/surfaces.py).",
        "licence": "As the program.",
        "commands": ["ganvas train styles --data styles-512 --out resources/styles",
                     "ganvas train textures --minutes 0 --out resources/styles"],
        "styles": {id: {k: v for k, v in vars(painting).items() if v} for id, painting in PAINTINGS.items()},
    }  # fmt: skip


def _file(data: Path, id: str) -> Path:
    """The picture of that name in any format."""
    found = sorted(data.glob(f"{id}.*"))
    if not found:
        raise InputError(f"there is no picture {id}.jpg in {data}: name the folder of the paintings with --data.")
    return found[0]
